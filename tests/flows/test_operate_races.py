"""Of two people one gets the patch through; the other is told who, and where it is now."""

import asyncio

import pytest

from bot.flows.ports import Writer
from bot.release.errors import Unanswered
from tests.builders import BEN
from tests.flows.room import STEPS, a_request, on_disk

PAUSES = "/status/pauseConditions"


def promote_as_the_plugin_does(room):
    """It leaves no name, only its effect."""
    room.cluster.edit({"op": "remove", "path": PAUSES}, status=True)


@on_disk
async def test_twenty_presses_are_one_act(room, bot):
    room.cluster.edit({"op": "add", "path": f"{STEPS}/-", "value": {"setWeight": 50}})
    room.cluster.edit({"op": "add", "path": f"{STEPS}/-", "value": {"pause": {}}})
    await room.settled()
    seen, before = room.seen(), len(room.cluster.sent)

    answers = await asyncio.gather(*(bot.operate(a_request(seen=seen)) for _ in range(20)))

    assert len(room.cluster.sent) - before == 1
    assert sum("Done" in answer.text for answer in answers) == 1
    outcomes = [entry.outcome for entry in await bot.entries("promote")]
    assert sorted(outcomes) == ["done", *["refused:out-of-date"] * 19]
    assert room.cluster.rollout().step == 3


@on_disk
async def test_two_replicas_that_press_at_once_are_one_act(room, bot):
    """Their locks do not know of each other: the API server decides."""
    other = await room.start()
    seen = room.seen()

    answers = await asyncio.gather(
        *(one.operate(a_request(seen=seen)) for one in (bot, other) for _ in range(5))
    )

    assert len(room.cluster.sent) == 1
    assert sum("Done" in answer.text for answer in answers) == 1
    pressed = [entry for entry in await bot.entries("promote") if entry.actor.kind == "slack"]
    outcomes = [entry.outcome for entry in pressed]
    assert sorted(outcomes) == ["done", *["refused:out-of-date"] * 9]


async def test_a_command_whose_turn_comes_late_does_not_end_the_next_pause(room, bot):
    room.cluster.edit({"op": "add", "path": f"{STEPS}/-", "value": {"setWeight": 50}})
    room.cluster.edit({"op": "add", "path": f"{STEPS}/-", "value": {"pause": {}}})
    await room.settled()
    known = bot.operate.known("tomozo")
    assert known == room.seen()
    await bot.operate(a_request())
    room.clock.move(seconds=1)

    answer = await bot.operate(a_request("promote", BEN, known=known))

    assert "Not done: <@U0ANN> promoted this 1 s ago" in answer.text
    assert room.cluster.rollout().step == 3, "where the first has brought it"


async def test_who_is_too_late_is_told_who_was_first(room, bot):
    seen = room.seen()
    await bot.operate(a_request("pause"))
    room.clock.move(seconds=12)

    answer = await bot.operate(a_request("promote", BEN, seen=seen))

    assert "is paused by `spec.paused`" in answer.text, "the pause is the same: no other place"

    await bot.operate(a_request("abort"))
    room.clock.move(seconds=12)
    answer = await bot.operate(a_request("promote", BEN, seen=seen))

    assert answer.text == (
        "Not done: <@U0ANN> aborted this 12 s ago; it is at 0 % now. Look at the card again."
    )


async def test_who_loses_at_the_patch_itself_is_told_who_was_first(room, bot):
    """Between reading and patching, somebody else's patch came through."""
    other = await room.start()

    def squeeze_in():
        room.cluster.before_apply = lambda: None
        room.cluster.edit({"op": "add", "path": "/status/abort", "value": True}, status=True)

    room.cluster.before_apply = squeeze_in
    answer = await bot.operate(a_request(seen=room.seen()))
    await room.settled()

    assert "has moved since, and not by me; it is at 0 % now" in answer.text
    assert room.cluster.sent == []
    (entry,) = await bot.entries("promote")
    assert entry.outcome == "refused:out-of-date", "nothing was patched, so it is no failure"
    assert other.outcomes == [("abort", "done")] or bot.outcomes[-1] == ("abort", "done")


async def test_nobody_of_ours_was_first(room, bot):
    seen = room.seen()
    promote_as_the_plugin_does(room)
    await room.settled()
    room.release("0.0.3")
    await room.settled()

    answer = await bot.operate(a_request(seen=seen))

    assert "has a newer revision since. Look at its new card." in answer.text
    (entry,) = [e for e in await bot.entries("promote") if e.actor.kind == "slack"]
    assert entry.outcome == "refused:out-of-date"
    assert entry.revision == seen.revision, "the record is of what was pressed"


