"""ANN-18 and 21: annotations and the Services behind them: ports and set-up."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from bot.balancing.annotations import Forward
from bot.balancing.catalogue.contents import ANN_18, ANN_21
from bot.balancing.checks.contents_actions import attributes, forwards
from bot.balancing.checks.patches import patch, patch_ingress
from bot.balancing.checks.scene import Result, Scene, SceneCheck, Unchecked
from bot.balancing.checks.texts import only
from bot.balancing.mending import number, put
from bot.balancing.objects import PREFIX, Ingress, Service
from bot.balancing.rules import read_default
from bot.balancing.targets import find_port, target_type

_ATTRIBUTES = f"{PREFIX}/target-group-attributes"
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


def unchecked(id_: str, ingress: Ingress, service: str) -> Unchecked:
    """Say of an Ingress that a Service would have to be known."""
    return Unchecked(
        id=id_,
        kind="Ingress",
        namespace=ingress.namespace,
        name=ingress.name,
        reason=f"Service {service} is not at hand",
    )


def two_spellings(scene: Scene) -> Iterator[Result]:
    """ANN-18: one Service port, written as a name here and as a number there."""
    for member in scene.model.group.members:
        written: dict[str, dict[int | str, str]] = defaultdict(dict)
        default = (read_default(member, PREFIX),) if member.default_backend is not None else ()
        for rule in (*scene.rules_of(member), *default):
            for target in rule.action.targets if isinstance(rule.action, Forward) else ():
                if target.service is not None and target.port is not None:
                    key = f"{PREFIX}/actions.{rule.service}"
                    plain = f"the path {rule}" if rule.entry >= 0 else "spec.defaultBackend"
                    where = key if rule.by_annotation else plain
                    written[target.service].setdefault(target.port, where)
        for service, ports in written.items():
            if len({type(port) for port in ports}) > 1:
                yield from _spelt(scene, member, service, ports)


def _spelt(
    scene: Scene, ingress: Ingress, name: str, ports: Mapping[int | str, str]
) -> Iterator[Result]:
    service = scene.inventory.service(ingress.namespace, name)
    if service is None:
        yield unchecked(ANN_18.id, ingress, name)
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
    default = (read_default(ingress, PREFIX),) if ingress.default_backend is not None else ()
    in_paths = any(
        rule.port == name and rule.service == service.name
        for rule in (*scene.rules_of(ingress), *default)
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
                yield unchecked(ANN_21.id, ingress, name)
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


CHECKS: tuple[SceneCheck, ...] = (two_spellings, unlike_services)
