"""
Manifests -> Inventory, as `rules` and `lint` read them: what the API server refuses is no test.

What names no namespace is in "default", what names no version has today's; every object gets a
uid, which files do not have.
"""

from pathlib import Path
from typing import Any

import yaml

from bot.balancing.inventory import Controller, Inventory
from bot.balancing.shapes import VERSIONS, gather, shape


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


def identity(document: dict[str, Any]) -> tuple[str, str, str]:
    """Tell which object a manifest, or a patch, is about."""
    metadata = document["metadata"]
    return document["kind"], metadata.get("namespace", "default"), metadata["name"]


def take_in(
    *documents: dict[str, Any], controller: Controller | None = None, is_whole: bool = False
) -> Inventory:
    """Put manifests together, as `load` does."""
    versions = {kind: {"apiVersion": known[0]} for kind, known in VERSIONS.items()}
    shaped = (
        shape({**versions.get(one["kind"], {}), **one}, origin=one.get("origin", ""))
        for one in documents
    )
    found = [one for one in shaped if one is not None]
    return gather(found, controller=controller, is_whole=is_whole)
