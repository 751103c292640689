"""ANN-01, 02, 03, 07, 08, 09: what the JSON of an annotation says, and what is read in it."""

from collections.abc import Iterator, Sequence

from bot.balancing.annotations import FIELDS, Condition, Forward, Undecodable
from bot.balancing.catalogue import CATALOGUE
from bot.balancing.catalogue.contents import ANN_02, ANN_08, ANN_09
from bot.balancing.checks.scene import Result, Scene, SceneCheck
from bot.balancing.checks.texts import Text, listed
from bot.balancing.gojson import Kind, Node
from bot.balancing.groups import is_legacy
from bot.balancing.mending import Level, levels, number, put, render, text
from bot.balancing.rules import Rule
from bot.balancing.scalars import parse_int
from bot.balancing.spelling import nearest
from bot.balancing.structs import Flaw, fold

_SHOWN = 60  #: letters of a value that are shown where it is only a part
_ALL = 100  #: Argo's weights add up to it


def unreadable(scene: Scene) -> Iterator[Result]:
    """ANN-01, 03, 07: the controller refuses the annotation, and with it the group."""
    refused = {(failure.ingress, failure.where) for failure in scene.model.failures}
    for one in scene.texts:
        # v1 takes some of what v2 refuses: there only the model's word counts
        if one.fault and (
            not is_legacy(scene.inventory, one.ingress) or (one.ingress.key, one.key) in refused
        ):
            yield from _refused(one, one.fault)


def _refused(one: Text, fault: Undecodable) -> Iterator[Result]:
    entry, ingress = CATALOGUE[fault.finding], one.ingress.name
    where = f"{fault.path} " if fault.path else ""
    at = "" if fault.offset is None else f" (at character {fault.offset + 1})"
    hints = "".join(
        f"; {key} is not known, {meant} is"
        for level in one.levels
        for key, _, meant in level.unknown
        if meant and fault.flaw is not Flaw.SLIP
    )
    yield from one.found(
        entry,
        message=f"New weights do not reach the ALB: {_called(one, fault)} {ingress}.",
        evidence=f"{where}{fault.reason}{at}{hints}",
        patch=one.patch(_with_weights(one) if fault.flaw is Flaw.NO_WEIGHT else one.mended),
    )


def _called(one: Text, fault: Undecodable) -> str:
    if fault.flaw is Flaw.NO_WEIGHT:
        return "a target group has no weight on Ingress"
    what = "an action" if one.is_action else "a condition"
    return f"{'the weight annotation' if one.carried else what} cannot be read on Ingress"


def _with_weights(one: Text) -> Node | None:
    """Add the weights that can be told: what the others leave, or nothing for the canary."""
    tree = one.mended
    targets = _targets(one)
    if tree is None or not targets:
        return None
    weights = [_weight(target) for target in targets]
    missing = [i for i, weight in enumerate(weights) if weight is None]
    rest = _ALL - sum(weight or 0 for weight in weights)
    stable = [i for i in missing if _text_of(targets[i], "servicename") in _stables(one)]
    if rest < 0 or (len(missing) > 1 and len(stable) != 1):
        return None  # whose share it is cannot be told
    full = missing[0] if len(missing) == 1 else next(iter(stable), 0)
    for i in missing:
        share = rest if i == full else 0
        tree = put(tree, ("forwardConfig", "targetGroups", i, "weight"), number(share))
    return tree


def _targets(one: Text) -> tuple[Node, ...]:
    """Give the target groups as written."""
    return tuple(
        member
        for level in (levels(one.mended, one.decoder) if one.mended else ())
        if level.path == "forwardConfig"
        for key, members in level.node.value
        if fold(key) == "targetgroups" and members.kind is Kind.ARRAY
        for member in members.value
    )


def _stables(one: Text) -> set[str]:
    return {rollout.stable_service_now for rollout in one.rollouts} - {""}


def _weight(target: Node) -> int | None:
    pairs = target.value if target.kind is Kind.OBJECT else ()
    found = [m for key, m in pairs if fold(key) == "weight" and m.kind is Kind.NUMBER]
    return parse_int(found[-1].value) if found else None


