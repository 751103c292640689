"""Shapes of rollouts on whose Ingresses Argo's controller writes, and what it has written then."""

from dataclasses import dataclass, field
from typing import Any

from tests.cluster.bed.api import Manifest

MANAGED = "rollouts.argoproj.io/managed-alb-annotations"
TEN = [{"setWeight": 10}, {"pause": {}}]
USED = {"name": "use-annotation"}


def alb(**more: Any) -> dict[str, Any]:
    """How the seed routes its traffic, and more."""
    return {"alb": {"ingress": "tomozo", "servicePort": 8080, **more}}


def exact(header: str, value: str) -> Manifest:
    """One match of a header route."""
    return {"headerName": header, "headerValue": {"exact": value}}


def route(name: str, *match: Manifest) -> Manifest:
    """What a step `setHeaderRoute` says; without matches it takes the route away."""
    return {"name": name, "match": list(match)} if match else {"name": name}


def managed(*names: str, **more: Any) -> dict[str, Any]:
    """How traffic is routed, with the names that steps may use."""
    return {"managedRoutes": [{"name": name} for name in names], **more}


def steps(*routes: Manifest) -> list[Manifest]:
    """Two pods, these header routes, a pause."""
    each = [{"setHeaderRoute": one} for one in routes]
    return [{"setCanaryScale": {"replicas": 2}}, *each, {"pause": {}}]


def other_host(ingress: Manifest) -> None:
    """Another application has a host on the same Ingress."""
    backend = {"service": {"name": "other", "port": {"number": 80}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    ingress["spec"]["rules"].append({"host": "other.tokyo", "http": {"paths": [path]}})


def other_book(ingress: Manifest) -> None:
    """Another rollout writes on the same Ingress; a name that comes later, one earlier."""
    ingress["metadata"]["annotations"][MANAGED] = (
        '{"zoo": ["alb.ingress.kubernetes.io/actions.zoo"], "ant":null}'
    )


def own_path(ingress: Manifest) -> None:
    """The path of the route stands there already, on one of two hosts, behind the weights."""
    other_host(ingress)
    backend = {"service": {"name": "tests", "port": USED}}
    path = {"path": "/*", "pathType": "ImplementationSpecific", "backend": backend}
    ingress["spec"]["rules"][0]["http"]["paths"].append(path)


def prefixed(ingress: Manifest) -> None:
    """Annotations of its own prefix, as the v1 controller may have it."""
    notes = ingress["metadata"]["annotations"]
    notes["alb.example/actions.before"] = "kept"


@dataclass(frozen=True, kw_only=True)
class Shape:
    """
    One rollout, and what the controller has done when it waits at its first pause.

    Attributes:
        changes: of the seed, see `cast.seed`.
        edit: changes the Ingress before it is applied.
        writes: header routes in the order of their steps.
        weight: at the pause.

    """

    changes: dict[str, Any] = field(default_factory=dict)
    edit: Any = None
    writes: tuple[Manifest, ...] = ()
    weight: int = 10


def routed(*routes: Manifest, names: tuple[str, ...] = ("tests",), edit: Any = None) -> Shape:
    """Give a shape with header routes at weight 0."""
    changes = {"steps": steps(*routes), "routing": managed(*names), "static_route": False}
    return Shape(changes=changes, edit=edit, writes=routes, weight=0)


ONE = route("tests", exact("X-Canary", "true"))
SEVERAL = route(
    "tests",
    exact("X-Canary", "true"),
    exact("X-Team", 'a&b <c> \u2028 é "quoted" \\ \t'),
    exact("X-Canary", "1"),
    exact("x-canary", "other case"),
)
SHAPES = {
    "single": Shape(),
    "several-ingresses": Shape(changes={"ingresses": 3}),
    "another-weight": Shape(changes={"steps": [{"setWeight": 100}, {"pause": {}}]}, weight=100),
    "root-service": Shape(changes={"routing": alb(rootService="x-canary-header")}),
    "annotation-prefix": Shape(
        changes={"routing": alb(annotationPrefix="alb.example")}, edit=prefixed
    ),
    "stickiness": Shape(
        changes={"routing": alb(stickinessConfig={"enabled": True, "durationSeconds": 3600})}
    ),
    "stickiness-off": Shape(
        changes={"routing": alb(stickinessConfig={"enabled": False, "durationSeconds": 60})}
    ),
    "an-ingress-with-another-rollout": Shape(edit=other_book),
    "managed-routes-that-no-step-uses": Shape(changes={"routing": managed("tests", "more")}),
    "header-route": routed(ONE),
    "header-route-and-stickiness": Shape(
        changes={
            "steps": steps(ONE),
            "static_route": False,
            "routing": managed(
                "tests", **alb(stickinessConfig={"enabled": True, "durationSeconds": 60})
            ),
        },
        writes=(ONE,),
        weight=0,
    ),
    "header-route-on-two-hosts": routed(ONE, edit=other_host),
    "header-route-whose-path-is-there": routed(ONE, edit=own_path),
    "header-with-several-matches": routed(SEVERAL),
    "two-header-routes-in-the-order-of-their-steps": routed(
        ONE, route("later", exact("X-Later", "1")), names=("tests", "later"), edit=other_host
    ),
    "two-header-routes-against-it": routed(
        ONE, route("first", exact("X-First", "1")), names=("first", "none", "tests")
    ),
    "header-route-taken-away": routed(ONE, route("tests"), edit=other_host),
    "header-route-written-anew": routed(ONE, route("tests", exact("X-Other", "2"))),
    "header-route-of-an-empty-list": routed({"name": "tests", "match": []}),
}
