"""The bulletin in a real database: said once, found again, forgotten in time."""

import asyncio
import logging
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from bot.balancing.finding import Finding, Severity
from bot.flows.kept import OpenFinding, Place, Promise, Slot, Told
from bot.release.ledger import By
from bot.release.mute import Mute
from bot.release.rollout import Sighting
from bot.release.traffic import HeaderRoute, Look, Pods, Selector, Traffic, Written
from bot.store import Database, SqlBulletin
from tests.store.conftest import NOON, HandClock, Opener
from tests.store.rollouts import a_rollout

SLOT = Slot(channel="C0RELEASES", key="card:u1:7c9f")


def a_sighting(step: int = 1) -> Sighting:
    return a_rollout(step=step).sighting()


def told(uid: str = "u1") -> Told:
    traffic = Traffic(
        asked=10,
        reported=10,
        written=(
            Written(ingress="checkout", canary=10, stable=90, writer="x", written_at=NOON),
            Written(ingress="second", problem="unreadable"),
        ),
        routes=(
            HeaderRoute(
                ingress="checkout", name="h", header="X-Canary", value="true", managed=True
            ),
        ),
        selectors=(Selector(service="stable", role="stable", revision="5d8b"),),
        canary=Pods(desired=1, available=1),
    )
    return Told(look=Look(rollout=a_rollout(uid=uid), traffic=traffic), started=NOON)


def a_finding(name: str = "second", channel: str = "C0RELEASES") -> OpenFinding:
    finding = Finding(
        id="WGT-01",
        severity=Severity.HIGH,
        namespace="shop",
        rollout="checkout",
        kind="Ingress",
        name=name,
        message="The Ingress says 0 %, the step asks for 10 %.",
        evidence="wanted 10, found 0",
        heals=False,
        since=NOON,
    )
    return OpenFinding(finding=finding, channel=channel, told_at=NOON, ts="17.1")


@pytest.fixture
def bulletin(database: Database, clock: HandClock) -> SqlBulletin:
    return SqlBulletin(database, clock)


async def test_a_key_is_taken_once_and_for_ever(
    bulletin: SqlBulletin, another: Opener, clock: HandClock
) -> None:
    assert await bulletin.claim("u1:started")
    assert not await bulletin.claim("u1:started")
    assert await bulletin.claim("u1:finished")

    restarted = SqlBulletin(await another(), clock)
    assert not await restarted.claim("u1:started")


async def test_of_two_that_claim_at_once_exactly_one_wins(
    another: Opener, clock: HandClock
) -> None:
    """Two replicas, each with its own connection, race for the same hundred keys."""
    one, two = SqlBulletin(await another(), clock), SqlBulletin(await another(), clock)

    pairs = await asyncio.gather(
        *(asyncio.gather(one.claim(f"key-{n}"), two.claim(f"key-{n}")) for n in range(100))
    )

    assert [sum(pair) for pair in pairs] == [1] * 100


async def test_a_place_is_kept_replaced_and_forgotten(bulletin: SqlBulletin) -> None:
    assert await bulletin.place(SLOT) is None

    await bulletin.put(SLOT, Place(ts="17.1", content="a"))
    await bulletin.put(SLOT, Place(ts="17.2", content="b"))
    assert await bulletin.place(SLOT) == Place(ts="17.2", content="b")
    assert await bulletin.place(Slot(channel="C0OTHER", key=SLOT.key)) is None

    await bulletin.forget(SLOT)
    assert await bulletin.place(SLOT) is None


async def test_what_was_told_comes_back_whole(
    bulletin: SqlBulletin, another: Opener, clock: HandClock
) -> None:
    await bulletin.remember("u2", told("u2"))
    await bulletin.remember("u1", told("u1"))

    restarted = SqlBulletin(await another(), clock)

    assert await restarted.recall("u1") == told("u1")
    assert [one async for one in restarted.recall_all()] == [told("u1"), told("u2")]
    assert [one async for one in restarted.recall_all(but={"u1"})] == [told("u2")]


async def test_what_was_told_can_be_forgotten(bulletin: SqlBulletin) -> None:
    await bulletin.remember("u1", told())
    await bulletin.remember("u1", None)

    assert await bulletin.recall("u1") is None


