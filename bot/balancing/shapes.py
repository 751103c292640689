"""
One decoded manifest -> one of the objects that decide where traffic goes, in today's shape.

Ingresses were written in three API versions; here they become those of networking.k8s.io/v1. What
the API server would refuse for its shape is refused here too, with the field and what is wanted.
Other kinds are nobody's fault: they give None. Source: `k8s.io/api` `networking/v1`,
`networking/v1beta1`, `extensions/v1beta1`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.balancing import ingress_shapes, rollout_shapes
from bot.balancing.inventory import Controller, Inventory
from bot.balancing.objects import ClassParams, Ingress, IngressClass, Service
from bot.release.rollout import Rollout

#: how to come to a field: keys and positions
Loc = tuple[str | int, ...]
Shaped = Rollout | Ingress | Service | IngressClass | ClassParams
Manifest = Mapping[str, Any]
M = TypeVar("M")

_LEGACY = "extensions/v1beta1"
_NETWORKING = ("networking.k8s.io/v1", "networking.k8s.io/v1beta1")
#: the versions of each kind that we read
VERSIONS: Mapping[str, tuple[str, ...]] = {
    "Rollout": ("argoproj.io/v1alpha1",),
    "Ingress": (*_NETWORKING, _LEGACY),
    "Service": ("v1",),
    "IngressClass": _NETWORKING,
    "IngressClassParams": ("elbv2.k8s.aws/v1beta1",),
}
_SHOWN = 60


@dataclass(frozen=True)
class Flaw:
    """One thing in a manifest that cannot be: the field, and what is wanted there."""

    loc: Loc
    message: str


class Misshapen(Exception):  # noqa: N818 - what the manifest is
    """A manifest is not what its kind takes; all that is wrong with it."""

    def __init__(self, flaws: Iterable[Flaw]) -> None:
        self.flaws = tuple(flaws)
        super().__init__(*self.flaws)


def is_wanted(api_version: str, kind: str) -> bool:
    """Whether an object of this kind can decide where traffic goes; a version may be unknown."""
    if kind == "List" or kind.removesuffix("List") in VERSIONS:
        kind = kind.removesuffix("List")
    if not kind:
        return True
    groups = {_group(version) for version in VERSIONS.get(kind, ())}
    return kind in VERSIONS and (not api_version or _group(api_version) in groups)


def members(document: Manifest) -> Iterator[tuple[Loc, Manifest]]:
    """
    Give the object of a document, or those of a `List`, with their places.

    What is in an `IngressList` need not say again that it is an Ingress.
    """
    kind, items = str(document.get("kind", "")), document.get("items")
    if not kind.endswith("List") or not isinstance(items, list):
        yield (), document
        return
    known = {"apiVersion": document.get("apiVersion"), "kind": kind.removesuffix("List")}
    implied = {key: value for key, value in known.items() if value} if known["kind"] else {}
    for place, item in enumerate(items):
        if isinstance(item, Mapping):
            for loc, member in members({**implied, **item}):
                yield ("items", place, *loc), member


def shape(document: Manifest, *, namespace: str = "default", origin: str = "") -> Shaped | None:
    """
    Give the object; None: of another kind.

    Args:
        document: as decoded; keys without a value are left out.
        namespace: of objects that name none.
        origin: where it stands, for people.

    Raises:
        Misshapen: the API server would not take it.

    """
    kind, version = document.get("kind"), document.get("apiVersion")
    if not isinstance(kind, str) or kind not in VERSIONS:
        return None
    if not is_wanted(str(version or ""), kind):
        return None
    if version not in VERSIONS[kind]:
        told = f"is {version}" if version else "is missing"
        raise Misshapen(
            [Flaw(("apiVersion",), f"{told}; for {kind} I read {', '.join(VERSIONS[kind])}")]
        )
    _checked(ingress_shapes.Named.model_validate, {"metadata": {}, **document})
    known = _identified(document, kind, namespace, origin)
    match kind:
        case "Ingress":
            return _ingress(known, str(version))
        case "Rollout":
            _checked(rollout_shapes.Shape.model_validate, known)
            return _checked(Rollout.model_validate, known)
        case "Service":
            return _checked(Service.model_validate, known)
        case "IngressClass":
            return _checked(IngressClass.model_validate, known)
        case _:
            return _checked(ClassParams.model_validate, known)


def gather(
    objects: Iterable[Shaped], *, is_whole: bool = False, controller: Controller | None = None
) -> Inventory:
    """Put objects into an inventory; of two with one name the later counts."""
    found: dict[type, dict[tuple[str, str], Any]] = {}
    for one in objects:
        found.setdefault(type(one), {})[one.namespace, one.name] = one
    return Inventory(
        rollouts=tuple(found.get(Rollout, {}).values()),
        ingresses=tuple(found.get(Ingress, {}).values()),
        services=tuple(found.get(Service, {}).values()),
        classes=tuple(found.get(IngressClass, {}).values()),
        params=tuple(found.get(ClassParams, {}).values()),
        is_whole=is_whole,
        controller=controller or Controller(),
    )


def _group(version: str) -> str:
    return version.rpartition("/")[0]


def _identified(document: Manifest, kind: str, namespace: str, origin: str) -> dict[str, Any]:
    """Add what a file does not say: the namespace, an identity, where it stands."""
    metadata = dict(document["metadata"])
    if kind in {"IngressClass", "IngressClassParams"}:
        metadata.pop("namespace", None)
    else:
        metadata["namespace"] = metadata.get("namespace") or namespace
    space = metadata.get("namespace", "")
    metadata.setdefault("uid", f"{kind}/{space}/{metadata['name']}")
    parts = {part: document[part] for part in ("spec", "status") if part in document}
    return {"metadata": metadata, "origin": origin, **parts}


def _ingress(known: dict[str, Any], version: str) -> Ingress:
    if version == "networking.k8s.io/v1":
        _checked(ingress_shapes.V1.model_validate, known)
        return _checked(Ingress.model_validate, known)
    _checked(ingress_shapes.V1Beta1.model_validate, known)
    spec = ingress_shapes.modern(known.get("spec", {}))
    return _checked(Ingress.model_validate, {**known, "spec": spec, "legacy": version == _LEGACY})


def _checked(read: Callable[[Manifest], M], known: Manifest) -> M:
    try:
        return read(known)
    except ValidationError as error:
        raise Misshapen(Flaw(one["loc"], _words(one)) for one in error.errors()) from error
    except UnicodeEncodeError as error:
        raise Misshapen([Flaw(("kind",), "holds characters that are no text")]) from error


_WANTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping (key: value)",
    "model_type": "a mapping (key: value)",
    "dataclass_type": "a mapping (key: value)",
    "model_attributes_type": "a mapping (key: value)",
    "datetime_type": "a time such as 2026-01-31T09:00:00Z",
    "datetime_from_date_parsing": "a time such as 2026-01-31T09:00:00Z",
    "datetime_parsing": "a time such as 2026-01-31T09:00:00Z",
}


def _words(details: ErrorDetails) -> str:
    """Say what is wanted at a place, and what is there."""
    kind, given = details["type"], details["input"]
    if kind == "missing":
        return "is missing"
    if kind == "value_error":
        return str(details["ctx"]["error"])
    if kind not in _WANTED:
        return details["msg"]
    hint = "; put it in quotes" if kind == "string_type" and not _is_tree(given) else ""
    return f"must be {_WANTED[kind]}, not {_shown(given)}{hint}"


def _is_tree(given: Any) -> bool:
    return isinstance(given, list | tuple | dict)


def _shown(given: Any) -> str:
    match given:
        case bool():
            return str(given).lower()
        case list() | tuple():
            return "a list"
        case dict():
            return "a mapping"
        case str():
            text = f'"{given}"'
        case _:
            text = str(given)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
