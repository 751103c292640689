"""
What the Rollouts controller does by itself, step by step: the bot has no part in it.

These scenarios are there to compare the local cluster with the real one: what is asserted here is
only that they came to their end; every write on the way is recorded and compared.
"""

import pytest

from tests.scenarios.cast import FOUR_WEIGHTS, seed
from tests.scenarios.header_tests import ROUTE

HALF = [{"setWeight": 50}, {"pause": {}}]
THIRD_IMAGE = "tomozo-repo/tomozo:0.0.3"
FIRST_IMAGE = "tomozo-repo/tomozo:0.0.1"


async def test_every_step_of_four_weights(operator):
    await operator.deploy(steps=FOUR_WEIGHTS, replicas=8)
    for step in (1, 3, 5, 7):
        await (operator.paused_at() if step == 1 else operator.waits_at(step))
        await operator.plugin("promote")
    await operator.phase("Healthy")
    await operator.weighs(0)


async def test_a_timed_pause_ends_by_itself(operator):
    steps = [{"setWeight": 20}, {"pause": {"duration": "2s"}}, {"setWeight": 60}, {"pause": {}}]
    await operator.deploy(steps=steps)
    await operator.release()
    await operator.waits_at(3)


async def test_an_abort_and_a_retry(operator):
    await operator.deploy(canary={"abortScaleDownDelaySeconds": 2})
    await operator.paused_at()
    await operator.plugin("abort")
    await operator.phase("Degraded")
    await operator.weighs(0)
    await operator.plugin("retry", "rollout")
    await operator.waits_at(1)


async def test_an_abort_that_scales_the_canary_down(operator):
    await operator.deploy(canary={"abortScaleDownDelaySeconds": 1})
    await operator.paused_at()
    await operator.plugin("abort")
    await operator.until(lambda one: one["status"]["replicas"] == 4, "without canary pods")


async def test_an_abort_that_leaves_the_canary_up(operator):
    await operator.deploy(
        steps=[{"setCanaryScale": {"replicas": 2}}, {"setWeight": 30}, {"pause": {}}],
        canary={"abortScaleDownDelaySeconds": 0},
    )
    await operator.paused_at(step=2)
    await operator.plugin("abort")
    await operator.phase("Degraded")
    await operator.weighs(0)


async def test_an_abort_waits_for_every_stable_pod(operator):
    await operator.deploy(steps=HALF, replicas=8, canary={"abortScaleDownDelaySeconds": 2})
    await operator.paused_at()
    pod = await operator.stable_pod(ready=False)
    await operator.plugin("abort")
    await operator.phase("Degraded")
    await operator.weighs(50)
    await operator.stable_pod(ready=True, pod=pod)
    await operator.weighs(0)


async def test_an_abort_under_spec_paused_after_a_scaling(operator):
    await operator.deploy(steps=HALF, canary={"abortScaleDownDelaySeconds": 2})
    await operator.paused_at()
    await operator.patch({"spec": {"paused": True, "replicas": 6}})
    await operator.plugin("abort")
    await operator.phase("Degraded")
    await operator.weighs(50)
    await operator.patch({"spec": {"paused": None}})
    await operator.weighs(0)


async def test_spec_paused_holds_the_pods(operator):
    await operator.deploy(steps=FOUR_WEIGHTS, replicas=8)
    await operator.paused_at()
    await operator.plugin("pause")
    await operator.patch({"status": {"pauseConditions": None, "currentStepIndex": 2}}, "status")
    await operator.until(lambda one: one["status"]["message"] == "manually paused", "frozen")
    await operator.patch({"spec": {"paused": None}})
    await operator.waits_at(3)


async def test_a_full_promotion(operator):
    await operator.deploy(steps=FOUR_WEIGHTS, replicas=8)
    await operator.paused_at()
    await operator.plugin("promote", "--full")
    await operator.phase("Healthy")
    await operator.weighs(0)


async def test_a_promotion_past_a_weight_that_waits_for_pods(operator):
    await operator.deploy(steps=FOUR_WEIGHTS, replicas=4)
    await operator.release("tomozo-repo/tomozo:0.0.2-never-ready")
    await operator.until(lambda one: one["status"]["updatedReplicas"] == 1, "a canary pod")
    await operator.plugin("promote")
    await operator.waits_at(1)
    await operator.weighs(0)


async def test_a_third_image_before_the_second_is_done(operator):
    await operator.deploy(steps=HALF)
    await operator.paused_at()
    await operator.release(THIRD_IMAGE)
    await operator.until(
        lambda one: one["metadata"]["annotations"]["rollout.argoproj.io/revision"] == "3",
        "the third revision",
    )
    await operator.waits_at(1)


async def test_back_to_the_stable_image(operator):
    await operator.deploy(steps=HALF)
    await operator.paused_at()
    await operator.release(FIRST_IMAGE)
    await operator.phase("Healthy")
    await operator.weighs(0)


async def test_an_older_image_again_goes_all_the_steps(operator):
    await operator.deploy(canary={"scaleDownDelaySeconds": 1})
    await operator.paused_at()
    await operator.plugin("promote")
    await operator.phase("Healthy")
    await operator.until(lambda one: one["status"]["replicas"] == 4, "the old pods are gone")
    await operator.release(FIRST_IMAGE)
    await operator.waits_at(1)


