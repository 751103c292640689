"""Header-only is refused where the header would not reach the canary; `rules` shows why."""

import pytest

from tests.flows.room import a_question, a_request
from tests.messages.reading_aloud import read, read_view


def shadow(room):
    """The root path becomes a prefix, which stands before all `/*`."""
    paths = room.cluster.manifest("ingresses")["spec"]["rules"][0]["http"]["paths"]
    root = next(p for p in paths if p["backend"]["service"]["name"] == "tomozo-stable")
    root.update(path="/", pathType="Prefix")
    redirect = next(p for p in paths if p["backend"]["service"]["name"] == "ssl-redirect")
    paths.remove(redirect)


WHY = "Requests with X-Canary: true do not reach the canary: the header route"


async def test_header_only_is_refused_where_the_header_would_not_reach_the_canary(room, bot):
    """Inserted: the route that Argo would write stands behind the prefix too."""
    shadow(room)
    form = await bot.operate.propose(a_request("header-only", seen=room.seen()))

    said = read_view(form)
    assert f"Not done: {WHY}" in said
    assert "`rules tomozo/tomozo` shows the order" in said
    assert "Commit this instead" not in said, "a gate in git would not help"
    assert "submit" not in form
    (entry,) = await bot.entries("header-only")
    assert (entry.outcome, entry.actor.id) == ("refused:hazard", "U0ANN")
    assert WHY in entry.detail["why"]
    assert WHY in bot.chat.lines[-1]


@pytest.mark.parametrize("way", ["command", "button"])
async def test_also_when_it_is_sent_without_the_form(room, bot, way):
    """Somebody edited the Ingress while the form was open."""
    await bot.operate.propose(a_request("header-only", seen=room.seen()))
    shadow(room)
    more = {} if way == "command" else {"seen": room.seen()}

    answer = await bot.operate(a_request("header-only", **more))

    assert WHY in answer.text
    assert room.cluster.sent == []
    assert [e.outcome for e in await bot.entries("header-only")] == ["refused:hazard"]


async def test_an_authored_gate_is_refused_likewise(room):
    steps = [
        {"setWeight": 10},
        {"pause": {}},
        {"setCanaryScale": {"replicas": 1}},
        {"setHeaderRoute": {"name": "tests", "match": [{"headerName": "X-Canary"}]}},
    ]
    steps[3]["setHeaderRoute"]["match"][0]["headerValue"] = {"exact": "true"}
    gate = [steps[2], steps[3], {"pause": {}}, *steps[:2]]
    room.cluster.objects.clear()
    room.deploy(steps=gate, static_route=False, routing={"managedRoutes": [{"name": "tests"}]})
    bot = await room.start()
    room.release()
    await room.settled()
    await bot.operate(a_request("promote"))
    await room.settled()
    form = await bot.operate.propose(a_request("header-only", seen=room.seen()))
    assert "the spec stays" in read_view(form)

    shadow(room)
    form = await bot.operate.propose(a_request("header-only", seen=room.seen()))
    assert f"Not done: {WHY}" in read_view(form)


async def test_a_group_that_is_frozen_would_not_hear_of_the_new_weight(room, bot):
    annotations = room.cluster.manifest("ingresses")["metadata"]["annotations"]
    annotations["alb.ingress.kubernetes.io/group.order"] = "first"

    answer = await bot.operate(a_request("header-only"))

    assert "No change of tomozo/tomozo reaches the balancer" in answer.text
    assert "ORD-11" in answer.text
    assert room.cluster.sent == []


async def test_rules_tell_the_order(room, bot):
    said = read(await bot.answer(a_question("rules")))
    assert "1. tomozo.tokyo/* · X-Canary: true → tomozo-canary   *header path*" in said
    assert "2. tomozo.tokyo/* → tomozo-canary 10, tomozo-stable 90   *weighted path*" in said

    shadow(room)
    answer = await bot.answer(a_question("rules"))
    assert "the header path is never reached: rule 1 takes all its requests" in answer.text


async def test_what_nobody_can_be_sure_of_is_told_before_and_not_refused(room, bot):
    """Whether a Service without node ports is an error depends on the controller's flags."""
    for name in ("tomozo-stable", "tomozo-canary"):
        room.cluster.manifest("services", name)["spec"]["type"] = "ClusterIP"

    form = await bot.operate.propose(a_request("header-only", seen=room.seen()))

    assert "Perhaps not: " in read_view(form)
    assert "submit" in form
