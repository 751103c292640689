"""
Rows by their primary key: read, put, dropped.

Composing a statement costs more than carrying it out, so each is composed once for a table.
"""

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Delete,
    Executable,
    Row,
    Select,
    Table,
    and_,
    bindparam,
    delete,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import tables

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite


async def one(
    connection: AsyncConnection, table: type[tables.Table], **key: Any
) -> Row[Any] | None:
    """Give the row with this primary key; None: there is none."""
    found = await found_by(connection, _getting(table), **key)
    return found[0] if found else None


async def found_by(
    connection: AsyncConnection, statement: Select[Any], **values: Any
) -> Sequence[Row[Any]]:
    """Give what a statement that is kept finds with these values."""
    found: CursorResult[Any] = await connection.execute(statement, values)
    return found.all()


async def drop(connection: AsyncConnection, table: type[tables.Table], **key: Any) -> None:
    """Delete the row with this primary key, if there is one."""
    await drop_all(connection, table, [key])


async def drop_all(
    connection: AsyncConnection, table: type[tables.Table], keys: Sequence[dict[str, Any]]
) -> None:
    """Delete the rows with these primary keys."""
    if keys:
        values = [{f"its_{name}": value for name, value in key.items()} for key in keys]
        await connection.execute(_dropping(table), values)


async def put(
    connection: AsyncConnection,
    table: type[tables.Table],
    *,
    replacing: ColumnElement[bool] | None = None,
    **values: Any,
) -> None:
    """
    Insert the row, or replace the one with the same primary key; in one statement.

    Args:
        connection: the transaction.
        table: whose row.
        replacing: which rows may be replaced; None: any.
        values: by column.

    """
    statement = _putting(table, tuple(values), connection.dialect.name, replacing)
    await connection.execute(statement, values)


async def put_new(connection: AsyncConnection, table: type[tables.Table], **values: Any) -> bool:
    """
    Insert the row unless its primary key is taken; whether it was inserted.

    Not by RETURNING: whoever is cancelled between the statement and its rows would leave SQLite a
    statement that is not through, and with it the lock on the whole database.
    """
    statement = _putting_new(table, connection.dialect.name)
    inserted = cast("CursorResult[Any]", await connection.execute(statement, values))
    return inserted.rowcount == 1


def insert_into(
    connection: AsyncConnection, table: type[tables.Table]
) -> "sqlite.Insert | postgresql.Insert":
    """Begin an insert into a table, in the dialect of a transaction."""
    return _insert(table, connection.dialect.name)


def columns(table: type[tables.Table]) -> Table:
    """Give what statements are made of: rows instead of objects that know whether they changed."""
    return cast("Table", table.__table__)


@cache
def _getting(table: type[tables.Table]) -> Select[Any]:
    mine = columns(table)
    is_it = and_(*(column == bindparam(column.name) for column in mine.primary_key))
    return select(mine).where(is_it)


@cache
def _dropping(table: type[tables.Table]) -> Delete:
    mine = columns(table)
    is_it = and_(*(column == bindparam(f"its_{column.name}") for column in mine.primary_key))
    return delete(mine).where(is_it)


@cache
def _putting(
    table: type[tables.Table],
    names: Sequence[str],
    dialect: str,
    replacing: ColumnElement[bool] | None,
) -> Executable:
    keys = _keys(table)
    insert = _insert(table, dialect)
    changed = {name: insert.excluded[name] for name in names if name not in keys}
    return insert.on_conflict_do_update(index_elements=keys, set_=changed, where=replacing)


@cache
def _putting_new(table: type[tables.Table], dialect: str) -> Executable:
    insert = _insert(table, dialect).on_conflict_do_nothing(index_elements=_keys(table))
    return insert.execution_options(preserve_rowcount=True)


def _keys(table: type[tables.Table]) -> Sequence[str]:
    return [column.name for column in columns(table).primary_key]


def _insert(table: type[tables.Table], dialect: str) -> "sqlite.Insert | postgresql.Insert":
    """
    Choose the dialect's own insert: ON CONFLICT is the same in both, and in neither's base.

    Only the dialect that is used is loaded: the other costs two megabytes.
    """
    own = import_module(f"sqlalchemy.dialects.{dialect}")
    return cast("sqlite.Insert | postgresql.Insert", own.insert(columns(table)))
