"""
How to mend the order of rules, as YAML of the Ingress.

Each gives what is to be changed, or "" where it cannot be written down: then nothing is
claimed.
"""

from collections.abc import Collection, Sequence
from typing import Any

from bot.balancing.annotations import Redirect
from bot.balancing.checks.patches import edit_paths, is_of, patch_ingress
from bot.balancing.entries import Path, paths_of
from bot.balancing.groups import ORDER, order_of
from bot.balancing.objects import Ingress
from bot.balancing.reach import Reach, reach_of
from bot.balancing.rules import Rule

_LOWEST, _HIGHEST = -1000, 1000


def with_annotation(ingress: Ingress, key: str, value: str) -> str:
    """Set an annotation."""
    return patch_ingress(ingress, annotations={key: value})


def before(ingress: Ingress, other: Ingress) -> str:
    """Put an Ingress before another one of its group by `group.order`."""
    order = order_of(other) or 0
    if order > _LOWEST:
        return with_annotation(ingress, ORDER, str(order - 1))
    return with_annotation(other, ORDER, str(min((order_of(ingress) or 0) + 1, _HIGHEST)))


def moved(own: Ingress, other: Ingress, rules: Sequence[Rule], by: Rule) -> str:
    """Let rules of one Ingress come before one of another entry or another Ingress."""
    if own is not other:
        return before(own, other)
    places = sorted({rule.entry for rule in rules})
    if by.entry in places:
        return ""
    rest = [entry for place, entry in enumerate(own.rules) if place not in places]
    first = [entry for place, entry in enumerate(own.rules) if place in places]
    return patch_ingress(own, rules=[*rest[: by.entry], *first, *rest[by.entry :]])


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
    typed = [rule for rule in rules if rule.path_type != "ImplementationSpecific"]
    for rule in taking:
        for other in typed[typed.index(rule) + 1 :] if rule in typed else ():
            same = other.entry == rule.entry and other not in taking
            if same and reach_of(other, rule) is not Reach.NONE:
                return ""

    def edit(entry: int, paths: list[Path]) -> list[Path]:
        here = [rule for rule in rules if rule.entry == entry]
        return _rewritten(paths, here, taking) if any(one in taking for one in here) else paths

    return patch_ingress(ingress, rules=edit_paths(ingress, edit))


def _rewritten(paths: list[Path], rules: Sequence[Rule], taking: Collection[Rule]) -> list[Path]:
    """
    Give the paths of an entry in the order of the file, as far as that serves.

    Those in *taking* are rewritten where they stand, the longest first as the controller had
    them. Header routes come before them, and what takes requests without a header stays
    behind them; a redirect stays where it is.
    """
    found = ((path, next((rule for rule in rules if is_of(path, rule)), None)) for path in paths)
    listed = [(path, rule) for path, rule in found if rule is not None]
    taken = sorted(
        (pair for pair in listed if pair[1] in taking), key=lambda pair: rules.index(pair[1])
    )
    filled = iter(taken)
    listed = [next(filled) if rule in taking else (path, rule) for path, rule in listed]
    places = [i for i, (_, rule) in enumerate(listed) if rule in taking]
    if not places:
        return paths
    first: list[tuple[Path, Rule]] = []
    middle: list[tuple[Path, Rule]] = []
    last: list[tuple[Path, Rule]] = []
    for place, (path, rule) in enumerate(listed):
        if rule in taking or rule.path_type != "ImplementationSpecific":
            middle.append((path, rule))
        elif rule.tests and place > places[0]:
            first.append((path, rule))
        elif _yields(rule, [listed[i][1] for i in places if i > place]):
            last.append((path, rule))
        else:
            middle.append((path, rule))
    at = next(i for i, (_, rule) in enumerate(middle) if rule in taking)
    ordered = [*middle[:at], *first, *middle[at:], *last]
    return [one for path, rule in ordered for one in _literally(path, rule, taking)]


def _yields(rule: Rule, behind: Sequence[Rule]) -> bool:
    """Whether a rule would take requests of those that it stood behind so far."""
    if rule.tests or isinstance(rule.action, Redirect):
        return False
    return any(reach_of(rule, one) is not Reach.NONE for one in behind)


def _literally(path: Path, rule: Rule, taking: Collection[Rule]) -> list[Path]:
    return [_as(path, glob) for glob in _own_globs(rule)] if rule in taking else [path]


def whole(ingress: Ingress, rule: Rule) -> str:
    """Let one path take everything that the other paths of its entry leave."""

    def edit(entry: int, paths: list[Path]) -> list[Path]:
        own = [path for path in paths if entry == rule.entry and is_of(path, rule)]
        return [*(path for path in paths if path not in own), *(_as(path, "/*") for path in own)]

    return patch_ingress(ingress, rules=edit_paths(ingress, edit))


def merged(ingress: Ingress, host: str) -> str:
    """Put all entries of one host into the first of them."""
    same = [entry for entry in ingress.rules if _host(entry) == host]
    paths = [path for entry in same for path in paths_of(entry)]
    entries = [
        {**entry, "http": {"paths": paths}} if entry is same[0] else entry
        for entry in ingress.rules
        if entry is same[0] or _host(entry) != host
    ]
    return patch_ingress(ingress, rules=entries)


def _own_globs(rule: Rule) -> tuple[str, ...]:
    """Give the patterns of its own path; those of conditions come behind them."""
    return rule.paths.globs[: 2 if rule.path_type == "Prefix" and rule.path != "/" else 1]


def _as(path: Path, glob: str) -> Path:
    return {**path, "path": glob, "pathType": "ImplementationSpecific"}


def _host(entry: dict[str, Any]) -> str:
    return str(entry.get("host") or "")
