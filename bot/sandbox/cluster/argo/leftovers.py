"""
What is put right when a Rollout is gone, or leads elsewhere: Services, and later Ingresses.

Argo: service/service.go, ingress/alb.go. An Ingress that cannot be put right (its Service does not
occur in the action) stays as it is, without a word; so it is with Argo.
"""

import json
from functools import partial
from typing import Any

from bot.sandbox.cluster import kinds
from bot.sandbox.cluster.argo import ingress, sets
from bot.sandbox.cluster.argo.hands import Hands
from bot.sandbox.cluster.argo.look import MOST
from bot.sandbox.cluster.objects import Manifest, at, merged, put
from bot.sandbox.cluster.queue import Trouble

_ACTION = "/actions."


def services_of(rollout: Manifest | None) -> set[str]:
    """The names of the Services that a rollout leads to."""
    canary = at(rollout, "spec", "strategy", "canary", default={})
    pair = canary.get("pingPong") or {}
    named = [canary.get("canaryService"), canary.get("stableService")]
    return set(filter(None, [*named, pair.get("pingService"), pair.get("pongService")]))


def free_service(hands: Hands, namespace: str, name: str) -> None:
    """Let a Service select by its own labels only, unless a rollout still leads to it."""
    service = hands.store.find(kinds.SERVICES, namespace, name)
    if service is None or not at(service, "spec", "selector", sets.HASH):
        return
    owner = at(service, "metadata", "annotations", sets.MANAGED_BY)
    owners = [hands.store.find(kinds.ROLLOUTS, namespace, owner)] if owner else None
    if owners is None:
        owners = list(hands.store.all(kinds.ROLLOUTS, namespace))
    if not any(name in services_of(one) for one in owners):
        change = {
            "metadata": {"annotations": {sets.MANAGED_BY: None}},
            "spec": {"selector": {sets.HASH: None}},
        }
        hands.change(kinds.SERVICES, service, lambda one: merged(one, change))


def reset_ingresses(hands: Hands, namespace: str, rollout: str) -> None:
    """Give everything to the Service that the action is named after."""
    for thing in list(hands.store.all(kinds.INGRESSES, namespace)):
        try:
            books = ingress.booked(thing)
            if rollout not in books:
                continue
            keys = books.pop(rollout)
            notes: dict[str, Any] = {key: _reset(thing, key) for key in keys if _ACTION in key}
        except (Trouble, ValueError, KeyError, TypeError):
            continue
        notes[ingress.MANAGED] = ingress.go_json(dict(sorted(books.items()))) if books else None
        hands.change(kinds.INGRESSES, thing, partial(_annotated, notes))


def _annotated(notes: dict[str, Any], thing: Manifest) -> Manifest:
    after: Manifest = merged(thing, {"metadata": {"annotations": notes}})
    return after


def _reset(thing: Manifest, key: str) -> str:
    """The action that sends everything to one Service. Raises what the text is wrong with."""
    service = key.split(_ACTION)[1]
    action = json.loads(at(thing, "metadata", "annotations", key, default=""))
    forward = action["ForwardConfig"]
    ports = {group["ServiceName"]: group["ServicePort"] for group in forward["TargetGroups"]}
    group = {"ServiceName": service, "ServicePort": ports[service], "Weight": MOST}
    after: Manifest = {"Type": "forward", "ForwardConfig": {"TargetGroups": [group]}}
    sticky = forward.get("TargetGroupStickinessConfig")
    return ingress.go_json(
        put(after, sticky, "ForwardConfig", "TargetGroupStickinessConfig") if sticky else after
    )
