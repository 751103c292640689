"""A PostgreSQL that is restarted, only reads, is silent, encrypts; and several replicas on one."""

import asyncio
import os
import subprocess
import time
from contextlib import AsyncExitStack

import pytest
from sqlalchemy import text

from bot.flows.kept import Promise
from bot.release.ledger import DONE, By, Entry
from bot.release.mute import Mute
from bot.store import Database, SqlBulletin, SqlLedger, Unusable, open_for_long
from bot.store.errors import Away
from tests.postgres import Server, own
from tests.store.conftest import NOON, HandClock, Opener

__all__ = ["own"]

needs_server = pytest.mark.postgres


@needs_server
async def test_after_a_restart_of_the_server_the_next_transaction_goes_through(
    own: Server,
) -> None:
    database = await Database.open(own.new_database())
    bulletin = SqlBulletin(database, HandClock())
    assert await bulletin.claim("before")

    await asyncio.to_thread(own.stop)
    with pytest.raises(Away):
        await bulletin.claim("meanwhile")
    assert not database.is_well

    await asyncio.to_thread(own.start)
    assert await bulletin.claim("meanwhile")
    assert not await bulletin.claim("before")
    assert database.is_well
    await database.close()


@needs_server
async def test_a_restart_while_nobody_asks_is_not_noticed(own: Server) -> None:
    database = await Database.open(own.new_database())
    bulletin = SqlBulletin(database, HandClock())
    await asyncio.gather(*(bulletin.claim(f"before-{n}") for n in range(5)))

    await asyncio.to_thread(own.stop)
    await asyncio.to_thread(own.start)

    assert all(await asyncio.gather(*(bulletin.claim(f"after-{n}") for n in range(5))))
    await database.close()


@needs_server
async def test_a_bot_that_starts_before_its_server_waits_for_it(own: Server) -> None:
    url = own.new_database()
    await asyncio.to_thread(own.stop)
    opening = asyncio.create_task(open_for_long(url))
    await asyncio.sleep(0.3)
    assert not opening.done()

    await asyncio.to_thread(own.start)

    await (await asyncio.wait_for(opening, 20)).close()


@needs_server
async def test_a_database_that_only_reads_refuses_and_recovers(own: Server) -> None:
    """As a standby does, or a server whose administrator has forbidden to write."""
    url = own.new_database()
    database = await Database.open(url)
    ledger, name = SqlLedger(database), url.rpartition("/")[2]
    own.execute(
        f"ALTER DATABASE {name} SET default_transaction_read_only = on",
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
    )

    with pytest.raises(Away, match=r"read-only transaction.*standby"):
        await ledger.write(an_entry("e1"))
    assert await ledger.since(NOON) == []

    own.execute(
        f"ALTER DATABASE {name} RESET default_transaction_read_only",
        f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
    )
    await ledger.write(an_entry("e1"))
    await database.close()


@needs_server
async def test_a_statement_that_takes_too_long_is_given_up(
    postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.postgres.STATEMENT_SECONDS", 0.2)
    database = await Database.open(postgres.new_database())

    with pytest.raises(Away, match="statement timeout"):
        async with database.begin() as connection:
            await connection.execute(text("SELECT pg_sleep(30)"))

    await database.check()
    await database.close()


# --- TLS ------------------------------------------------------------------------------------------


@needs_server
async def test_tls_is_used_where_it_is_asked_for(own: Server) -> None:
    make_certificate(own)
    own.execute("ALTER SYSTEM SET ssl = on", "SELECT pg_reload_conf()")
    url = own.new_database()

    async def is_encrypted(query: str) -> bool:
        database = await Database.open(f"{url}?{query}")
        async with database.begin() as connection:
            mine = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
            encrypted = (await connection.execute(text(mine))).scalar_one()
        await database.close()
        return bool(encrypted)

    trusted = f"sslmode=verify-ca&sslrootcert={own.folder}/data/server.crt"
    assert [await is_encrypted(q) for q in ("sslmode=disable", "sslmode=require", trusted)] == [
        False,
        True,
        True,
    ]
    with pytest.raises(Unusable, match=r"Name the certificate authority by sslrootcert=FILE"):
        await Database.open(f"{url}?sslmode=verify-full&sslrootcert=/none.pem")


def make_certificate(server: Server) -> None:
    data = server.folder / "data"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            "-subj", "/CN=127.0.0.1", "-keyout", data / "server.key", "-out", data / "server.crt",
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    owner = data.stat()
    for name in ("server.key", "server.crt"):
        os.chown(data / name, owner.st_uid, owner.st_gid)
        (data / name).chmod(0o600)


# --- several replicas -----------------------------------------------------------------------------


def an_entry(id_: str) -> Entry:
    return Entry(id=id_, at=NOON, actor=By(kind="slack", id="U0ANN"), verb="promote", uid="u1")


async def test_of_twenty_that_claim_one_key_one_wins(another: Opener, clock: HandClock) -> None:
    replicas = [SqlBulletin(await another(), clock) for _ in range(2)]

    won = await asyncio.gather(*(replicas[n % 2].claim("u1:0:Started") for n in range(20)))

    assert sum(won) == 1


async def test_what_one_replica_writes_the_other_sees(another: Opener, clock: HandClock) -> None:
    one, two = await another(), await another()
    entry, mute = an_entry("e1"), a_mute()

    await SqlLedger(one).write(entry)
    assert await SqlLedger(two).pending() == [entry]
    await SqlLedger(two).write(entry.ends(DONE))
    assert await SqlLedger(one).pending() == []
    assert [e.outcome for e in await SqlLedger(one).of("u1")] == [DONE]
    await SqlBulletin(one, clock).mute(mute)
    assert await SqlBulletin(two, clock).mutes() == [mute]


def a_mute() -> Mute:
    by = By(kind="slack", id="U0ANN")
    return Mute(key="k", severity="high", by=by, reason="known", at=NOON, until=NOON)


@needs_server
async def test_replicas_that_start_at_once_migrate_once(postgres: Server) -> None:
    """Eight processes' worth of connections, and none of them finds half a schema."""
    url = postgres.new_database()
    async with AsyncExitStack() as stack:
        databases = await asyncio.gather(*(Database.open(url) for _ in range(8)))
        for database in databases:
            stack.push_async_callback(database.close)
            await database.check()


@needs_server
async def test_a_server_that_is_silent_does_not_keep_those_who_have_no_time(own: Server) -> None:
    """Its processes stand still. Slack waits for three seconds, so a press is acknowledged."""
    database = await Database.open(own.new_database())
    bulletin = SqlBulletin(database, HandClock())
    with own.silent():
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await bulletin.promise(Promise(id="p", at=NOON, person="U0ANN", verb="promote"))
        assert time.monotonic() - began < 1

    assert await bulletin.promises() == []
    await database.close()
