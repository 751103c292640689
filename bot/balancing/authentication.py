"""
What the balancer asks of a client before it acts: a login, or a token.

Both stand on HTTPS listeners only; on HTTP nothing is asked. `jwt-validation` is read on the
Ingress. `auth-*` may also stand on the Service, where it wins, but only when all requests go
to that one Service: the Services of a weighted canary are not asked. Source:
`pkg/ingress/auth_config_builder.go`, `enhanced_backend_builder.go`, `model_build_actions.go` of
v3.5.0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.balancing.annotations import Undecodable, refused
from bot.balancing.scalars import parse_int
from bot.balancing.schema import COGNITO, JWT, OIDC
from bot.balancing.structs import AT, Decoder, Misfit, read

_KINDS = ("none", "oidc", "cognito")
_IDPS = {"cognito": COGNITO, "oidc": OIDC}


@dataclass(frozen=True, kw_only=True)
class Authenticate:
    """
    The client logs in.

    Attributes:
        kind: `oidc` or `cognito`.
        provider: the fields of `auth-idp-*`, by name; None: the annotation is missing, so that
            the controller can make no rule with it on HTTPS.
        unauthenticated: what becomes of those who did not: `authenticate`, `allow` or `deny`.
        scope: what is asked for.
        cookie: where the session is kept.
        timeout: of the session, seconds.

    """

    kind: str
    provider: tuple[tuple[str, str], ...] | None = None
    unauthenticated: str = "authenticate"
    scope: str = "openid"
    cookie: str = "AWSELBAuthSessionCookie"
    timeout: int = 604_800


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One more claim that a token must make."""

    name: str
    kind: str
    values: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ValidateToken:
    """The client shows a JSON Web Token."""

    keys: str  #: the address of the keys
    issuer: str
    claims: tuple[Claim, ...] = ()


Guard = Authenticate | ValidateToken


def decode_authentication(annotations: Mapping[str, str], prefix: str) -> Authenticate | None:
    """
    Read `auth-*` in the annotations that count; None: no login. Raises Undecodable.

    Providers are read whenever they are written, also for `none`.
    """
    kind = annotations.get(f"{prefix}/auth-type", "none")
    if kind not in _KINDS:
        reason = f"must be {', '.join(_KINDS[:-1])} or {_KINDS[-1]}, not {kind!r}"
        raise Undecodable(f"{prefix}/auth-type", "", None, reason)
    key = f"{prefix}/auth-session-timeout"
    timeout = parse_int(annotations.get(key, "604800"), bits=64)
    if timeout is None:
        raise Undecodable(key, "", None, f"must be a whole number, not {annotations[key]!r}")
    providers = {
        name: _provider(annotations, f"{prefix}/auth-idp-{name}", schema)
        for name, schema in _IDPS.items()
    }
    if kind == "none":
        return None
    said = {
        name: annotations[f"{prefix}/auth-{key}"]
        for name, key in (
            ("unauthenticated", "on-unauthenticated-request"),
            ("scope", "scope"),
            ("cookie", "session-cookie"),
        )
        if f"{prefix}/auth-{key}" in annotations
    }
    return Authenticate(kind=kind, provider=providers[kind], timeout=timeout, **said)


def _provider(
    annotations: Mapping[str, str], key: str, schema: Decoder
) -> tuple[tuple[str, str], ...] | None:
    if key not in annotations:
        return None
    with refused(key):
        state = read(annotations[key], schema)
    extra = state.pop("authenticationRequestExtraParams", None) or {}
    own = {name: value for name, value in state.items() if name != AT}
    return tuple(sorted(own.items())) + tuple(sorted(extra.items()))


def decode_token_validation(text: str, annotation: str = "") -> ValidateToken:
    """Decode the value of `jwt-validation`. Raises Undecodable."""
    with refused(annotation):
        state = read(text, JWT)
        for name in ("jwksEndpoint", "issuer"):
            if not state.get(name):
                raise Misfit(name, state[AT], "is missing")
        cells = state.get("additionalClaims")
        claims = cells.items() if cells else ()
        return ValidateToken(
            keys=state["jwksEndpoint"],
            issuer=state["issuer"],
            claims=tuple(_claim(one, f"additionalClaims[{i}]") for i, one in enumerate(claims)),
        )


def _claim(state: dict[str, Any], path: str) -> Claim:
    for name in ("format", "name"):
        if not state.get(name):
            raise Misfit(f"{path}.{name}", state[AT], "is missing")
    cells = state.get("values")
    values = cells.items() if cells else ()
    if not values:
        raise Misfit(f"{path}.values", state[AT], "is missing or empty")
    return Claim(name=state["name"], kind=state["format"], values=values)
