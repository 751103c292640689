"""Header-only from the first press to the last trace, with what Argo CD may do about it."""

import pytest

from bot.release.errors import Hazard, OutOfDate
from bot.release.ownership import SyncPolicy
from bot.release.steps import header_route_step, insert_gate
from tests.builders import BEN
from tests.flows.room import STEPS, a_request, on_disk
from tests.messages.reading_aloud import read_view

OWN_STEPS = ({"setWeight": 10}, {"pause": {}})
AUTHORED = (
    {"setCanaryScale": {"replicas": 1}},
    {"pause": {}},
    {"setWeight": 10},
    {"setCanaryScale": {"matchTrafficWeight": True}},
    {"pause": {}},
)


def owned(room, **policy):
    """Argo CD owns the rollout."""
    tracking = "web:argoproj.io/Rollout:tomozo/tomozo"
    rollout = room.cluster.manifest("rollouts")
    rollout["metadata"]["annotations"] = {"argocd.argoproj.io/tracking-id": tracking}
    spec = {"syncPolicy": {"automated": policy} if policy else {}}
    room.cluster.applications["argocd", "web"] = {"spec": spec}


async def test_in_and_out_leaves_no_trace_but_the_ledger(room, bot):
    answer = await bot.operate(a_request("header-only", reason="smoke"))
    await room.settled()

    assert "Done: tomozo/tomozo set to header-only" in answer.text
    rollout = room.cluster.rollout()
    assert rollout.steps == insert_gate(OWN_STEPS, pods=1, route=None)
    assert rollout.step == 1
    assert rollout.canary_weight.weight == 0
    assert any("testing may begin. The public: 0 %" in line for line in bot.chat.lines)
    assert not any("steps were edited" in line for line in bot.chat.lines), "it was us"
    assert sum("waits" in line for line in bot.chat.lines) == 1, "the gate is no other pause"

    answer = await bot.operate(a_request("resume"))
    await room.settled()

    assert "Done" in answer.text
    rollout = room.cluster.rollout()
    assert (rollout.canary_weight.weight, rollout.current_step) == (10, {"pause": {}})
    assert any("header-only has ended by <@U0ANN>: the weight is 10 %" in s for s in bot.chat.lines)
    assert any("waits at 10 %" in line for line in bot.chat.lines[-2:])
    assert not any("promoted" in line for line in bot.chat.lines), "nobody has"

    await bot.operate(a_request("promote"))
    await room.settled()

    rollout = room.cluster.rollout()
    assert not rollout.is_releasing
    assert rollout.steps == OWN_STEPS, "the gate is taken out again"
    (tidied,) = await bot.entries("tidy-up")
    assert (tidied.outcome, tidied.actor.kind) == ("done", "schedule")
    verbs = [(e.verb, e.outcome) for e in await bot.entries() if e.actor.kind == "slack"]
    assert verbs == [("header-only", "done"), ("resume", "done"), ("promote", "done")]


async def test_a_new_route_comes_and_goes_with_the_gate(room):
    room.cluster.objects.clear()
    room.deploy(static_route=False)
    bot = await room.start()
    room.release()
    await room.settled()

    answer = await bot.operate(a_request("header-only"))
    await room.settled()

    assert "Done" in answer.text
    routing = room.cluster.manifest("rollouts")["spec"]["strategy"]["canary"]["trafficRouting"]
    assert routing["managedRoutes"] == [{"name": "rollout-bot-header"}]
    assert room.cluster.rollout().step == 2

    await bot.operate(a_request("full"))
    await room.settled()

    assert room.cluster.rollout().steps == OWN_STEPS
    assert (
        "managedRoutes"
        not in room.cluster.manifest("rollouts")["spec"]["strategy"]["canary"]["trafficRouting"]
    )


async def test_never_tidied_while_aborted(room, bot):
    """An edit of the steps would start the release again."""
    await bot.operate(a_request("header-only"))
    await bot.operate(a_request("abort"))
    await room.settled()
    await room.later(minutes=10)

    assert room.cluster.rollout().aborted
    assert room.cluster.rollout().steps != OWN_STEPS
    assert await bot.entries("tidy-up") == []


@on_disk
async def test_tidying_survives_a_restart(room, bot):
    await bot.operate(a_request("header-only"))
    await bot.stop()
    room.cluster.edit({"op": "add", "path": "/status/promoteFull", "value": True}, status=True)

    await room.start()
    await room.settled()

    assert room.cluster.rollout().steps == OWN_STEPS


async def test_an_authored_gate_is_used_without_touching_the_spec(room):
    room.cluster.objects.clear()
    room.deploy(steps=AUTHORED)
    owned(room, selfHeal=True)
    bot = await room.start()
    room.release()
    await room.settled()
    await bot.operate(a_request("promote"))  # out of the gate, to 10 %
    await room.settled()
    generation = room.cluster.rollout().generation
    assert room.cluster.rollout().step == 4

    answer = await bot.operate(a_request("header-only"))
    await room.settled()

    assert "Done" in answer.text
    rollout = room.cluster.rollout()
    assert (rollout.step, rollout.canary_weight.weight) == (1, 0)
    assert rollout.generation == generation

    await bot.operate(a_request("resume"))
    await room.settled()

    rollout = room.cluster.rollout()
    assert (rollout.step, rollout.canary_weight.weight, rollout.generation) == (4, 10, generation)


