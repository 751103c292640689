"""
The NGINX canary Ingress that Argo keeps beside a stable one.

It has the same rules with the canary Service; `canary-weight` of `canary-weight-total`
requests go there, and a header goes before the weight. Without that Ingress, or
without `canary: "true"`, everything goes to the stable Service. Source: argo-rollouts
`rollout/trafficrouting/nginx/nginx.go`; ingress-nginx `annotations/canary/main.go`,
`lua/balancer.lua`.
"""

import re
from collections.abc import Iterator
from fractions import Fraction

from bot.balancing.objects import Ingress
from bot.release.rollout import Rollout
from bot.release.traffic import HeaderRoute

_PREFIX = "nginx.ingress.kubernetes.io"
_WHOLE = re.compile(r"[+-]?[0-9]{1,9}\Z")
_TRUE = {"1", "t", "T", "TRUE", "true", "True"}  # Go: strconv.ParseBool
_BY_HEADER = "canary-by-header"


class Unreadable(Exception):  # noqa: N818 - what the annotation is
    """An annotation is not what NGINX takes. Args: the sentence."""


def nginx_prefix(rollout: Rollout) -> str:
    """Tell what stands before the slash in the NGINX annotations of this rollout."""
    return (rollout.nginx.annotation_prefix if rollout.nginx else "") or _PREFIX


def weight_key(rollout: Rollout) -> str:
    """Tell the annotation that carries the weight."""
    return f"{nginx_prefix(rollout)}/canary-weight"


def canary_share(rollout: Rollout, canary: Ingress | None) -> Fraction:
    """Tell which part of the public the canary Ingress takes, 0 to 1. Raises Unreadable."""
    if canary is None:
        return Fraction(0)
    prefix = nginx_prefix(rollout)
    key, text = weight_key(rollout), canary.annotations.get(weight_key(rollout), "0")
    if not _WHOLE.match(text):
        raise Unreadable(f"{key} must be a whole number, not {text!r}")
    if canary.annotations.get(f"{prefix}/canary") not in _TRUE:
        raise Unreadable(f"{prefix}/canary is not true, so NGINX does not heed the weight")
    total = weight_total(rollout, canary)
    return Fraction(min(max(int(text), 0), total), total)


def weight_total(rollout: Rollout, canary: Ingress | None) -> int:
    """Tell what the weights add up to: 100, or more (`maxTrafficWeight`)."""
    key = f"{nginx_prefix(rollout)}/canary-weight-total"
    text = canary.annotations.get(key, "") if canary else ""
    return max(100, int(text)) if _WHOLE.match(text) else 100


def read_routes(rollout: Rollout, name: str, canary: Ingress | None) -> Iterator[HeaderRoute]:
    """
    Tell the header route of a canary Ingress, also one that is asked for but missing.

    Without a value of its own the header must say `always`.
    """
    prefix = nginx_prefix(rollout)
    asked = {
        key.removeprefix(f"{prefix}/"): value
        for key, value in (rollout.nginx.additional if rollout.nginx else {}).items()
    }
    there = {
        key.removeprefix(f"{prefix}/"): value
        for key, value in (canary.annotations if canary else {}).items()
        if key.startswith(f"{prefix}/")
    }
    found = there if there.get(_BY_HEADER) else asked
    if not found.get(_BY_HEADER):
        return
    pattern = found.get(f"{_BY_HEADER}-pattern", "")
    hosts = (str(rule.get("host") or "") for rule in (canary.rules if canary else ()))
    yield HeaderRoute(
        ingress=name,
        name=_BY_HEADER,
        header=found[_BY_HEADER],
        value=found.get(f"{_BY_HEADER}-value") or (f"/{pattern}/" if pattern else "always"),
        managed=False,
        hosts=tuple(dict.fromkeys(host for host in hosts if host)),
        complete=found is there and there.get("canary") in _TRUE,
    )
