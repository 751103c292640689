"""What is wrong is told once, and once when it is over; how it ended is kept."""

from bot.flows.ports import Trouble
from bot.release.changes import Started
from tests.builders import NOON
from tests.flows.room import a_question, a_request, on_disk
from tests.messages.reading_aloud import read

HASH = "rollouts-pod-template-hash"
FROZEN = {"op": "add", "path": "/spec/paused", "value": True}
ABORT = {"op": "add", "path": "/status/abort", "value": True}


def select(room, service, revision):
    """Somebody applies a Service with another selector; None: without the hash."""
    selector = room.cluster.manifest("services", f"tomozo-{service}")["spec"]["selector"]
    selector.pop(HASH, None)
    if revision:
        selector[HASH] = revision
    room.cluster.announce()


def strays(bot):
    return [line for line in bot.chat.lines if "tomozo-stable" in line]


async def test_a_stable_service_without_a_hash_is_told_at_once(room, bot):
    select(room, "stable", None)
    await room.quiet()

    (line,) = strays(bot)
    assert "of the public reach the canary" in line
    assert bot.chat.told[-1][3], "the channel hears it"

    await room.later(minutes=5)
    assert len(strays(bot)) == 1

    select(room, "stable", room.cluster.rollout().stable)
    await room.quiet()
    assert "selects what it should again" in strays(bot)[1]

    select(room, "stable", None)
    await room.quiet()
    assert len(strays(bot)) == 3, "it happened again"


async def test_a_stable_service_with_another_hash_may_be_the_order_of_events(room, bot):
    select(room, "stable", room.cluster.rollout().revision)
    await room.quiet()
    assert strays(bot) == []

    await room.later(seconds=0.9)
    assert strays(bot) == []
    await room.later(seconds=0.1)
    assert len(strays(bot)) == 1


async def test_nothing_is_concluded_while_the_cluster_catches_up(room, bot):
    room.cluster.is_catching_up = True
    select(room, "stable", None)
    await room.later(seconds=5)
    assert strays(bot) == []

    room.cluster.is_catching_up = False
    await room.later(seconds=1)
    assert len(strays(bot)) == 1


async def test_what_was_for_a_moment_only_is_not_told(room, bot):
    select(room, "stable", room.cluster.rollout().revision)
    await room.later(seconds=0.5)
    select(room, "stable", room.cluster.rollout().stable)
    await room.later(seconds=5)

    assert strays(bot) == []


@on_disk
async def test_an_alarm_is_not_repeated_after_a_restart(room, bot):
    select(room, "stable", None)
    await room.quiet()
    await bot.stop()

    other = await room.start()
    await room.settled()
    assert strays(other) == []

    select(room, "stable", room.cluster.rollout().stable)
    await room.quiet()
    assert "again" in strays(other)[0], "but that it is over is told"


async def test_a_header_route_that_is_taken_away_at_the_gate_is_told(room, bot):
    await bot.operate(a_request("header-only"))
    await room.settled()
    ingress = room.cluster.manifest("ingresses")
    paths = ingress["spec"]["rules"][0]["http"]["paths"]
    route = paths.pop(1)
    room.cluster.announce()
    await room.settled()

    assert any("requests with X-Canary: true reach stable" in line for line in bot.chat.lines)

    paths.insert(1, route)
    room.cluster.announce()
    await room.settled()
    assert "requests with X-Canary: true reach the canary again" in bot.chat.lines[-1]


async def test_an_abort_is_done_when_no_source_gives_the_canary_anything(room, bot, impatient):
    room.argo.stable_available = 3

    answer = await bot.operate(a_request("abort", reason="5xx"))
    assert "accepted" in answer.text
    await room.later(seconds=1)
    assert not any("still reach" in line for line in bot.chat.lines[3:])

    await room.later(seconds=2)
    still = [line for line in bot.chat.lines if "still reach the aborted canary" in line]
    assert len(still) == 1
    assert "10 %" in still[0]
    assert "3 of 4 stable pods are available" in still[0]

    await room.later(minutes=1)
    assert len([s for s in bot.chat.lines if "still reach the aborted" in s]) == 1, "told once"
    assert (await bot.entries("abort"))[0].is_pending

    room.argo.stable_available = None
    room.argo("tomozo", "tomozo")
    room.cluster.announce()
    await room.settled()
    assert any("traffic is back at 0 % after" in line for line in bot.chat.lines)
    (entry,) = await bot.entries("abort")
    assert entry.outcome == "done"
    assert 60 < entry.detail["seconds"] < 70


