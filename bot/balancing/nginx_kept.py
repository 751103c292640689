"""
The canary Ingress of NGINX as Argo keeps it, and what somebody changed on it.

Argo writes it anew at every turn: the annotations that the rollout asks for, the paths of the
stable Ingress with the canary Service. Annotations that it does not ask for it leaves alone,
also those that decide where requests go. Source: argo-rollouts 1.10.1,
`rollout/trafficrouting/nginx/nginx.go`; held against the running controller.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.balancing.argo import canary_ingress, class_of
from bot.balancing.entries import backend_of, paths_of
from bot.balancing.foresight import Unwritten, has_backend
from bot.balancing.nginx import nginx_prefix
from bot.balancing.objects import CLASS, Ingress
from bot.release.rollout import Rollout

#: what of a canary Ingress decides where requests go, besides what Argo always writes
_DECIDES = (
    "canary-by-header",
    "canary-by-header-value",
    "canary-by-header-pattern",
    "canary-by-cookie",
    "canary-weight-total",
)
_HEADER = _DECIDES[:3]


@dataclass(frozen=True, kw_only=True)
class Stray:
    """
    Something about a canary Ingress that is not as Argo keeps it.

    Attributes:
        what: the sentence about it, without its end.
        evidence: what was wanted and what was found.
        heals: whether Argo puts it back at its next turn.
        annotation: its key, to ask who wrote it; empty: it is not about an annotation.
        is_gone: there is no canary Ingress at all.

    """

    what: str
    evidence: str
    heals: bool = True
    annotation: str = ""
    is_gone: bool = False

    @property
    def place(self) -> str:
        """Tell it apart from a wrong weight at the same Ingress; empty: it is about the weight."""
        return "" if self.is_gone or self.annotation.endswith("/canary-weight") else "kept"


def kept_annotations(rollout: Rollout, stable: Ingress, weight: int) -> dict[str, str]:
    """Tell the annotations that Argo writes beside this stable Ingress."""
    prefix, routing = nginx_prefix(rollout), rollout.nginx
    notes: dict[str, str] = {}
    if CLASS in stable.annotations:
        notes[CLASS] = stable.annotations[CLASS]
    for key, value in (routing.additional if routing else {}).items():
        notes[key if key.startswith(prefix) else f"{prefix}/{key}"] = value
    notes |= routing.as_written if routing else {}
    notes |= {f"{prefix}/canary": "true", f"{prefix}/canary-weight": str(weight)}
    if rollout.most_weight is not None:
        notes[f"{prefix}/canary-weight-total"] = str(rollout.most_weight)
    return notes


def kept_rules(rollout: Rollout, stable: Ingress) -> tuple[dict[str, Any], ...]:
    """Tell the entries of `spec.rules` that Argo copies there. Raises Unwritten."""
    found = []
    for rule in stable.rules:
        paths = paths_of(rule)
        if not paths or not all(backend_of(path) for path in paths):
            raise Unwritten(f"Ingress {stable.name} has an entry that the controller cannot read")
        if any(backend_of(path) == rollout.stable_service for path in paths):
            turned = [_turned(rollout, path) for path in paths]
            found.append({**rule, "http": {**rule["http"], "paths": turned}})
    if not found:
        service = rollout.stable_service
        raise Unwritten(f"Ingress {stable.name} has no path with the backend {service}")
    return tuple(found)


def kept(rollout: Rollout, stable: Ingress, weight: int, there: Ingress | None = None) -> Ingress:
    """
    Make the canary Ingress as Argo leaves it (`SetWeight`). Raises Unwritten.

    Args:
        rollout: whose it is.
        stable: the Ingress beside which it stands.
        weight: of the canary, out of `maxTrafficWeight`.
        there: as it was before; annotations that Argo does not write stay.

    """
    blank = there or Ingress(namespace=stable.namespace, name=canary_ingress(rollout, stable.name))
    written = {
        "annotations": {**blank.annotations, **kept_annotations(rollout, stable, weight)},
        "rules": kept_rules(rollout, stable),
        "class_name": stable.class_name,
        "default_backend": None,
    }
    return blank.model_copy(update=written)


def first_stray(rollout: Rollout, stable: Ingress, canary: Ingress | None) -> Stray | None:
    """Tell the gravest of what somebody changed; None: nothing, or Argo has written nothing yet."""
    written = rollout.canary_weight
    if written is None:
        return None
    if canary is None:
        return Stray(
            what="does not exist: the canary gets no request, also none with a header",
            evidence=f"wanted an Ingress with canary-weight {written.weight}; found none",
            is_gone=True,
        )
    return next(strays(rollout, stable, canary, written.weight), None)


def strays(rollout: Rollout, stable: Ingress, canary: Ingress, weight: int) -> Iterator[Stray]:
    """Tell what somebody changed, except whether it is a canary at all; the gravest first."""
    prefix, wanted = nginx_prefix(rollout), kept_annotations(rollout, stable, weight)
    header = [f"{prefix}/{key}" for key in _HEADER]
    for key in sorted(wanted, key=lambda key: (key not in header, key)):
        found = canary.annotations.get(key)
        if found != wanted[key] and key != f"{prefix}/canary":
            what = _changed(key, wanted[key], found, is_header=key in header)
            is_percent = f"{prefix}/canary-weight-total" not in {*wanted, *canary.annotations}
            if key == f"{prefix}/canary-weight" and is_percent and (found or "").isdecimal():
                what = f"gives the canary {found} %, the controller wrote {wanted[key]} %"
            evidence = f"wanted {key}: {wanted[key]}; it {_is_there(found)}"
            yield Stray(what=what, evidence=evidence, annotation=key)
    for name in _DECIDES:
        key = f"{prefix}/{name}"
        if key not in wanted and key in canary.annotations:
            yield _unasked(key, canary.annotations[key], is_header=key in header)
    yield from _moved(rollout, stable, canary)


def _changed(key: str, wanted: str, found: str | None, *, is_header: bool) -> str:
    """Say what a changed annotation does to the canary Ingress."""
    if not is_header:
        return f"has another {key} than the rollout says"
    if found is None and key.endswith("/canary-by-header"):
        return f"no longer leads {wanted} to the canary"
    return "leads another header to the canary than the rollout says"


def _is_there(found: str | None) -> str:
    return "is missing" if found is None else f"is {found}"


def _unasked(key: str, found: str, *, is_header: bool) -> Stray:
    return Stray(
        what="leads another header to the canary than the rollout says"
        if is_header
        else f"has {key}, for which the rollout does not ask",
        evidence=f"{key}: {found} stands there, and the rollout does not ask for it",
        heals=False,
        annotation=key,
    )


def _moved(rollout: Rollout, stable: Ingress, canary: Ingress) -> Iterator[Stray]:
    try:
        wanted = kept_rules(rollout, stable)
    except Unwritten:
        return  # the controller says so itself, and keeps nothing
    if canary.rules != wanted:
        yield Stray(
            what=f"has other paths than Ingress {stable.name}",
            evidence=f"wanted {_shown(wanted)}; found {_shown(canary.rules)}",
        )
    if class_of(canary) != class_of(stable):
        yield Stray(
            what=f"has another class than Ingress {stable.name}",
            evidence=f"wanted {class_of(stable) or '(none)'}; found {class_of(canary) or '(none)'}",
        )


def _shown(rules: tuple[dict[str, Any], ...]) -> str:
    return (
        ", ".join(
            f"{rule.get('host') or '*'}{path.get('path', '')} {backend_of(path)}"
            for rule in rules
            for path in paths_of(rule)
        )
        or "none"
    )


def _turned(rollout: Rollout, path: dict[str, Any]) -> dict[str, Any]:
    if backend_of(path) != rollout.stable_service:
        return path
    service = {**path["backend"]["service"], "name": rollout.canary_service}
    return {**path, "backend": {**path["backend"], "service": service}}


def serves(rollout: Rollout, stable: Ingress) -> bool:
    """Whether a path of the stable Ingress leads to the stable Service."""
    return has_backend(stable, rollout.stable_service)