async def test_a_button_of_a_deleted_rollout(room, bot):
    seen = room.seen()
    room.cluster.delete()
    await room.quiet()

    answer = await bot.operate(a_request(seen=seen))

    assert "does not exist" in answer.text
    (entry,) = await bot.entries("promote")
    assert (entry.outcome, entry.uid) == ("refused:not-found", seen.uid)


async def test_an_old_abort_button_counts_for_the_same_revision(room, bot):
    seen = room.seen()
    await bot.operate(a_request("pause"))
    await bot.operate(a_request("resume"))
    room.cluster.edit({"op": "replace", "path": f"{STEPS}/1", "value": {"pause": {"duration": 60}}})
    await room.settled()
    assert room.seen() != seen

    answer = await bot.operate(a_request("abort", seen=seen))

    assert "Done: tomozo/tomozo aborted" in answer.text
    assert room.cluster.rollout().aborted


async def test_an_old_abort_button_does_not_count_for_another_revision(room, bot):
    seen = room.seen()
    room.release("0.0.3")
    await room.settled()

    answer = await bot.operate(a_request("abort", seen=seen))

    assert "has a newer revision since" in answer.text
    assert not room.cluster.rollout().aborted


async def test_an_abort_also_takes_the_freeze_away(room, bot):
    await bot.operate(a_request("pause"))
    room.cluster.sent.clear()

    await bot.operate(a_request("abort"))

    assert [sent.patch.status for sent in room.cluster.sent] == [True, False]
    rollout = room.cluster.rollout()
    assert (rollout.aborted, rollout.frozen) == (True, False)


@pytest.mark.parametrize("loses", ["the request", "the answer"])
async def test_without_an_answer_the_entry_stays_pending(room, bot, loses):
    """Whether it was done is not known: what is seen decides."""
    room.argo.is_away = True
    room.cluster.loses_answers = loses == "the answer"
    if loses == "the request":
        room.cluster.refusals.append(Unanswered("No answer came; it may have been done."))

    answer = await bot.operate(a_request())

    assert answer.text.startswith("Not done:") or "No answer came" in answer.text
    (entry,) = await bot.entries("promote")
    assert entry.is_pending
    assert "accepted" not in entry.detail
    assert bot.outcomes == []

    room.argo.is_away, room.cluster.loses_answers = False, False
    room.argo("tomozo", "tomozo")
    room.cluster.announce()
    await room.settled()
    await room.later(seconds=61)

    (entry,) = await bot.entries("promote")
    done, lost = "done", "failed:no effect was seen"
    assert entry.outcome == (done if loses == "the answer" else lost)


@on_disk
async def test_what_a_crash_left_pending_is_settled_at_the_next_start(room, bot, impatient):
    room.argo.is_away = True
    await bot.operate(a_request())
    await bot.stop()
    room.argo.is_away = False
    room.argo("tomozo", "tomozo")

    other = await room.start()
    await room.settled()

    assert [e.outcome for e in await other.entries("promote")] == ["done"]
    assert "promoted by <@U0ANN>" in other.chat.lines[-1]


async def test_a_foreign_hand_is_named_where_it_left_its_name(room, bot):
    room.cluster.hands = [
        Writer(manager="kubectl-edit", fields=frozenset({"spec.template.spec"})),
        Writer(manager="rollouts-controller", fields=frozenset({"status.abortedAt"})),
        Writer(manager="argocd-server", fields=frozenset({"status.abort"})),
    ]
    room.cluster.edit({"op": "add", "path": "/status/abort", "value": True}, status=True)
    await room.settled()

    assert any("aborted outside Slack (argocd-server) at 10 %" in line for line in bot.chat.lines)
    (entry,) = await bot.entries("abort")
    assert (entry.actor.kind, entry.actor.id, entry.outcome) == ("cluster", "argocd-server", "done")


async def test_a_promotion_by_the_plugin_is_known_by_its_effect(room, bot):
    promote_as_the_plugin_does(room)
    await room.settled()

    (entry,) = await bot.entries("promote")
    assert (entry.actor.kind, entry.actor.id, entry.outcome) == ("cluster", "", "done")
    assert "done, 0.0.2 is stable, promoted outside Slack" in bot.chat.lines[-1]
