"""The memory is lost, or older than what was said: nothing is said again, and it is said so."""

import asyncio
import copy
import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.balancing.finding import Finding, Severity
from bot.flows import gaps
from bot.flows.archive import Posted
from bot.flows.kept import Lane, Promise
from bot.flows.rebuild import Rebuild
from bot.messages import findings, storm
from bot.messages.blocks import Message
from bot.release.errors import Refusal
from bot.release.ledger import By, Entry
from tests.builders import NOON
from tests.fakes import FakeChat
from tests.flows.room import RELEASES, SETTINGS, Bot, Room, a_question, a_request
from tests.memory import Memory, MemoryEditions

FIRST = 1_700_000_000


class Slack:
    """What the channel shows of what all bots have said; the port `Archive`."""

    def __init__(self) -> None:
        self.posted_by: list[tuple[FakeChat, int]] = []
        self.others: list[Posted] = []
        self.asked: list[datetime] = []
        self.is_whole = True

    async def posted(self, channel: str, since: datetime) -> tuple[Sequence[Posted], bool]:
        await asyncio.sleep(0)
        self.asked.append(since)
        shown = {}
        for chat, edition in self.posted_by:
            for slot, message in chat.cards.items():
                if slot.channel == channel:
                    shown[slot] = (message, edition)
        found = [
            Posted(
                channel=channel,
                ts=f"{FIRST + number}.0",
                kind=message.metadata["event_type"],
                payload=message.metadata["event_payload"],
                edition=edition,
                is_open=any(b["type"] == "actions" or "accessory" in b for b in message.blocks),
            )
            for number, (message, edition) in enumerate(shown.values())
        ]
        return [*reversed(found), *self.others], self.is_whole


@pytest.fixture
def slack() -> Slack:
    return Slack()


async def rebuilt(room: Room, slack: Slack) -> tuple[Bot, Rebuild]:
    """Start a bot that looks at first what it has forgotten."""
    bot = Bot(room, SETTINGS)
    await bot.stop()  # before it has begun
    editions = MemoryEditions(room.store, room.clock)
    rebuild = Rebuild(
        bot.board, bot.journal, bot.stories, room.cluster, slack, editions, room.clock
    )
    bot.follow.is_stale = rebuild.is_stale
    await rebuild.begin()
    room.bots.append(bot)
    bot._following = asyncio.create_task(bot.follow.run())
    await asyncio.wait_for(bot.follow.listed.wait(), 10)
    await room.quiet()
    await rebuild.finish()
    slack.posted_by.append((bot.chat, rebuild.edition))
    return bot, rebuild


async def stopped(room: Room) -> None:
    for bot in room.bots:
        await bot.stop()
    room.bots.clear()
    room.cluster._watchers.clear()


@pytest.fixture
async def first(room: Room, slack: Slack) -> Bot:
    """The bot, while 0.0.2 waits at 10 %; what it said stands in Slack."""
    bot, _ = await rebuilt(room, slack)
    room.release()
    await room.settled()
    assert bot.chat.lines
    return bot


async def gap_entries(bot: Bot) -> list[Entry]:
    return await bot.entries(gaps.VERB)


async def test_a_lost_memory_edits_the_card_that_is_there_and_repeats_nothing(
    room, slack, first
) -> None:
    await stopped(room)
    room.store = Memory()

    bot, rebuild = await rebuilt(room, slack)

    [slot] = bot.chat.cards
    place = await bot.bulletin.place(slot)
    assert place.ts == f"{FIRST}.0"
    assert bot.chat.lines == bot.chat.posts == []
    assert [e.reason for e in await gap_entries(bot)] == [gaps.LOST]
    assert rebuild.edition > 1


async def test_what_happens_after_it_is_told(room, slack, first) -> None:
    await stopped(room)
    room.store = Memory()
    bot, _ = await rebuilt(room, slack)

    answer = await bot.operate(a_request())
    await room.settled()

    assert "promoted" in answer.text
    assert any("promoted" in line for line in bot.chat.lines)


async def test_a_release_that_ended_meanwhile_has_its_card_closed(room, slack, first) -> None:
    await stopped(room)
    room.store = Memory()
    room.cluster.edit({"op": "add", "path": "/status/promoteFull", "value": True}, status=True)

    bot, _ = await rebuilt(room, slack)

    assert room.cluster.rollout().is_releasing is False
    assert "done" in bot.card.text.lower()
    assert all(block["type"] != "actions" for block in bot.card.blocks)
    assert bot.chat.lines == []


