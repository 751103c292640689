"""ANN-04, 05, 06, 10, 11: weights, target groups and stickiness of an action."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from math import gcd

from bot.balancing.annotations import Forward, TargetGroup
from bot.balancing.argo import action_key
from bot.balancing.catalogue.contents import ANN_04, ANN_05, ANN_06, ANN_10, ANN_11
from bot.balancing.checks.patches import patch_canary
from bot.balancing.checks.scene import Result, Scene, SceneCheck, unchecked_at
from bot.balancing.checks.texts import Text
from bot.balancing.gojson import Kind, Node
from bot.balancing.mending import number, put
from bot.balancing.objects import PREFIX, Ingress

_WEIGHTS = range(1_000)  # AWS: TargetGroupTuple
_MOST_TARGETS = 5  # AWS: target groups per action
_SECONDS = range(1, 604_801)  # AWS: TargetGroupStickinessConfig
_HOUR = 3_600
_ATTRIBUTES = f"{PREFIX}/target-group-attributes"
_TARGETS = ("forwardConfig", "targetGroups")
_STICKY = ("forwardConfig", "targetGroupStickinessConfig")


def forwards(scene: Scene) -> Iterator[tuple[Text, Forward]]:
    """Give the actions that forward."""
    for one in scene.texts:
        if one.forward is not None:
            yield one, one.forward


def all_zero(scene: Scene) -> Iterator[Result]:
    """ANN-04: no target group has a weight."""
    for one, forward in forwards(scene):
        weights = [target.weight for target in forward.targets if target.weight is not None]
        if not weights or any(weights):
            continue
        stables = {rollout.stable_service_now for rollout in one.rollouts} - {""}
        own = [i for i, target in enumerate(forward.targets) if target.service in stables]
        tree = _weighed(one, {own[0]: 100}) if len(own) == 1 else None
        yield from one.found(
            ANN_04,
            message=f"All weights on Ingress {one.ingress.name} are 0.",
            evidence=f"{_shares(forward)}",
            patch=one.patch(tree),
        )


def out_of_range(scene: Scene) -> Iterator[Result]:
    """ANN-05: a weight that AWS refuses."""
    for one, forward in forwards(scene):
        wrong = [
            f"forwardConfig.targetGroups[{i}].weight is {target.weight}"
            for i, target in enumerate(forward.targets)
            if target.weight is not None and target.weight not in _WEIGHTS
        ]
        if wrong:
            tree = _weighed(one, _reduced([target.weight for target in forward.targets]))
            yield from one.found(
                ANN_05,
                message=f"A weight on Ingress {one.ingress.name} is refused by AWS, "
                "and the ALB stays at its last rules.",
                evidence=f"{'; '.join(wrong)}; AWS takes 0 to 999",
                patch=one.patch(tree),
            )


def _reduced(weights: list[int | None]) -> Mapping[int, int]:
    """Give the same shares in smaller numbers; nothing: they cannot be."""
    known = [weight for weight in weights if weight is not None]
    factor = gcd(*known)
    smaller = {i: w // factor for i, w in enumerate(weights) if w is not None and factor}
    return smaller if all(weight in _WEIGHTS for weight in smaller.values()) else {}


def bad_targets(scene: Scene) -> Iterator[Result]:
    """ANN-06: no target group, too many, or one twice."""
    for one, forward in forwards(scene):
        groups = [replace(target, weight=None) for target in forward.targets]
        wrong = [f"{name(group)} stands {n} times" for group, n in Counter(groups).items() if n > 1]
        if not 1 <= len(groups) <= _MOST_TARGETS:
            wrong.insert(0, f"{len(groups)} target groups; AWS takes 1 to {_MOST_TARGETS}")
        if wrong:
            yield from one.found(
                ANN_06,
                message=f"The target groups on Ingress {one.ingress.name} are refused by AWS, "
                "and the ALB stays at its last rules.",
                evidence=f"forwardConfig.targetGroups: {'; '.join(wrong)}",
                patch=one.patch(_fewer(one, forward)),
            )


def _fewer(one: Text, forward: Forward) -> Node | None:
    """Put equal target groups together, and leave out those without weight if it takes that."""
    nodes = _nodes(one)
    if len(nodes) != len(forward.targets):
        return None
    first: dict[TargetGroup, int] = {}
    weights: dict[int, int] = {}
    for i, target in enumerate(forward.targets):
        place = first.setdefault(replace(target, weight=None), i)
        weights[place] = weights.get(place, 0) + (1 if target.weight is None else target.weight)
    if len(weights) > _MOST_TARGETS:
        weights = {i: weight for i, weight in weights.items() if weight}
    if not 1 <= len(weights) <= _MOST_TARGETS or one.mended is None:
        return None
    kept = [put(nodes[i], ("weight",), number(weight)) for i, weight in weights.items()]
    return put(one.mended, _TARGETS, Node(Kind.ARRAY, 0, tuple(kept)))


def bad_duration(scene: Scene) -> Iterator[Result]:
    """ANN-10: stickiness is on, and its duration missing or out of range."""
    for one, forward in forwards(scene):
        sticky = forward.stickiness
        if sticky is None or not sticky.enabled or sticky.seconds in _SECONDS:
            continue
        is_missing = sticky.seconds is None
        wanted = _SECONDS[-1] if (sticky.seconds or 0) > _SECONDS[-1] else _HOUR
        tree = one.mended and put(one.mended, (*_STICKY, "durationSeconds"), number(wanted))
        found = "is missing" if is_missing else f"is {sticky.seconds}"
        yield from one.found(
            ANN_10,
            message=f"The stickiness on Ingress {one.ingress.name} is refused by AWS, "
            "and the ALB stays at its last rules.",
            evidence=f"{'.'.join(_STICKY)}.durationSeconds {found}; AWS takes 1 to 604800",
            patch=one.patch(tree),
        )


def refused_duration(scene: Scene) -> Iterator[Result]:
    """ANN-10: the rollout asks for stickiness that Argo refuses, and then it writes no weight."""
    for rollout in {tie.rollout.key: tie.rollout for tie in scene.ties}.values():
        alb = rollout.alb
        if alb is None or not alb.is_sticky or alb.sticky_seconds in _SECONDS:
            continue
        wanted = _SECONDS[-1] if alb.sticky_seconds > _SECONDS[-1] else _HOUR
        sticky = {"enabled": True, "durationSeconds": wanted}
        yield ANN_10.at(
            "Rollout",
            rollout.namespace,
            rollout.name,
            rollout=rollout.name,
            message=f"Argo writes no weight of {rollout.name}: it refuses the duration of its "
            "stickiness.",
            evidence="trafficRouting.alb.stickinessConfig.durationSeconds is "
            f"{alb.sticky_seconds}; Argo and AWS take 1 to 604800, so {action_key(rollout)} is not "
            "written",
            patch=patch_canary(rollout, trafficRouting={"alb": {"stickinessConfig": sticky}}),
        )


def half_sticky(scene: Scene) -> Iterator[Result]:
    """
    ANN-11: stickiness of the action and of the target groups contradict each other.

    A sticky action whose target groups say nothing of it is no contradiction: Argo writes that.
    """
    for one, forward in forwards(scene):
        if len(forward.targets) > 1:
            yield from _half_sticky(scene, one, forward)


def _half_sticky(scene: Scene, one: Text, forward: Forward) -> Iterator[Result]:
    by_action = bool(forward.stickiness and forward.stickiness.enabled)
    names = list(dict.fromkeys(target.service for target in forward.targets if target.service))
    states = {service: _sticks(scene, one.ingress, service) for service in names}
    contrary = "false" if by_action else "true"
    odd = [service for service, state in states.items() if state == contrary]
    missing = [service for service, state in states.items() if state is None]
    if odd:
        yield from _told(one, by_action=by_action, odd=odd)
    elif missing and not scene.inventory.knows_services(one.ingress.namespace):
        yield unchecked_at(one.ingress, ANN_11.id, f"Service {missing[0]} is not at hand")


def _sticks(scene: Scene, ingress: Ingress, name: str) -> str | None:
    """Tell `stickiness.enabled` of a Service, empty: not said; None: it is not at hand."""
    service = scene.inventory.service(ingress.namespace, name)
    if service is None:
        return None
    text = service.annotations.get(_ATTRIBUTES, ingress.annotations.get(_ATTRIBUTES, ""))
    return attributes(text).get("stickiness.enabled", "")


def attributes(text: str) -> Mapping[str, str]:
    """Read `key=value` pairs with commas between them; what is none is left out."""
    pairs = (part.split("=", 1) for part in text.split(",") if "=" in part)
    return {key.strip(): value.strip() for key, value in pairs}


def _told(one: Text, *, by_action: bool, odd: list[str]) -> Iterator[Result]:
    services, ingress = ", ".join(odd), one.ingress.name
    if by_action:
        message = (
            f"Clients of Ingress {ingress} stay with canary or stable, "
            "but go from pod to pod within: only the action is sticky."
        )
        evidence = (
            f"{'.'.join(_STICKY)}.enabled is true; stickiness.enabled=false "
            f"in {_ATTRIBUTES} counts for {services}"
        )
    else:
        message = (
            f"Clients of Ingress {ingress} go back and forth between canary and stable: "
            "only the target groups are sticky."
        )
        evidence = (
            f"{'.'.join(_STICKY)}.enabled is not true; stickiness.enabled=true "
            f"in {_ATTRIBUTES} counts for {services}"
        )
    tree = one.mended
    if tree is not None and not by_action:
        tree = put(tree, (*_STICKY, "enabled"), Node(kind=Kind.BOOL, at=0, value=True))
        written = one.forward.stickiness.seconds if one.forward and one.forward.stickiness else None
        seconds = written if written in _SECONDS else None
        tree = put(tree, (*_STICKY, "durationSeconds"), number(seconds or _HOUR))
    yield from one.found(
        ANN_11,
        message=message,
        evidence=f"{evidence}",
        patch="" if by_action else one.patch(tree),
        part="stickiness",
    )


def name(target: TargetGroup) -> str:
    """Call a target group as its annotation does."""
    if target.service is not None:
        return f"{target.service}:{target.port}"
    return target.arn or target.group or ""


def _shares(forward: Forward) -> str:
    return ", ".join(f"{name(target)} {target.weight}" for target in forward.targets)


def _nodes(one: Text) -> tuple[Node, ...]:
    """Give the target groups as written; nothing when they stand twice."""
    node = one.mended
    for wanted in _TARGETS:
        pairs = node.value if node is not None and node.kind is Kind.OBJECT else ()
        found = [member for key, member in pairs if key.lower() == wanted.lower()]
        node = found[0] if len(found) == 1 else None
    return node.value if node is not None and node.kind is Kind.ARRAY else ()


def _weighed(one: Text, weights: Mapping[int, int]) -> Node | None:
    """Write other weights, by position; None: there are none."""
    tree = one.mended if weights else None
    for i, weight in weights.items():
        tree = tree and put(tree, (*_TARGETS, i, "weight"), number(weight))
    return tree


CHECKS: tuple[SceneCheck, ...] = (
    all_zero,
    out_of_range,
    bad_targets,
    bad_duration,
    refused_duration,
    half_sticky,
)
