"""R17: what Argo CD does to a release, and what it would do to an edit of ours."""

import pytest
import pytest_asyncio

from tests.cluster.bed.applications import install_applications, remove_applications
from tests.cluster.bed.users import namespace_manifest
from tests.scenarios.stage import RELEASES

WITHOUT_HASH = {"spec": {"selector": {"rollouts-pod-template-hash": None}}}


@pytest_asyncio.fixture(loop_scope="session")
async def owned(scene, kube):
    """Make the seed's rollout owned by an Application with this sync policy, at its pause."""
    await install_applications(kube)
    await kube.apply(namespace_manifest("argocd"))
    application = f"app-{scene.namespace}"

    async def own(policy, *, readable=True, steps=None):
        if readable:
            await kube.create(_application(application, policy), "argocd")
        tracked = f"{application}:argoproj.io/Rollout:{scene.namespace}/tomozo"
        await scene.deploy(annotations={"argocd.argoproj.io/tracking-id": tracked}, steps=steps)
        await scene.release()
        await scene.phase("Paused")
        return application

    yield own
    await remove_applications(kube)


async def test_r17_a_service_that_lost_its_hash_is_told_at_once(scene, paused):
    await scene.start()
    await scene.shows("Waiting for you", "10 %")

    await scene.kube.patch("services", "tomozo-stable", scene.namespace, WITHOUT_HASH)

    # 10 % by weight, and of the other 90 % one pod of five.
    told = await scene.tells("tomozo-stable", "28 %")
    assert "0 %" not in told.split("tomozo-stable")[1].split("28 %")[0]
    assert "28 %" in (await scene.shows("28 %")).plain


async def test_r17_meanwhile_header_only_is_refused(scene, paused):
    await scene.start()
    await scene.shows("Waiting for you", "10 %")
    await scene.kube.patch("services", "tomozo-stable", scene.namespace, WITHOUT_HASH)
    await scene.tells("28 %")

    await scene.ann.presses(scene.card(), "rollout:header-only")

    modal = await _modal(scene)
    assert "does not select one revision only" in modal


@pytest.mark.parametrize("policy", ["self-heal", "unreadable"])
async def test_r17_an_inserted_gate_is_refused_where_it_would_be_reverted(scene, owned, policy):
    application = await owned({"automated": {"selfHeal": True}}, readable=policy == "self-heal")
    await scene.start()
    card = await scene.shows("Waiting for you", application)
    before = (await scene.rollout())["spec"]

    await scene.ann.presses(card, "rollout:header-only")

    modal = await _modal(scene)
    assert application in modal
    assert "setCanaryScale" in modal
    assert scene.ann.modal.body.get("submit") is None
    assert (await scene.rollout())["spec"] == before


@pytest.mark.parametrize("policy", [{"automated": {}}, {}], ids=["automated", "manual"])
async def test_r17_elsewhere_it_needs_a_tick(scene, owned, policy):
    application = await owned(policy)
    await scene.start()
    card = await scene.shows("Waiting for you", application)

    await scene.ann.presses(card, "rollout:header-only")
    modal = await _modal(scene)
    assert "I accept" in modal
    await scene.ann.submits(scene.ann.modal, {"accept": ["accept"], "reason": "smoke"})

    await scene.shows("Header-only", "0 %", "ready")
    assert await scene.weight() == 0


async def test_r17_an_authored_gate_with_a_static_route_is_fine_under_self_heal(scene, owned):
    gate = [{"setCanaryScale": {"replicas": 1}}, {"pause": {}}]
    application = await owned(
        {"automated": {"selfHeal": True}}, steps=[*gate, {"setWeight": 25}, {"pause": {}}]
    )
    await scene.start()
    card = await scene.shows("Waiting for you", "0 %", application)
    await scene.ann.presses(card, "rollout:promote")
    card = await scene.shows("Waiting for you", "25 %", "step 4 of 4")
    before = (await scene.rollout())["metadata"]["generation"]

    await scene.ann.presses(card, "rollout:header-only")
    assert "I accept" not in await _modal(scene)
    await scene.ann.submits(scene.ann.modal, {"reason": "smoke"})

    await scene.tells("testing may begin")
    assert await scene.weight() == 0
    assert (await scene.rollout())["metadata"]["generation"] == before


async def test_r17_without_the_tick_the_command_is_refused(scene, owned):
    await owned({})
    await scene.start()
    await scene.shows("Waiting for you")
    await scene.ann.types("/rollout header-only tomozo", channel=RELEASES)
    assert "I accept" in await _modal(scene)


async def _modal(scene):
    def is_there():
        modal = scene.ann.modal
        return modal is not None and len(modal.blocks) > 1

    await scene.slack.until(is_there, "a modal")
    return scene.ann.modal.plain


def _application(name, policy):
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": "argocd"},
        "spec": {"syncPolicy": policy, "destination": {}, "project": "default"},
    }