def _text_of(target: Node, folded: str) -> str:
    pairs = target.value if target.kind is Kind.OBJECT else ()
    return next((str(m.value) for key, m in pairs if fold(key) == folded), "")


def ignored_condition(scene: Scene) -> Iterator[Result]:
    """ANN-02: a condition with an unknown field; the rule is wider than it seems."""
    for one in scene.texts:
        for i, condition in enumerate(one.conditions):
            if not condition.counts:
                yield from _ignored(one, i, condition)


def _ignored(one: Text, i: int, condition: Condition) -> Iterator[Result]:
    level = one.level(f"[{i}]")
    meant = _field_meant(condition, level)
    named = f"the unknown field {condition.field!r}" if condition.field else "no field"
    taken = listed(str(rule) for rule in one.rules)
    is_alone = not any(other.counts for other in one.conditions)
    effect = f"{'All' if is_alone else 'Too many'} requests that reach {taken} {_go_to(one.rules)}"
    hint = f"; {meant} is meant" if meant else ""
    at = level.node.at if level else 0
    patch = one.patch(put(one.mended, (i, "field"), text(meant))) if meant and one.mended else ""
    yield from one.found(
        ANN_02,
        message=f"{effect}: a condition of Ingress {one.ingress.name} has {named} and is ignored.",
        evidence=f"[{i}] (at character {at + 1}) has {named}{hint}",
        patch=patch,
        part=f"[{i}]",
    )


def _go_to(rules: Sequence[Rule]) -> str:
    """Say what becomes of the requests of rules."""
    actions = [rule.action for rule in rules if isinstance(rule.action, Forward)]
    names = dict.fromkeys(t.service for action in actions for t in action.targets if t.service)
    return f"go to {' and '.join(names)}" if names else "are taken"


def _field_meant(condition: Condition, level: Level | None) -> str:
    """Tell the field by the only config that is given, else by its spelling."""
    given = [field for field, config in FIELDS.items() if level and level.has(config)]
    return given[0] if len(given) == 1 else nearest(condition.field, FIELDS)


def misspelt(scene: Scene) -> Iterator[Result]:
    """ANN-08: a key that is not known and is near to one that is."""
    for one in scene.texts:
        if one.fault is not None and one.fault.flaw is not Flaw.SLIP:
            continue  # then the misspelt key is told with what is missing
        for level in one.levels:
            for key, member, meant in level.unknown:
                if not meant:
                    continue
                path = f"{level.path}.{key}" if level.path else key
                yield from one.found(
                    ANN_08,
                    message=f"{key} on Ingress {one.ingress.name} has no effect: "
                    f"the ALB controller does not know it; {meant} is meant.",
                    evidence=f"{path} (value at character {member.at + 1}): {_short(member)}",
                    patch="" if level.has(meant) else one.patch(one.mended),
                    part=path,
                )


def repeated(scene: Scene) -> Iterator[Result]:
    """ANN-09: a key that stands twice in one object, also in another case."""
    for one in scene.texts:
        for level in one.levels:
            for name, pairs in level.repeated.items():
                path = f"{level.path}.{name}" if level.path else name
                shown = ", ".join(
                    f"{key}: {_short(member)} (at character {member.at + 1})"
                    for key, member in pairs
                )
                simple = all(m.kind not in {Kind.OBJECT, Kind.ARRAY, Kind.NULL} for _, m in pairs)
                rule = "the last one counts" if simple else "they are read into each other"
                yield from one.found(
                    ANN_09,
                    message=f"{name} stands {len(pairs)} times in one place on Ingress "
                    f"{one.ingress.name}: {rule}.",
                    evidence=f"{path}: {shown}",
                    patch=one.patch(one.mended) if simple else "",
                    part=path,
                )


def _short(node: Node) -> str:
    shown = render(node)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"


CHECKS: tuple[SceneCheck, ...] = (unreadable, ignored_condition, misspelt, repeated)
