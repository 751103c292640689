"""What the levers do to the cluster: as somebody with kubectl would do it."""

import asyncio
import json
import time

from bot.sandbox.cluster import kinds
from bot.sandbox.cluster.argo import plugin
from bot.sandbox.cluster.managed import Writer
from bot.sandbox.cluster.objects import Manifest, at, merged
from bot.sandbox.cluster.rules import timestamp
from bot.sandbox.cluster.store import Store
from bot.sandbox.play import truth

BY_HAND = "kubectl-edit"  #: the field manager of people who edit
_A_LOOK = 1.0  #: seconds within which a controller that means to put something back has done so


class Impossible(Exception):  # noqa: N818 - what it is
    """It cannot be done; the text says why."""


def set_image(store: Store, namespace: str, name: str, tag: str) -> str:
    """Write another tag into the Rollout, as a deployment does."""
    rollout = store.get(kinds.ROLLOUTS, namespace, name)
    containers = at(rollout, "spec", "template", "spec", "containers", default=[])
    image = str(containers[0]["image"]).rpartition(":")[0]
    if not tag.strip() or any(sign.isspace() for sign in tag.strip()):
        raise Impossible("A tag is one word, such as 0.0.3.")
    changed = [{**containers[0], "image": f"{image}:{tag.strip()}"}, *containers[1:]]
    change = {"spec": {"template": {"spec": {"containers": changed}}}}
    store.update(
        kinds.ROLLOUTS,
        namespace,
        name,
        lambda one: merged(one, change),
        Writer(manager="argocd-controller"),
    )
    return f"{namespace}/{name} wants {image}:{tag.strip()} now."


def set_ready(store: Store, namespace: str, pod: str, *, ready: bool) -> str:
    """Make a pod ready, or not; it stays so."""

    def change(one: Manifest) -> Manifest:
        if at(one, "status", "phase") != "Running":
            raise Impossible(f"{pod} has not started yet.")
        news = {"status": str(ready), "lastTransitionTime": timestamp(store.clock())}
        conditions = [
            {**each, **news} if each["type"] in ("Ready", "ContainersReady") else each
            for each in at(one, "status", "conditions", default=())
        ]
        statuses = [
            {**each, "ready": ready} for each in at(one, "status", "containerStatuses", default=())
        ]
        change = {"status": {"conditions": conditions, "containerStatuses": statuses}}
        after: Manifest = merged(one, change)
        return after

    store.update(kinds.PODS, namespace, pod, change, Writer(manager=BY_HAND, subresource="status"))
    return f"{pod} is {'ready' if ready else 'not ready'} now."


def write_weight(store: Store, namespace: str, name: str, ingress: str, weight: int) -> str:
    """Write the weights into the annotation by hand, behind the controller's back."""
    rollout = store.get(kinds.ROLLOUTS, namespace, name)
    key = truth.action_key(rollout)
    canary = at(rollout, "spec", "strategy", "canary", "canaryService", default="")

    def change(one: Manifest) -> Manifest:
        text = at(one, "metadata", "annotations", key, default="")
        try:
            action = json.loads(text)
            groups = action["ForwardConfig"]["TargetGroups"]
        except (ValueError, KeyError, TypeError) as error:
            raise Impossible(f"Ingress {ingress} has no weights to edit yet.") from error
        for group in groups:
            group["Weight"] = weight if group["ServiceName"] == canary else 100 - weight
        edited = json.dumps(action, separators=(",", ":"))
        after: Manifest = merged(one, {"metadata": {"annotations": {key: edited}}})
        return after

    store.update(kinds.INGRESSES, namespace, ingress, change, Writer(manager=BY_HAND))
    return f"Ingress {ingress} gives the canary {weight} % now, written by {BY_HAND}."


async def is_put_back(store: Store, namespace: str, name: str, ingress: str, weight: int) -> bool:
    """Watch an Ingress for a moment after an edit: whether somebody else writes another weight."""
    rollout = store.get(kinds.ROLLOUTS, namespace, name)
    try:
        async with asyncio.timeout(_A_LOOK):
            while truth.weight_on(store, rollout, ingress) == weight:
                await store.shelf(kinds.INGRESSES).bell.wait()
    except TimeoutError:
        return False
    return True


async def use_plugin(store: Store, verb: str, namespace: str, name: str) -> str:
    """Use `kubectl argo rollouts`, as if nobody knew the bot."""
    said = await plugin.run(store, verb, namespace, name)
    return f"{said}, at {time.strftime('%H:%M:%S', time.localtime(store.clock()))}"
