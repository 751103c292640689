"""The ledger in a real database: what is written comes back, in order, also after a restart."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.exc import StatementError

from bot.release.ledger import DONE, By, Entry, failed, refused
from bot.store import Database, SqlLedger
from bot.store.export import as_csv, as_json, as_text
from tests.store.conftest import NOON, Opener

ANN = By(kind="slack", id="U0ANN", name="Ann")


def an_entry(**changes: object) -> Entry:
    """Ann promotes shop/checkout at noon."""
    entry = Entry(
        id="e1",
        at=NOON,
        actor=ANN,
        verb="promote",
        channel="C0RELEASES",
        cluster="default",
        namespace="shop",
        name="checkout",
        uid="u1",
        revision="7c9f",
        step=1,
        reason="smoke test passed",
    )
    return replace(entry, **changes)  # type: ignore[arg-type]


@pytest.fixture
def ledger(database: Database) -> SqlLedger:
    return SqlLedger(database)


async def test_an_entry_comes_back_as_it_was_written(ledger: SqlLedger) -> None:
    entry = an_entry(detail={"from": 10, "way": {"back": [1, 2]}, "quote": "“é”"})

    await ledger.write(entry)

    assert await ledger.since(NOON) == [entry]


async def test_an_entry_without_a_rollout_comes_back_too(ledger: SqlLedger) -> None:
    """A command that could not be understood names no rollout."""
    entry = Entry(id="e1", at=NOON, actor=ANN, verb="?", outcome=refused("unclear"))

    await ledger.write(entry)

    assert await ledger.since(NOON) == [entry]


async def test_a_pending_entry_is_completed_not_doubled(ledger: SqlLedger) -> None:
    await ledger.write(an_entry(detail={"weight": 10}))
    assert [entry.id for entry in await ledger.pending()] == ["e1"]

    await ledger.write(an_entry(detail={"weight": 10}).ends(DONE, seconds=2.5))

    [entry] = await ledger.since(NOON)
    assert (entry.outcome, entry.detail) == (DONE, {"weight": 10, "seconds": 2.5})
    assert await ledger.pending() == []


async def test_what_is_complete_is_not_opened_again(ledger: SqlLedger) -> None:
    """A replica that was stopped wakes up, and writes what it was about to write."""
    await ledger.write(an_entry())
    await ledger.write(an_entry().ends(DONE))
    await ledger.write(an_entry(detail={"accepted": True}))
    assert [entry.outcome for entry in await ledger.of("u1")] == [DONE]


async def test_entries_are_told_oldest_first_from_a_moment_on(ledger: SqlLedger) -> None:
    for minutes in (3, 1, 2, 0):
        await ledger.write(an_entry(id=f"e{minutes}", at=NOON + timedelta(minutes=minutes)))

    told = await ledger.since(NOON + timedelta(minutes=1))

    assert [entry.id for entry in told] == ["e1", "e2", "e3"]


async def test_pending_entries_are_told_oldest_first(ledger: SqlLedger) -> None:
    await ledger.write(an_entry(id="late", at=NOON + timedelta(minutes=1)))
    await ledger.write(an_entry(id="early"))
    await ledger.write(an_entry(id="over", outcome=failed("timeout")))

    assert [entry.id for entry in await ledger.pending()] == ["early", "late"]


async def test_a_rollout_and_its_revision_choose_entries(ledger: SqlLedger) -> None:
    await ledger.write(an_entry(id="old", revision="r1"))
    await ledger.write(an_entry(id="new", revision="r2", at=NOON + timedelta(minutes=1)))
    await ledger.write(an_entry(id="other", uid="u2", revision="r2"))

    assert [entry.id for entry in await ledger.of("u1")] == ["old", "new"]
    assert [entry.id for entry in await ledger.of("u1", "r2")] == ["new"]
    assert await ledger.of("u1", "") == []


async def test_times_are_kept_in_utc(ledger: SqlLedger) -> None:
    """A time in Tokyo is the same moment in UTC, and what is asked for in Tokyo finds it."""
    tokyo = timezone(timedelta(hours=9))
    await ledger.write(an_entry(at=datetime(2026, 11, 24, 21, tzinfo=tokyo)))

    [entry] = await ledger.since(datetime(2026, 11, 24, 21, tzinfo=tokyo))

    assert (entry.at, entry.at.tzinfo) == (NOON, UTC)


async def test_a_time_without_a_zone_is_a_mistake_of_ours(ledger: SqlLedger) -> None:
    with pytest.raises(StatementError, match="without a zone"):
        await ledger.write(an_entry(at=datetime(2026, 11, 24, 12)))  # noqa: DTZ001


async def test_a_strange_detail_does_not_cost_the_entry(ledger: SqlLedger) -> None:
    await ledger.write(an_entry(detail={"since": NOON, "odd": object}))

    [entry] = await ledger.since(NOON)
    assert entry.detail["since"] == "2026-11-24T12:00:00Z"
    assert "object" in entry.detail["odd"]


async def test_entries_survive_a_restart(another: Opener) -> None:
    first = await another()
    await SqlLedger(first).write(an_entry())
    await first.close()

    assert await SqlLedger(await another()).pending() == [an_entry()]


def test_json_is_the_contract_of_the_interface() -> None:
    line = as_json(an_entry(detail={"weight": 10}).ends(DONE))

    assert line == (
        '{"id":"e1","at":"2026-11-24T12:00:00Z",'
        '"actor":{"kind":"slack","id":"U0ANN","name":"Ann"},"channel":"C0RELEASES",'
        '"verb":"promote","cluster":"default","namespace":"shop","name":"checkout","uid":"u1",'
        '"revision":"7c9f","step":1,"reason":"smoke test passed","outcome":"done",'
        '"detail":{"weight":10}}'
    )


def test_json_stays_on_one_line_whatever_people_type() -> None:
    line = as_json(an_entry(reason='two\nlines "quoted" \u2028', step=None))

    assert len(line.splitlines()) == 1 or "\n" not in line
    assert json.loads(line)["reason"] == 'two\nlines "quoted" \u2028'
    assert json.loads(line)["step"] is None


def test_csv_has_a_header_and_harms_no_spreadsheet() -> None:
    lines = as_csv([an_entry(reason='=HYPERLINK("http://x")', detail={"a": 1})]).splitlines()

    assert lines[0] == (
        "id,at,actor_kind,actor_id,actor_name,channel,verb,cluster,namespace,name,uid,revision,"
        "step,reason,outcome,detail"
    )
    assert lines[1] == (
        "e1,2026-11-24T12:00:00Z,slack,U0ANN,Ann,C0RELEASES,promote,default,shop,checkout,u1,7c9f,"
        '1,"\'=HYPERLINK(""http://x"")",pending,"{""a"":1}"'
    )


def test_text_is_aligned_and_harms_no_terminal() -> None:
    text = as_text(
        [an_entry(reason="\x1b[2Jgone"), an_entry(verb="abort", step=None, reason="", outcome=DONE)]
    )

    assert text == (
        '2026-11-24T12:00:00Z  Ann  promote  shop/checkout  step 2  pending  "\ufffd[2Jgone"\n'
        "2026-11-24T12:00:00Z  Ann  abort    shop/checkout          done\n"
    )


def test_no_entries_are_no_lines() -> None:
    assert as_text([]) == ""
