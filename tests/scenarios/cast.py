"""The seed's manifests, changed where a scenario needs something else."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.cluster.bed.api import Manifest, read_yaml
from tests.cluster.bed.seed import SEED

_PREFIX = "alb.ingress.kubernetes.io"
_BY_NGINX = Path(__file__).parents[1] / "manifests" / "nginx" / "seed.yaml"
FOUR_WEIGHTS = [
    {"setWeight": 10},
    {"pause": {}},
    {"setWeight": 25},
    {"pause": {}},
    {"setWeight": 50},
    {"pause": {}},
    {"setWeight": 75},
    {"pause": {}},
]


def seed(
    *,
    name: str = "tomozo",
    steps: Sequence[Manifest] | None = None,
    replicas: int = 4,
    static_route: bool = True,
    ingresses: int = 1,
    canary: dict[str, Any] | None = None,
    routing: dict[str, Any] | None = None,
    annotations: dict[str, str] | None = None,
) -> list[Manifest]:
    """
    The manifests in the order of their file; the Rollout is the last.

    *canary* is merged into `spec.strategy.canary`, *routing* into its `trafficRouting`,
    *annotations* into the Rollout's. With several *ingresses* they are called NAME, NAME-2, ….
    """
    ingress, stable, canary_service, rollout = (_renamed(doc, name) for doc in read_yaml(SEED))
    if not static_route:
        _drop_route(ingress)
    copies = [_copy(ingress, number) for number in range(1, ingresses + 1)]
    strategy = rollout["spec"]["strategy"]["canary"]
    rollout["spec"]["replicas"] = replicas
    rollout["metadata"].setdefault("annotations", {}).update(annotations or {})
    if steps is not None:
        strategy["steps"] = list(steps)
    if ingresses > 1:
        del strategy["trafficRouting"]["alb"]["ingress"]
        names = [one["metadata"]["name"] for one in copies]
        strategy["trafficRouting"]["alb"]["ingresses"] = names
    strategy.update(canary or {})
    strategy["trafficRouting"].update(routing or {})
    return [*copies, stable, canary_service, rollout]


def ping_pong() -> list[Manifest]:
    """The seed with Services that change their roles; the Rollout is the last."""
    *others, rollout = seed()
    strategy = rollout["spec"]["strategy"]["canary"]
    strategy["pingPong"] = {"pingService": "tomozo-canary", "pongService": "tomozo-stable"}
    del strategy["canaryService"], strategy["stableService"]
    strategy["trafficRouting"]["alb"]["rootService"] = "tomozo-stable"
    return [*others, rollout]


def nginx_seed(
    *,
    steps: Sequence[Manifest] | None = None,
    replicas: int = 4,
    ingresses: int = 1,
    canary: dict[str, Any] | None = None,
    routing: dict[str, Any] | None = None,
    nginx: dict[str, Any] | None = None,
) -> list[Manifest]:
    """
    The seed behind NGINX, its Rollout the last; see `seed`.

    *nginx* is merged into `trafficRouting.nginx`. Of several *ingresses* those behind the first
    have a host of their own, as NGINX takes each host and path once.
    """
    ingress, stable, canary_service, rollout = read_yaml(_BY_NGINX)
    copies = [_copy(ingress, number) for number in range(1, ingresses + 1)]
    strategy = rollout["spec"]["strategy"]["canary"]
    rollout["spec"]["replicas"] = replicas
    strategy["steps"] = list(strategy["steps"] if steps is None else steps)
    if ingresses > 1:
        del strategy["trafficRouting"]["nginx"]["stableIngress"]
        names = [one["metadata"]["name"] for one in copies]
        strategy["trafficRouting"]["nginx"]["stableIngresses"] = names
        for one in copies[1:]:
            (rule,) = one["spec"]["rules"]
            host = f"{one['metadata']['name']}.tokyo"
            one["spec"] = {**one["spec"], "rules": [{**rule, "host": host}]}
    strategy.update(canary or {})
    strategy["trafficRouting"].update(routing or {})
    strategy["trafficRouting"]["nginx"].update(nginx or {})
    return [*copies, stable, canary_service, rollout]


def _renamed(doc: Any, name: str) -> Any:
    """The same document about another name; strings inside strings too."""
    if isinstance(doc, dict):
        return {_renamed(key, name): _renamed(value, name) for key, value in doc.items()}
    if isinstance(doc, list):
        return [_renamed(value, name) for value in doc]
    if isinstance(doc, str) and not doc.startswith("tomozo-repo/"):
        return doc.replace("tomozo", name)
    return doc


def _drop_route(ingress: Manifest) -> None:
    for key in ("conditions", "actions"):
        del ingress["metadata"]["annotations"][f"{_PREFIX}/{key}.x-canary-header"]
    paths = ingress["spec"]["rules"][0]["http"]["paths"]
    paths[:] = [p for p in paths if p["backend"]["service"]["name"] != "x-canary-header"]


def _copy(ingress: Manifest, number: int) -> Manifest:
    if number == 1:
        return ingress
    name = f"{ingress['metadata']['name']}-{number}"
    return {**ingress, "metadata": {**ingress["metadata"], "name": name}}
