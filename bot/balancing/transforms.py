"""
The JSON in `transforms.*`: what the balancer rewrites before a request goes on.

Since v2.14.1; older controllers do not read it. Source: `pkg/ingress/config_types.go` of v3.5.0.
"""

from dataclasses import dataclass
from typing import Any

from bot.balancing.annotations import refused
from bot.balancing.schema import TRANSFORMS
from bot.balancing.structs import AT, Misfit, read

_CONFIGS = {
    "host-header-rewrite": "hostHeaderRewriteConfig",
    "url-rewrite": "urlRewriteConfig",
}


@dataclass(frozen=True, kw_only=True)
class Transform:
    """
    What is rewritten: the host (`host-header-rewrite`) or path and query (`url-rewrite`).

    Attributes:
        kind: one of the two.
        rewrites: regular expression and what takes its place.

    """

    kind: str
    rewrites: tuple[tuple[str, str], ...]


def decode_transforms(text: str, annotation: str = "") -> tuple[Transform, ...]:
    """Decode the value of a `transforms.<name>` annotation. Raises Undecodable."""
    with refused(annotation):
        cells = read(text, TRANSFORMS)
        states = cells.items() if cells else ()
        return tuple(_transform(state, f"[{i}]") for i, state in enumerate(states))


def _transform(state: dict[str, Any], path: str) -> Transform:
    kind = state.get("type", "")
    if kind not in _CONFIGS:
        reason = f"must be {' or '.join(_CONFIGS)}, not {kind}" if kind else "is missing"
        raise Misfit(f"{path}.type", state[AT], reason)
    name = _CONFIGS[kind]
    config = state.get(name)
    if config is None:
        raise Misfit(f"{path}.{name}", state[AT], f"is missing; the type {kind} needs it")
    cells = config.get("rewrites")
    rewrites = cells.items() if cells else ()
    if not rewrites:
        raise Misfit(f"{path}.{name}.rewrites", config[AT], "is missing or empty")
    return Transform(
        kind=kind, rewrites=tuple((r.get("regex", ""), r.get("replace", "")) for r in rewrites)
    )
