"""The watch may be behind what was read and patched: nothing is concluded from that."""

from dataclasses import replace

import pytest

from bot.release.actions import HeaderOnly
from bot.release.effects import Begun, judge
from bot.release.ledger import Entry
from bot.release.plans import plan
from bot.release.story import Story
from tests.builders import ANN, NOON, a_look, a_rollout

AT_HALF = (
    {"setCanaryScale": {"replicas": 1}},
    {"pause": {}},
    {"setWeight": 50},
    {"setCanaryScale": {"matchTrafficWeight": True}},
    {"pause": {}},
)


def begun(look):
    """The entry of a header-only that was accepted at this look."""
    way_back = plan(HeaderOnly(), look, Story()).way_back
    return Entry(
        id="1",
        at=NOON,
        actor=ANN,
        verb="header-only",
        cluster="test",
        namespace=look.rollout.namespace,
        name=look.rollout.name,
        uid=look.rollout.uid,
        revision=look.rollout.revision,
        detail={**Begun.at(look, way_back).detail(), "accepted": True},
    )


@pytest.mark.parametrize(
    "rollout",
    [a_rollout(), a_rollout(steps=AT_HALF, step=4)],
    ids=["an inserted gate", "a gate of the steps"],
)
def test_the_look_before_the_patch_says_nothing(rollout):
    look = a_look(rollout)

    assert judge(begun(look), look).overtaken == ""


@pytest.mark.parametrize("before", [{"revision": "older"}, {"aborted": True}])
def test_a_look_older_than_what_was_read_says_nothing(before):
    now = a_look(a_rollout(resource_version="20"))
    old = a_look(a_rollout(resource_version="19", **before))

    assert judge(begun(now), old).overtaken == ""
    assert judge(
        begun(now), replace(old, rollout=a_rollout(resource_version="21", **before))
    ).overtaken


def test_steps_that_were_put_back_end_it():
    look = a_look(a_rollout())
    reverted = a_look(a_rollout(generation=4, observed_generation="4", resource_version="5"))

    assert judge(begun(look), reverted).overtaken == "the inserted steps were taken out"
