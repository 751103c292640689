"""The doctor beside the real API server, with the rights that the repository grants."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from bot.doctor.rights import OPTIONAL, RIGHTS
from bot.sandbox.slack import LocalSlack
from tests.cluster.bed.kube import Kube
from tests.cluster.bed.users import HOME_NAMESPACE, rbac_manifests
from tests.cluster.bed.waiting import holds_within
from tests.doctor.clinic import Practice

ROLE = "rollout-bot"
ASKED = {right.what for right in RIGHTS if right.resource not in OPTIONAL}


@pytest_asyncio.fixture(loop_scope="session")
async def slack() -> AsyncIterator[LocalSlack]:
    async with LocalSlack() as slack:
        yield slack


@pytest.fixture
def practice(bed, slack, tmp_path: Path) -> Practice:
    """The doctor sees the cluster with the bot's own account."""
    return Practice(slack, tmp_path, bed.kubeconfig("rollout-bot"))


async def test_with_the_rights_of_the_repository_all_is_ok(practice, seed):
    answer = await practice.sees()

    seen = answer.those("ok")
    assert (answer.code, answer.missing) == (0, {})
    assert seen.keys() >= ASKED
    assert set(answer.those("not checked")) == {"controllers"}
    assert seen["account"]["detail"] == f"system:serviceaccount:{HOME_NAMESPACE}:rollout-bot"
    assert seen["rollouts"]["detail"] == "there are some to follow"
    assert seen["API server"]["detail"].startswith("Kubernetes v1.")


@pytest.mark.parametrize(
    ("resource", "verb", "group"),
    [
        pytest.param("rollouts/status", "patch", "argoproj.io", id="a-subresource"),
        pytest.param("events", "list", "", id="the-core-group"),
    ],
)
async def test_one_right_that_is_taken_away_is_the_one_that_is_missing(
    practice, bed, kube, seed, resource, verb, group
):
    role = await kube.get("clusterroles", ROLE)
    rules = [rule for rule in role["rules"] if rule["resources"] != [resource]]
    try:
        await kube.patch("clusterroles", ROLE, "", {"rules": rules})
        await _until(bed, resource, verb, group, allowed=False)
        answer = await practice.sees()
    finally:
        for manifest in rbac_manifests():
            await kube.apply(manifest, HOME_NAMESPACE)
        await _until(bed, resource, verb, group, allowed=True)

    (line,) = answer.missing.values()
    assert (answer.code, line["what"]) == (1, f"{verb} {resource}")
    assert f"resources: [{resource}]\n  verbs: [{verb}]" in line["mend"]


async def _until(bed, resource: str, verb: str, group: str, *, allowed: bool) -> None:
    """Wait until a change of rights has reached the API server's judgement."""
    plural, _, subresource = resource.partition("/")
    asked = {"verb": verb, "group": group, "resource": plural, "subresource": subresource}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": asked},
    }
    async with Kube(bed, "rollout-bot") as bot:
        assert await holds_within(10, partial(_is_judged, bot, review, allowed))


async def _is_judged(bot: Kube, review: dict[str, object], allowed: bool) -> bool:
    return (await bot.create(review))["status"]["allowed"] == allowed
