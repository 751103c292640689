"""ANN-12, 14, 16: what conditions, host and path of a rule make together."""

from collections.abc import Iterator, Sequence

from bot.balancing.annotations import Condition
from bot.balancing.catalogue.contents import ANN_12, ANN_14, ANN_16
from bot.balancing.checks.patches import patch_ingress
from bot.balancing.checks.scene import Result, Scene, SceneCheck
from bot.balancing.checks.texts import Text, only, shortened, with_host, with_path
from bot.balancing.foresight import header_routes, with_routes
from bot.balancing.globs import covers, meet
from bot.balancing.gojson import Kind, Node
from bot.balancing.mending import render
from bot.balancing.objects import PREFIX, Ingress
from bot.balancing.rules import Rule, read_rules
from bot.release.rollout import Rollout

_MOST_VALUES = 5  # AWS: condition values per rule
_MOST_WILDCARDS = 6  # AWS: condition wildcards per rule; some translations of the page say 5
_REGEX = f"{PREFIX}/use-regex-path-match"
_TRUE = {"1", "t", "T", "TRUE", "true", "True"}  # Go: strconv.ParseBool


def too_many(scene: Scene) -> Iterator[Result]:
    """ANN-12: more values or wildcards than AWS takes in one rule, also when Argo has written."""
    for member in scene.model.group.members:
        rollouts = scene.rollouts_of(member)
        told = set[str]()
        for rule in scene.rules_of(member):
            if (excess := _excess(rule)) and (place := _place(member, rule)) not in told:
                told.add(place)
                yield _too_many(member, rule, excess, rollout=only(rollouts), place=place)
        for rollout in rollouts:
            for rule in _foreseen(rollout, member):
                excess, place = _excess(rule), f"{PREFIX}/conditions.{rule.service}"
                if excess and place not in told:
                    told.add(place)
                    yield _too_many(
                        member, rule, excess, rollout=rollout.name, place=place, is_to_come=True
                    )


def _place(ingress: Ingress, rule: Rule) -> str:
    """Tell faults apart: the conditions, however many paths have them, else the path."""
    key = f"{PREFIX}/conditions.{rule.service}"
    return key if key in ingress.annotations else str(rule)


def _foreseen(rollout: Rollout, ingress: Ingress) -> Iterator[Rule]:
    """Give the rules of header routes as steps will make them."""
    names = {route.get("name") for route in header_routes(rollout)}
    if names:
        for rule in read_rules(with_routes(rollout, ingress), PREFIX):
            if rule.service in names:
                yield rule


def _excess(rule: Rule) -> str:
    """Count what AWS would refuse, in words; empty: nothing."""
    parts = [
        ("host", len(rule.hosts.globs) + len(rule.hosts.regexes)),
        ("path", len(rule.paths.globs) + len(rule.paths.regexes)),
        *((_called(test), _count(test)) for test in rule.tests),
    ]
    values = sum(count for _, count in parts)
    wildcards = sum(text.count("*") + text.count("?") for text in _patterns(rule))
    found = []
    if values > _MOST_VALUES:
        shown = ", ".join(f"{what} {count}" for what, count in parts if count)
        found.append(f"{values} condition values ({shown}); AWS takes {_MOST_VALUES}")
    if wildcards > _MOST_WILDCARDS:
        found.append(f"{wildcards} wildcards; AWS takes {_MOST_WILDCARDS}")
    return "; ".join(found)


def _called(test: Condition) -> str:
    return f"{test.field} {test.header}".strip()


def _count(test: Condition) -> int:
    return len(test.values) + len(test.regexes) + len(test.pairs)


def _patterns(rule: Rule) -> Iterator[str]:
    yield from rule.hosts.globs
    yield from rule.paths.globs
    for test in rule.tests:
        if test.field in {"http-header", "query-string"}:
            yield from test.values
            yield from (text for pair in test.pairs for text in pair if text)


def _too_many(
    ingress: Ingress,
    rule: Rule,
    excess: str,
    *,
    rollout: str,
    place: str,
    is_to_come: bool = False,
) -> Result:
    what = f"the rule of {rule} with the backend {rule.service} on Ingress {ingress.name}"
    message = f"AWS refuses {what}: it, and those behind it, stay as they are."
    value = f"; the whole value: {shortened(ingress.annotations.get(place, ''))}"
    if is_to_come:
        message = f"At the step with setHeaderRoute AWS will refuse {what}: no header route."
        value = "; Argo will write it at that step"
    return ANN_12.at_ingress(
        ingress,
        message=message,
        evidence=f"{place}: {excess}{value if is_to_come or place in ingress.annotations else ''}",
        rollout=rollout,
        place=place,
    )


