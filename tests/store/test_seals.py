"""The key under buttons is kept once and stays, whatever becomes of the token."""

import asyncio

from bot.store import seal_key


async def test_the_first_key_stays(database, another):
    assert await seal_key(database, b"made of the token") == b"made of the token"

    assert await seal_key(await another(), b"made of another") == b"made of the token"


async def test_two_that_start_at_once_have_the_same(database, another):
    other = await another()

    keys = await asyncio.gather(seal_key(database, b"one"), seal_key(other, b"other"))

    assert len(set(keys)) == 1
