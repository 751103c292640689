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
    _be_alone(connection)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    _refuse_newer(connection, ScriptDirectory.from_config(config))
    command.upgrade(config, "head")


def _be_alone(connection: Connection) -> None:
    """
    Keep other replicas waiting until the commit.

    On SQLite the transaction must be begun by hand: the driver begins none before DDL, and a kill
    between two tables would leave a database that no version can open.
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


def _refuse_newer(connection: Connection, scripts: ScriptDirectory) -> None:
    known = {script.revision for script in scripts.walk_revisions()}
    found = set(MigrationContext.configure(connection).get_current_heads())
    if found - known:
        raise Unusable(
            f"My database was written by a newer rollout-bot (schema {', '.join(found - known)}; "
            f"I know {scripts.get_current_head()}). Start that version again, or name another "
            "database in ROLLOUT_BOT_DATABASE_URL."
        )
