"""R6, R7, R10 behind NGINX: header-only, and drift of the canary Ingress that Argo keeps."""

import pytest

from tests.scenarios.cast import FOUR_WEIGHTS, nginx_seed
from tests.scenarios.header_tests import asks, enter, paused_at, resume
from tests.scenarios.witness import witness

NGINX = "nginx.ingress.kubernetes.io"
CANARY = "tomozo-tomozo-canary"
NO_HEADER = {"additionalIngressAnnotations": {}}
#: a gate in front of the weights: no route, the header is there all the time
GATE = [
    {"setCanaryScale": {"replicas": 2}},
    {"pause": {}},
    {"setWeight": 25},
    {"setCanaryScale": {"matchTrafficWeight": True}},
    {"pause": {}},
]


async def waits(scene, step=1, **changes):
    """Release the seed behind NGINX; the bot follows it at its pause."""
    for manifest in nginx_seed(**changes):
        await scene.kube.apply(manifest, scene.namespace)
    await scene.phase("Healthy")
    await scene.release()
    await paused_at(scene, step)
    await scene.start()
    await scene.shows("Waiting for you")


async def notes(scene, name=CANARY):
    """The canary Ingress's annotations of NGINX, without their prefix."""
    found = await scene.kube.get("ingresses", name, scene.namespace)
    pairs = found["metadata"]["annotations"].items()
    return {key.removeprefix(f"{NGINX}/"): value for key, value in pairs if NGINX in key}


async def edit(scene, **changes):
    """Change annotations of the canary Ingress, as somebody called `hotfix`."""
    keys = {f"{NGINX}/{key.replace('_', '-')}": value for key, value in changes.items()}
    change = {"metadata": {"annotations": keys}}
    query = {"fieldManager": "hotfix"}
    await scene.kube.patch("ingresses", CANARY, scene.namespace, change, query=query)


async def told(scene, *words):
    """Wait until the channel says all these words in one message; that message."""

    def found():
        said = scene.channel_says().split("\n---\n")
        return [one for one in said if all(word in one for word in words)]

    await scene.slack.until(lambda: bool(found()), f"the channel says {words}")
    return found()[-1]


async def there_and_back(scene, weight, *, pods):
    """Header-only and Resume, with all that has to hold on the way; the modal before it."""
    async with witness(scene.kube, scene.namespace) as seen:
        modal = await enter(scene)
        assert await notes(scene) == {
            "canary": "true",
            "canary-weight": "0",
            "canary-by-header": "X-Canary",
        }
        assert min(await seen.canary_pods()) >= pods
        await resume(scene, weight)
        assert (await notes(scene))["canary-weight"] == str(weight)
        assert min(await seen.canary_pods()) >= pods
    return modal


async def test_the_card_names_the_canary_ingress_and_the_header(scene):
    await waits(scene)

    card = await scene.shows("10 %", f"Ingress {CANARY} says 10/90", "X-Canary: always → canary")

    await scene.ann.presses(card, "rollout:promote")
    await scene.shows("Done", "0.0.2")
    assert (await notes(scene))["canary-weight"] == "0"


async def test_r6_header_only_behind_nginx(scene):
    """A gate without a route is put in front of the steps."""
    await waits(scene, steps=FOUR_WEIGHTS, replicas=8)

    modal = await there_and_back(scene, 10, pods=1)

    assert "Requests with `X-Canary: always` reach the canary" in modal.plain
    assert "put in front of the steps" in modal.plain
    assert "header route" not in modal.plain


async def test_r7_a_gate_of_its_own_behind_nginx(scene):
    await waits(scene, steps=GATE)
    await scene.kube.plugin("promote", "tomozo", "-n", scene.namespace)
    await scene.shows("Waiting for you", "25 %")
    generation = (await scene.rollout())["metadata"]["generation"]

    modal = await there_and_back(scene, 25, pods=1)

    assert "The spec is not changed" in modal.plain or "the spec stays" in modal.plain
    assert (await scene.rollout())["metadata"]["generation"] == generation


