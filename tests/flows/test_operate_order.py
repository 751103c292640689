"""Somebody asks: the record first, the proof next, then one guarded patch, then what is seen."""

from dataclasses import replace

import pytest

from bot.release.access import AccessPolicy, Permission, Rule, Standing
from bot.release.errors import OutOfDate, Unreachable
from tests.builders import ANN, BEN
from tests.flows.room import a_request
from tests.messages.reading_aloud import read

EVE = replace(ANN, user="U0EVE", name="Eve")


def watched(bot, cluster):
    """What is written and what is patched, in its order."""
    events, write = [], bot.ledger.write

    async def writing(entry):
        await write(entry)
        if entry.verb != "ended":
            events.append((entry.outcome, "begun" in entry.detail, "accepted" in entry.detail))

    bot.ledger.write = writing
    cluster.before_apply = lambda: events.append("patch")
    return events


async def test_the_entry_is_pending_before_anything_is_patched(room, bot):
    events = watched(bot, room.cluster)

    await bot.operate(a_request())

    assert events[0] == ("pending", False, False)
    before, after = events[: events.index("patch")], events[events.index("patch") + 1 :]
    assert before[-1] == ("pending", True, False), "what it began from is on disk too"
    assert after[0] == ("pending", True, True)
    assert after[-1] == ("done", True, True)
    assert events.count("patch") == 1


async def test_a_promotion_is_done_when_it_is_seen(room, bot):
    answer = await bot.operate(a_request(reason="looks good"))
    await room.quiet()

    assert "Done: tomozo/tomozo promoted by <@U0ANN>" in answer.text
    (entry,) = await bot.entries("promote")
    assert (entry.outcome, entry.actor.id, entry.channel) == ("done", "U0ANN", "C0RELEASES")
    assert (entry.namespace, entry.name, entry.uid) == ("tomozo", "tomozo", "tomozo-uid")
    assert (entry.step, entry.reason, entry.cluster) == (1, "looks good", "test")
    assert entry.revision == room.cluster.rollout().stable
    assert bot.outcomes == [("promote", "done")]
    assert 'promoted by <@U0ANN>: "looks good"' in bot.chat.lines[-1]


@pytest.mark.parametrize("seen", [False, True], ids=["command", "button"])
async def test_who_may_not_changes_nothing(room, bot, seen):
    asked = {"seen": room.seen()} if seen else {}

    answer = await bot.operate(a_request(actor=EVE, **asked))

    assert room.cluster.sent == []
    assert "You may not promote in tomozo. <@U0ANN> or <@U0BEN> may." in answer.text
    (entry,) = await bot.entries("promote")
    assert (entry.outcome, entry.actor.id) == ("refused:not-allowed", "U0EVE")
    assert room.cluster.asked["get"] == 0, "the cluster is not even asked"
    assert "promote by Eve not done" in read(bot.chat.told[-1][1]).replace("@U0EVE", "Eve")
    assert bot.outcomes == [("promote", "refused")]


async def test_a_button_of_a_rollout_that_the_watch_does_not_know_yet(room, bot):
    """Who may is asked of what the server says."""
    seen, room.cluster.seen = room.seen(), lambda _namespace, _name: None
    room.cluster.get = unwatched(room.cluster)

    assert "You may not promote" in (await bot.operate(a_request(actor=EVE, seen=seen))).text
    assert room.cluster.sent == []
    await bot.operate(a_request(seen=seen))
    assert len(room.cluster.sent) == 1


def unwatched(cluster):
    async def get(namespace, name):
        return cluster.observed(namespace, name)

    return get


@pytest.mark.parametrize(
    ("standing", "words"),
    [
        (Standing.GUEST, "Guests of this workspace may read"),
        (Standing.BOT, "Bots never act"),
        (Standing.STRANGER, "People of other workspaces"),
        (Standing.UNKNOWN, "Slack does not tell me now who you are"),
    ],
)
async def test_guests_never_act_whatever_is_listed(room, bot, standing, words):
    answer = await bot.operate(a_request("abort", replace(ANN, standing=standing)))

    assert words in answer.text
    assert room.cluster.sent == []


async def test_read_only_patches_nothing(room):
    bot = await room.start(writes=False)
    room.release()
    await room.settled()

    answer = await bot.operate(a_request())

    assert "I am set to read only" in answer.text
    assert room.cluster.sent == []
    assert [e.outcome for e in await bot.entries("promote")] == ["refused:not-allowed"]


