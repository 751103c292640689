"""
Who and what there is when the sandbox opens: people, channels, three rollouts of the seed's kind.

    shop/checkout   waits at its pause, at 10 %; a header reaches the canary
    shop/search     moves by itself, with an analysis on its way
    pay/invoices    waits at 25 %; somebody has edited the second of its two Ingresses: drift
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.cluster.objects import Manifest
from bot.sandbox.slack import LocalSlack

ANN, BEN, EVE, GUS = "U0ANN", "U0BEN", "U0EVE", "U0GUS"
#: what each may do, in a few words, for the switch of person
ROLES = {
    ANN: "on call, may act",
    BEN: "on call, may act",
    EVE: "may only read",
    GUS: "guest",
}
ON_CALL = "S0ONCALL"
RELEASES, PAYMENTS = "C0RELEASES", "C0PAYMENTS"
_PREFIX = "alb.ingress.kubernetes.io"
_TEMPLATE = "success-rate"


@dataclass(frozen=True, kw_only=True)
class Part:
    """One rollout of the play: what it is made of, and how it comes to where the curtain rises."""

    namespace: str
    name: str
    steps: Sequence[Manifest]
    tags: tuple[str, str]
    replicas: int = 4
    ingresses: int = 1
    edited: dict[str, int] = field(default_factory=dict)  #: Ingress -> weight, by hand

    @property
    def image(self) -> str:
        """Its image without a tag."""
        return f"{self.namespace}/{self.name}"


CHECKOUT = Part(
    namespace="shop",
    name="checkout",
    steps=[{"setWeight": 10}, {"pause": {}}],
    tags=("1.4.2", "1.5.0"),
)
SEARCH = Part(
    namespace="shop",
    name="search",
    steps=[
        {"setWeight": 10},
        {"pause": {"duration": "45s"}},
        {"setWeight": 25},
        {"analysis": {"templates": [{"templateName": _TEMPLATE}]}},
        {"setWeight": 50},
        {"pause": {"duration": "60s"}},
        {"setWeight": 75},
        {"pause": {"duration": "60s"}},
    ],
    tags=("7.0.3", "7.1.0"),
    replicas=8,
)
INVOICES = Part(
    namespace="pay",
    name="invoices",
    steps=[{"setWeight": 25}, {"pause": {}}, {"setWeight": 60}, {"pause": {}}],
    tags=("2026.46", "2026.47"),
    ingresses=2,
    edited={"invoices-2": 60},
)
PARTS = (CHECKOUT, SEARCH, INVOICES)


def invite(slack: LocalSlack) -> None:
    """Let everybody join, and make the channels."""
    for user, name in ((ANN, "ann"), (BEN, "ben"), (EVE, "eve")):
        slack.add_person(user, name)
    slack.add_person(GUS, "gus", is_ultra_restricted=True)
    slack.add_group(ON_CALL, "oncall", [ANN, BEN])
    slack.add_channel(RELEASES, "releases", members=[ANN, BEN, EVE, GUS])
    slack.add_channel(PAYMENTS, "payments", members=[ANN, BEN, EVE])


def configuration(drift_every: str = "5s") -> dict[str, Any]:
    """The bot's configuration for this play."""
    acts = ["promote", "header-only", "resume", "abort", "pause", "retry", "full", "mute"]
    return {
        "kubernetes": {"cluster": "sandbox", "namespaces": ["shop", "pay"]},
        "channels": [
            {"channel": RELEASES, "namespaces": ["shop"]},
            {"channel": PAYMENTS, "namespaces": ["pay"]},
        ],
        "access": [{"allow": acts, "groups": [ON_CALL]}],
        "drift": {"every": drift_every, "grace": "3s", "remind": "10m"},
        "health": {"listen": "127.0.0.1:0"},
    }


def manifests(part: Part, measure: str) -> list[Manifest]:
    """The objects of a rollout, the Rollout last; *measure* is where its analysis asks."""
    name, metadata = part.name, {"namespace": part.namespace}
    services = [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {**metadata, "name": f"{name}-{role}"},
            "spec": {"type": "NodePort", "selector": {"app": name}, "ports": [{"port": 8080}]},
        }
        for role in ("stable", "canary")
    ]
    ingresses = [_ingress(part, number) for number in range(1, part.ingresses + 1)]
    return [*ingresses, *services, _template(part, measure), _rollout(part)]


def image_patch(part: Part, tag: str) -> Manifest:
    """What a deployment writes: another tag."""
    container = {"name": part.name, "image": f"{part.image}:{tag}"}
    return {"spec": {"template": {"spec": {"containers": [container]}}}}


def _notes(part: Part, number: int) -> dict[str, str]:
    """Write the annotations: a redirect on HTTP, a header route, who may come in."""
    return {
        "kubernetes.io/ingress.class": "alb",
        f"{_PREFIX}/scheme": "internet-facing" if number == 1 else "internal",
        f"{_PREFIX}/listen-ports": '[{"HTTP": 80}, {"HTTPS": 443}]',
        f"{_PREFIX}/actions.ssl-redirect": json.dumps(
            {
                "Type": "redirect",
                "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_302"},
            }
        ),
        f"{_PREFIX}/conditions.x-canary-header": json.dumps(
            [
                {
                    "Field": "http-header",
                    "HttpHeaderConfig": {"HttpHeaderName": "X-Canary", "Values": ["true"]},
                }
            ]
        ),
        f"{_PREFIX}/actions.x-canary-header": json.dumps(
            {
                "Type": "forward",
                "ForwardConfig": {
                    "TargetGroups": [{"ServiceName": f"{part.name}-canary", "ServicePort": "8080"}]
                },
            }
        ),
    }


def _ingress(part: Part, number: int) -> Manifest:
    name = part.name
    paths = [
        {
            "path": "/*",
            "pathType": "ImplementationSpecific",
            "backend": {"service": {"name": backend, "port": {"name": "use-annotation"}}},
        }
        for backend in ("ssl-redirect", "x-canary-header", f"{name}-stable")
    ]
    host = f"{name}.example" if number == 1 else f"{name}.internal.example"
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {
            "namespace": part.namespace,
            "name": name if number == 1 else f"{name}-{number}",
            "annotations": _notes(part, number),
        },
        "spec": {"rules": [{"host": host, "http": {"paths": paths}}]},
    }


def _template(part: Part, measure: str) -> Manifest:
    metric = {
        "name": _TEMPLATE,
        "provider": {
            "web": {
                "url": f"{measure}/{part.namespace}/{part.name}",
                "jsonPath": "{$.verdict}",
                "timeoutSeconds": 60,
            }
        },
        "successCondition": 'result == "pass"',
        "failureCondition": 'result == "fail"',
    }
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AnalysisTemplate",
        "metadata": {"namespace": part.namespace, "name": _TEMPLATE},
        "spec": {"metrics": [metric]},
    }


def _rollout(part: Part) -> Manifest:
    name = part.name
    alb: Manifest = {"servicePort": 8080}
    if part.ingresses > 1:
        others = [f"{name}-{number}" for number in range(2, part.ingresses + 1)]
        alb["ingresses"] = [name, *others]
    else:
        alb["ingress"] = name
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Rollout",
        "metadata": {"namespace": part.namespace, "name": name, "labels": {"app": name}},
        "spec": {
            "replicas": part.replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                **image_patch(part, part.tags[0])["spec"]["template"],
            },
            "strategy": {
                "canary": {
                    "stableService": f"{name}-stable",
                    "canaryService": f"{name}-canary",
                    "trafficRouting": {"alb": alb},
                    "steps": list(part.steps),
                }
            },
        },
    }
