"""
Patches in words of YAML: what a person would change in a manifest, with the real names.

Each document may be handed to `kubectl patch --type merge --patch-file`: lists are whole,
and null takes a field away.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from re import compile as pattern
from typing import Any

from bot.balancing.entries import Path, backend_of
from bot.balancing.objects import Ingress
from bot.balancing.rules import Rule
from bot.release.rollout import Rollout

_VERSIONS = {
    "Ingress": "networking.k8s.io/v1",
    "Service": "v1",
    "Rollout": "argoproj.io/v1alpha1",
    "Application": "argoproj.io/v1alpha1",
}
_PLAIN = pattern(r"[A-Za-z_/][A-Za-z0-9_./*-]*\Z")
_TAKEN = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def patch(kind: str, namespace: str, name: str, **parts: Any) -> str:
    """Write a patch of an object; `metadata` may bring more than its name."""
    metadata = {"name": name, "namespace": namespace, **parts.pop("metadata", {})}
    metadata = {key: value for key, value in metadata.items() if value != ""}
    return yaml({"apiVersion": _VERSIONS[kind], "kind": kind, "metadata": metadata, **parts})


def patch_canary(rollout: Rollout, **fields: Any) -> str:
    """Write a patch of fields of `spec.strategy.canary`."""
    spec = {"strategy": {"canary": fields}}
    return patch("Rollout", rollout.namespace, rollout.name, spec=spec)


def patch_ingress(
    ingress: Ingress, *, annotations: Mapping[str, str | None] | None = None, **spec: Any
) -> str:
    """Write a patch of an Ingress; nothing for one of an API version that is no more."""
    if ingress.legacy:
        return ""
    parts: dict[str, Any] = {"metadata": {"annotations": annotations}} if annotations else {}
    parts |= {"spec": spec} if spec else {}
    return patch("Ingress", ingress.namespace, ingress.name, **parts)


def together(*patches: str) -> str:
    """Put patches of several objects into one text."""
    return "---\n".join(one for one in patches if one)


def edit_paths(
    ingress: Ingress, edit: Callable[[int, list[Path]], list[Path]]
) -> list[dict[str, Any]]:
    """
    Give `spec.rules` with other paths.

    Args:
        ingress: whose rules they are; it stays as it is.
        edit: takes the index of an entry and its paths, and gives the paths it should have.

    """
    rules = []
    for entry, rule in enumerate(deepcopy(ingress.rules)):
        http = rule.get("http")
        paths = http.get("paths") if isinstance(http, dict) else None
        if isinstance(http, dict) and isinstance(paths, list | tuple):
            http["paths"] = edit(entry, [path for path in paths if isinstance(path, dict)])
        rules.append(rule)
    return rules


def is_of(path: Path, rule: Rule) -> bool:
    """Whether a rule was made from this path."""
    kind = path.get("pathType") or "ImplementationSpecific"
    found = (str(path.get("path") or ""), kind, backend_of(path))
    return found == (rule.path, rule.path_type, rule.service)


def yaml(value: Mapping[str, Any]) -> str:
    """Write an object as YAML."""
    return "".join(f"{line}\n" for line in _lines(value))


def _lines(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, member in value.items():
            if _is_nested(member):
                yield f"{_scalar(key)}:"
                yield from (f"  {line}" for line in _lines(member))
            else:
                yield f"{_scalar(key)}: {_scalar(member)}"
        return
    for member in value:
        first, *rest = _lines(member) if _is_nested(member) else [_scalar(member)]
        yield f"- {first}"
        yield from (f"  {line}" for line in rest)


def _is_nested(value: Any) -> bool:
    return bool(value) and isinstance(value, Mapping | Sequence) and not isinstance(value, str)


def _scalar(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Mapping():
            return "{}"
        case list() | tuple():
            return "[]"
    return _text(str(value))


def _text(text: str) -> str:
    if _PLAIN.match(text) and text.lower() not in _TAKEN:
        return text
    if text.isprintable():
        return "'" + text.replace("'", "''") + "'"
    signs = (c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text)
    return '"' + "".join(signs) + '"'
