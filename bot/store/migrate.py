"""Bring a database's tables up to date, or refuse one that is newer than this program."""

import logging
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from bot.store.errors import Damaged, Unusable

_LOCK = 0x526F6C6C  # any number; the same in all replicas


def migrate(connection: Connection) -> None:
    """
    Upgrade to the newest schema, all of it or nothing.

    Raises:
        Damaged: SQLite's file is broken.
        Unusable: of a newer version.

    """
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells every look otherwise
    be_alone(connection)
    refuse_newer(connection)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def newest() -> str:
    """Name the schema that this program makes."""
    return str(_scripts().get_current_head())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


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
    scripts = _scripts()
    known = {script.revision for script in scripts.walk_revisions()}
    found = set(MigrationContext.configure(connection).get_current_heads())
    if found - known:
        raise Unusable(
            f"My database was written by a newer rollout-bot (schema {', '.join(found - known)}; "
            f"I know {scripts.get_current_head()}). Start that version again, or name another "
            "database in ROLLOUT_BOT_DATABASE_URL."
        )
