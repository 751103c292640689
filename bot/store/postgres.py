"""
PostgreSQL: how it is reached, and what its errors mean.

psycopg rather than asyncpg, because it reads a URL as libpq does: every parameter of those that
database providers hand out (`?sslmode=require`, several hosts) means what it means to psql. It is
imported only where PostgreSQL is meant: whoever keeps to SQLite does not pay for it.
"""

import re
from collections.abc import Mapping
from typing import Any

from bot.store.errors import Unusable

_SCHEME = re.compile(r"postgres(?:ql)?(?:\+\w+)?://")
_UNKNOWN = re.compile(r'invalid URI query parameter: "(\w+)"')
_EXAMPLE = "postgresql://user:password@host/name?sslmode=require"

STATEMENT_SECONDS = 10  #: a statement that takes longer is given up by the server

#: Unless the URL says otherwise: a server that is silent is noticed within ten seconds.
_DEFAULTS: Mapping[str, Any] = {
    "application_name": "rollout-bot",
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 10_000,
}

#: Poolers such as PgBouncer give each transaction another session: none of them would know it.
_UNPREPARED = {"prepare_threshold": None}

POOL: Mapping[str, Any] = {
    "pool_size": 5,
    "max_overflow": 5,
    "pool_timeout": 5,
    "pool_recycle": 1800,
    "pool_pre_ping": True,
}

#: SQLSTATEs that pass by themselves: the server starts, ends, is full, or has no room for us.
_PASSING = ("08", "57P", "57014", "53", "25006", "40", "55P03")
#: The same in libpq's and psycopg's words, where no server has answered.
_AWAY = (
    "Connection refused",
    "timeout expired",
    "timed out",
    "failed to resolve host",
    "could not translate host name",
    "No route to host",
    "Network is unreachable",
    "Connection reset",
    "No such file or directory",
    "server closed the connection",
    "connection is closed",
    "the connection is lost",
    "terminating connection",
    "is starting up",
    "is shutting down",
    "in recovery mode",
    "not yet accepting connections",
    "too many clients",
    "too many connections",
    "connection slots are reserved",
    "session is read-only",
)

ADVICE = {
    "password authentication failed": "Is the password in ROLLOUT_BOT_DATABASE_URL right?",
    "no password supplied": "Write the password into ROLLOUT_BOT_DATABASE_URL.",
    "no pg_hba.conf entry": "The server does not let this user in from here (pg_hba.conf); "
    "perhaps it wants TLS: sslmode=require.",
    "does not support SSL": "sslmode=require asks for TLS, and the server has none: mend the "
    "server, or say sslmode=prefer.",
    "certificate verify failed": "Name the certificate authority by sslrootcert=FILE.",
    "root certificate file": "Name the certificate authority by sslrootcert=FILE.",
    "permission denied for schema": "The bot makes its tables itself: "
    "GRANT ALL ON SCHEMA public TO its user.",
    "permission denied for": "The bot's tables must belong to its user.",
    "read-only": "Is it a standby? target_session_attrs=read-write finds the primary among "
    "several hosts.",
    "statement timeout": f"It took longer than {STATEMENT_SECONDS} s.",
    "No space left": "Make room on the server's disk.",
}


def is_meant(url: str) -> bool:
    """Whether a URL names PostgreSQL, with or without a driver's name."""
    return _SCHEME.match(url) is not None


def arguments(url: str) -> dict[str, Any]:
    """
    Read a URL as libpq does.

    Raises:
        Unusable: it cannot be read, or the driver is missing.

    """
    try:
        from psycopg import ProgrammingError
        from psycopg.conninfo import conninfo_to_dict
    except ImportError as error:
        raise Unusable(
            f"PostgreSQL's driver cannot be loaded ({error}): pip install 'psycopg[binary]'."
        ) from error
    try:
        given = conninfo_to_dict(_SCHEME.sub("postgresql://", url, count=1))
    except ProgrammingError as error:  # its text may quote the password
        if unknown := _UNKNOWN.match(str(error)):
            raise Unusable(
                f"The database's URL has {unknown[1]}=…, which PostgreSQL does not know; TLS is "
                f"asked for by sslmode, as in {_EXAMPLE}."
            ) from None
        raise Unusable(f"The database's URL cannot be read; allowed: {_EXAMPLE}.") from None
    ports = str(given.get("port") or "").split(",")
    if not all(port == "" or port.isdecimal() for port in ports):
        raise Unusable(
            f"The database's URL cannot be read: its port is no number. Signs such as @ : / in a "
            f"password are written as %40 %3A %2F; allowed: {_EXAMPLE}."
        )
    return {**_DEFAULTS, **given, **_UNPREPARED}


def place(arguments: Mapping[str, Any]) -> str:
    """Name it for people."""
    user = f"{arguments['user']}@" if arguments.get("user") else ""
    hosts = str(arguments.get("host") or "").split(",")
    ports = str(arguments.get("port") or "").split(",")
    ports = ports * len(hosts) if len(ports) == 1 else ports  # one port is for all of them
    named = [f"{h}:{p}" if p else h for h, p in zip(hosts, ports, strict=False)]
    return f"postgresql://{user}{','.join(named)}/{arguments.get('dbname') or ''}"


def tune(connection: Any, _record: Any) -> None:
    """Let no statement, and no transaction that was left open, hold up the others for long."""
    cursor = connection.cursor()
    milliseconds = STATEMENT_SECONDS * 1000
    cursor.execute(f"SET statement_timeout = {milliseconds}")
    cursor.execute(f"SET idle_in_transaction_session_timeout = {3 * milliseconds}")
    cursor.close()
    connection.commit()  # else they would end with this transaction


def passes(error: Exception) -> bool:
    """Whether an error passes by itself, without anybody changing our address."""
    if state := getattr(error, "sqlstate", None):
        return str(state).startswith(_PASSING)
    return any(sign in str(error) for sign in _AWAY)