async def test_a_policy_may_demand_a_reason(room):
    rule = Rule(allow=frozenset(Permission), users=frozenset({"U0ANN"}), reason_required=True)
    bot = await room.start(policy=AccessPolicy((rule,)))
    room.release()
    await room.settled()

    assert "reason" in (await bot.operate(a_request("abort"))).text
    assert room.cluster.sent == []
    assert "Done" in (await bot.operate(a_request("abort", reason="5xx"))).text


async def test_what_makes_no_sense_now_is_refused_with_the_reason(room, bot):
    answer = await bot.operate(a_request("retry"))

    assert answer.text == "Not done: tomozo/tomozo is not aborted."
    assert room.cluster.sent == []
    assert [e.outcome for e in await bot.entries("retry")] == ["refused:not-now"]


async def test_an_unknown_name_is_recorded_and_gets_a_suggestion(room, bot):
    answer = await bot.operate(a_request(target="tomozoo"))

    assert "Do you mean `tomozo/tomozo`?" in answer.text
    (entry,) = await bot.entries("promote")
    assert (entry.outcome, entry.name, entry.uid) == ("refused:not-found", "tomozoo", "")


async def test_an_unknown_verb_is_recorded(room, bot):
    answer = await bot.operate(a_request("explode"))

    assert "I cannot `explode`" in answer.text
    assert [e.outcome for e in await bot.entries()] == ["refused:unclear"]


async def test_several_of_that_name_are_offered_to_choose_from(room, bot):
    other = room.cluster.manifest("rollouts") | {}
    other["metadata"] = {**other["metadata"], "namespace": "shop", "uid": "other"}
    room.cluster.put("rollouts", other)

    answer = await bot.operate(a_request(reason="now"))

    assert "Which one? 2 rollouts have that name." in answer.text
    assert room.cluster.sent == []
    assert await bot.entries() == []


async def test_a_refusal_of_the_cluster_itself_is_a_failure(room, bot):
    room.cluster.refusals.append(Unreachable("My account may not patch rollouts in tomozo."))

    answer = await bot.operate(a_request())

    assert "My account may not patch" in answer.text
    assert [e.outcome for e in await bot.entries("promote")] == ["failed:unreachable"]


async def test_a_cluster_that_does_not_answer_is_said_so(room, bot):
    room.cluster.unreachable_since = room.clock()

    answer = await bot.operate(a_request())

    assert "The cluster cannot be reached" in answer.text
    assert [e.outcome for e in await bot.entries("promote")] == ["refused:unreachable"]


async def test_what_is_not_seen_yet_is_accepted_and_settled_later(room, bot, impatient):
    room.argo.is_away = True

    answer = await bot.operate(a_request())

    assert "Promote of tomozo/tomozo accepted by <@U0ANN>" in answer.text
    assert "Still missing: the controller has not acted yet" in answer.text
    assert "promote by <@U0ANN> accepted" in bot.chat.lines[-1]
    assert [e.is_pending for e in await bot.entries("promote")] == [True]

    room.argo.is_away = False
    room.argo("tomozo", "tomozo")
    room.cluster.announce()
    await room.settled()

    (entry,) = await bot.entries("promote")
    assert entry.outcome == "done"
    assert entry.detail["seconds"] >= 0
    assert bot.outcomes == [("promote", "done")]


async def test_what_somebody_else_made_impossible_is_told(room, bot, impatient):
    room.argo.is_away = True
    await bot.operate(a_request())

    room.argo.is_away = False
    room.release("0.0.3")
    await room.settled()

    (entry,) = await bot.entries("promote")
    assert entry.outcome == "failed:another revision took its place"


async def test_a_forged_button_is_recorded_with_what_its_message_names(bot):
    about = {"namespace": "tomozo", "name": "tomozo", "uid": "tomozo-uid", "revision": "r"}

    await bot.operate.refuse(a_request(target="", actor=BEN), OutOfDate("Not mine."), about)

    (entry,) = await bot.entries("promote")
    assert (entry.outcome, entry.uid, entry.revision) == ("refused:out-of-date", "tomozo-uid", "r")
    assert entry.actor.id == "U0BEN"
