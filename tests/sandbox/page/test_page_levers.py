"""The cluster's panel: the truth as it changes, and levers that do it or tell why not."""

import asyncio
import json

import pytest

from bot.sandbox.page import LeverError, levers
from tests.sandbox.page.fakecluster import a_rollout

TOMOZO = {"namespace": "tomozo", "name": "tomozo"}


async def test_a_visitor_sees_the_rollouts_and_what_runs(ann):
    assert list(ann.rollouts) == ["tomozo"]
    assert ann.rollouts["tomozo"]["ingresses"][0]["canary"] == 10
    assert ann.system == {"bot": True, "slack": True, "api": True, "controller": True}


async def test_only_the_rollout_that_changed_is_told(ann, cluster):
    cluster.put(a_rollout(name="api"))
    await ann.until(lambda: "api" in ann.rollouts)
    before = len(ann.frames)
    cluster.put(a_rollout(name="api", phase="Healthy"))
    await ann.until(lambda: ann.rollouts["api"]["phase"] == "Healthy")

    told = [r["name"] for f in ann.frames[before:] for r in f.get("rollouts", ())]
    assert told == ["api"]


async def test_a_rollout_that_is_gone_leaves_the_panel(ann, cluster):
    cluster.put(a_rollout(name="api"))
    await ann.until(lambda: "api" in ann.rollouts)
    cluster.take_away("tomozo")

    await ann.until(lambda: list(ann.rollouts) == ["api"])


async def test_a_lever_is_pulled_and_told_and_its_effect_is_seen(ann, cluster):
    answer = await ann.do(
        "pull", lever="edit-annotation", arguments={**TOMOZO, "ingress": "tomozo", "weight": 50}
    )
    await ann.until(lambda: ann.rollouts["tomozo"]["ingresses"][0]["canary"] == 50)

    assert (answer["ok"], answer["text"]) == (True, "50 % is written on Ingress tomozo.")
    assert cluster.pulled == [("edit-annotation", {**TOMOZO, "ingress": "tomozo", "weight": 50})]


async def test_a_lever_that_cannot_be_pulled_says_why(ann):
    answer = await ann.do("pull", lever="analysis", arguments={**TOMOZO, "verdict": "fail"})

    assert (answer["ok"], answer["text"]) == (False, "No analysis is running.")


@pytest.mark.parametrize(
    ("lever", "arguments", "words"),
    [
        ("explode", {}, "no lever 'explode'"),
        ("new-image", {"name": "tomozo", "tag": "1"}, "namespace is missing"),
        ("new-image", {**TOMOZO}, "Image tag is missing"),
        ("new-image", {**TOMOZO, "tag": "  "}, "Image tag is missing"),
        ("new-image", {**TOMOZO, "tag": "x" * 201}, "at most 200"),
        ("new-image", {**TOMOZO, "tag": "1", "colour": "red"}, "takes no colour"),
        ("edit-annotation", {**TOMOZO, "ingress": "i", "weight": 101}, "from 0 to 100"),
        ("edit-annotation", {**TOMOZO, "ingress": "i", "weight": "50"}, "from 0 to 100"),
        ("edit-annotation", {**TOMOZO, "ingress": "i", "weight": -1}, "from 0 to 100"),
        ("analysis", {**TOMOZO, "verdict": "maybe"}, "one of pass, fail, undecided"),
        ("break-pod", {**TOMOZO}, "pod is missing"),
        ("bot-stop", {"name": "x"}, "takes no name"),
    ],
)
async def test_wrong_arguments_never_reach_the_cluster(ann, cluster, lever, arguments, words):
    answer = await ann.do("pull", lever=lever, arguments=arguments)

    assert answer["ok"] is False
    assert words in answer["text"]
    assert cluster.pulled == []


def test_a_boolean_is_no_number():
    with pytest.raises(LeverError, match="whole number"):
        levers.read_arguments("edit-annotation", {**TOMOZO, "ingress": "i", "weight": True})


async def test_a_lever_is_pulled_to_its_end_though_the_page_leaves(ann, cluster, arrive):
    """Half a restart of the bot would leave it stopped."""
    begun, go_on, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def restart(lever, arguments):
        begun.set()
        await go_on.wait()
        ended.set()
        return "done"

    cluster.pull = restart
    await ann.say(json.dumps({"do": "pull", "ref": 1, "lever": "bot-restart"}))
    await begun.wait()
    await ann.leave()
    await arrive("U0BEN")  # the server has gone on meanwhile
    go_on.set()

    await asyncio.wait_for(ended.wait(), 5)


def test_every_lever_is_complete():
    """Names are unique, system levers name their part, and each says what it does."""
    assert len(levers.BY_ID) == len(levers.LEVERS)
    for lever in levers.LEVERS:
        assert lever.about.endswith(".")
        assert bool(lever.part) == (lever.scope == "system")
    assert json.loads(json.dumps(levers.as_json()))[0]["fields"][0]["name"] == "tag"
