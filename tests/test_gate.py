"""Slow and many clients: each is ended in time, and the others are served meanwhile."""

import asyncio
import time

import pytest
from aiohttp import web

from bot.gate import Gate, Patience
from bot.health import Health, Metrics, serve

QUICK = Patience(connections=5, head=0.3, whole=0.5, idle=0.4, least=0.1)
ASK = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.fixture(params=["gate", "health"])
async def address(request):
    """A port behind a gate: of an application of the test, and the one for health."""
    if request.param == "health":
        async with serve(("127.0.0.1", 0), Health({}), Metrics(), QUICK) as bound:
            yield bound
        return

    async def answer(asked: web.Request) -> web.Response:
        await asked.read()
        return web.Response(text="alive")

    gate = Gate(QUICK)
    app = web.Application(middlewares=[gate.middleware])
    app.router.add_get("/healthz", answer)
    app.router.add_post("/healthz", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    yield await gate.open(runner, "127.0.0.1", 0)
    gate.close()
    await runner.cleanup()


class Client:
    """A connection that says what it wants, when it wants."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    @classmethod
    async def to(cls, address):
        return cls(*await asyncio.open_connection(*address))

    async def says(self, data):
        self.writer.write(data)
        await self.writer.drain()

    async def hears(self, words=b"alive"):
        heard = b""
        while words not in heard:
            some = await self.reader.read(4096)
            assert some, heard
            heard += some
        return heard

    async def is_ended(self, within=3.0):
        """Seconds until the other side ended it."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(within):
                while await self.reader.read(4096):
                    pass
        except ConnectionError:
            pass
        return time.monotonic() - began

    def close(self):
        self.writer.close()


async def test_a_client_is_served_as_often_as_it_asks(address):
    client = await Client.to(address)
    for _ in range(4):
        await client.says(ASK)
        assert b"200 OK" in await client.hears()
        await asyncio.sleep(0.2)
    client.close()


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"GET /healthz HTTP/1.1\r\nHost: x\r\n", id="half-a-head"),
        pytest.param(b"GET /healthz HTTP/1.1\r\nX: " + b"a" * 4_000, id="half-a-line"),
    ],
)
async def test_half_a_request_is_ended(address, said):
    client = await Client.to(address)
    await client.says(said)
    assert await client.is_ended() < 2
    client.close()


async def test_a_byte_now_and_then_does_not_help(address):
    client = await Client.to(address)
    ended = asyncio.create_task(client.is_ended())
    await client.says(ASK[:-2] + b"X: ")
    for _ in range(60):
        try:
            await client.says(b"a")
        except ConnectionError:
            break
        await asyncio.sleep(0.05)
    assert await ended < 2
    client.close()


async def test_a_body_that_does_not_end_is_ended(address):
    client = await Client.to(address)
    await client.says(b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\nab")
    assert await client.is_ended() < 2.5
    client.close()


async def test_who_asks_nothing_more_is_ended_and_who_begins_must_go_on(address):
    idle, slow = await Client.to(address), await Client.to(address)
    for client in (idle, slow):
        await client.says(ASK)
        await client.hears()
    await slow.says(ASK[:10])
    assert await slow.is_ended() < 2
    assert await idle.is_ended() < 2
    idle.close()
    slow.close()


async def test_no_more_connections_than_there_is_room_for(address, caplog):
    many = [await Client.to(address) for _ in range(5)]
    await asyncio.sleep(0.02)
    late = await Client.to(address)
    assert await late.is_ended() < 0.25, "at once"
    assert [r.action for r in caplog.records] == ["connections_full"]
    for client in (*many, late):
        client.close()


@pytest.mark.parametrize("said", [b"", ASK[:20], ASK.replace(b"GET", b"POST")[:-2] + b"Content-"])
async def test_who_has_taken_longest_makes_room(address, said):
    """Many slow clients keep nobody out who is quick."""
    many = [await Client.to(address) for _ in range(5)]
    for client in many:
        await client.says(said)
    await asyncio.sleep(0.15)
    quick = await Client.to(address)
    await quick.says(ASK)
    assert b"200 OK" in await quick.hears()
    assert await many[0].is_ended() < 0.1, "it made room"
    for client in (*many, quick):
        client.close()


async def test_who_idles_makes_room_first(address):
    idle = await Client.to(address)
    await idle.says(ASK)
    await idle.hears()
    many = [await Client.to(address) for _ in range(4)]
    quick = await Client.to(address)
    await quick.says(ASK)
    await quick.hears()
    assert await idle.is_ended() < 0.1
    for client in (idle, *many, quick):
        client.close()