@pytest.mark.parametrize(
    "written",
    [
        pytest.param("{", id="not-json"),
        pytest.param('{"look": {"rollout": {}}}', id="of-another-version"),
        pytest.param("null", id="nothing"),
    ],
)
async def test_what_no_longer_fits_counts_as_unknown(
    bulletin: SqlBulletin,
    database: Database,
    written: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await bulletin.remember("u1", told("u1"))
    await bulletin.remember("u2", told("u2"))
    await bulletin.keep("k1", a_sighting())
    await bulletin.keep_findings([a_finding()], [], [])
    async with database.begin() as connection:
        for statement in (
            "UPDATE told SET told = :written WHERE uid = 'u1'",
            "UPDATE sightings SET sighting = :written",
            "UPDATE findings SET finding = :written",
        ):
            await connection.execute(text(statement), {"written": written})

    with caplog.at_level(logging.WARNING):
        assert await bulletin.recall("u1") is None
        assert [one async for one in bulletin.recall_all()] == [told("u2")]
        assert await bulletin.sighting("k1") is None
        assert await bulletin.open_findings() == []

    assert [record.action for record in caplog.records] == ["memory_unreadable"] * 4  # type: ignore[attr-defined]


async def test_a_sighting_is_found_behind_its_key(bulletin: SqlBulletin) -> None:
    await bulletin.keep("k1", a_sighting(step=1))
    await bulletin.keep("k1", a_sighting(step=2))

    assert await bulletin.sighting("k1") == a_sighting(step=2)
    assert await bulletin.sighting("k2") is None


async def test_sightings_go_after_thirty_days_without_use(
    bulletin: SqlBulletin, clock: HandClock
) -> None:
    await bulletin.keep("old", a_sighting())
    await bulletin.keep("living", a_sighting())
    clock.move(timedelta(days=29))
    await bulletin.keep("living", a_sighting())
    assert await bulletin.sighting("old")

    clock.move(timedelta(days=2))
    await bulletin.keep("new", a_sighting())

    assert await bulletin.sighting("old") is None
    assert await bulletin.sighting("living")


async def test_a_finding_is_open_until_it_is_closed(bulletin: SqlBulletin) -> None:
    here, there = a_finding(), a_finding(channel="C0SHOP")
    await bulletin.keep_findings([there], [], [])
    await bulletin.keep_findings([here], [], [])
    assert await bulletin.open_findings() == [here, there]

    await bulletin.keep_findings([], [here], [])

    assert await bulletin.open_findings() == [there]


async def test_a_reminder_replaces_the_finding(bulletin: SqlBulletin) -> None:
    first = a_finding()
    again = OpenFinding(
        finding=first.finding, channel=first.channel, told_at=NOON + timedelta(hours=4), ts="18.1"
    )

    await bulletin.keep_findings([first], [], [])
    await bulletin.keep_findings([again], [], [])

    assert await bulletin.open_findings() == [again]


def a_mute(key: str = "ORD-01:shop/checkout:Ingress/web", **changes: Any) -> Mute:
    """Ann wants to hear no more of it until the evening."""
    fields: dict[str, Any] = {
        "severity": "critical",
        "by": By(kind="slack", id="U0ANN", name="Ann"),
        "reason": "known; «migration»",
        "at": NOON,
        "until": NOON + timedelta(hours=8),
    }
    return Mute(**{"key": key, **fields, **changes})


async def test_a_mute_is_kept_replaced_and_dropped(
    bulletin: SqlBulletin, another: Opener, clock: HandClock
) -> None:
    later = a_mute(until=NOON + timedelta(days=7), reason="longer")
    other = a_mute("ORD-02:shop/checkout:Ingress/web")
    for mute in (a_mute(), other, later):
        await bulletin.mute(mute)

    restarted = SqlBulletin(await another(), clock)
    assert await restarted.mutes() == [other, later]

    await restarted.unmute(other.key)
    await restarted.unmute(other.key)
    assert await bulletin.mutes() == [later]


async def test_who_is_owed_an_answer_is_known_after_a_restart(another: Opener) -> None:
    """The oldest first; what was answered is forgotten."""
    owed = [
        Promise(id=f"p{n}", at=NOON + timedelta(seconds=n), person="U0ANN", verb="promote")
        for n in (2, 1, 3)
    ]
    bulletin = SqlBulletin(await another(), HandClock())
    for promise in owed:
        await bulletin.promise(promise)
    await bulletin.redeem("p3")

    again = SqlBulletin(await another(), HandClock())
    assert [promise.id for promise in await again.promises()] == ["p1", "p2"]
    assert (await again.promises())[1] == owed[0]


async def test_a_claim_whose_caller_goes_away_leaves_nothing_locked(bulletin: SqlBulletin) -> None:
    """Wherever in the transaction it is: the next one does not find the database locked."""
    for turns in range(60):
        claiming = asyncio.create_task(bulletin.claim(f"left-{turns}"))
        await asyncio.sleep(0.0001 * turns)
        claiming.cancel()
        await asyncio.gather(claiming, return_exceptions=True)
        assert await bulletin.claim(f"next-{turns}")
