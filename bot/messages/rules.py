"""
The answer to `rules`: the rules of the balancer in the order in which it tries them, for a phone.

What stops the whole group comes first. Of hundreds of rules those of the rollout are shown, with
whatever takes their requests; the others are counted.
"""

from collections.abc import Iterator, Sequence

from bot.balancing.annotations import Action, Condition, FixedResponse, Forward, Redirect
from bot.balancing.argo import nginx_ingresses
from bot.balancing.patterns import Patterns
from bot.balancing.rules import Rule
from bot.balancing.served import Balancer, Floor, Role, Row
from bot.messages import words
from bot.messages.blocks import Message, message, paragraphs, safe
from bot.release.rollout import Rollout

_MOST_ROWS = 14  #: of one listener, when there are more than fit
_MOST_FLOORS = 6
_MOST_FAILURES = 3
_LONGEST_PATTERN = 80
_LONGEST_TEST = 160
_ROOM = 8_000
_ALL = "`rollout-bot rules --cluster` shows all of them."


def rules(rollout: Rollout, balancers: Sequence[Balancer]) -> Message:
    """Tell the rules of the balancers that serve a rollout."""
    name = words.key(rollout)
    if not balancers:
        text = _none(rollout)
        return message(f"{name}: {text}", *paragraphs([f"*{name}*: {text}"]))
    lines = [line for balancer in balancers for line in _balancer(balancer)]
    point = _point(balancers)
    title = f"*{name}*: {point}"
    return message(f"{name}: {point}", *paragraphs(_within([title, *lines])))


def _none(rollout: Rollout) -> str:
    if nginx_ingresses(rollout):
        return (
            "NGINX serves it, which has no ordered rules: the header goes before the weight. "
            "`status` shows both."
        )
    if rollout.alb:
        return (
            "no ALB controller looks at its Ingress, or the Ingress does not exist: "
            "there are no rules. `drift` tells what is wrong."
        )
    return "it has no traffic routing by Ingress: its weight follows the pods."


def _point(balancers: Sequence[Balancer]) -> str:
    """Say in one sentence what matters most."""
    failure = next((b.model.failure for b in balancers if b.model.failure), None)
    if failure:
        return f"the balancer keeps its last rules: {safe(failure, 300)}."
    rows = [row for b in balancers for floor in b.floors for row in floor.rows]
    for role in (Role.WEIGHTED, Role.HEADER):
        dead = next((row for row in rows if row.role is role and row.covered_by), None)
        if dead:
            return f"the {role} is never reached: rule {dead.covered_by} takes all its requests."
    count = len(rows)
    return f"{count} {'rule' if count == 1 else 'rules'}, tried in this order."


def _balancer(balancer: Balancer) -> Iterator[str]:
    model = balancer.model
    group = safe(model.group.name, 2 * words.LONGEST_NAME)
    others = len(model.group.members)
    yield (
        f"*Group {group}*, {others} {'Ingress' if others == 1 else 'Ingresses'}"
        if model.group.is_explicit
        else f"*Ingress {group}*"
    )
    for failure in model.failures[:_MOST_FAILURES]:
        yield f"{words.ALERT} {safe(failure, 400)} ({safe(failure.id, 40)})"
    if len(model.failures) > _MOST_FAILURES:
        yield f"… {len(model.failures) - _MOST_FAILURES} more errors."
    if model.failures:
        yield "The controller changes nothing until that is mended; then it would make:"
    for floor in balancer.floors[:_MOST_FLOORS]:
        yield from _floor(floor)
    if len(balancer.floors) > _MOST_FLOORS:
        yield f"… {len(balancer.floors) - _MOST_FLOORS} more listeners. {_ALL}"


def _floor(floor: Floor) -> Iterator[str]:
    listener = floor.listener
    yield f"*{safe(listener.protocol, 20)} {listener.port}*"
    if listener.redirects:
        yield f"everything {words.MOVES} {_action(listener.default)} (ssl-redirect)"
        return
    shown = _chosen(floor.rows)
    last = 0
    for row in shown:
        if row.priority > last + 1:
            yield _gap(row.priority - last - 1)
        yield from _row(row)
        last = row.priority
    if last < len(floor.rows):
        yield f"{_gap(len(floor.rows) - last)} {_ALL}"
    yield f"anything else {words.MOVES} {_action(listener.default)}"
    if listener.omitted:
        count = len(listener.omitted)
        left = "1 rule is" if count == 1 else f"{count} rules are"
        yield f"{left} left out here by the controller, for a redirect's sake."


