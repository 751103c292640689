"""What can be said of one kind: manifests, and values for its fields, right, wrong and odd."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Manifest = dict[str, Any]
Values = tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """
    One kind.

    Attributes:
        api: path of its group and version.
        make: a right manifest.
        fields: by JSON pointer, values to put there, right and wrong.
        status: the same for `…/status`; empty: it has none.
        selectors: field selectors, right and wrong.

    """

    api: str
    plural: str
    version: str
    kind: str
    make: Callable[[random.Random], Manifest]
    fields: dict[str, Values]
    status: dict[str, Values]
    selectors: Values = ("metadata.name=one", "metadata.name!=one", "spec.nothing=1")
    is_custom: bool = False

    def path(self, name: str = "", subresource: str = "") -> str:
        """The path in the namespace of the sequence."""
        parts = [self.api, "namespaces", "@namespace", self.plural, name, subresource]
        return "/".join(part for part in parts if part)


METADATA: dict[str, Values] = {
    "/metadata/labels": ({}, {"app": "a"}, {"app": "b", "tier": "web"}, {"a b": "c"}, None, "x"),
    "/metadata/labels/app": ("a", "b", "", "no good", 1, None),
    "/metadata/annotations": ({}, {"note": "x"}, {"a/b/c": "d"}, {"note": 1}),
    "/metadata/annotations/note": ("x", "<&>", "größer", "", None),
    "/metadata/annotations/example.com~1note": ("y", "~", 5),
    "/metadata/finalizers": (["example.com/hold"], [], ["no good"], None),
    "/metadata/ownerReferences": (
        [],
        [{"apiVersion": "v1", "kind": "ConfigMap", "name": "own", "uid": "0-1"}],
        [{"kind": "ConfigMap"}],
    ),
    "/metadata/name": ("one", "another", "", None),
    "/metadata/namespace": ("@namespace", "elsewhere", None),
    "/metadata/uid": ("0-0-0", None),
    "/metadata/resourceVersion": ("1", "", None),
    "/metadata/generation": (77, None),
    "/metadata/creationTimestamp": ("2020-01-01T00:00:00Z", None),
    "/metadata/deletionTimestamp": ("2020-01-01T00:00:00Z",),
    "/metadata/generateName": ("made-up-0-",),
    "/metadata/nothing": ("x",),
}


def labels(rng: random.Random) -> Manifest:
    """Metadata with some labels and annotations."""
    metadata: Manifest = {}
    if rng.random() < 0.7:
        metadata["labels"] = {"app": rng.choice("ab")}
    if rng.random() < 0.4:
        metadata["annotations"] = {"note": rng.choice(("x", "<&>", "größer"))}
    return metadata


def template(rng: random.Random) -> Manifest:
    """A template of pods."""
    container: Manifest = {"name": "app", "image": f"shop/web:{rng.randint(1, 3)}"}
    if rng.random() < 0.4:
        container["ports"] = [{"containerPort": 8080}]
    if rng.random() < 0.3:
        container["env"] = [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]
    if rng.random() < 0.3:
        container["resources"] = {"requests": {"cpu": "100m"}}
    return {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [container]}}