@pytest.mark.parametrize("policy", [{"selfHeal": True}, None], ids=["self-heal", "unreadable"])
async def test_what_argo_cd_would_put_back_is_refused_with_what_to_commit(room, bot, policy):
    owned(room, **(policy or {}))
    if policy is None:
        room.cluster.applications.clear()

    answer = await bot.operate(a_request("header-only", accepts_revert=True))

    assert "Argo CD application web" in answer.text
    assert room.cluster.sent == []
    assert [e.outcome for e in await bot.entries("header-only")] == ["refused:hazard"]
    dialog = read_view(await bot.operate.propose(a_request("header-only", seen=room.seen())))
    assert "Commit this instead" in dialog
    assert '"setCanaryScale"' in dialog


@pytest.mark.parametrize("policy", [{"prune": True}, {}], ids=["automated", "manual"])
async def test_what_a_sync_would_put_back_is_asked_twice(room, bot, policy):
    owned(room, **policy)

    refused = await bot.operate(a_request("header-only"))
    assert "ticked" in refused.text
    assert room.cluster.sent == []

    view = await bot.operate.propose(a_request("header-only", seen=room.seen()))
    assert "accept" in {block.get("block_id") for block in view["blocks"]}

    accepted = await bot.operate(a_request("header-only", seen=room.seen(), accepts_revert=True))
    assert "Done" in accepted.text


async def test_who_owns_it_is_asked_anew_before_the_spec_is_edited(room, bot):
    owned(room, prune=True)
    await bot.operate.propose(a_request("header-only", seen=room.seen()))
    owned(room, selfHeal=True)

    answer = await bot.operate(a_request("header-only", seen=room.seen(), accepts_revert=True))

    assert f"({SyncPolicy.SELF_HEAL})" in answer.text
    assert room.cluster.sent == []


async def test_a_revert_by_somebody_else_ends_the_stay(room, bot):
    await bot.operate(a_request("header-only"))
    await room.settled()

    room.cluster.edit({"op": "add", "path": STEPS, "value": list(OWN_STEPS)})
    await room.settled()

    assert any("the steps were edited outside Slack" in line for line in bot.chat.lines)
    assert "10 %" in bot.card.text
    assert "Not done" in (await bot.operate(a_request("resume"))).text


async def test_the_dialog_of_an_old_button_says_who_was_first(room, bot):
    seen = room.seen()
    await bot.operate(a_request("abort", BEN))

    with pytest.raises(OutOfDate, match="<@U0BEN> aborted this"):
        await bot.operate.propose(a_request("header-only", seen=seen))


async def test_a_dialog_before_what_the_menu_offers(room, bot):
    view = await bot.operate.propose(a_request("full", seen=room.seen()))

    assert view["callback_id"] == "rollout:full"
    assert "100 % of the public go to the canary" in read_view(view)


async def test_a_service_that_selects_both_revisions_is_a_hazard(room, bot):
    del room.cluster.manifest("services", "tomozo-stable")["spec"]["selector"][
        "rollouts-pod-template-hash"
    ]
    answer = await bot.operate(a_request("header-only"))

    assert "tomozo-stable does not select one revision only" in answer.text
    assert "Not done" in answer.text
    assert room.cluster.sent == []
    assert [e.outcome for e in await bot.entries("header-only")] == [f"refused:{Hazard.why}"]


async def test_a_lost_route_is_put_back_without_any_other_word(room):
    route = header_route_step("X-Canary", "true", "tests")
    steps = [{"setCanaryScale": {"replicas": 1}}, route, {"pause": {}}, *OWN_STEPS]
    room.cluster.objects.clear()
    room.deploy(steps=steps, static_route=False, routing={"managedRoutes": [{"name": "tests"}]})
    bot = await room.start()
    room.release()
    await room.settled()
    assert bot.chat.lines[-1].endswith("waits at 0 %: promote (→ 10 %) or abort")
    paths = room.cluster.manifest("ingresses")["spec"]["rules"][0]["http"]["paths"]
    paths[:] = [p for p in paths if p["backend"]["service"]["name"] != "tests"]
    room.cluster.announce()
    await room.settled()
    assert "requests with X-Canary: true reach stable" in bot.chat.lines[-1]
    told = len(bot.chat.lines)
    room.clock.move(seconds=30)

    answer = await bot.operate(a_request("route"))
    await room.settled()

    assert "Done" in answer.text
    assert [e.outcome for e in await bot.entries("route")] == ["done"]
    (line,) = bot.chat.lines[told:]
    assert "requests with X-Canary: true reach the canary again by <@U0ANN>" in line
