"""What scenarios about header-only do and look at, time and again."""

import json

from tests.cluster.bed.waiting import holds_within

READY = "ready for testing"
ROUTE = {
    "setHeaderRoute": {
        "name": "tests",
        "match": [{"headerName": "X-Canary", "headerValue": {"exact": "true"}}],
    }
}
MANAGED = {"managedRoutes": [{"name": "tests"}]}
_PREFIX = "alb.ingress.kubernetes.io"


def gate(pods, *route):
    """Steps with a gate of their own in front of two weights."""
    return [
        {"setCanaryScale": {"replicas": pods}},
        *route,
        {"pause": {}},
        {"setWeight": 10},
        {"setCanaryScale": {"matchTrafficWeight": True}},
        {"pause": {}},
        {"setWeight": 50},
        {"pause": {}},
    ]


async def asks(scene, card=None):
    """Ann presses Header-only; the modal that she gets."""
    card = card or await scene.shows("Header-only, 0 %")
    await scene.ann.presses(card, "rollout:header-only")
    await scene.slack.until(lambda: scene.ann.modal, "the modal")
    return scene.ann.modal


async def enter(scene):
    """Header-only, until the card says that testing may begin; the modal that was before."""
    modal = await asks(scene)
    await scene.ann.submits(modal, {"reason": "smoke test"})
    await scene.shows(READY, "0 % of the public")
    await scene.tells("testing may begin")
    return modal


async def resume(scene, weight):
    """Resume, until the thread says that the weight is back."""
    card = await scene.shows(f"Resume at {weight} %")
    await scene.ann.presses(card, "rollout:resume")
    await scene.tells(f"{weight} % again")


async def paused_at(scene, step):
    """Wait until the controller waits at this step."""

    def holds(rollout):
        status = rollout["status"]
        return status["currentStepIndex"] == step and status["pauseConditions"]

    await scene.kube.wait_for(
        holds,
        f"at the pause that is step {step + 1}",
        kind="rollouts",
        name="tomozo",
        namespace=scene.namespace,
    )


async def ensure_zero(scene, *ingresses):
    """Fail unless the controller and every Ingress give the canary nothing."""
    rollout = await scene.rollout()
    assert rollout["status"]["canary"]["weights"]["canary"]["weight"] == 0
    for ingress in ingresses or ("tomozo",):
        assert await scene.weight(ingress) == 0


async def ensure_header_reaches_canary(scene, route="x-canary-header"):
    """Fail unless a path, its header and the pods behind lead to the canary, and only there."""
    ingress = await scene.kube.get("ingresses", "tomozo", scene.namespace)
    notes = ingress["metadata"]["annotations"]
    (header,) = json.loads(notes[f"{_PREFIX}/conditions.{route}"])
    config = {k.lower(): v for k, v in header.items()}["httpheaderconfig"]
    assert {str(v) for v in config.values()} == {"X-Canary", "['true']"}
    action = json.loads(notes[f"{_PREFIX}/actions.{route}"])
    (group,) = action["ForwardConfig"]["TargetGroups"]
    assert group["ServiceName"] == "tomozo-canary"
    paths = ingress["spec"]["rules"][0]["http"]["paths"]
    assert route in [path["backend"]["service"]["name"] for path in paths]
    assert await holds_within(5, lambda: _only_canary_pods_behind(scene)), "other pods, or none"


def tellings(scene, words):
    """How many messages of the thread say this."""
    thread = scene.slack.channel(scene.card().channel).thread(scene.card().ts)
    return sum(words in message.text for message in thread)


async def pods_of(scene, key):
    """The names of the pods of a revision, which the status has under this key."""
    revision = (await scene.rollout())["status"][key]
    return [pod["metadata"]["name"] for pod in await scene.kube.pods(scene.namespace, revision)]


async def _only_canary_pods_behind(scene):
    """Whether ready endpoints of the canary Service are the pods of the new revision."""
    revision = (await scene.rollout())["status"]["currentPodHash"]
    service = await scene.kube.get("services", "tomozo-canary", scene.namespace)
    slices = await scene.kube.list(
        "endpointslices", scene.namespace, labels="kubernetes.io/service-name=tomozo-canary"
    )
    ends = [end for each in slices for end in each["endpoints"] or () if end["conditions"]["ready"]]
    behind = {end["targetRef"]["name"] for end in ends}
    pods = {p["metadata"]["name"] for p in await scene.kube.pods(scene.namespace, revision)}
    chosen = service["spec"]["selector"]["rollouts-pod-template-hash"]
    return chosen == revision and bool(behind) and behind <= pods