async def test_an_older_image_within_the_window_skips_the_steps(operator):
    manifests = seed(steps=HALF)
    manifests[-1]["spec"]["rollbackWindow"] = {"revisions": 3}
    await operator.apply(*manifests)
    await operator.phase("Healthy")
    await operator.next_second()  # the age of ReplicaSets decides, and it has no fractions
    await operator.paused_at()
    await operator.plugin("promote")
    await operator.phase("Healthy")
    await operator.weighs(0)
    await operator.release(FIRST_IMAGE)
    await operator.until(
        lambda one: (
            one["metadata"]["annotations"]["rollout.argoproj.io/revision"] == "3"
            and one["status"]["phase"] == "Healthy"
            and one["status"]["stableRS"] == one["status"]["currentPodHash"]
        ),
        "back",
    )
    await operator.weighs(0)


async def test_an_edit_of_the_steps_begins_anew(operator):
    await operator.deploy(steps=FOUR_WEIGHTS, replicas=8)
    await operator.paused_at()
    await operator.plugin("promote")
    await operator.waits_at(3)
    await operator.steps([{"setCanaryScale": {"replicas": 2}}, {"pause": {}}, *HALF])
    await operator.waits_at(1)
    await operator.weighs(0)
    await operator.plugin("promote")
    await operator.waits_at(3)


async def test_an_edit_of_the_steps_of_a_healthy_rollout(operator):
    await operator.deploy()
    await operator.steps(FOUR_WEIGHTS)
    await operator.until(lambda one: one["status"]["currentStepIndex"] == 8, "at the end")


async def test_a_canary_scale_and_the_weight_that_ends_it(operator):
    steps = [
        {"setCanaryScale": {"weight": 50}},
        {"pause": {}},
        {"setWeight": 10},
        {"pause": {}},
        {"setCanaryScale": {"matchTrafficWeight": True}},
        {"pause": {}},
    ]
    await operator.deploy(steps=steps, replicas=8)
    await operator.paused_at()
    for step in (3, 5):
        await operator.plugin("promote")
        await operator.waits_at(step)


async def test_fewer_pods_than_min_pods(operator):
    await operator.deploy(replicas=8, canary={"minPodsPerReplicaSet": 3})
    await operator.paused_at()


async def shrunk_at_half(operator, **canary):
    """Bring 8 replicas to 50 %; what comes next finds stable as small as each weight allows."""
    await operator.deploy(
        steps=FOUR_WEIGHTS, replicas=8, canary={"dynamicStableScale": True, **canary}
    )
    await operator.paused_at()
    for step in (3, 5):
        await operator.plugin("promote")
        await operator.waits_at(step)
        await operator.has_pods(8)  # stable shrinks after the pause has begun


async def test_a_stable_version_that_shrinks_and_comes_back(operator):
    await shrunk_at_half(operator)
    await operator.plugin("abort")
    await operator.phase("Degraded")
    await operator.weighs(0)


async def test_with_a_delay_an_abort_of_a_shrunken_stable_version_never_comes_to_zero(operator):
    """Argo waits for a smaller canary before it grows stable, and keeps the canary until then."""
    await shrunk_at_half(operator, abortScaleDownDelaySeconds=1)
    await operator.says_weight(50)
    await operator.plugin("abort")
    await operator.says_weight(25)
    await operator.keeps_saying_weight(25, seconds=2)


async def test_a_stable_version_that_shrinks_to_the_end(operator):
    await operator.deploy(steps=HALF, replicas=4, canary={"dynamicStableScale": True})
    await operator.paused_at()
    await operator.has_pods(4)
    await operator.plugin("promote")
    await operator.phase("Healthy")
    await operator.weighs(0)


async def test_other_replicas_in_the_middle(operator):
    await operator.deploy(steps=HALF)
    await operator.paused_at()
    await operator.patch({"spec": {"replicas": 6}})
    await operator.has_pods(9)


@pytest.mark.parametrize(
    ("broken", "mended"),
    [
        pytest.param(
            {"canaryService": "no-such"}, {"canaryService": "tomozo-canary"}, id="service"
        ),
        pytest.param(
            {"steps": [{"setWeight": 101}]},
            {"steps": [{"setWeight": 10}, {"pause": {}}]},
            id="weight",
        ),
        pytest.param({"steps": [ROUTE]}, {"steps": [{"setWeight": 10}, {"pause": {}}]}, id="route"),
        pytest.param(
            {"trafficRouting": {"alb": {"ingress": "no-such"}}},
            {"trafficRouting": {"alb": {"ingress": "tomozo"}}},
            id="ingress",
        ),
    ],
)
async def test_a_spec_that_is_refused_and_mended(operator, broken, mended):
    await operator.deploy()
    await operator.patch({"spec": {"strategy": {"canary": broken}}})
    refused = await operator.phase("Degraded")
    assert refused["status"]["message"].startswith('InvalidSpec: The Rollout "tomozo" is invalid')
    await operator.patch({"spec": {"strategy": {"canary": mended}}})
    await operator.phase("Healthy", within=30)


async def test_a_rollout_that_is_deleted_leaves_its_services_as_they_were(operator):
    await operator.deploy()
    await operator.kube.delete("rollouts", "tomozo", operator.namespace)
    await operator.kube.wait_for(
        lambda one: list(one["spec"]["selector"]) == ["app"],
        "without a hash",
        kind="services",
        name="tomozo-stable",
        namespace=operator.namespace,
    )
    await operator.kube.wait_for(
        lambda pods: not pods, "gone", kind="pods", namespace=operator.namespace
    )
