"""R11: whoever may not, or is late, is told why; nothing is sent, and the ledger keeps it."""

from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from tests.scenarios.cast import FOUR_WEIGHTS
from tests.scenarios.stage import OTHER, RELEASES

TYPED = "/rollout promote tomozo"


@pytest_asyncio.fixture(loop_scope="session")
async def card(scene, paused):
    """The card of the seed's rollout, which waits at 10 %."""
    await scene.start()
    await at_rest(scene)
    return await scene.shows("Waiting for you", "10 %")


@pytest_asyncio.fixture(loop_scope="session")
async def old_card(scene):
    """The card as it was before somebody promoted to the next pause."""
    await scene.deploy(steps=FOUR_WEIGHTS)
    await scene.release()
    await scene.start()
    before = await scene.shows("Waiting for you", "10 %")
    await scene.ben.presses(before, "rollout:promote")
    await scene.shows("Waiting for you", "stable 75 %")
    await scene.settled("promote")
    await at_rest(scene)
    return before


async def at_rest(scene):
    """Wait until the controller has nothing left to write: the stable pods and one canary wait."""
    return await scene.kube.wait_for(
        lambda rollout: (
            rollout["status"]["availableReplicas"] == 5
            and {"Paused": "True"}.items()
            <= {one["type"]: one["status"] for one in rollout["status"]["conditions"]}.items()
        ),
        "at rest",  # the condition is what the controller writes last
        kind="rollouts",
        name="tomozo",
        namespace=scene.namespace,
    )


async def ensure_untouched(scene, before):
    """Whether the API server has seen no write at all since."""
    after = await scene.rollout()
    assert after["metadata"]["resourceVersion"] == before["metadata"]["resourceVersion"]


async def ensure_refused(scene, person, verb, why):
    """Whether the newest entry is this refusal, of this rollout."""
    entry = (await scene.entries(verb))[-1]
    assert (entry.actor.id, entry.outcome) == (person.id, f"refused:{why}")
    assert (entry.namespace, entry.name) == (scene.namespace, "tomozo")


@pytest.mark.parametrize(
    ("who", "said"),
    [
        pytest.param("eve", "You may not promote in {namespace}. @U0ANN or @U0BEN may.", id="eve"),
        pytest.param("gus", "Guests of this workspace may read, never act.", id="guest"),
    ],
)
async def test_r11_who_may_not_is_told_who_may(scene, card, who, said):
    before, person = await scene.rollout(), getattr(scene, who)

    await person.presses(card, "rollout:promote")
    await scene.hears(person, said.format(namespace=scene.namespace))
    await ensure_refused(scene, person, "promote", "not-allowed")

    await person.types(TYPED, channel=RELEASES)
    await scene.hears(person, said.format(namespace=scene.namespace), after=1)
    await ensure_refused(scene, person, "promote", "not-allowed")

    await person.types("/rollout header-only tomozo", channel=RELEASES)
    await scene.hears(person, "may", after=2)
    assert person.modal is None
    await ensure_refused(scene, person, "header-only", "not-allowed")
    await scene.tells(f"promote by @{person.id} not done", f"header-only by @{person.id} not done")
    await ensure_untouched(scene, before)


async def test_r11_a_right_counts_only_in_its_channel(scene, card):
    before = await scene.rollout()

    await scene.ann.types(TYPED, channel=OTHER)

    await scene.hears(scene.ann, f"in #{RELEASES}, not here.")
    await ensure_refused(scene, scene.ann, "promote", "not-allowed")
    await ensure_untouched(scene, before)


@pytest.mark.parametrize("verb", ["promote", "abort", "header-only"])
async def test_r11_a_forged_button_does_nothing(scene, card, verb):
    before = await scene.rollout()

    await scene.ann.presses(card, f"rollout:{verb}", value="forged")

    await scene.hears(scene.ann, "I did not make this button.")
    await ensure_refused(scene, scene.ann, verb, "unclear")
    await ensure_untouched(scene, before)


async def test_r11_the_button_of_another_verb_does_nothing(scene, card):
    before, value = await scene.rollout(), card.element("rollout:promote")["value"]

    await scene.ann.presses(card, "rollout:abort", value=value)

    await scene.hears(scene.ann, "I did not make this button.")
    await ensure_refused(scene, scene.ann, "abort", "unclear")
    await ensure_untouched(scene, before)


async def test_r11_an_old_button_says_who_was_first_also_after_a_restart(scene, old_card):
    before = await scene.rollout()

    await scene.ann.presses(old_card, "rollout:promote")
    await scene.hears(scene.ann, "@U0BEN promoted this", "it is at 25 % now")
    await ensure_refused(scene, scene.ann, "promote", "out-of-date")

    await scene.stop()
    await scene.start()
    await scene.ann.presses(old_card, "rollout:promote")
    await scene.hears(scene.ann, "@U0BEN promoted this", "it is at 25 % now", after=1)
    outcomes = [entry.outcome for entry in await scene.entries("promote")]
    assert outcomes == ["done", "refused:out-of-date", "refused:out-of-date"]
    await ensure_untouched(scene, before)


async def test_r11_an_old_header_only_button_opens_no_dialog(scene, old_card):
    before = await scene.rollout()

    await scene.ann.presses(old_card, "rollout:header-only")

    await scene.hears(scene.ann, "@U0BEN promoted this", "it is at 25 % now")
    assert scene.ann.modal is None
    await ensure_refused(scene, scene.ann, "header-only", "out-of-date")
    await ensure_untouched(scene, before)


async def test_r11_an_old_abort_still_counts(scene, old_card):
    await scene.ann.presses(old_card, "rollout:abort")

    await scene.shows("Aborted", "@U0ANN")
    assert (await scene.entries("abort"))[-1].outcome == "done"


@pytest.mark.parametrize("verb", ["promote", "abort"])
async def test_r11_a_rollout_of_the_same_name_is_another_one(scene, card, verb):
    kube, namespace = scene.kube, scene.namespace
    await kube.delete("rollouts", "tomozo", namespace)
    await kube.wait_until_gone("rollouts", "tomozo", namespace)
    await scene.deploy()
    await scene.release()
    await scene.slack.until(lambda: len(scene.cards()) == 2, "a card of its own")
    await scene.shows("Waiting for you", "10 %")
    new = await at_rest(scene)

    await scene.ann.presses(card, f"rollout:{verb}")

    await scene.hears(scene.ann, "was deleted and made again since")
    await ensure_refused(scene, scene.ann, verb, "out-of-date")
    await ensure_untouched(scene, new)


async def test_r11_what_is_not_understood_gets_suggestions(scene, card):
    before = await scene.rollout()

    await scene.ann.types("/rollout promot tomozo", channel=RELEASES)
    await scene.hears(scene.ann, "Did you mean `promote`?")
    await scene.ann.types("/rollout promote tomzo", channel=RELEASES)
    await scene.hears(scene.ann, f"Do you mean `{scene.namespace}/tomozo`?")

    entry = (await scene.app.journal.since(datetime.now(UTC) - timedelta(minutes=5)))[-1]
    assert (entry.verb, entry.name, entry.outcome) == ("promote", "tomzo", "refused:not-found")
    await ensure_untouched(scene, before)
