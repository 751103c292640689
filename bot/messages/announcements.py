"""
A change, put into words: the line in the thread, and for the channel where it is loud.

`line` and the functions it calls match every class of `release.changes.Change`; one without words
does not type-check. The `text` is complete in itself; the thread's line leaves out the name of the
rollout, because the card above it has it.
"""

from datetime import datetime
from typing import assert_never

from bot.messages import headers, weights, words
from bot.messages.blocks import Message, duration, measured, message, safe, section
from bot.release.changes import (
    Aborted,
    Change,
    Deleted,
    Failed,
    Finished,
    Frozen,
    HeaderOnlyReady,
    PublicBack,
    PublicStray,
    Retried,
    RolledBack,
    RouteBack,
    RouteLost,
    Started,
    StepReached,
    StepsEdited,
    StillReached,
    Superseded,
    TrafficBack,
    Undecided,
    Unfrozen,
    Waiting,
    WeightBack,
)
from bot.release.rollout import Rollout
from bot.release.steps import describe, stops_at
from bot.release.traffic import Look

_MOST_STEPS = 4

Beginning = Started | Superseded | Retried | StepReached | StepsEdited
Person = Waiting | Undecided | Frozen | Unfrozen | HeaderOnlyReady | WeightBack
Ended = Finished | RolledBack | Failed | Deleted
CalledOff = Aborted | StillReached | TrafficBack
Astray = RouteLost | RouteBack | PublicStray | PublicBack


def line(change: Change, *, now: datetime) -> Message:
    """Say what happened, who did it and why."""
    said = words_for(change, now=now)
    name = words.key(change.look.rollout)
    full = f"{name}: {said}"
    return message(full, section(f"*{name}*: {said}" if change.loud else said))


def left(rollout: Rollout) -> Message:
    """Say in place of a card that its channel hears no more of that rollout."""
    said = "this channel is told no more of it, since the configuration was changed. "
    said += "This card and its thread stay as they are."
    name = words.key(rollout)
    return message(f"{name}: {said}", section(f"*{name}*: {said}"))


def words_for(change: Change, *, now: datetime) -> str:
    """Put a change into one sentence or two, without the name of the rollout."""
    match change:
        case Started() | Superseded() | Retried() | StepReached() | StepsEdited():
            return _beginning(change)
        case Waiting() | Undecided() | Frozen() | Unfrozen() | HeaderOnlyReady() | WeightBack():
            return _person(change)
        case Finished() | RolledBack() | Failed() | Deleted():
            return _ended(change, now)
        case Aborted() | StillReached() | TrafficBack():
            return _called_off(change, now)
        case RouteLost() | RouteBack() | PublicStray() | PublicBack():
            return _astray(change)
        case _:
            assert_never(change)


def _beginning(change: Beginning) -> str:
    look, hand = change.look, words.who_and_why(change.by, change.reason)
    match change:
        case Started():
            return f"{words.MOVES} started{hand}: {_versions(look, change.previous_image)}"
        case Superseded():
            following = f" {words.tag(change.next_image)}" if change.next_image else ""
            return (
                f"{words.OFF} {words.version(look)} is superseded by a newer revision{following}"
                f"{hand}. It starts at the first step."
            )
        case Retried():
            return f"{words.MOVES} started again{hand}: {words.versions(look)}, from the first step"
        case StepReached():
            return _reached(change)
        case StepsEdited():
            before = f" Before, the public had {change.previous_weight} %."
            return (
                f"{words.ALERT} the steps were edited{hand}: the controller begins again at "
                f"step 1, {weights.reach(look)} now.{before}"
            )
        case _:
            assert_never(change)


def _versions(look: Look, previous: str) -> str:
    if previous and not look.traffic.stable_image:
        return f"{words.tag(previous)} {words.MOVES} {words.version(look)}"
    return words.versions(look)


def _reached(change: StepReached) -> str:
    """Name the steps that passed, and the one that is reached."""
    rollout = change.look.rollout
    passed = rollout.steps[max(0, change.from_step) : max(0, rollout.step)]
    names = [safe(describe(step, rollout.most), 100) for step in passed]
    done = f"{words.GOOD} {words.some(names, _MOST_STEPS)}" if names else ""
    step = rollout.current_step
    if step is None:
        ahead = f"{words.MOVES} 100 %"
    else:
        ahead = f"{words.MOVES} {safe(describe(step, rollout.most), 100)} ({words.place(rollout)})"
    return "   ".join(part for part in (done, ahead) if part) + _promoted(change)


def _promoted(change: StepReached | Waiting) -> str:
    """Tell who let it go on from the pause before; nothing when nobody had to."""
    hand = words.who_and_why(change.by, change.reason)
    return f", promoted{hand}" if hand else ""


