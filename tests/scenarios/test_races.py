"""R3: many people decide at once: one act, and nobody skips a step; the plugin for comparison."""

import asyncio

import pytest_asyncio

from tests.scenarios.cast import FOUR_WEIGHTS
from tests.scenarios.header_tests import paused_at
from tests.scenarios.stage import ACTS, RELEASES

CROWD = [f"U0CROWD{number:02}" for number in range(20)]


@pytest_asyncio.fixture(loop_scope="session")
async def crowd(scene):
    """Twenty people who may promote, before a rollout that waits at the first of four pauses."""
    people = [scene.slack.add_person(user, user[2:].lower()) for user in CROWD]
    scene.slack.workspace.channels[RELEASES].members += CROWD
    await scene.deploy(steps=FOUR_WEIGHTS)
    await scene.release()
    await scene.start(access=[{"allow": ACTS, "users": CROWD, "channels": [RELEASES]}])
    await scene.shows("Waiting for you", "10 %")
    return people


async def all_press(scene, people, card):
    """Let everybody press Promote at once, and get one more answer; those of the late ones."""
    wanted = len(people[0].ephemerals) + 1
    await asyncio.gather(*(person.presses(card, "rollout:promote") for person in people))
    await scene.slack.until(
        lambda: all(len(person.ephemerals) == wanted for person in people), "everybody's answer"
    )
    answers = {person.id: person.ephemerals[-1].plain for person in people}
    return {who: said for who, said in answers.items() if "Not done" in said}


async def test_r3_of_twenty_who_press_at_once_one_promotes(scene, crowd):
    card = scene.card()

    late = await all_press(scene, crowd, card)
    await scene.shows("Waiting for you", "stable 75 %")

    (done,) = [e for e in await scene.entries("promote") if e.outcome == "done"]
    assert len(late) == 19
    assert done.actor.id not in late
    assert all(f"@{done.actor.id} promoted this" in said for said in late.values())
    assert all("Look at the card again" in said for said in late.values())

    late = await all_press(scene, crowd, card)

    assert len(late) == 20
    assert "You promoted this" in late.pop(done.actor.id)
    assert all(f"@{done.actor.id} promoted this" in said for said in late.values())
    assert all("it is at 25 % now" in said for said in late.values())
    assert (await scene.rollout())["status"]["currentStepIndex"] == 3
    outcomes = [entry.outcome for entry in await scene.entries("promote")]
    assert sorted(outcomes) == ["done", *["refused:out-of-date"] * 39]


async def test_r3_of_twenty_who_type_at_once_one_promotes(scene, crowd):
    line = "/rollout promote tomozo"
    await asyncio.gather(*(person.types(line, channel=RELEASES) for person in crowd))
    await scene.slack.until(lambda: all(p.ephemerals for p in crowd), "an answer for everybody")

    await scene.shows("Waiting for you", "stable 75 %")
    assert sum("Not done" in person.ephemerals[-1].plain for person in crowd) == 19
    assert (await scene.rollout())["status"]["currentStepIndex"] == 3
    assert [e.outcome for e in await scene.entries("promote")].count("done") == 1


async def test_r3_a_crowd_goes_one_pause_for_each_time_it_looks(scene, crowd):
    for stable in ("stable 75 %", "stable 50 %", "stable 25 %"):
        late = await all_press(scene, crowd, scene.card())
        await scene.shows("Waiting for you", stable)
        assert len(late) == 19

    assert (await scene.rollout())["status"]["currentStepIndex"] == 7
    assert [e.outcome for e in await scene.entries("promote")].count("done") == 3


async def test_r3_two_people_with_the_plugin_go_two_pauses(scene):
    """For comparison: both want to leave the pause at 10 %, and one of them skips 25 %."""
    await scene.deploy(steps=FOUR_WEIGHTS)
    await scene.release()
    await scene.phase("Paused")

    for step in (3, 5):
        said = await scene.kube.plugin("promote", "tomozo", "-n", scene.namespace)
        assert "promoted" in said
        await paused_at(scene, step)
