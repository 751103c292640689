"""Answers to what people ask to read; nobody else sees them."""

from collections.abc import Sequence
from datetime import datetime

from bot.balancing.finding import Finding
from bot.messages import weights, words
from bot.messages.blocks import Message, clock, date, duration, message, paragraphs, safe
from bot.messages.card import Moment, step_words, summary
from bot.messages.headlines import headline
from bot.release.access import Rule
from bot.release.actions import Offer
from bot.release.digest import Flight
from bot.release.ledger import Entry
from bot.release.rollout import Rollout
from bot.release.steps import gate_at, weight_at
from bot.release.story import Story
from bot.release.traffic import Look

MOST_LINES = 40
_MOST_STEPS = 60


def status(
    look: Look,
    story: Story,
    offers: Sequence[Offer] = (),
    *,
    now: datetime,
    checked: datetime | None = None,
    ahead: Sequence[Finding] = (),
) -> Message:
    """Show what the card shows, without its buttons."""
    return summary(look, story, offers, Moment(now=now, checked=checked), ahead=ahead)


def listing(flights: Sequence[Flight], *, now: datetime, where: str = "") -> Message:
    """List rollouts, each in one line with its state and weight; those on their way first."""
    there = f" in {safe(where, 100)}" if where else ""
    if not flights:
        return _titled(f"No rollouts{there} that I may read.", [])
    order = sorted(flights, key=lambda f: (not f.look.rollout.is_releasing, f.look.rollout.key))
    moving = sum(f.look.rollout.is_releasing for f in flights)
    count = "1 rollout" if len(flights) == 1 else f"{len(flights)} rollouts"
    title = f"{count}{there}, {moving or 'none'} on the way."
    lines = [line_of(flight, now) for flight in order[:MOST_LINES]]
    return _titled(title, lines, more=len(order) - len(lines), hint="`list NAMESPACE`")


def needs_me(flights: Sequence[Flight], *, now: datetime) -> Message:
    """Tell what needs a person: the answer to a bare `/rollout`."""
    waiting = [flight for flight in flights if flight.needs_person]
    if not waiting:
        moving = [flight for flight in flights if flight.look.rollout.is_releasing]
        rest = f" {len(moving)} on their way." if moving else ""
        return _titled(f"Nothing needs a person.{rest} `help` lists what I understand.", [])
    title = f"{len(waiting)} need a person." if len(waiting) > 1 else "One needs a person."
    lines = [line_of(flight, now) for flight in waiting[:MOST_LINES]]
    return _titled(title, lines, more=len(waiting) - len(lines), hint="`list`")


def line_of(flight: Flight, now: datetime) -> str:
    """Tell one rollout in one line."""
    look = flight.look
    told = headline(look, flight.story, (), now).title
    share = ""
    if look.rollout.is_releasing and "%" not in told:
        share = f" · {weights.reach(look)}"
    return f"*{words.key(look.rollout)}*  {told}{share} · {words.versions(look)}"


def steps(look: Look, *, now: datetime) -> Message:
    """List the steps with where it stands."""
    rollout = look.rollout
    name = words.key(rollout)
    if not rollout.steps:
        return _titled(f"{name} has no steps: the new version gets everything at once.", [])
    lines = [
        f"{index + 1}. {step_words(rollout, index)}{_aside(rollout, index, now)}"
        for index in range(min(len(rollout.steps), _MOST_STEPS))
    ]
    if len(rollout.steps) > _MOST_STEPS:
        lines.append(f"… {len(rollout.steps) - _MOST_STEPS} more")
    title = f"{name}: {words.place(rollout)}, {weights.reach(look)} of the public."
    return _titled(title, [*lines, f"{words.MOVES} 100 %"])


def _aside(rollout: Rollout, index: int, now: datetime) -> str:
    if gate_at(rollout, index):
        return " (gate: only requests with the header reach the canary)"
    if index != rollout.step or rollout.aborted:
        return ""
    if ends := words.pause_ends(rollout):
        return f" (here, ends in {duration(ends - now)})"
    return f" (here, {weight_at(rollout.steps, index, rollout.most)} %)"