def widening(scene: Scene) -> Iterator[Result]:
    """
    ANN-14: a condition was to narrow the host or path of the spec, and is an alternative to it.

    One that names something else altogether is taken for an alternative on purpose; so is one
    that names all of it and more.
    """
    for one in scene.texts:
        for i, condition in enumerate(one.conditions):
            for rule in one.rules:
                if wide := _widened(rule, condition):
                    yield from _told(one, i, condition, rule, wide)
                    break


def _widened(rule: Rule, condition: Condition) -> str:
    """Name what the spec says where the condition overlaps with it; empty: it does not."""
    is_host = condition.field == "host-header"
    if not is_host and condition.field != "path-pattern":
        return ""
    case = str.lower if is_host else str
    own = (rule.host,) if is_host and rule.host else ()
    for pattern in own if is_host else _paths_of_spec(rule):
        for value in condition.values:
            if meet(case(value), case(pattern)) and not covers(case(value), case(pattern)):
                return pattern
    return ""


def _paths_of_spec(rule: Rule) -> tuple[str, ...]:
    """Give the patterns that the path of the spec stands for; a regular expression is none."""
    stem = rule.path.removesuffix("/")
    if not rule.path or rule.paths.regexes:
        return ()
    if rule.path_type != "Prefix":
        return (rule.path,)
    return (stem, f"{stem}/*") if stem else ("/*",)


def _told(one: Text, i: int, condition: Condition, rule: Rule, wide: str) -> Iterator[Result]:
    what = "host" if condition.field == "host-header" else "path"
    values = ", ".join(condition.values)
    at = one.offset(f"[{i}]")
    yield from one.found(
        ANN_14,
        message=f"The rule of {rule} on Ingress {one.ingress.name} takes all of the {what} {wide}: "
        f"the condition {values} does not narrow it.",
        evidence=f"[{i}] (at character {at + 1}): {condition.field} {values} is an alternative to "
        f"the {what} {wide} of the spec",
        patch=_narrowed(one, i, condition, rule),
        part=f"[{i}]",
    )


def _narrowed(one: Text, i: int, condition: Condition, rule: Rule) -> str:
    """Write the only value of a condition into the spec, and take the condition away."""
    tree = one.mended
    if tree is None or tree.kind is not Kind.ARRAY:
        return ""
    if len(condition.values) != 1 or len(one.rules) != 1:
        return ""
    rest = tuple(member for j, member in enumerate(tree.value) if j != i)
    kept = render(Node(Kind.ARRAY, 0, rest)) if rest else None
    value = condition.values[0]
    if condition.field == "host-header":
        rules = with_host(one.ingress, rule, value)
    else:
        rules = with_path(one.ingress, rule, path=value, pathType="ImplementationSpecific")
    return patch_ingress(one.ingress, annotations={one.key: kept}, rules=rules)


def regex_and_routes(scene: Scene) -> Iterator[Result]:
    """ANN-16: paths are regular expressions on an Ingress that gets header routes from Argo."""
    for member in scene.model.group.members:
        if member.annotations.get(_REGEX, "") not in _TRUE:
            continue
        there = {rule.service for rule in scene.rules_of(member)}
        for rollout in scene.rollouts_of(member):
            asked = [str(route.get("name")) for route in header_routes(rollout)]
            managed = [r.name for r in rollout.managed_routes if r.name in there]
            if names := tuple(dict.fromkeys((*asked, *managed))):
                yield _no_regex(scene, member, rollout, names)


def _no_regex(scene: Scene, ingress: Ingress, rollout: Rollout, names: Sequence[str]) -> Result:
    routes = ", ".join(names)
    there = {rule.service for rule in scene.rules_of(ingress)}
    does = "is" if there & {*names} else "will be"
    rest = [
        rule
        for rule in scene.rules_of(ingress)
        if rule.path_type == "ImplementationSpecific" and rule.service not in names
    ]
    return ANN_16.at_ingress(
        ingress,
        message=f"The header route {routes} on Ingress {ingress.name} {does} refused by AWS: "
        "its path /* is read as the regular expression *.",
        evidence=f"{_REGEX}: {ingress.annotations[_REGEX]}; Argo writes {routes} with the path /*",
        rollout=rollout.name,
        patch="" if rest else patch_ingress(ingress, annotations={_REGEX: None}),
        place=_REGEX,
    )


CHECKS: tuple[SceneCheck, ...] = (too_many, widening, regex_and_routes)
