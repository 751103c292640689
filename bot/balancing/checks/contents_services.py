"""ANN-18 to 21: annotations and the Services behind them: ports, authentication, set-up."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from bot.balancing.annotations import Forward
from bot.balancing.catalogue.contents import ANN_18, ANN_19, ANN_20, ANN_21
from bot.balancing.checks.contents_actions import attributes, forwards
from bot.balancing.checks.patches import patch, patch_ingress
from bot.balancing.checks.scene import Result, Scene, SceneCheck, unchecked_at
from bot.balancing.checks.texts import listed, only
from bot.balancing.mending import number, put
from bot.balancing.objects import PREFIX, Ingress, Service
from bot.balancing.rules import Rule
from bot.balancing.targets import find_port, target_type

_AUTH = f"{PREFIX}/auth-"
_AUTH_TYPE = f"{PREFIX}/auth-type"
_JWT = f"{PREFIX}/jwt-validation"
_ATTRIBUTES = f"{PREFIX}/target-group-attributes"
_SSL_REDIRECT = f"{PREFIX}/ssl-redirect"
_SET_UP = tuple(
    f"{PREFIX}/{suffix}"
    for suffix in (
        "target-type",
        "target-group-attributes",
        "target-node-labels",
        "backend-protocol",
        "backend-protocol-version",
        "healthcheck-port",
        "healthcheck-protocol",
        "healthcheck-path",
        "healthcheck-interval-seconds",
        "healthcheck-timeout-seconds",
        "healthy-threshold-count",
        "unhealthy-threshold-count",
        "success-codes",
    )
)
#: what counts where nothing is written: `pkg/config/ingress_config.go`
_DEFAULTS = {f"{PREFIX}/backend-protocol": "HTTP", f"{PREFIX}/backend-protocol-version": "HTTP1"}


def two_spellings(scene: Scene) -> Iterator[Result]:
    """ANN-18: one Service port, written as a name here and as a number there."""
    for member in scene.model.group.members:
        written: dict[str, dict[int | str, str]] = defaultdict(dict)
        for rule in scene.rules_of(member):
            for target in rule.action.targets if isinstance(rule.action, Forward) else ():
                if target.service is not None and target.port is not None:
                    key = f"{PREFIX}/actions.{rule.service}"
                    where = key if rule.by_annotation else f"the path {rule}"
                    written[target.service].setdefault(target.port, where)
        for service, ports in written.items():
            if len({type(port) for port in ports}) > 1:
                yield from _spelt(scene, member, service, ports)


def _spelt(
    scene: Scene, ingress: Ingress, name: str, ports: Mapping[int | str, str]
) -> Iterator[Result]:
    service = scene.inventory.service(ingress.namespace, name)
    if service is None:
        yield unchecked_at(ingress, ANN_18.id, f"Service {name} is not at hand")
        return
    for text, where in ports.items():
        if not isinstance(text, str):
            continue
        found = find_port(service, text)
        if found is None or found.port not in ports:
            continue
        groups = " and ".join(
            f"{ingress.key}-{name}:{port} ({place})"
            for port, place in ((text, where), (found.port, ports[found.port]))
        )
        yield ANN_18.at_ingress(
            ingress,
            message=f"Port {found.port} of Service {name} has two target groups by Ingress "
            f"{ingress.name}: it is written as {text} and as {found.port}.",
            evidence=f"two target groups: {groups}",
            rollout=only(scene.rollouts_of(ingress)),
            patch=_one_spelling(scene, ingress, service, text),
            place=f"{name}:{text}",
        )


def _one_spelling(scene: Scene, ingress: Ingress, service: Service, name: str) -> str:
    """Write the number in all annotations; nothing where a path has the name."""
    found = find_port(service, name)
    in_paths = any(
        rule.port == name and rule.service == service.name for rule in scene.rules_of(ingress)
    )
    if found is None or in_paths:
        return ""
    changed = {}
    for one, forward in forwards(scene):
        hits = [
            i for i, t in enumerate(forward.targets) if (t.service, t.port) == (service.name, name)
        ]
        if one.ingress is not ingress or not hits or one.mended is None:
            continue
        tree = one.mended
        for i in hits:
            keys = ("forwardConfig", "targetGroups", i, "servicePort")
            tree = put(tree, keys, number(found.port))
        changed[one.key] = one.value(tree)
    if not changed or not all(changed.values()):
        return ""
    return patch_ingress(ingress, annotations=changed)


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
            yield unchecked_at(one.ingress, ANN_19.id, f"Service {missing} is not at hand")
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
            yield unchecked_at(member, ANN_20.id, f"Service {missing} is not at hand")


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
    rules = listed(f"{rule} on port {port}" for port, rule, _ in guarded)
    secure = [one.port for one in scene.model.listeners if one.protocol == "HTTPS"]
    redirect = {_SSL_REDIRECT: str(secure[0])} if secure else {}
    return ANN_20.at_ingress(
        ingress,
        message=f"By plain HTTP, Ingress {ingress.name} is reached without logging in: {rules}.",
        evidence=f"{key}: {ingress.annotations.get(key, 'there')}; rules on HTTP: {rules}",
        rollout=only(scene.rollouts_of(ingress)),
        patch=patch_ingress(ingress, annotations=redirect) if secure else "",
        place=key,
    )


def unlike_services(scene: Scene) -> Iterator[Result]:
    """ANN-21: canary and stable Service differ in how the ALB checks and reaches them."""
    for tie in scene.ties:
        rollout, ingress = tie.rollout, tie.ingress
        if ingress is None or not rollout.canary_service_now or not rollout.stable_service_now:
            continue
        canary = scene.inventory.service(rollout.namespace, rollout.canary_service_now)
        stable = scene.inventory.service(rollout.namespace, rollout.stable_service_now)
        if canary is None or stable is None:
            name = rollout.canary_service_now if canary is None else rollout.stable_service_now
            if not scene.inventory.knows_services(rollout.namespace):
                yield unchecked_at(ingress, ANN_21.id, f"Service {name} is not at hand")
            continue
        ours, theirs = _set_up(scene, ingress, canary), _set_up(scene, ingress, stable)
        odd = [key for key in _SET_UP if _read(key, ours[key]) != _read(key, theirs[key])]
        if odd:
            yield _unlike(canary, stable, odd, ingress=ingress, rollout=rollout.name)


def _set_up(scene: Scene, ingress: Ingress, service: Service) -> Mapping[str, str | None]:
    """Give what counts for a Service: its own annotations, else those of the Ingress."""
    own = {k: service.annotations.get(k, ingress.annotations.get(k)) for k in _SET_UP}
    kind = target_type(scene.inventory, ingress, service)
    known = {key: value for key, value in own.items() if value is not None}
    return own | _DEFAULTS | known | {f"{PREFIX}/target-type": kind}


def _read(key: str, value: str | None) -> object:
    return value if value is None or key != _ATTRIBUTES else attributes(value)


def _unlike(
    canary: Service, stable: Service, odd: list[str], *, ingress: Ingress, rollout: str
) -> Result:
    shown = "; ".join(
        f"{key}: canary {_whose(canary, ingress, key)}, stable {_whose(stable, ingress, key)}"
        for key in odd
    )
    metadata = {"annotations": {key: stable.annotations.get(key) for key in odd}}
    return ANN_21.at(
        "Service",
        canary.namespace,
        canary.name,
        message=f"The ALB treats the canary Service {canary.name} and the stable Service "
        f"{stable.name} differently.",
        evidence=shown,
        rollout=rollout,
        patch=patch("Service", canary.namespace, canary.name, metadata=metadata),
        origin=canary.origin,
    )


def _whose(service: Service, ingress: Ingress, key: str) -> str:
    if key in service.annotations:
        return service.annotations[key]
    value = ingress.annotations.get(key)
    return "not set" if value is None else f"{value} (of Ingress {ingress.name})"


CHECKS: tuple[SceneCheck, ...] = (two_spellings, ignored_auth, open_http, unlike_services)