def _person(change: Person) -> str:
    look, hand = change.look, words.who_and_why(change.by, change.reason)
    match change:
        case Waiting():
            return f"{words.WAITS} waits{_at(look)}{_promoted(change)}: {_choice(look)}"
        case Undecided():
            message = look.rollout.message
            said = f' "{safe(message, words.LONGEST_QUOTE)}".' if message else ""
            return (
                f"{words.ALERT} undecided{_at(look)}: the analysis was inconclusive.{said} "
                f"{_choice(look).capitalize()}."
            )
        case Frozen():
            return f"{words.WAITS} frozen{_at(look)}{hand}. Nothing goes on until it is resumed."
        case Unfrozen():
            return f"{words.MOVES} no longer frozen{hand}, goes on{_at(look)}"
        case HeaderOnlyReady():
            return _ready(change)
        case WeightBack():
            return (
                f"{words.GOOD} header-only has ended{hand}: the weight is {change.weight} % again"
            )
        case _:
            assert_never(change)


def _at(look: Look) -> str:
    share = weights.reach(look)
    if look.stray:
        return f", {share} of the public reach the canary"
    return f" at {share.removeprefix('at ')}"


def _choice(look: Look) -> str:
    """Tell what a person can do, and where a promotion leads."""
    rollout = look.rollout
    weight, stop = stops_at(rollout.steps, rollout.step, rollout.most)
    end = f"{weight} %" if stop is not None else "100 %"
    verbs = ["promote", "abort"] if look.traffic.is_zero else ["promote", "header-only", "abort"]
    verbs[0] = f"promote ({words.MOVES} {end})"
    return words.either(verbs)


def _ready(change: HeaderOnlyReady) -> str:
    look, route = change.look, change.route
    pods = look.traffic.canary.available
    hosts = words.some([safe(host, 100) for host in route.hosts], 3)
    where = f" on {hosts}" if hosts else ""
    back = f" Resume returns to {change.back_to} %." if change.back_to is not None else ""
    hand = words.who_and_why(change.by, change.reason)
    if look.stray:
        return f"{words.ALERT} {weights.stray(look, look.stray)}"
    named = f"`{headers.reached_with(route)}`{where} {words.MOVES} canary"
    return (
        f"{words.GOOD} header-only{hand}: testing may begin. The public: {weights.reach(look)}. "
        f"{named}, {pods} {'pod' if pods == 1 else 'pods'}.{back}"
    )


def _ended(change: Ended, now: datetime) -> str:
    look, hand = change.look, words.who_and_why(change.by, change.reason)
    rollout = look.rollout
    match change:
        case Finished():
            end = rollout.finished_at or now
            took = f", {duration(end - rollout.started_at)}" if rollout.started_at else ""
            who = f", promoted{hand}" if hand else ""
            return f"{words.GOOD} done, {words.version(look)} is stable{took}{who}"
        case RolledBack():
            version = words.stable_version(look)
            return f"{words.GOOD} rolled back{hand}, {version} is stable again"
        case Failed():
            said = safe(rollout.message or "the controller does not say why", words.LONGEST_QUOTE)
            return (
                f"{words.OFF} failed{_at(look)}: {said}. The controller does not go on. "
                f"Abort, or mend the spec."
            )
        case Deleted():
            return f"{words.OFF} the Rollout object is gone{hand}"
        case _:
            assert_never(change)


def _called_off(change: CalledOff, now: datetime) -> str:
    look = change.look
    match change:
        case Aborted():
            who = (
                f"aborted{words.by(change.by)} at {change.from_weight} %{words.why(change.reason)}"
            )
            if not weights.reaches_canary(look):
                return f"{words.OFF} {who}. Traffic is at 0 %."
            return (
                f"{words.OFF} {who}. {_upper(weights.reach(look))} still reach the canary, "
                "I keep looking."
            )
        case StillReached():
            hand = words.who_and_why(change.by, change.reason)
            told = weights.still_reached(look, change.why)
            return f"{words.ALERT} {told}{f' Aborted{hand}.' if hand else ''}"
        case TrafficBack():
            took = measured(change.seconds)
            after = headers.after_abort(look, now)
            return f"{words.GOOD} traffic is back at 0 % after {took}. {after}".rstrip()
        case _:
            assert_never(change)


def _astray(change: Astray) -> str:
    look, hand = change.look, words.who_and_why(change.by, change.reason)
    match change:
        case RouteLost():
            why = f". {_upper(safe(change.why, words.LONGEST_QUOTE))}." if change.why else ""
            return f"{words.ALERT} {headers.lost_route(change.route)}{hand}{why}"
        case RouteBack():
            named = headers.reached_with(change.route)
            return f"{words.GOOD} requests with {named} reach the canary again{hand}"
        case PublicStray():
            return f"{words.ALERT} {weights.stray(look, change.selector)}{hand}"
        case PublicBack():
            name = safe(change.service, words.LONGEST_NAME)
            named = "the Services select what they"
            if change.service:
                named = f"Service {name} selects what it"
            return f"{words.GOOD} {named} should again{hand}: {weights.reach(look)} now"
        case _:
            assert_never(change)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
