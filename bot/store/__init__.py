"""
What the bot remembers: the ledger and the bulletin, in a database.

The only room that knows SQLAlchemy and Alembic. SQLite in the state folder by default,
PostgreSQL for several replicas; every statement here must work on both. Foreign errors become
`Unusable` at this edge, with a text for people.

    location.py    which database: the environment's variables -> a URL -> an Address
    errors.py      Unusable, Away, Damaged
    postgres.py    how PostgreSQL is reached, and what its errors mean
    sqlite.py      SQLite's file, and what its errors mean
    database.py    Database: open it, one transaction at a time
    near.py, together.py, turn.py  SQLite under load: at hand, one commit for many, the urgent first
    disk.py        what was committed outlives a power cut too
    lock.py        one process for one SQLite file
    opening.py     open it for a bot that runs for months: wait, or begin anew
    migrate.py     bring the tables up to date
    examine.py     look at a database as it is, and change nothing
    tables.py      the tables, typed
    rows.py        their rows by key: statements that are composed once
    ledger.py      SqlLedger: the audit record
    bulletin.py    SqlBulletin: what was said and where
    editions.py    SqlEditions: is this memory older than what was said?
    seals.py       the key of the seal under buttons
    export.py      ledger entries as json, csv and text
    migrations/    Alembic; run by `Database.open`, never by hand

What never lives here: what to say, when to say it, and who may act.
"""

from bot.store.bulletin import SqlBulletin
from bot.store.database import Database
from bot.store.editions import SqlEditions
from bot.store.errors import Unusable
from bot.store.examine import examine
from bot.store.ledger import SqlLedger
from bot.store.location import database_url, is_shared
from bot.store.lock import only_one
from bot.store.opening import open_for_long
from bot.store.roll import SqlRoll
from bot.store.seals import seal_key

__all__ = [
    "Database",
    "SqlBulletin",
    "SqlEditions",
    "SqlLedger",
    "SqlRoll",
    "Unusable",
    "database_url",
    "examine",
    "is_shared",
    "only_one",
    "open_for_long",
    "seal_key",
]
