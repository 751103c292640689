"""ANN-19 and 20: who is asked to log in."""

from collections.abc import Iterator, Mapping

from bot.balancing.annotations import Forward
from bot.balancing.catalogue.contents import ANN_19, ANN_20
from bot.balancing.checks.contents_actions import forwards
from bot.balancing.checks.contents_services import unchecked
from bot.balancing.checks.patches import patch_ingress
from bot.balancing.checks.scene import Result, Scene, SceneCheck
from bot.balancing.checks.texts import listed, only
from bot.balancing.objects import PREFIX, Ingress, Service
from bot.balancing.rules import Rule, read_default

_AUTH = f"{PREFIX}/auth-"
_AUTH_TYPE = f"{PREFIX}/auth-type"
_JWT = f"{PREFIX}/jwt-validation"
_SSL_REDIRECT = f"{PREFIX}/ssl-redirect"


def _authenticates(annotations: Mapping[str, str]) -> bool:
    return annotations.get(_AUTH_TYPE, "none") != "none"


def ignored_auth(scene: Scene) -> Iterator[Result]:
    """ANN-19: a Service in a weighted action asks for logging in, and the Ingress does not."""
    for one, forward in forwards(scene):
        names = list(dict.fromkeys(t.service for t in forward.targets if t.service))
        if len(forward.targets) < 2:
            continue
        here = {name: scene.inventory.service(one.ingress.namespace, name) for name in names}
        asking = {n: auth for n, s in here.items() if s and (auth := _extra_auth(s, one.ingress))}
        missing = next((name for name, service in here.items() if service is None), "")
        if missing and not asking and not scene.inventory.knows_services(one.ingress.namespace):
            yield unchecked(ANN_19.id, one.ingress, missing)
        if not asking:
            continue
        shown = "; ".join(
            f"Service {name}: " + ", ".join(f"{key}: {value}" for key, value in auth.items())
            for name, auth in asking.items()
        )
        wanted = next(iter(asking.values()))
        is_one = all(auth == wanted for auth in asking.values())
        effect = (
            "are authenticated as the Ingress says"
            if _authenticates(one.ingress.annotations)
            else "need not log in"
        )
        yield from one.found(
            ANN_19,
            message=f"Requests by the weights on Ingress {one.ingress.name} {effect}: with several "
            "target groups the auth-* annotations of Services are ignored.",
            evidence=f"{len(forward.targets)} target groups; {shown}",
            patch=patch_ingress(one.ingress, annotations=wanted) if is_one else "",
            part="auth",
        )


def _extra_auth(service: Service, ingress: Ingress) -> Mapping[str, str]:
    """Give the auth-* annotations of a Service, when they ask for what the Ingress does not."""
    own = {k: v for k, v in sorted(service.annotations.items()) if k.startswith(_AUTH)}
    asks = _authenticates(own) or (_authenticates(ingress.annotations) and own)
    same = all(ingress.annotations.get(key) == value for key, value in own.items())
    return own if asks and not same else {}


def open_http(scene: Scene) -> Iterator[Result]:
    """ANN-20: who must log in on HTTPS reaches the Service by HTTP without."""
    for member in scene.model.group.members:
        exposed = [
            (listener.port, rule)
            for listener in scene.model.listeners
            if listener.protocol == "HTTP"
            for rule in listener.rules
            if rule.ingress == member.key and isinstance(rule.action, Forward)
        ]
        exposed += _default(scene, member)
        if not exposed:
            continue
        general = [key for key in (_AUTH_TYPE, _JWT) if _asks(member, key)]
        guarded = [(port, rule, key) for port, rule in exposed for key in general[:1]]
        guarded = guarded or [
            (port, rule, f"Service {_single(rule)}, {_AUTH_TYPE}")
            for port, rule in exposed
            if (service := scene.inventory.service(member.namespace, _single(rule)))
            and _authenticates(service.annotations)
        ]
        if guarded:
            yield _open(scene, member, guarded)
        elif missing := _not_here(scene, member, exposed):
            yield unchecked(ANN_20.id, member, missing)


def _default(scene: Scene, member: Ingress) -> Iterator[tuple[int, Rule]]:
    """Give the default backend, on the HTTP listeners where it is this member's."""
    rule = read_default(member, PREFIX) if member.default_backend is not None else None
    for listener in scene.model.listeners:
        is_here = rule and listener.protocol == "HTTP" and listener.default == rule.action
        if rule and is_here and isinstance(rule.action, Forward):
            yield listener.port, rule


def _asks(ingress: Ingress, key: str) -> bool:
    return key in ingress.annotations and (key == _JWT or _authenticates(ingress.annotations))


def _single(rule: Rule) -> str:
    """Name the only Service of a rule: its own authentication counts; empty: there are several."""
    targets = rule.action.targets if isinstance(rule.action, Forward) else ()
    return (targets[0].service or "") if len(targets) == 1 else ""


def _not_here(scene: Scene, ingress: Ingress, exposed: list[tuple[int, Rule]]) -> str:
    """Name a Service that may ask for logging in, and is not at hand."""
    if scene.inventory.knows_services(ingress.namespace):
        return ""
    return next((name for _, rule in exposed if (name := _single(rule))), "")


def _open(scene: Scene, ingress: Ingress, guarded: list[tuple[int, Rule, str]]) -> Result:
    key = guarded[0][2]
    named = ((str(rule) if rule.entry >= 0 else "the default", port) for port, rule, _ in guarded)
    rules = listed(f"{name} on port {port}" for name, port in named)
    secure = [one.port for one in scene.model.listeners if one.protocol == "HTTPS"]
    redirect = {_SSL_REDIRECT: str(secure[0])} if secure else {}
    return ANN_20.at(
        "Ingress",
        ingress.namespace,
        ingress.name,
        message=f"By plain HTTP, Ingress {ingress.name} is reached without logging in: {rules}.",
        evidence=f"{key}: {ingress.annotations.get(key, 'there')}; rules on HTTP: {rules}",
        rollout=only(scene.rollouts_of(ingress)),
        patch=patch_ingress(ingress, annotations=redirect) if secure else "",
        place=key,
        origin=ingress.origin,
    )


CHECKS: tuple[SceneCheck, ...] = (ignored_auth, open_http)
