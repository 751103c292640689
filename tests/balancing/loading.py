"""
YAML files -> Inventory, as far as tests need it: API versions of today, files that are right.

What names no namespace is in "default"; every object gets a uid, which files do not have.
"""

from collections import defaultdict
from pathlib import Path
from typing import Any

import yaml

from bot.balancing.inventory import Controller, Inventory
from bot.balancing.objects import ClassParams, Ingress, IngressClass, Service
from bot.release.rollout import Rollout

_CLUSTER_WIDE = {"IngressClass", "IngressClassParams"}


def load(*paths: Path, controller: Controller | None = None, is_whole: bool = False) -> Inventory:
    """Put all objects of these files together; those of other kinds are passed over."""
    return take_in(
        *(document for path in paths for document in read(path)),
        controller=controller,
        is_whole=is_whole,
    )


def read(path: Path) -> list[dict[str, Any]]:
    """Give the objects of one file; each carries the file as its `origin`."""
    documents = (d for d in yaml.safe_load_all(path.read_text(encoding="utf-8")) if d)
    return [{**document, "origin": path.name} for document in documents]


def take_in(
    *documents: dict[str, Any], controller: Controller | None = None, is_whole: bool = False
) -> Inventory:
    """Put manifests together, as `load` does."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for document in documents:
        kind = document["kind"]
        home = {} if kind in _CLUSTER_WIDE else {"namespace": "default"}
        named = {"uid": f"uid-{kind}-{document['metadata']['name']}"}
        found[kind].append({**document, "metadata": {**home, **named, **document["metadata"]}})
    return Inventory(
        rollouts=tuple(Rollout.model_validate(one) for one in found["Rollout"]),
        ingresses=tuple(Ingress.model_validate(one) for one in found["Ingress"]),
        services=tuple(Service.model_validate(one) for one in found["Service"]),
        classes=tuple(IngressClass.model_validate(one) for one in found["IngressClass"]),
        params=tuple(ClassParams.model_validate(one) for one in found["IngressClassParams"]),
        controller=controller or Controller(),
        is_whole=is_whole,
    )
