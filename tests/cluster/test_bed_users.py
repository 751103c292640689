"""Who may do what on the bed, and what users and other tools see of it."""

import pytest

from tests.cluster.bed.api import ApiError
from tests.cluster.bed.applications import install_applications, remove_applications
from tests.cluster.bed.kube import CommandError, Kube
from tests.cluster.bed.users import RBAC_FILES, USERS

RBAC = "rbac.authorization.k8s.io"
READER = {
    "apiVersion": f"{RBAC}/v1",
    "kind": "Role",
    "metadata": {"name": "reader"},
    "rules": [{"apiGroups": ["argoproj.io"], "resources": ["rollouts"], "verbs": ["list"]}],
}
ANN_IS_READER = {
    "apiVersion": f"{RBAC}/v1",
    "kind": "RoleBinding",
    "metadata": {"name": "ann"},
    "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": "reader"},
    "subjects": [{"apiGroup": RBAC, "kind": "Group", "name": USERS["ann"].groups[0]}],
}


async def test_other_users_have_no_rights_until_somebody_grants_them(bed, kube, namespace):
    """RBAC judges them; only the administrator has rights from the start."""
    async with Kube(bed, "ann") as ann:
        with pytest.raises(ApiError, match='User "ann" cannot list') as refused:
            await ann.list("rollouts", namespace)
        await kube.apply(READER, namespace)
        await kube.apply(ANN_IS_READER, namespace)
        await ann.wait_until_allowed("list", "rollouts", namespace)

        assert refused.value.status == 403
        assert await ann.list("rollouts", namespace) == []


@pytest.mark.parametrize(
    ("user", "may_patch"),
    [
        pytest.param("rollout-bot", True, id="acts"),
        pytest.param("rollout-bot-reader", False, id="reads"),
    ],
)
async def test_the_bot_has_the_rights_of_the_repository(bed, seed, namespace, user, may_patch):
    """As its service account; what the files in config/ forget, the bot cannot do here either."""
    assert all(path.exists() for path in RBAC_FILES)
    async with Kube(bed, user) as bot:
        for kind in ("rollouts", "replicasets", "ingresses"):
            assert [each["metadata"]["name"] for each in await bot.list(kind, namespace)]
        patched = bot.patch("rollouts", "tomozo", namespace, {"spec": {"paused": True}})
        if may_patch:
            await patched
        else:
            with pytest.raises(ApiError, match=r"403: .* cannot patch"):
                await patched
        with pytest.raises(ApiError, match=r"403: .* cannot list"):
            await bot.list("secrets", namespace)


async def test_kubectl_runs_as_its_user(bed, seed, kube, namespace):
    """With a kubeconfig of the bed's own; what it complains about is in the error."""
    said = await kube.kubectl("get", "rollout", "tomozo", "--output=name", "-n", namespace)
    async with Kube(bed, "ann") as ann:
        with pytest.raises(CommandError, match="Forbidden"):
            await ann.kubectl("get", "rollouts", "-n", namespace)

    assert said == "rollout.argoproj.io/tomozo\n"


async def test_events_are_told_in_their_order(paused, kube, namespace):
    """Of one object or of all; the controller tells them a moment after it has acted."""
    await kube.wait_for(
        lambda found: "RolloutPaused" in [event["reason"] for event in found],
        "holding a RolloutPaused",
        kind="events",
        namespace=namespace,
    )
    reasons = [event["reason"] for event in await kube.events(namespace, "tomozo")]
    of_all = await kube.events(namespace)

    assert reasons.index("RolloutUpdated") < reasons.index("RolloutPaused")
    assert len(of_all) > len(reasons)


async def test_applications_are_known_when_somebody_installs_them(kube, namespace):
    """And unknown before and after, as in a cluster without Argo CD."""
    application = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "tomozo"},
        "spec": {"project": "default"},
    }
    with pytest.raises(ApiError, match="404"):
        await kube.list("applications", namespace)
    await install_applications(kube)
    await kube.create(application, namespace)
    found = await kube.list("applications", namespace)
    await remove_applications(kube)

    assert [each["spec"] for each in found] == [{"project": "default"}]
    with pytest.raises(ApiError, match="404"):
        await kube.list("applications", namespace)
