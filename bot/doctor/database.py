"""The database: is it reachable, of our schema, writable. Nothing is made or written."""

from collections.abc import AsyncGenerator, Mapping

from bot.doctor.verdict import Area, Line, missing, ok
from bot.store import Unusable, database_url, examine

_MEND = """set one of them, such as
ROLLOUT_BOT_STATE_DIR=/var/lib/rollout-bot   # SQLite in a folder that the bot may write to
ROLLOUT_BOT_DATABASE_URL=postgresql://user:password@host/name?sslmode=require"""


async def look(environ: Mapping[str, str]) -> AsyncGenerator[Line, None]:
    """Look at it as it is."""
    try:
        yield ok(Area.DATABASE, "database", await examine(database_url(environ)))
    except Unusable as error:
        yield missing(Area.DATABASE, "database", error.text, _MEND)
