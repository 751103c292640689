"""
Open the database for a bot that shall run for months: what passes is waited for.

    open ─▶ Away     waited for, told once per reason
        └─▶ Damaged  set aside under another name, and a new one begun
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.store import sqlite
from bot.store.database import Database
from bot.store.errors import Away, Damaged, Unusable
from bot.store.location import address

_log = logging.getLogger(__name__)

_LONGEST_PAUSE = 5.0


async def open_for_long(
    url: str, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> Database:
    """
    Open it, however long it takes.

    Raises:
        Unusable: waiting does not help; somebody has to change the address or the server.

    """
    pause, told = 0.25, ""
    while True:
        try:
            database = await Database.open(url)
        except Damaged as damaged:
            _set_aside(url, damaged)
        except Away as away:
            if away.text != told:
                told = away.text
                _log.warning("%s I wait for it.", told, extra={"action": "database_away"})
            await sleep(pause)
            pause = min(_LONGEST_PAUSE, 2 * pause)
        else:
            if told:
                _log.warning("My database is there.", extra={"action": "database_back"})
            return database


def _set_aside(url: str, damaged: Damaged) -> None:
    """Make room for a new file. Raises what it was called with where that cannot be done."""
    file = address(url).file
    if file is None or not sqlite.may_be_set_aside(file):
        raise damaged
    try:
        aside = sqlite.set_aside(file)
    except OSError as error:
        raise Unusable(f"{damaged.text} I cannot rename it: {error.strerror}.") from error
    _log.error(
        "%s I have set it aside as %s and begin a new one: who did what before is not on record in "
        "it.",
        damaged.text,
        aside,
        extra={"action": "database_set_aside", "file": str(aside)},
    )
