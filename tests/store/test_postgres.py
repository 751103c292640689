"""PostgreSQL: how it is reached, what may be wrong with it, and several replicas on one."""

import logging
import socket
from contextlib import closing

import pytest
from psycopg import OperationalError

from bot.store import Database, Unusable, open_for_long, postgres
from bot.store.errors import Away
from bot.store.location import address
from tests.postgres import PASSWORD, USER, Server

needs_server = pytest.mark.postgres


# --- the URL, as people write it for libpq --------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("postgresql://h/n", {"host": "h", "dbname": "n"}, id="plain"),
        pytest.param("postgres://h/n", {"host": "h", "dbname": "n"}, id="heroku"),
        pytest.param("postgresql+asyncpg://h/n", {"host": "h", "dbname": "n"}, id="driver-named"),
        pytest.param(
            "postgresql://u:p%40ss@h:6432/n?sslmode=verify-full&sslrootcert=/ca",
            {
                "password": "p@ss",
                "port": "6432",
                "sslmode": "verify-full",
                "sslrootcert": "/ca",
            },
            id="tls",
        ),
        pytest.param(
            "postgresql://u@h1:1,h2:2/n?target_session_attrs=read-write",
            {"host": "h1,h2", "port": "1,2", "target_session_attrs": "read-write"},
            id="several-hosts",
        ),
        pytest.param("postgresql:///n?host=/run/pg", {"host": "/run/pg"}, id="socket"),
        pytest.param(
            "postgresql://h/n?connect_timeout=60", {"connect_timeout": "60"}, id="own-timeout"
        ),
    ],
)
def test_a_url_means_what_it_means_to_psql(url: str, expected: dict[str, str]) -> None:
    given = address(url).arguments

    assert {name: given[name] for name in expected} == expected


def test_a_silent_server_is_noticed_unless_the_url_says_otherwise() -> None:
    given = address("postgresql://h/n").arguments

    assert (given["connect_timeout"], given["tcp_user_timeout"]) == (5, 10_000)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        pytest.param("postgresql://u:s3cret@h/n?ssl=require", "has ssl=….*sslmode", id="ssl"),
        pytest.param("postgresql://u:%zzs3cret@h/n", "cannot be read", id="bad-escape"),
        pytest.param("postgresql://u:s3@cret:s3cret@h/n", "port is no number.*%40", id="at-sign"),
    ],
)
def test_a_url_that_libpq_does_not_read_is_refused_in_words(url: str, words: str) -> None:
    with pytest.raises(Unusable, match=words) as refused:
        address(url)

    assert "s3" not in refused.value.text
    assert not isinstance(refused.value, Away)


# --- what may be wrong ----------------------------------------------------------------------------


def nobody_listens() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@needs_server
@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param((f":{PASSWORD}@", ":wr0ng@"), "Is the password in ROLLOUT", id="password"),
        pytest.param((f":{PASSWORD}@", "@"), "Write the password", id="no-password"),
        pytest.param((f"{USER}:", "eve:"), "password authentication failed", id="user"),
        pytest.param(("/postgres", "/shop"), 'database "shop" does not exist', id="database"),
        pytest.param(("/postgres", "/postgres?sslmode=require"), "has none", id="no-tls"),
    ],
)
async def test_what_the_server_refuses_is_said_and_not_waited_for(
    postgres: Server, change: tuple[str, str], words: str
) -> None:
    with pytest.raises(Unusable, match=words) as refused:
        await open_for_long(postgres.url("postgres").replace(*change))

    assert PASSWORD not in refused.value.text.replace(f"{PASSWORD}:", "")
    assert "wr0ng" not in refused.value.text


@needs_server
async def test_a_user_who_may_make_no_tables_is_told_which_right_is_missing(
    postgres: Server,
) -> None:
    url = postgres.new_database()
    postgres.execute("DROP ROLE IF EXISTS ann", "CREATE ROLE ann LOGIN PASSWORD 'a'")
    hers = postgres.url(url.rpartition("/")[2], "ann", "a")

    with pytest.raises(Unusable, match=r"GRANT ALL ON SCHEMA public TO its user"):
        await open_for_long(hers)


@needs_server
async def test_a_newer_schema_is_refused(postgres: Server) -> None:
    url = postgres.new_database()
    await (await Database.open(url)).close()
    postgres.execute(
        "UPDATE alembic_version SET version_num = '9999'", database=url.rpartition("/")[2]
    )

    with pytest.raises(Unusable, match="newer rollout-bot \\(schema 9999"):
        await open_for_long(url)


@pytest.mark.parametrize(
    "host",
    [
        pytest.param("127.0.0.1", id="refused"),
        pytest.param("nowhere.invalid", id="no-such-host"),
    ],
)
async def test_a_server_that_is_not_reached_is_waited_for(
    host: str, caplog: pytest.LogCaptureFixture
) -> None:
    pauses: list[float] = []

    async def nap(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 7:
            raise KeyboardInterrupt

    with caplog.at_level(logging.WARNING), pytest.raises(KeyboardInterrupt):
        await open_for_long(f"postgresql://u:s3cret@{host}:{nobody_listens()}/n", nap)

    assert pauses == [0.25, 0.5, 1, 2, 4, 5, 5]
    assert [record.action for record in caplog.records] == ["database_away"]  # type: ignore[attr-defined]
    assert f"I cannot use my database postgresql://u@{host}:" in caplog.text
    assert "s3cret" not in caplog.text


# --- what passes by itself ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "waits"),
    [
        ("connection failed: session is read-only", True),  # target_session_attrs=read-write
        ("connection failed: Connection refused", True),
        ('FATAL: password authentication failed for user "bot"', False),
    ],
)
def test_a_server_that_cannot_take_us_now_is_waited_for(said: str, waits: bool) -> None:
    assert postgres.passes(OperationalError(said)) is waits