async def test_why_traffic_stays_is_the_controllers_own_word(room, bot, impatient):
    room.argo.stable_available = 3
    trouble = Trouble(reason="TrafficRoutingError", message="ingress not found", at=NOON)
    room.cluster.warnings = [Trouble(reason="Other", message="x", at=NOON), trouble]
    await bot.operate(a_request("abort"))
    await room.later(seconds=3)
    for _ in range(10):
        await room.later(seconds=0.25)

    assert "TrafficRoutingError: ingress not found" in bot.chat.lines[-1]
    assert room.cluster.asked["troubles"] == 1, "the API is not asked at every tick"


async def test_somebody_elses_abort_is_watched_as_closely(room, bot):
    room.argo.stable_available = 3
    room.cluster.edit(ABORT, status=True)
    await room.settled()
    await room.later(seconds=3)

    assert any("still reach the aborted canary" in line for line in bot.chat.lines)
    (entry,) = await bot.entries("abort")
    assert (entry.actor.kind, entry.is_pending) == ("cluster", True)
    assert entry.detail["begun"]["weight"] == 10


async def test_an_abort_seen_long_after_is_not_dated_now(room, bot):
    await bot.stop()
    aborted_at = room.clock()
    room.cluster.edit(ABORT, status=True)
    room.clock.move(hours=1)

    other = await room.start()
    await room.settled()

    (entry,) = await other.entries("abort")
    assert entry.at == aborted_at, "as the cluster says"
    assert entry.outcome == "done"


async def test_endings_are_recorded_with_by_whom(room, bot):
    await bot.operate(a_request(reason="fine"))
    await room.settled()

    (ended,) = await bot.entries("ended")
    ending = ended.detail["ending"]
    assert (ending["how"], ending["by"]["id"], ending["reason"]) == ("done", "U0ANN", "fine")
    assert ended.detail["image"] == "tomozo-repo/tomozo:0.0.2"


async def test_a_retry_is_told_and_done_when_it_starts_again(room, bot):
    await bot.operate(a_request("abort"))
    await room.settled()

    await bot.operate(a_request("retry"))
    await room.settled()

    assert [e.outcome for e in await bot.entries("retry")] == ["done"]
    told = [line for line in bot.chat.lines if "started again by <@U0ANN>" in line]
    assert len(told) == 1
    assert any("waits at 10 %" in line for line in bot.chat.lines)


async def test_who_froze_it_is_told_with_the_reason(room, bot):
    await bot.operate(a_request("pause", reason="lunch"))
    await room.settled()
    assert any('frozen at 10 % by <@U0ANN>: "lunch"' in line for line in bot.chat.lines)

    await bot.operate(a_request("resume"))
    await room.settled()
    assert any("no longer frozen by <@U0ANN>" in line for line in bot.chat.lines)


async def test_a_pursuit_is_on_the_card_until_its_effect_is_seen(room, bot, impatient):
    room.argo.is_away = True
    await bot.operate(a_request())
    await room.settled()
    assert "promote" in read(bot.card).lower()
    story = await bot.stories.of(follow_look(bot))
    assert (story.pursuit.verb, story.pursuit.by.id) == ("promote", "U0ANN")
    assert story.pursuit.missing

    room.argo.is_away = False
    room.argo("tomozo", "tomozo")
    room.cluster.announce()
    await room.settled()
    assert (await bot.stories.of(follow_look(bot))).pursuit is None


def follow_look(bot):
    (follower,) = bot.follow.looks.followers.values()
    return follower.told.look


@on_disk
async def test_the_story_of_a_stay_is_the_same_after_a_restart(room, bot):
    await bot.operate(a_request("header-only", reason="smoke"))
    await room.settled()
    before = (await bot.stories.of(follow_look(bot))).stay
    assert (before.by.id, before.reason, before.missing) == ("U0ANN", "smoke", ())
    assert before.way_back.weight == 10
    await bot.stop()

    other = await room.start()
    await room.settled()

    after = (await other.stories.of(follow_look(other))).stay
    assert after == before
    assert "smoke" in read(await other.answer(a_question("status")))


async def test_an_abort_ends_the_stay(room, bot):
    await bot.operate(a_request("header-only"))
    await bot.operate(a_request("abort", reason="bad"))
    await room.settled()

    story = await bot.stories.of(follow_look(bot))
    assert story.stay is None
    assert (story.ending.how, story.ending.by.id, story.ending.reason) == (
        "aborted",
        "U0ANN",
        "bad",
    )
    assert story.ending.seconds is not None


async def test_a_board_without_a_channel_says_nothing(room, bot):
    bot.board.settings = type(bot.board.settings)(cluster="test")
    told = len(bot.chat.told)
    await bot.board.tell(Started(look=follow_look(bot)))

    assert len(bot.chat.told) == told
