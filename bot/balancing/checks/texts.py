"""
The annotations that a group's paths refer to, with what the controller reads in them.

Others of these names are never decoded and have no effect, so nothing is said about them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from bot.balancing.annotations import (
    Action,
    Condition,
    Forward,
    Undecodable,
    decode_action,
    decode_conditions,
)
from bot.balancing.argo import action_key
from bot.balancing.catalogue import Entry
from bot.balancing.checks.patches import edit_paths, is_of, patch_ingress
from bot.balancing.entries import Path
from bot.balancing.finding import Finding
from bot.balancing.gojson import BadJson, Node, parse
from bot.balancing.mending import Level, levels, mend, parse_kindly, render
from bot.balancing.objects import PREFIX, Ingress
from bot.balancing.rules import Rule, read_default
from bot.balancing.schema import ACTION, CONDITIONS
from bot.balancing.structs import Decoder
from bot.release.rollout import Rollout

_NAMED = 3  #: things that are named before the others are counted
_SHOWN = 1_000  #: letters of a value that people are shown


@dataclass(frozen=True, kw_only=True)
class Text:
    """
    One `actions.<name>` or `conditions.<name>` that is read.

    Attributes:
        key: of the annotation.
        raw: its value.
        rules: the rules whose backend has this name; none: only the default backend has.
        rollouts: those with this Ingress.
        carried: those whose weights it carries.

    """

    ingress: Ingress
    key: str
    raw: str
    rules: tuple[Rule, ...] = ()
    rollouts: tuple[Rollout, ...] = ()
    carried: tuple[Rollout, ...] = ()

    @property
    def is_action(self) -> bool:
        """Whether it is an action, not conditions."""
        return self.key.startswith(f"{PREFIX}/actions.")

    @property
    def decoder(self) -> Decoder:
        """The struct that it is read into."""
        return ACTION if self.is_action else CONDITIONS

    @cached_property
    def tree(self) -> Node | None:
        """Its JSON; None: it is none."""
        try:
            return parse(self.raw)
        except BadJson:
            return None

    @cached_property
    def levels(self) -> tuple[Level, ...]:
        """The objects in it that are read."""
        return tuple(levels(self.tree, self.decoder)) if self.tree is not None else ()

    def level(self, path: str) -> Level | None:
        """Give the object at a path, as written first."""
        return next((level for level in self.levels if level.path == path), None)

    def offset(self, path: str) -> int:
        """Tell the character at which an object begins, from 0."""
        level = self.level(path)
        return level.node.at if level else 0

    @cached_property
    def _decoded(self) -> Action | tuple[Condition, ...] | Undecodable:
        try:
            return (decode_action if self.is_action else decode_conditions)(self.raw, self.key)
        except Undecodable as fault:
            return fault

    @property
    def fault(self) -> Undecodable | None:
        """Why it cannot be read."""
        return self._decoded if isinstance(self._decoded, Undecodable) else None

    @property
    def forward(self) -> Forward | None:
        """What it says, when it is a forward."""
        return self._decoded if isinstance(self._decoded, Forward) else None

    @property
    def action(self) -> Action | None:
        """What it says, when it is an action."""
        is_other = isinstance(self._decoded, Undecodable | tuple)
        return None if is_other else self._decoded  # type: ignore[return-value] # not narrowed

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What it says, when it is conditions that some rule heeds."""
        return self._decoded if self.rules and isinstance(self._decoded, tuple) else ()

    @cached_property
    def mended(self) -> Node | None:
        """Its JSON with the slips put right; None: that is beyond us."""
        tree = parse_kindly(self.raw)
        return None if tree is None else mend(tree, self.decoder)

    def value(self, tree: Node | None) -> str:
        """Write the whole value anew as JSON; empty: it could not be read either."""
        if tree is None:
            return ""
        value = render(tree)
        try:
            (decode_action if self.is_action else decode_conditions)(value)
        except Undecodable:
            return ""
        return value

    def patch(self, tree: Node | None) -> str:
        """Write the whole annotation anew as YAML; empty: it would be as it is, or as bad."""
        value = self.value(tree)
        if value in {"", self.raw}:
            return ""
        return patch_ingress(self.ingress, annotations={self.key: value})

    def found(
        self, entry: Entry, *, message: str, evidence: str, patch: str = "", part: str = ""
    ) -> Iterator[Finding]:
        """
        Find something in it: for every rollout whose weights it carries, or once.

        Args:
            entry: what.
            message: in one sentence.
            evidence: what was read; the annotation's key stands before it, its value behind.
            patch: the YAML that mends it.
            part: the place within, where there may be several of this kind.

        """
        names = [rollout.name for rollout in self.carried] or [only(self.rollouts)]
        whole = "" if self.carried else self.key
        for name in names:
            yield entry.at_ingress(
                self.ingress,
                message=message,
                evidence=f"{self.key}: {evidence}; the whole value: {shortened(self.raw)}",
                rollout=name,
                patch=patch,
                place=f"{self.key}:{part}" if part else whole,
            )


def shortened(value: str) -> str:
    """Show a value to people."""
    if not value.strip():
        return "(empty)"
    return value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"


def listed(names: Iterable[str]) -> str:
    """Name things, each once; of many the first three."""
    once = list(dict.fromkeys(names))
    more = [f"{len(once) - _NAMED} more"] if len(once) > _NAMED else []
    return " and ".join((*once[:_NAMED], *more))


def only(rollouts: Sequence[Rollout]) -> str:
    """Name the only rollout; empty: there is none, or several."""
    names = {rollout.name for rollout in rollouts}
    return names.pop() if len(names) == 1 else ""


def read_texts(
    ingress: Ingress, rules: Sequence[Rule], rollouts: tuple[Rollout, ...]
) -> Iterator[Text]:
    """
    Give the annotations of an Ingress that its paths and its default backend refer to.

    Args:
        ingress: a member of a group.
        rules: its rules.
        rollouts: those with this Ingress.

    """
    default = (read_default(ingress, PREFIX),) if ingress.default_backend is not None else ()
    everything = (*rules, *default)
    for name in dict.fromkeys(rule.service for rule in everything if rule.service):
        own = tuple(rule for rule in rules if rule.service == name)
        keys = [f"{PREFIX}/conditions.{name}"]
        if any(rule.by_annotation for rule in everything if rule.service == name):
            keys.append(f"{PREFIX}/actions.{name}")
        for key in keys:
            if key in ingress.annotations:
                yield Text(
                    ingress=ingress,
                    key=key,
                    raw=ingress.annotations[key],
                    rules=own,
                    rollouts=rollouts,
                    carried=tuple(one for one in rollouts if action_key(one) == key),
                )


def with_path(ingress: Ingress, rule: Rule, **changes: str) -> list[dict[str, Any]]:
    """Give `spec.rules` with other fields of the path that a rule was made from."""

    def edit(entry: int, paths: list[Path]) -> list[Path]:
        return [one | changes if entry == rule.entry and is_of(one, rule) else one for one in paths]

    return edit_paths(ingress, edit)


def with_host(ingress: Ingress, rule: Rule, host: str) -> list[dict[str, Any]]:
    """Give `spec.rules` with the path of a rule in an entry of its own, in front, for a host."""
    taken: list[Path] = []

    def edit(entry: int, paths: list[Path]) -> list[Path]:
        own = [one for one in paths if entry == rule.entry and is_of(one, rule)]
        taken.extend(own)
        return [one for one in paths if one not in own]

    rules = edit_paths(ingress, edit)
    rules.insert(rule.entry, {"host": host, "http": {"paths": taken}})
    return [one for one in rules if (one.get("http") or {}).get("paths")]
