"""Bring a database's tables up to date, or refuse one that is newer than this program."""

import logging
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from bot.store.errors import Damaged, Unusable

_LOCK = 0x526F6C6C  # any number; the same in all replicas
_HOME = Path(__file__).parent / "migrations"


def migrate(connection: Connection) -> None:
    """
    Upgrade to the newest schema, all of it or nothing.

    Raises:
        Damaged: SQLite's file is broken.
        Unusable: of a newer version.

    """
    be_alone(connection)
    refuse_newer(connection)
    if schema(connection) != newest():
        _upgrade(connection)


def newest() -> str:
    """Name the schema that this program makes."""
    return _known()[-1]


def schema(connection: Connection) -> str:
    """Name the schema of a database; "": it has none yet."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or ""


def _known() -> list[str]:
    """Name all schemas, oldest first: each is the number in a file's name."""
    return sorted(file.name[1:5] for file in (_HOME / "versions").glob("v*.py"))


def _upgrade(connection: Connection) -> None:
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells every look otherwise
    # needed once, and 11 MB that the running bot would keep
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_HOME))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def be_alone(connection: Connection) -> None:
    """
    Keep other replicas waiting until the transaction ends.

    On SQLite the transaction must be begun by hand: the driver begins none before DDL, and a kill
    between two tables would leave a database that no version can open.

    Raises:
        Damaged: SQLite's file is broken.

    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        [damage] = connection.exec_driver_sql("PRAGMA quick_check(1)").one()
        if damage != "ok":
            raise Damaged(
                f"My database {connection.engine.url.database} is malformed: "
                f"{damage.splitlines()[-1]}. Move it away and start again, or bring back a copy."
            )
    else:
        # whoever waits for another one's migration waits longer than for any other statement
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def refuse_newer(connection: Connection) -> None:
    """Refuse a database of a newer program. Raises Unusable."""
    found = schema(connection)
    if found and found not in _known():
        raise Unusable(
            f"My database was written by a newer rollout-bot (schema {found}; I know {newest()}). "
            "Start that version again, or name another database in ROLLOUT_BOT_DATABASE_URL."
        )
