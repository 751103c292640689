"""
How to mend the order of rules, as YAML of the Ingress.

Each gives what is to be changed, or "" where it cannot be written down: then nothing is
claimed. A list of rules is given whole, because a list is replaced as a whole.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bot.balancing.groups import ORDER, order_of
from bot.balancing.objects import Ingress
from bot.balancing.rules import Rule, path_globs
from bot.balancing.shadows import Reach, reach_of

Spec = Mapping[str, Any]
_LOWEST, _HIGHEST = -1000, 1000


def with_annotation(ingress: Ingress, key: str, value: str) -> str:
    """Set an annotation."""
    return f"{_head(ingress)}  annotations:\n    {key}: {json.dumps(value)}\n"


def before(ingress: Ingress, other: Ingress) -> str:
    """Put an Ingress before another one of its group by `group.order`."""
    order = order_of(other) or 0
    if order > _LOWEST:
        return with_annotation(ingress, ORDER, str(order - 1))
    return with_annotation(other, ORDER, str(min((order_of(ingress) or 0) + 1, _HIGHEST)))


def with_rules(ingress: Ingress, entries: Sequence[Spec]) -> str:
    """Set `spec.rules`, one line for each path."""
    if ingress.legacy:
        return ""
    return "".join((_head(ingress), "spec:\n  rules:\n", *(_entry(entry) for entry in entries)))


def literal(ingress: Ingress, rules: Sequence[Rule], taking: Collection[Rule]) -> str:
    """
    Write Exact and Prefix paths as ImplementationSpecific ones, behind the header routes.

    Args:
        ingress: as it is now.
        rules: all its rules in order, as it will be.
        taking: those of them to be written so.

    Not claimed where another Exact or Prefix path would then come before one of these and
    take its requests.

    """
    moved = [rule for rule in rules if rule.path_type != "ImplementationSpecific"]
    for rule in taking:
        behind = moved[moved.index(rule) + 1 :] if rule in moved else ()
        for other in behind:
            same = other.entry == rule.entry and other not in taking
            if same and reach_of(other, rule) is not Reach.NONE:
                return ""
    entries = [_rewritten(at, entry, rules, taking) for at, entry in enumerate(ingress.rules)]
    return with_rules(ingress, entries)


def whole(ingress: Ingress, rule: Rule) -> str:
    """Let one path take everything that the other paths of its entry leave."""
    entries = list(ingress.rules)
    paths = _paths(entries[rule.entry])
    own = [path for path in paths if _is(path, rule)]
    last = [{**path, **_literal("/*")} for path in own]
    rest = [path for path in paths if path not in own]
    entries[rule.entry] = {**entries[rule.entry], "http": {"paths": [*rest, *last]}}
    return with_rules(ingress, entries)


def merged(ingress: Ingress, host: str) -> str:
    """Put all entries of one host into the first of them."""
    same = [entry for entry in ingress.rules if _host(entry) == host]
    paths = [path for entry in same for path in _paths(entry)]
    entries: list[Spec] = []
    for entry in ingress.rules:
        if entry is same[0]:
            entries.append({**entry, "http": {"paths": paths}})
        elif _host(entry) != host:
            entries.append(entry)
    return with_rules(ingress, entries)


def swapped(ingress: Ingress, entry: int, earlier: int) -> str:
    """Put an entry of `spec.rules` before an earlier one."""
    entries = list(ingress.rules)
    entries.insert(earlier, entries.pop(entry))
    return with_rules(ingress, entries)


def _rewritten(at: int, entry: Spec, rules: Sequence[Rule], taking: Collection[Rule]) -> Spec:
    """Give the paths of an entry in the order of their rules, the header routes in front."""
    here = [rule for rule in rules if rule.entry == at]
    if not any(rule in taking for rule in here):
        return entry
    first: list[Spec] = []
    rest: list[Spec] = []
    for rule in here:
        path = next((path for path in _paths(entry) if _is(path, rule)), None)
        if path is None:
            continue  # a header route that Argo will write
        if rule in taking:
            rest += ({**path, **_literal(glob)} for glob in path_globs(rule))
        elif rule.tests and rule.path_type == "ImplementationSpecific":
            first.append(path)
        else:
            rest.append(path)
    return {**entry, "http": {"paths": [*first, *rest]}}


def _literal(glob: str) -> Spec:
    return {"path": glob, "pathType": "ImplementationSpecific"}


def _is(path: Spec, rule: Rule) -> bool:
    service = (path.get("backend") or {}).get("service") or {}
    kind = path.get("pathType") or "ImplementationSpecific"
    return (path.get("path", ""), kind, service.get("name", "")) == (
        rule.path,
        rule.path_type,
        rule.service,
    )


def _host(entry: Spec) -> str:
    return str(entry.get("host") or "")


def _paths(entry: Spec) -> Sequence[Spec]:
    http = entry.get("http")
    paths = http.get("paths") if isinstance(http, dict) else None
    return [path for path in paths or () if isinstance(path, dict)]


def _entry(entry: Spec) -> str:
    host = f"host: {json.dumps(_host(entry))}\n      " if _host(entry) else ""
    paths = "".join(f"          - {json.dumps(path)}\n" for path in _paths(entry))
    return f"    - {host}http:\n        paths:\n{paths}"


def _head(ingress: Ingress) -> str:
    return (
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n"
        f"  namespace: {ingress.namespace}\n  name: {ingress.name}\n"
    )