@pytest.mark.parametrize(
    ("happens", "words"),
    [
        pytest.param(
            lambda room: room.release("0.0.3"), "is not on its way any more", id="another"
        ),
        pytest.param(lambda room: room.cluster.delete(), "does not exist any more", id="deleted"),
    ],
)
async def test_a_card_that_nobody_follows_any_more_says_so(
    room, slack, first, happens, words
) -> None:
    old = next(iter(first.chat.cards))
    await stopped(room)
    room.store = Memory()
    happens(room)

    bot, _ = await rebuilt(room, slack)

    assert words in bot.chat.cards[old].text
    assert "my database was lost" in bot.chat.cards[old].text
    assert bot.chat.lines == []


async def test_a_restored_memory_repeats_nothing_and_goes_on(room, slack, first) -> None:
    """The copy was made at 10 %; since then the release was promoted, by Ann."""
    copied = copy.deepcopy(room.store)
    await stopped(room)
    second, _ = await rebuilt(room, slack)
    await second.operate(a_request())
    await room.settled()
    assert second.chat.lines
    await stopped(room)
    room.store = copied

    bot, rebuild = await rebuilt(room, slack)
    assert bot.chat.lines == []
    assert len(await gap_entries(bot)) == 1
    assert not rebuild.is_behind

    room.release("0.0.4")
    await room.settled()
    assert any("0.0.4" in line for line in bot.chat.lines)


async def test_a_restart_alone_flags_nothing_and_tells_what_happened_meanwhile(
    room, slack, first
) -> None:
    await stopped(room)
    room.cluster.edit({"op": "remove", "path": "/status/pauseConditions"}, status=True)

    bot, _ = await rebuilt(room, slack)
    await room.settled()

    assert await gap_entries(bot) == []
    assert any("promoted outside" in line for line in bot.chat.lines)


async def test_a_first_start_flags_nothing(room, slack) -> None:
    bot, rebuild = await rebuilt(room, slack)

    assert await gap_entries(bot) == []
    assert rebuild.edition == 1


async def test_a_restart_reads_back_no_more_than_it_must(room, slack, first) -> None:
    await stopped(room)
    begun = room.store.edition[1]

    await rebuilt(room, slack)

    assert slack.asked[0] <= room.clock() - timedelta(days=7)
    assert slack.asked[-1] <= begun


async def test_what_another_bot_of_another_cluster_posted_is_not_ours(room, slack) -> None:
    about = {"cluster": "other", "namespace": "n", "name": "x", "uid": "u", "revision": "r"}
    slack.others.append(
        Posted(channel=RELEASES, ts="1.0", kind="rollout_card", payload=about, edition=99)
    )

    bot, rebuild = await rebuilt(room, slack)

    assert rebuild.edition == 1
    assert await gap_entries(bot) == []


async def test_answers_and_acts_of_before_a_restored_memory_are_not_pursued(
    room, slack, first
) -> None:
    """They were answered and settled long ago; nobody knows any more how."""
    copied = copy.deepcopy(room.store)
    await stopped(room)
    await rebuilt(room, slack)
    await stopped(room)
    room.store = copied
    before = Bot(room, SETTINGS)
    await before.stop()
    rollout = room.cluster.rollout()
    entry = Entry(
        id="e", at=NOON, actor=By(kind="slack", id="U0ANN"), verb="abort", uid=rollout.uid
    )
    await before.journal.write(entry)
    await before.bulletin.promise(Promise(id="p", at=NOON, person="U0ANN", verb="abort"))
    line = Message(text="waits at 10 %")
    await before.bulletin.queue([before.board.own(RELEASES, line, Lane.DECISION)])

    bot, _ = await rebuilt(room, slack)

    assert await bot.bulletin.promises() == await bot.bulletin.parcels() == []
    assert await bot.ledger.pending() == []
    [left] = await bot.entries("abort")
    assert "not on record" in left.outcome
    assert bot.chat.lines == []


def a_finding(**changes: object) -> Finding:
    finding = Finding(
        id="WIRE-08",
        severity=Severity.HIGH,
        namespace="tomozo",
        rollout="tomozo",
        kind="Ingress",
        name="tomozo",
        message="The Ingress has no way to the canary.",
        evidence="no action",
        since=NOON,
    )
    return replace(finding, **changes)  # type: ignore[arg-type]