def history(
    rollout: str, entries: Sequence[Entry], *, whole_since: datetime | None = None
) -> Message:
    """
    List who did what, newest first.

    Args:
        rollout: its name; empty: all of them.
        entries: in any order.
        whole_since: what was done before then may be missing; None: nothing is.

    """
    name = safe(rollout, 2 * words.LONGEST_NAME) if rollout else "All rollouts"
    gap = f" What was done before {date(whole_since)} may be missing." if whole_since else ""
    if not entries:
        return _titled(f"{name}: nothing is on record.{gap}", [])
    newest = sorted(entries, key=lambda entry: entry.at, reverse=True)
    lines = [_entry(entry, with_name=not rollout) for entry in newest[:MOST_LINES]]
    title = f"{name}: {len(entries)} on record, newest first.{gap}"
    return _titled(title, lines, more=len(newest) - len(lines))


def _entry(entry: Entry, *, with_name: bool) -> str:
    name = f" {safe(f'{entry.namespace}/{entry.name}', 120)}" if with_name else ""
    step = f" at step {entry.step + 1}" if entry.step is not None else ""
    hand = words.who_and_why(entry.actor, entry.reason)
    about = f" of {safe(entry.detail['finding'], 120)}" if "finding" in entry.detail else ""
    told = f"{safe(entry.verb, 30)}{about}{name}{hand}{step}: {words.outcome(entry)}"
    return f"{date(entry.at)}  {told}"


def who(
    rules: Sequence[Rule], *, namespace: str = "", user: str = "", writes: bool = True
) -> Message:
    """
    Tell who may do what.

    Args:
        rules: those that matter for what was asked.
        namespace: the one that was asked about; empty: all.
        user: the id of the person who was asked about; empty: everybody.
        writes: whether anything is done to rollouts at all.

    """
    about = f" in {safe(namespace, 100)}" if namespace else ""
    if user:
        about = f" by <@{safe(user, 30)}>{about}"
    if not writes:
        title = (
            f"Everybody may read; nothing may be done to rollouts{about}: I am set to read only "
            "(`kubernetes.writes: false`)."
        )
        return _titled(title, [_rule(rule) for rule in rules])
    if not rules:
        return _titled(f"Everybody may read; nothing may be done{about}: no rule allows it.", [])
    return _titled(f"What may be done{about}; everybody may read.", [_rule(rule) for rule in rules])


def _rule(rule: Rule) -> str:
    people = [f"<!subteam^{safe(group, 30)}>" for group in sorted(rule.groups)]
    people += [f"<@{safe(user, 30)}>" for user in sorted(rule.users)]
    places = [f"<#{safe(channel, 30)}>" for channel in sorted(rule.channels)]
    where = f" in {words.either(places)}" if places else ""
    on = (
        f" on {words.some([safe(glob, 60) for glob in rule.namespaces])}" if rule.namespaces else ""
    )
    reason = ", with a reason" if rule.reason_required else ""
    named = words.some(people, 20) or "nobody"
    return f"{', '.join(sorted(rule.allow))}: {named}{where}{on}{reason}"


def unknown(said: str, near: Sequence[str] = ()) -> Message:
    """Tell that there is no such rollout, and which there are."""
    meant = words.either([f"`{safe(name, 200)}`" for name in near[:5]])
    hint = f" Did you mean {meant}?" if near else " `list` tells which there are."
    return _titled(f"There is no rollout `{safe(said, 200)}` that I may read.{hint}", [])


def unreachable(since: datetime, *, now: datetime) -> str:
    """Tell that what is shown may be old."""
    away = f"since {clock(since)} ({duration(now - since)})"
    return f"{words.ALERT} The cluster has not answered {away}: this may be old."


def _titled(
    title: str, lines: Sequence[str], *, more: int = 0, hint: str = "", point: str = ""
) -> Message:
    """Put a title over lines; what is left out is counted."""
    shown = list(lines)
    if more > 0:
        tail = f": {hint} tells more" if hint else ""
        shown.append(f"… {more} more{tail}.")
    text = point or (f"{title} {lines[0]}" if lines else title)
    return message(text, *paragraphs([title, *shown]))
