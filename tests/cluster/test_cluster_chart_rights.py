"""
The scenarios of the main job as the account that the chart makes, with its own token.

The chart's policy on what the account may change is in force: each action gets through.
"""

import pytest
import pytest_asyncio

from tests.cluster.bed.api import ApiError
from tests.cluster.bed.charts import account_of
from tests.cluster.bed.kube import Kube
from tests.cluster.bed.namespaces import namespace_of
from tests.scenarios.stage import RELEASES, stage
from tests.scenarios.test_aborts import test_r4_abort_takes_the_traffic_away_and_says_how_fast
from tests.scenarios.test_drift import (
    edit,
    test_r10_without_a_controller_drift_is_told_once_and_once_more_when_gone,
)
from tests.scenarios.test_header_only import (
    test_r6_on_the_seeds_steps,
    test_r8_a_header_route_comes_with_the_gate_and_goes_with_it,
)
from tests.scenarios.test_header_routes import (
    test_r16_a_route_that_argo_dropped_is_told_and_put_back,
)
from tests.scenarios.test_releases import (
    test_a_full_promotion_from_the_menu_asks_first,
    test_a_retry_after_header_only_and_an_abort_begins_at_the_gate,
    test_r2_promote_ends_the_release,
)

__all__ = [
    "edit",
    "test_a_full_promotion_from_the_menu_asks_first",
    "test_a_retry_after_header_only_and_an_abort_begins_at_the_gate",
    "test_r2_promote_ends_the_release",
    "test_r4_abort_takes_the_traffic_away_and_says_how_fast",
    "test_r6_on_the_seeds_steps",
    "test_r8_a_header_route_comes_with_the_gate_and_goes_with_it",
    "test_r10_without_a_controller_drift_is_told_once_and_once_more_when_gone",
    "test_r16_a_route_that_argo_dropped_is_told_and_put_back",
]

ACTING = {"admissionPolicy": {"enabled": True}}
READING = {"config": {"kubernetes": {"writes": False}}}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def installed(bed):
    """Install the chart's rights with these values, in a namespace of their own."""
    async with (
        Kube(bed) as kube,
        namespace_of(kube, "acting") as namespace,
        account_of(kube, bed, namespace, ACTING) as account,
    ):
        yield account


@pytest_asyncio.fixture(loop_scope="session")
async def scene(bed, kube, namespace, tmp_path, installed):
    """People, channels and the cluster; the bot is the chart's account."""
    async with stage(bed, kube, namespace, tmp_path) as one:
        one.user = installed.user
        yield one


async def test_a_pause_and_its_end(scene, paused):
    """`spec.paused`, which the policy lets come and go."""
    await scene.start()
    await scene.shows("Waiting for you", "10 %")

    await scene.ann.types("/rollout pause tomozo", channel=RELEASES)
    card = await scene.shows("Frozen")
    assert (await scene.rollout())["spec"]["paused"] is True
    await scene.ann.presses(card, "rollout:resume")

    await scene.shows("Waiting for you", "10 %")
    assert "paused" not in (await scene.rollout())["spec"]
    assert [entry.outcome for entry in await scene.entries()] == ["done", "done"]


async def test_no_right_is_missing(scene, paused):
    """Of those that the bot asks for, in all namespaces."""
    kubernetes = {"cluster": "bed", "namespaces": []}
    channels = [{"channel": RELEASES, "namespaces": [scene.namespace]}]
    await scene.start(kubernetes=kubernetes, channels=channels)
    await scene.shows("Waiting for you", "10 %")

    assert scene.app.cluster.missing_rights == ()


# --- read-only ----------------------------------------------------------------------------------


@pytest_asyncio.fixture(loop_scope="session")
async def reader(bed, kube, namespace, scene):
    """The bot is the account of a chart that is read-only."""
    async with account_of(kube, bed, namespace, READING) as account:
        scene.user = account.user
        yield account


async def test_the_reader_tells_and_answers(scene, paused, reader):
    """Card, steps, rules, drift and who may do what; there is no button."""
    await scene.start(kubernetes={"namespaces": [scene.namespace], "writes": False})
    card = await scene.shows("Waiting for you", "10 %", "Ingress tomozo says 10/90")
    assert not card.buttons
    assert scene.app.cluster.missing_rights == ()

    answers = {
        "status": "waits at 10 %",
        "steps": "2. ⏸ pause (here, 10 %)",
        "rules": "tomozo-canary 10, tomozo-stable 90",
        "drift": "tomozo",
        "history": "nothing is on record",
        "who": "nothing may be done to rollouts",
    }
    for verb, words in answers.items():
        heard = len(scene.ann.ephemerals)
        await scene.ann.types(f"/rollout {verb} tomozo", channel=RELEASES)
        await scene.hears(scene.ann, words, after=heard)


@pytest.mark.parametrize(
    ("writes", "words"),
    [
        pytest.param(False, "I am set to read only", id="as-configured"),
        pytest.param(True, "My account may not patch", id="although-configured-to-write"),
    ],
)
@pytest.mark.parametrize("verb", ["promote", "abort", "pause"])
async def test_the_reader_refuses_to_act_in_words(scene, paused, reader, writes, words, verb):
    """Whatever the configuration says, and nothing is patched."""
    await scene.start(kubernetes={"namespaces": [scene.namespace], "writes": writes})
    card = await scene.shows("Waiting for you", "10 %")
    assert not card.buttons
    before = (await scene.rollout())["metadata"]["resourceVersion"]

    await scene.ann.types(f"/rollout {verb} tomozo", channel=RELEASES)

    await scene.hears(scene.ann, words)
    await scene.tells(f"✖ {verb} by", words)
    assert (await scene.rollout())["metadata"]["resourceVersion"] == before


# --- some namespaces ----------------------------------------------------------------------------


async def test_with_rights_in_one_namespace_it_acts_there_and_sees_nothing_else(
    bed, kube, scene, paused
):
    """No ClusterRole at all; the classes of Ingresses are taken at their word."""
    values = {
        "config": {"kubernetes": {"namespaces": [scene.namespace]}},
        "rbac": {"clusterWide": False},
    }
    async with account_of(kube, bed, scene.namespace, values) as account:
        scene.user = account.user
        await scene.start()
        card = await scene.shows("Waiting for you", "10 %")
        await scene.ann.presses(card, "rollout:promote")
        await scene.shows("Done", "0.0.2")

        async with Kube(bed, account.user) as bot:
            for kind in ("rollouts", "ingresses", "services"):
                with pytest.raises(ApiError, match="cannot list"):
                    await bot.list(kind, "default")


async def test_the_lease_and_no_other_is_its_own(bed, kube, namespace):
    """Kubernetes cannot limit `create` to a name; reading and changing it can."""
    secret = {"existingSecret": "rollout-bot-postgresql"}
    values = {"database": {"kind": "postgresql", "postgresql": secret}}
    async with (
        account_of(kube, bed, namespace, values) as account,
        Kube(bed, account.user) as bot,
    ):
        await bot.wait_until_allowed("create", "leases", namespace)
        for name in ("rollout-bot", "others"):
            lease = {
                "apiVersion": "coordination.k8s.io/v1",
                "kind": "Lease",
                "metadata": {"name": name},
            }
            await bot.create(lease, namespace)

        assert (await bot.get("leases", "rollout-bot", namespace))["kind"] == "Lease"
        with pytest.raises(ApiError, match="cannot get"):
            await bot.get("leases", "others", namespace)
