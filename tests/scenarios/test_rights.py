"""R14: the bot with the rights of its own chart, and with fewer."""


async def test_r14_the_least_rights_are_enough_to_follow_and_act(scene, paused):
    await scene.start(user="rollout-bot")
    card = await scene.shows("Waiting for you")

    await scene.ann.presses(card, "rollout:promote")

    await scene.shows("Done", "0.0.2")
    assert scene.app.cluster.missing_rights == ()


async def test_r14_without_writes_nothing_is_offered(scene, paused):
    kubernetes = {"namespaces": [scene.namespace], "writes": False}
    await scene.start(kubernetes=kubernetes)
    card = await scene.shows("Waiting for you", "10 %")
    before = await scene.rollout()

    assert not card.buttons
    await scene.ann.types("/rollout promote tomozo", channel="C0RELEASES")
    await scene.hears(scene.ann, "read only")

    assert (await scene.rollout())["metadata"]["resourceVersion"] == (
        before["metadata"]["resourceVersion"]
    )


async def test_r14_a_read_only_role_follows_and_offers_nothing(scene, paused):
    await scene.start(user="rollout-bot-reader")
    card = await scene.shows("Waiting for you", "10 %")

    assert not card.buttons
    await scene.ann.types("/rollout abort tomozo", channel="C0RELEASES")
    answer = await scene.hears(scene.ann, "Not done")

    assert "patch" in answer
    (entry,) = await scene.entries("abort")
    assert entry.outcome.startswith("failed")
    assert "abort" not in (await scene.rollout())["status"]


async def test_r14_secrets_are_never_read(scene, bed, namespace):
    for user in ("rollout-bot", "rollout-bot-reader"):
        async with bed.api(user) as api:
            for verb in ("get", "list", "watch"):
                review = await api.create(_may(verb, "secrets", namespace))
                assert not review["status"]["allowed"]


def _may(verb, resource, namespace):
    attributes = {"verb": verb, "resource": resource, "namespace": namespace}
    return {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "metadata": {},
        "spec": {"resourceAttributes": attributes},
    }