def test_a_finding_is_read_back_from_its_message() -> None:
    finding = a_finding(place="rule 2")
    payload = {"since": int(NOON.timestamp()), "what": findings.identity(finding)}

    assert findings.recalled(payload) == finding


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param({}, id="older-version"),
        pytest.param({"what": "WIRE-08"}, id="words"),
        pytest.param({"what": {"severity": "odd"}, "since": "x"}, id="forged"),
    ],
)
def test_what_is_no_finding_is_left(payload) -> None:
    assert findings.recalled(payload) is None


async def test_an_open_finding_is_known_again_and_not_told_again(room, slack) -> None:
    finding = a_finding()
    payload = {
        "cluster": SETTINGS.cluster,
        "finding": finding.fingerprint,
        "since": int(NOON.timestamp()),
        "what": findings.identity(finding),
    }
    told = Posted(
        channel=RELEASES, ts="17.5", kind=findings.EVENT, payload=payload, is_open=True, edition=7
    )
    gone = replace(
        told, ts="16.5", payload={**payload, "finding": "f" * 16, "since": 5}, is_open=False
    )
    slack.others += [told, gone]

    bot, _ = await rebuilt(room, slack)

    [known] = await bot.bulletin.open_findings()
    assert (known.finding, known.channel, known.ts) == (finding, RELEASES, "17.5")
    slot = bot.patrol.herald.slot(known)
    assert (await bot.bulletin.place(slot)).ts == "17.5"


@pytest.mark.parametrize("is_over", [False, True], ids=["raging", "over"])
async def test_a_message_about_many_does_not_go_on_for_ever(room, slack, first, is_over) -> None:
    """Who began it is forgotten: one that goes on says that it is over, others stay as they are."""
    told = storm.over([], NOON) if is_over else storm.storm([], NOON)
    slack.others.append(
        Posted(
            channel=RELEASES,
            ts=f"{FIRST - 60}.0",
            kind=told.metadata["event_type"],
            payload=told.metadata["event_payload"],
            edition=1,
        )
    )
    await stopped(room)
    room.store = Memory()
    bot, _ = await rebuilt(room, slack)

    ends = [one for one, _ in bot.chat.sent if one.slot.startswith(storm.SLOT)]
    assert [one.message for one in ends] == ([] if is_over else [storm.interrupted(NOON)])
    if ends:
        place = await bot.bulletin.place(ends[0].place)
        assert place.ts == f"{FIRST - 60}.0"
        assert ends[0].is_living


async def test_a_digest_that_was_posted_is_not_posted_again(room, slack) -> None:
    payload = {"cluster": SETTINGS.cluster, "due": NOON.isoformat()}
    slack.others.append(
        Posted(channel=RELEASES, ts="17.5", kind="rollout_digest", payload=payload, edition=3)
    )
    bot, _ = await rebuilt(room, slack)

    await bot.patrol.digest(RELEASES, NOON, NOON - timedelta(hours=8))
    await bot.patrol.digest(RELEASES, NOON + timedelta(hours=8), NOON)

    assert len(bot.chat.posted) == 1


async def test_the_history_says_what_may_be_missing(room, slack, first) -> None:
    await stopped(room)
    room.store = Memory()
    bot, _ = await rebuilt(room, slack)

    for question in (a_question("history"), a_question("history", "")):
        assert "What was done before" in (await bot.answer(question)).text


async def test_what_could_not_be_read_back_is_said(room, slack, first, caplog) -> None:
    await stopped(room)
    room.store, slack.is_whole = Memory(), False

    with caplog.at_level(logging.WARNING):
        await rebuilt(room, slack)

    assert "Not everything could be read back" in caplog.text
    assert "what was muted, is not on record" in caplog.text


async def test_a_database_that_fails_keeps_nobody_from_starting(room, slack, monkeypatch) -> None:
    async def fails(*_: object) -> None:
        raise Refusal("I cannot use my database.")

    with monkeypatch.context() as patch:
        patch.setattr(MemoryEditions, "current", fails)
        bot = Bot(room, SETTINGS)
        await bot.stop()
        rebuild = Rebuild(
            bot.board,
            bot.journal,
            bot.stories,
            room.cluster,
            slack,
            MemoryEditions(room.store, room.clock),
            room.clock,
        )
        await rebuild.begin()

    assert (rebuild.edition, rebuild.is_behind) == (0, False)
