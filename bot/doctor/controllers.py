"""Flags of the controllers that matter to the bot, where the account may read their Deployments."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from bot.cluster.connect import Connection
from bot.cluster.refusals import Ask, Forbidden
from bot.doctor.answers import AGAIN, get
from bot.doctor.verdict import Area, Line, missing, ok, unchecked
from bot.release.errors import Refusal

_LABEL = "app.kubernetes.io/name"
_WHO = {"argo-rollouts": "Argo Rollouts", "aws-load-balancer-controller": "the ALB controller"}

#: What each flag means for the bot, where it is set.
FLAGS = {
    "argo-rollouts": {
        "--namespaced": "it moves rollouts of its own namespace only",
        "--instance-id": "it moves rollouts of that instance only",
        "--alb-verify-weight": "it asks AWS for the weights before it goes on",
        "--aws-verify-target-group": "it asks AWS for the targets before it goes on",
        "--alb-ingress-classes": "Ingresses of these classes are behind an ALB, too",
        "--nginx-ingress-classes": "Ingresses of these classes are behind NGINX, too",
    },
    "aws-load-balancer-controller": {
        "--ingress-class": "it looks at that class only; tell `lint` by --ingress-class",
        "--watch-namespace": "it looks at Ingresses of that namespace only",
        "--default-target-type": "tell `lint` by --default-target-type",
        "--tolerate-non-existent-backend-service": "tell `lint` by the same flag",
        "--tolerate-non-existent-backend-action": "tell `lint` by the same flag",
        "--disable-ingress-class-annotation": "the annotation kubernetes.io/ingress.class is void",
        "--disable-ingress-group-name-annotation": "the annotation group.name is void",
    },
}


async def examine(connection: Connection) -> AsyncIterator[Line]:
    """Read the Deployments of both; one line where they may not be read."""
    try:
        for name in FLAGS:
            yield _judged(name, await _deployments(connection, name))
    except Forbidden:
        why = (
            "the account may not read Deployments, and need not: run me with an administrator's "
            "KUBECONFIG to see how the controllers are started"
        )
        yield unchecked(Area.CLUSTER, "controllers", why)
    except Refusal as error:
        yield missing(Area.CLUSTER, "controllers", error.text, AGAIN)


async def _deployments(connection: Connection, name: str) -> list[dict[str, Any]]:
    ask = Ask(verb="list", resource="deployments")
    label = f"{_LABEL}={name}"
    found = await get(connection, "/apis/apps/v1/deployments", ask, labelSelector=label)
    items: list[dict[str, Any]] = found.get("items", [])
    return items


def _judged(name: str, items: list[dict[str, Any]]) -> Line:
    what = f"controller {name}"
    if not items:
        detail = f"no Deployment has the label {_LABEL}={name}: it may run under another name"
        return unchecked(Area.CLUSTER, what, detail)
    if not sum(int((one.get("status") or {}).get("readyReplicas") or 0) for one in items):
        places = " and ".join(_place(one) for one in items)
        detail = f"none of its pods is ready: {_WHO[name]} does nothing now"
        return missing(Area.CLUSTER, what, detail, f"kubectl describe deployment {places}")
    told = "; ".join(_flags(name, items))
    return ok(Area.CLUSTER, what, told or "runs, with no flag that matters to the bot")


def _place(one: dict[str, Any]) -> str:
    metadata = one.get("metadata", {})
    return f"--namespace {metadata.get('namespace', '')} {metadata.get('name', '')}"


def _flags(name: str, items: list[dict[str, Any]]) -> Iterator[str]:
    for item in items:
        pod = item.get("spec", {}).get("template", {}).get("spec", {})
        for container in pod.get("containers", ()):
            words = (*(container.get("command") or ()), *(container.get("args") or ()))
            for word in map(str, words):
                if meaning := FLAGS[name].get(word.partition("=")[0]):
                    yield f"{word}: {meaning}"