def _chosen(rows: Sequence[Row]) -> list[Row]:
    """Choose what is shown: everything, or what matters to the rollout with the first ones."""
    if len(rows) <= _MOST_ROWS:
        return list(rows)
    own = [row for row in rows if row.role is not Role.OTHER]
    first = sorted(own, key=lambda row: (list(Role).index(row.role), row.priority))[:_MOST_ROWS]
    takers = {row.covered_by for row in first if row.covered_by}
    takers |= {priority for row in first for priority in row.partly_by[:2]}
    picked = {row.priority for row in first} | takers
    for row in rows:
        if len(picked) >= _MOST_ROWS:
            break
        picked.add(row.priority)
    return [row for row in rows if row.priority in picked]


def _row(row: Row) -> Iterator[str]:
    rule = row.rule
    tests = "".join(f" · {_test(test)}" for test in rule.tests[:4])
    role = f"   *{row.role}*" if row.role in {Role.HEADER, Role.WEIGHTED} else ""
    done = "cannot be made" if rule.failure else _action(rule.action)
    yield f"{row.priority}. {_where(rule)}{tests} {words.MOVES} {done}{role}"
    if row.role is Role.WEIGHTED and not rule.by_annotation:
        port = safe(rule.port or "(none)", 60)
        yield f"    {words.ALERT} the weights are ignored: its port is {port}, not use-annotation"
    if row.covered_by:
        yield f"    {words.ALERT} never reached: rule {row.covered_by} takes all its requests"
    elif row.partly_by and row.role in {Role.HEADER, Role.WEIGHTED}:
        named = words.some([str(priority) for priority in row.partly_by], 4)
        which = "rule" if len(row.partly_by) == 1 else "rules"
        yield f"    some of its requests go to {which} {named} first"


def _where(rule: Rule) -> str:
    """Tell host and path as people say them: `shop.example/api/*`."""
    return f"{_pattern(rule.hosts, '')}{_pattern(rule.paths, '/*')}"


def _pattern(patterns: Patterns, anything: str) -> str:
    named = [*patterns.globs, *(f"regex {regex}" for regex in patterns.regexes)]
    if not named:
        return anything
    more = f" (or {len(named) - 1} more)" if len(named) > 1 else ""
    return f"{safe(named[0], _LONGEST_PATTERN)}{more}"


def _test(test: Condition) -> str:
    values = [*test.values, *(f"/{regex}/" for regex in test.regexes)]
    values += [f"{key}={value}" if key else value for key, value in test.pairs]
    said = " or ".join(values[:3]) + (f" or {len(values) - 3} more" if len(values) > 3 else "")
    name = test.header if test.field == "http-header" else test.field
    return safe(f"{name}: {said}", _LONGEST_TEST)


def _action(action: Action | None) -> str:
    match action:
        case Forward():
            return _forward(action)
        case Redirect():
            to = [action.protocol, action.host, action.port and f"port {action.port}", action.path]
            where = " ".join(part for part in to if part)
            return safe(f"redirect {action.status.removeprefix('HTTP_')} {where}", 120)
        case FixedResponse():
            return safe(f"answer {action.status}", 60)
        case _:
            return "answer 503 (its annotation is missing)"


def _forward(action: Forward) -> str:
    names = [str(t.service or t.group or t.arn or "?") for t in action.targets]
    if len(names) == 1:
        return safe(names[0], words.LONGEST_NAME)
    weights = [1 if t.weight is None else t.weight for t in action.targets]
    parts = [f"{safe(n, 100)} {w}" for n, w in zip(names, weights, strict=True)]
    return words.some(parts, 5) or "nothing"


def _gap(count: int) -> str:
    return f"… {count} {'rule' if count == 1 else 'rules'} of others"


def _within(lines: Sequence[str]) -> list[str]:
    """Keep as many lines as a message has room for; what is left out is counted."""
    room, kept = _ROOM, list[str]()
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            return [*kept, f"… {len(lines) - len(kept)} more lines. {_ALL}"]
        kept.append(line)
    return kept
