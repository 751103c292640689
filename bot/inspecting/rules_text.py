"""The rules of all groups as tables, in the order in which the balancer tries them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.balancing.model import ListenerModel, Model
from bot.balancing.optimiser import Omitted
from bot.balancing.shadows import Verdict, verdicts
from bot.inspecting import tables, words
from bot.inspecting.ahead import Coming, coming
from bot.inspecting.beside import beside
from bot.inspecting.looking import Sight
from bot.inspecting.marks import Roles, roles, shadow
from bot.paper import Paper, clean

_HEAD = ("#", "host", "path", "conditions", "action", "ingress")
_INDENT = "  "
_NARROW = 72  #: columns below which a table cannot be read


def as_text(sight: Sight, models: Sequence[Model], paper: Paper) -> Iterator[str]:
    """Write everything."""
    who = roles(sight.inventory, sight.before, from_files=sight.from_files)
    for place, model in enumerate(models):
        if place:
            yield ""
        yield from _group(model, coming(sight.inventory, model), who, paper)
    for one in sight.outsiders():
        yield ""
        yield paper.style(f"Ingress {one.ingress.key} is in no group", "bold")
        told = f"group.name {one.name}: {one.reason}; the controller takes its rules away"
        yield from paper.wrap(told, f"{_INDENT}✖ ")
    more = [*beside(sight, paper)]
    if more and (models or sight.outsiders()):
        yield ""
    yield from more


def _group(
    model: Model, ahead: Mapping[tuple[str, int], Coming], who: Roles, paper: Paper
) -> Iterator[str]:
    yield paper.style(clean(f"Group {model.group.name}"), "bold")
    for member in model.group.members:
        yield from paper.wrap(
            f"Ingress {member.key}" + f" ({member.origin})" * bool(member.origin), _INDENT
        )
    if model.failures:
        yield ""
        yield paper.style(f"{_INDENT}✖ The ALB keeps its last rules, because:", "alert")
        for failure in model.failures:
            yield from paper.wrap(f"{failure} ({failure.id})", f"{_INDENT}  - ", f"{_INDENT}    ")
        yield f"{_INDENT}Were that mended, it would get these:"
    for listener in model.listeners:
        yield ""
        yield from _listener(listener, ahead.get((listener.protocol, listener.port)), who, paper)


@dataclass(frozen=True)
class _Entry:
    """A row of a table, and what is to be known of it."""

    row: tuple[str, ...]
    shadow: str = ""
    is_dead: bool = False
    marks: tuple[str, ...] = ()


def _listener(
    listener: ListenerModel, ahead: Coming | None, who: Roles, paper: Paper
) -> Iterator[str]:
    yield paper.style(f"{_INDENT}{listener.protocol} {listener.port}", "bold")
    entries = [*_entries(listener, who), *(_later(ahead) if ahead else ())]
    if paper.width < _NARROW:
        for entry in entries:
            yield from _stacked(entry.row, paper)
            yield from _notes(entry, paper, width=0)
    else:
        rows = (entry.row for entry in entries)
        columns = tables.widths([_HEAD, *rows], paper.width - len(_INDENT))
        yield from (paper.style(f"{_INDENT}{line}", "dim") for line in tables.lines(_HEAD, columns))
        for entry in entries:
            yield from (f"{_INDENT}{line}" for line in tables.lines(entry.row, columns))
            yield from _notes(entry, paper, width=sum(columns[1:4]) + 4)
    for omitted in listener.omitted:
        yield from paper.wrap(_left_out(omitted, listener), f"{_INDENT}left out: ")


def _entries(listener: ListenerModel, who: Roles) -> Iterator[_Entry]:
    for verdict in verdicts(listener.rules):
        dead = verdict.is_dead
        marks = tuple(who.of(verdict.rule, is_dead=dead))
        yield _Entry(_row(verdict, listener), shadow(verdict, listener), dead, marks)
    otherwise = "\n".join([*words.before(listener.default_guards), *words.action(listener.default)])
    told = "ssl-redirect sends everything on" if listener.redirects else "what no rule takes"
    yield _Entry(("-", words.ANY, words.ANY, "", otherwise, told))


def _later(ahead: Coming) -> Iterator[_Entry]:
    """Give what steps will add; its number is told beside, as it is none of today's."""
    for verdict in ahead.verdicts:
        row = ("+", *_row(verdict, ahead.listener)[1:])
        told = shadow(verdict, ahead.listener)
        yield _Entry(row, told, verdict.is_dead, (ahead.mark(verdict),))


def _row(verdict: Verdict, listener: ListenerModel) -> tuple[str, ...]:
    rule = verdict.rule
    pieces = [*words.before(listener.guards_of(rule), rule.transforms), *words.action(rule.action)]
    action = f"cannot be made: {rule.broken}" if rule.broken else "\n".join(pieces)
    cells = (
        str(verdict.priority),
        words.patterns(rule.hosts),
        words.patterns(rule.paths),
        words.conditions(rule),
        action,
        rule.ingress,
    )
    return tuple(clean(cell) for cell in cells)


def _stacked(row: Sequence[str], paper: Paper) -> Iterator[str]:
    """Write a row below itself, for a narrow terminal."""
    number, host, path, conditions, action, ingress = row
    yield from paper.wrap(f"{host} {path} {conditions}", f"{_INDENT}{number:>2} ")
    for piece in action.split("\n"):
        yield from paper.wrap(piece, f"{_INDENT}   → ")
    yield from paper.wrap(ingress, f"{_INDENT}   ")


def _notes(entry: _Entry, paper: Paper, *, width: int) -> Iterator[str]:
    """Write what is to be known of the row above; what is never reached is underlined."""
    indent = f"{_INDENT}   "
    if entry.is_dead and width:
        yield paper.style(f"{indent}{'~' * width}", "alert")
    if entry.shadow:
        style = "alert" if entry.is_dead else "warn"
        yield from (paper.style(line, style) for line in paper.wrap(entry.shadow, f"{indent}^ "))
    for mark in entry.marks:
        yield from (paper.style(line, "dim") for line in paper.wrap(mark, f"{indent}^ "))


def _left_out(omitted: Omitted, listener: ListenerModel) -> str:
    rule = omitted.rule
    hosts, paths = words.patterns(rule.hosts), words.patterns(rule.paths)
    what = f"{hosts} {paths} → {rule.service} ({rule.ingress})"
    if omitted.by is None:
        return f"{what}: it would lead back to itself"
    return f"{what}: rule {listener.priority_of(omitted.by)} redirects all its requests"