async def test_without_a_header_header_only_is_refused_with_what_to_add(scene):
    """What the refusal says to add is enough, and changes no step."""
    await waits(scene, nginx=NO_HEADER)

    modal = await asks(scene)

    assert "no header that leads to its canary" in modal.plain
    assert "set canary-by-header in nginx.additionalIngressAnnotations" in modal.plain.replace(
        "`", ""
    )
    assert 'canary-by-header: "X-Canary"' in modal.plain
    assert "steps:" not in modal.plain
    await scene.ann.closes(modal, everything=True)

    header = {"canary-by-header": "X-Canary", "canary-by-header-value": "true"}
    nginx = {"nginx": {"additionalIngressAnnotations": header}}
    change = {"spec": {"strategy": {"canary": {"trafficRouting": nginx}}}}
    await scene.kube.patch("rollouts", "tomozo", scene.namespace, change)
    await scene.shows("Waiting for you", "10 %", "X-Canary: true → canary")
    rollout = await scene.rollout()
    assert rollout["status"]["currentStepIndex"] == 1
    await enter(scene)
    assert (await notes(scene)).items() >= {**header, "canary-weight": "0"}.items()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param(
            {"canary_weight": "50"},
            ("gives the canary 50 %, the controller wrote 10 %", "found canary 50, stable 50"),
            id="weight",
        ),
        pytest.param(
            {"canary_by_header": None},
            ("no longer leads X-Canary to the canary", "X-Canary; it is missing"),
            id="no-header",
        ),
        pytest.param(
            {"canary_by_header": "X-Mine"},
            ("leads another header to the canary", "it is X-Mine", "Written last by hotfix"),
            id="another-header",
        ),
        pytest.param(
            {"canary": "false"},
            ("NGINX does not heed the weight", "canary is not true"),
            id="no-canary",
        ),
    ],
)
async def test_r10_without_a_controller_drift_of_the_canary_ingress_is_told(
    scene, bed, changes, words
):
    await waits(scene)
    await bed.stop_controller()

    await edit(scene, **changes)

    await told(scene, CANARY, *words, "The controller will put it back by itself.")
    await bed.start_controller()
    await told(scene, CANARY, "gone after")
    assert (await notes(scene)).items() >= {
        "canary": "true",
        "canary-weight": "10",
        "canary-by-header": "X-Canary",
    }.items()


async def test_r10_a_deleted_canary_ingress_is_told_and_comes_back(scene, bed):
    await waits(scene)
    await bed.stop_controller()

    await scene.kube.delete("ingresses", CANARY, scene.namespace)

    found = await told(scene, CANARY, "does not exist", "also none with a header")
    assert "within 15 min" in found
    await scene.shows("requests with X-Canary: always reach stable")
    await bed.start_controller()
    await told(scene, CANARY, "gone after")
    await scene.shows(f"Ingress {CANARY} says 10/90", "X-Canary: always → canary")


async def test_r10_what_the_controller_leaves_alone_is_for_people(scene):
    """A header value that nobody asked for: the header that testers know reaches stable."""
    await waits(scene)

    await edit(scene, canary_by_header_value="secret")

    found = await told(scene, CANARY, "canary-by-header-value: secret stands there")
    assert "The controller will not put it back by itself." in found
    assert "delete it there" in found
    await scene.shows("X-Canary: secret → canary")
    await edit(scene, canary_by_header_value=None)
    await told(scene, CANARY, "gone after")


async def test_weights_out_of_a_thousand_are_told_in_percent(scene):
    """`maxTrafficWeight`: header-only and Resume too."""
    steps = [{"setWeight": 100}, {"pause": {}}, {"setWeight": 500}, {"pause": {}}]
    await waits(scene, steps=steps, routing={"maxTrafficWeight": 1000}, replicas=8)
    await scene.shows(f"Ingress {CANARY} says 10/90", "weight 10 %", "Promote → 50 %")

    async with witness(scene.kube, scene.namespace) as seen:
        await enter(scene)
        assert (await notes(scene))["canary-weight"] == "0"
        await resume(scene, 10)
        assert min(await seen.canary_pods()) >= 1
    assert (await notes(scene)).items() >= {
        "canary-weight": "100",
        "canary-weight-total": "1000",
    }.items()
    card = await scene.shows("Waiting for you", "Promote → 50 %")
    await scene.ann.presses(card, "rollout:promote")
    await scene.shows("Waiting for you", f"Ingress {CANARY} says 50/50")
