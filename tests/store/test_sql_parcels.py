"""What is to be told, in a real database: stored with its claim, found by whoever comes after."""

import asyncio
import logging
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.flows.kept import Lane, Parcel
from bot.messages.blocks import Message
from bot.store import Database, SqlBulletin, Unusable
from bot.store import parcels as mail
from tests.store.conftest import NOON, HandClock, Opener
from tests.store.test_sql_bulletin import a_finding


def a_parcel(words: str = "started", seconds: float = 0, **changes: Any) -> Parcel:
    """A loud line for a card's thread, with everything that a message can have."""
    block = {"type": "section", "text": {"type": "mrkdwn", "text": f"*{words}* «ü» → 10 %"}}
    metadata = {"event_type": "rollout_card", "event_payload": {"uid": "u1", "since": 3}}
    fields: dict[str, Any] = {
        "at": NOON + timedelta(seconds=seconds),
        "channel": "C0RELEASES",
        "slot": "card:u1:7c9f",
        "message": Message(text=words, blocks=(block,), metadata=metadata),
        "lane": Lane.DECISION,
        "loud": True,
    }
    return Parcel(**(fields | changes))


@pytest.fixture
def bulletin(database: Database, clock: HandClock) -> SqlBulletin:
    return SqlBulletin(database, clock)


async def test_a_claim_stores_what_is_told_about_it(
    bulletin: SqlBulletin, another: Opener, clock: HandClock
) -> None:
    line, own = a_parcel(), a_parcel("digest", slot="", loud=False, lane=Lane.ENDED)
    living = a_parcel("done", 2, is_living=True, message=Message(text="done"))

    assert await bulletin.claim("u1:0:Started", [line, own])
    await bulletin.queue([living])

    restarted = SqlBulletin(await another(), clock)
    assert await restarted.parcels() == [line, own, living]


async def test_a_key_that_was_taken_stores_nothing(bulletin: SqlBulletin) -> None:
    await bulletin.claim("u1:0:Started", [a_parcel()])

    assert not await bulletin.claim("u1:0:Started", [a_parcel("again")])
    assert [parcel.message.text for parcel in await bulletin.parcels()] == ["started"]


async def test_claim_and_parcels_are_kept_both_or_not_at_all(
    bulletin: SqlBulletin, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(mail, "store", fail)
    with pytest.raises(Unusable):
        await bulletin.claim("u1:0:Started", [a_parcel()])
    monkeypatch.undo()

    assert await bulletin.parcels() == []
    assert await bulletin.claim("u1:0:Started", [a_parcel()])


async def test_findings_and_what_is_told_of_them_are_kept_both_or_not_at_all(
    bulletin: SqlBulletin, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any) -> None:
        raise OSError("the disk is full")

    here, there = a_finding(), a_finding(channel="C0SHOP")
    await bulletin.keep_findings([there], [], [])
    monkeypatch.setattr(mail, "store", fail)
    with pytest.raises(Unusable):
        await bulletin.keep_findings([here], [there], [a_parcel()])
    monkeypatch.undo()
    assert await bulletin.open_findings() == [there]

    await bulletin.keep_findings([here], [there], [a_parcel()])
    assert await bulletin.open_findings() == [here]
    assert len(await bulletin.parcels()) == 1


async def test_of_two_replicas_one_tells(another: Opener, clock: HandClock) -> None:
    one, two = SqlBulletin(await another(), clock), SqlBulletin(await another(), clock)

    for n in range(20):
        key = f"key-{n}"
        await asyncio.gather(*(b.claim(key, [a_parcel(key, n)]) for b in (one, two)))

    assert [p.message.text for p in await one.parcels()] == [f"key-{n}" for n in range(20)]


async def test_parcels_come_in_the_order_in_which_they_were_decided(bulletin: SqlBulletin) -> None:
    late, same, first = a_parcel("late", 9), a_parcel("same", 5), a_parcel("first", 5, id="0")
    await bulletin.queue([late])
    await bulletin.queue([same])
    await bulletin.queue([first])

    assert [p.message.text for p in await bulletin.parcels()] == ["first", "same", "late"]


async def test_a_parcel_is_stored_once(bulletin: SqlBulletin) -> None:
    parcel = a_parcel()
    await bulletin.claim("u1:0:Started", [parcel])
    await bulletin.queue([parcel])

    assert await bulletin.parcels() == [parcel]


async def test_what_was_delivered_is_struck_out(bulletin: SqlBulletin) -> None:
    parcels = [a_parcel(str(n), n) for n in range(1201)]
    await bulletin.queue(parcels)
    await bulletin.delivered([parcel.id for parcel in parcels[:-1]])
    await bulletin.delivered(["unknown"])

    assert await bulletin.parcels() == parcels[-1:]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("message = '{'", id="not-json"),
        pytest.param("message = '{\"blocks\": 3}'", id="no-message"),
        pytest.param("lane = 17", id="no-lane"),
    ],
)
async def test_what_no_longer_fits_is_dropped_and_said(
    bulletin: SqlBulletin, database: Database, change: str, caplog: pytest.LogCaptureFixture
) -> None:
    good, bad = a_parcel("good"), a_parcel("bad", id="bad")
    await bulletin.queue([good, bad])
    async with database.begin() as connection:
        await connection.execute(text(f"UPDATE parcels SET {change} WHERE id = 'bad'"))

    with caplog.at_level(logging.WARNING):
        assert await bulletin.parcels() == [good]
        assert await bulletin.parcels() == [good]

    assert caplog.text.count("cannot be read any more and is dropped") == 1
