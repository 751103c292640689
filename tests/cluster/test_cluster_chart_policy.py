"""The chart's admission policy: what a thief of the bot's token cannot do."""

import pytest
import pytest_asyncio

from tests.cluster.bed.api import ApiError
from tests.cluster.bed.charts import account_of
from tests.cluster.bed.kube import Kube
from tests.cluster.bed.namespaces import namespace_of
from tests.cluster.bed.seed import NAME
from tests.cluster.bed.waiting import holds_within

ACTING = {"admissionPolicy": {"enabled": True}}
IMAGE = "/spec/template/spec/containers/0/image"
CANARY = "/spec/strategy/canary"
STEPS = f"{CANARY}/steps"
ANALYSIS = {"analysis": {"templates": [{"templateName": "job"}]}}
EVERYTHING = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "Role",
    "metadata": {"name": "too-much"},
    "rules": [{"apiGroups": ["argoproj.io"], "resources": ["*"], "verbs": ["*"]}],
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def account(bed):
    """The chart's account, bound by its policy; it is in force."""
    async with (
        Kube(bed) as kube,
        namespace_of(kube, "policy") as namespace,
        account_of(kube, bed, namespace, ACTING) as account,
    ):
        yield account


@pytest_asyncio.fixture(loop_scope="session")
async def bot(bed, kube, namespace, account, paused):
    """Whoever has the bot's token. Somebody gave the account all rights on Rollouts here."""
    subject = {"kind": "ServiceAccount", "name": "rollout-bot", "namespace": account.namespace}
    binding = {
        "apiVersion": EVERYTHING["apiVersion"],
        "kind": "RoleBinding",
        "metadata": {"name": "too-much"},
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "Role",
            "name": "too-much",
        },
        "subjects": [subject],
    }
    for manifest in (EVERYTHING, binding):
        await kube.apply(manifest, namespace)
    async with Kube(bed, account.user) as thief:
        await thief.wait_until_allowed("delete", "rollouts", namespace)

        async def in_force():
            try:
                await thief.patch(
                    "rollouts", NAME, namespace, [_put(IMAGE, "evil:1")], patch="json", query=DRY
                )
            except ApiError as error:
                return "rollout-bot changes" in str(error)
            return False

        assert await holds_within(10, in_force), "the policy is not in force"
        yield thief


DRY = {"dryRun": "All"}


def _put(path, value):
    return {"op": "add", "path": path, "value": value}


def _remove(path):
    return {"op": "remove", "path": path}


async def refused(bot, namespace, *operations, status=False):
    """Patch the Rollout; what the API server says against it."""
    kind = "rollouts/status" if status else "rollouts"
    with pytest.raises(ApiError) as error:
        await bot.patch(kind, NAME, namespace, list(operations), patch="json")
    assert error.value.status == 403
    return str(error.value)


async def test_an_image_change_with_the_bots_token_is_stopped_and_a_promote_is_not(
    bot, kube, namespace
):
    """RBAC allows both: the same verb on the same object."""
    said = await refused(bot, namespace, _put(IMAGE, "evil:1"))
    assert "no image" in said

    promote = [_remove("/status/pauseConditions")]
    await bot.patch("rollouts/status", NAME, namespace, promote, patch="json")

    rollout = await kube.wait_for(
        lambda one: one["status"]["stableRS"] == one["status"]["currentPodHash"],
        "promoted",
        20,
        kind="rollouts",
        name=NAME,
        namespace=namespace,
    )
    assert "evil" not in str(rollout["spec"])


SPEC = {
    "replicas": _put("/spec/replicas", 0),
    "pods": _put("/spec/template/spec/hostNetwork", value=True),
    "labels of pods": _put("/spec/template/metadata/labels/x", "y"),
    "no way back": _put("/spec/revisionHistoryLimit", 0),
    "restart": _put("/spec/restartAt", "2026-01-01T00:00:00Z"),
    "annotation": _put("/metadata/annotations/x", "y"),
    "finalizer": _put("/metadata/finalizers", ["x/y"]),
    "no strategy": _remove("/spec/strategy"),
    "another strategy": _put("/spec/strategy", {"blueGreen": {"activeService": "evil"}}),
    "service": _put(f"{CANARY}/stableService", "evil"),
    "no service": _remove(f"{CANARY}/canaryService"),
    "surge": _put(f"{CANARY}/maxSurge", 0),
    "no routing": _remove(f"{CANARY}/trafficRouting"),
    "ingress": _put(f"{CANARY}/trafficRouting/alb/ingress", "evil"),
    "a job": _put(f"{STEPS}/0", ANALYSIS),
    "a job in a pause": _put(f"{STEPS}/0", {"pause": {}} | ANALYSIS),
    "a weight": _put(f"{STEPS}/0", {"setWeight": 100}),
    "a weight less": _remove(f"{STEPS}/0"),
    "a weight twice": {"op": "copy", "from": f"{STEPS}/0", "path": f"{STEPS}/-"},
    "no steps": _remove(STEPS),
}
STATUS = {
    "stable": _put("/status/stableRS", "evil"),
    "revision": _put("/status/currentPodHash", "evil"),
    "weight": _put("/status/canary/weights/canary/weight", 0),
    "phase": _put("/status/phase", "Healthy"),
    "no stable": _remove("/status/stableRS"),
    "no status": _remove("/status"),
}


async def test_of_spec_and_metadata_nothing_else_changes(bot, kube, namespace):
    """Each refusal says what the bot changes at all."""
    before = await kube.get("rollouts", NAME, namespace)

    for what, operation in SPEC.items():
        assert "rollout-bot" in await refused(bot, namespace, operation), what

    after = await kube.get("rollouts", NAME, namespace)
    assert after["spec"] == before["spec"]
    assert after["metadata"]["generation"] == before["metadata"]["generation"]


async def test_of_the_status_nothing_else_changes(bot, namespace):
    for what, operation in STATUS.items():
        said = await refused(bot, namespace, operation, status=True)
        assert "of a Rollout's status" in said, what


async def test_the_rollout_is_not_moved_to_a_step_that_it_has_not(bot, namespace):
    """The controller would panic at it again and again."""
    for index in (-1, 3):
        move = _put("/status/currentStepIndex", index)
        assert "only to a step that it has" in await refused(bot, namespace, move, status=True)


async def test_no_rollout_is_made_deleted_or_scaled(bot, kube, namespace):
    """Also where somebody gave the account that right."""
    rollout = await kube.get("rollouts", NAME, namespace)
    copy = {**rollout, "metadata": {"name": "evil", "namespace": namespace}}
    words = "neither makes nor deletes Rollouts, and scales none"

    with pytest.raises(ApiError, match=words):
        await bot.create(copy)
    with pytest.raises(ApiError, match=words):
        await bot.delete("rollouts", NAME, namespace)
    with pytest.raises(ApiError, match=words):
        await bot.patch("rollouts/scale", NAME, namespace, {"spec": {"replicas": 0}})


async def test_others_are_not_concerned(bot, kube, namespace):
    """The policy is about one account."""
    await kube.patch("rollouts", NAME, namespace, [_put("/spec/replicas", 3)], patch="json")

    assert (await kube.get("rollouts", NAME, namespace))["spec"]["replicas"] == 3
