"""
Where a release stands, in one line: for the head of the card, and as the whole point.

    ending ─▶ aborted, failed ─▶ header-only ─▶ the state of the rollout
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.messages import headers, weights, words
from bot.messages.blocks import ago, coming, duration, measured, safe
from bot.messages.buttons import split
from bot.release.actions import Offer
from bot.release.parts import AnalysisStatus
from bot.release.rollout import Rollout, State
from bot.release.steps import describe, gate_now
from bot.release.story import Ending, Stay, Story
from bot.release.traffic import HeaderRoute, Look

#: endings after which nobody can press anything any more
OVER = frozenset({"done", "superseded", "rolled back", "deleted"})


@dataclass(frozen=True)
class Headline:
    """
    One line on where a release stands.

    Attributes:
        title: beside the name on the card, with its sign.
        point: after the name, complete in itself: `waits at 10 %: promote or abort`.

    """

    title: str
    point: str


def headline(look: Look, story: Story, offers: Sequence[Offer], now: datetime) -> Headline:
    """Tell where a release stands."""
    rollout = look.rollout
    if story.ending and (story.ending.how in OVER or not rollout.aborted):
        return _ended(look, story, story.ending, now)
    match rollout.state:
        case State.ABORTED:
            return _aborted(look, story.ending or Ending(how="aborted"))
        case State.FAILED:
            said = safe(rollout.message, words.LONGEST_QUOTE)
            return Headline(f"{words.STATES[State.FAILED]}: {said}", f"failed: {said}")
        case State.UNSUPPORTED:
            text = "blueGreen: I show it and never act on it"
            return Headline(text, f"is {text}")
        case _ if story.stay and rollout.is_releasing:
            return _staying(look, story.stay, now)
        case State.WAITING | State.UNDECIDED | State.FROZEN | State.TIMED:
            return _paused(look, rollout.state, offers, now)
        case _:
            return _moving(look, rollout.state)


# --- ended ----------------------------------------------------------------------------------------


def _ended(look: Look, story: Story, ending: Ending, now: datetime) -> Headline:
    hand = words.who_and_why(ending.by, ending.reason)
    took = _took(look.rollout, story, ending, now)
    match ending.how:
        case "done":
            text = f"Done, {words.version(look)} is stable{took}"
            # Argo names nobody who let the last pause end, so the hand comes after the fact
            told = f"{text} · promoted{hand}" if hand else text
            return Headline(f"{words.GOOD} {told}", f"is done: {words.version(look)} is stable")
        case "superseded":
            text = f"superseded by a newer revision{took}{hand}"
        case "rolled back":
            text = f"rolled back, {words.stable_version(look)} is stable again{took}{hand}"
        case "deleted":
            text = f"deleted: the Rollout object is gone{hand}"
        case "aborted":
            return _aborted(look, ending)
        case how:
            text = f"{safe(how, 60)}{hand}"
    sign = words.GOOD if ending.how == "rolled back" else words.OFF
    return Headline(f"{sign} {text[0].upper()}{text[1:]}", text)


def _took(rollout: Rollout, story: Story, ending: Ending, now: datetime) -> str:
    started = story.started or rollout.started_at
    if started is None:
        return ""
    end = ending.at or rollout.finished_at or now
    return f", {duration(end - started)}" if end >= started else ""


def _aborted(look: Look, ending: Ending) -> Headline:
    at = f" at {ending.from_weight} %" if ending.from_weight is not None else ""
    who = f"aborted{words.by(ending.by)}{at}{words.why(ending.reason)}"
    if weights.reaches_canary(look):
        point = f"{who}, {weights.reach(look)} still reach the canary"
        return Headline(f"{words.OFF} {who[0].upper()}{who[1:]}", point)
    if ending.seconds is not None:
        took = measured(ending.seconds)
        rest = f", traffic is back at 0 % after {took}"
    else:
        rest = ", traffic is at 0 %"
    return Headline(f"{words.OFF} {who[0].upper()}{who[1:]}{rest}", f"{who}{rest}")


# --- header-only ----------------------------------------------------------------------------------


def _staying(look: Look, stay: Stay, now: datetime) -> Headline:
    route = _route(look)
    named = f"{headers.reached_with(route)} {words.MOVES} canary" if route else "header unknown"
    share = weights.reach(look)
    public = share if not look.stray else f"{share} of the public"
    hand = words.who_and_why(stay.by, stay.reason)
    since = f"since {ago(stay.since, now)}"
    if stay.missing or weights.reaches_canary(look) or route is None:
        lacking = words.missing(stay.missing)
        lacking = f": still missing {lacking}" if lacking else ""
        return Headline(
            f"{words.MOVES} Header-only is not ready{lacking} ({public}, {since},{hand})",
            f"is not header-only yet, {share} reach the canary{lacking}",
        )
    return Headline(
        f"{words.WAITS} Header-only ({public}, {named}, {since},{hand})",
        f"is header-only and ready for testing: {named}, {share} of the public",
    )


def _route(look: Look) -> HeaderRoute | None:
    return next(iter(look.routes_to_canary), None)


# --- in flight ------------------------------------------------------------------------------------


def _paused(look: Look, state: State, offers: Sequence[Offer], now: datetime) -> Headline:
    rollout = look.rollout
    since = _since(rollout, now)
    at = _at(look)
    choice = _choice(offers)
    match state:
        case State.WAITING:
            gate = " for header tests only" if gate_now(rollout) else ""
            title, point = f"{words.STATES[state]}{gate}{since}", f"waits{at}{gate}{choice}"
        case State.UNDECIDED:
            said = _quote(rollout.message)
            title = f"{words.STATES[state]}: the analysis was inconclusive{since}{said}"
            point = f"is undecided{at}, the analysis was inconclusive{choice}"
        case State.FROZEN:
            title = f"{words.STATES[state]} by spec.paused: nothing goes on until it is resumed"
            point = f"is frozen{at}: nothing goes on until it is resumed"
        case _:
            title, point = _timed(look, now)
    return Headline(title, point)


def _timed(look: Look, now: datetime) -> tuple[str, str]:
    ends = words.pause_ends(look.rollout)
    state, at = words.STATES[State.TIMED], _at(look)
    if ends is None:
        return f"{state}{at}, goes on by itself", f"pauses{at} and goes on by itself"
    left = f"in {duration(ends - now)}" if ends > now else "now"
    return f"{state}{at}, ends {coming(ends, now)}", f"pauses{at} and goes on by itself {left}"


def _moving(look: Look, state: State) -> Headline:
    rollout, at = look.rollout, _at(look)
    match state:
        case State.STABLE:
            version = words.version(look)
            return Headline(f"{words.GOOD} {version} is stable", f"is stable at {version}")
        case State.PENDING:
            text = "the controller has not looked at the newest spec yet"
            return Headline(f"{words.STATES[state]}: {text}", f"started: {text}")
        case State.RESUMING:
            text = "the pause was ended, the controller has not acted yet"
            return Headline(f"{words.STATES[state]}: {text}", f"goes on{at}: {text}")
        case State.ANALYSING:
            said = _analysis(rollout.step_analysis)
            return Headline(f"{words.STATES[state]}{at}{said}", f"is analysing{at}{said}")
    towards = _towards(look)
    if rollout.is_first:
        text = f"first deploy: the steps are not run ({_pods(look)})"
    elif not look.traffic.canary.desired and rollout.step == 0:
        return Headline(f"{words.MOVES} Started, moving{towards}", f"started, moving{towards}")
    else:
        text = f"moving{towards} ({_pods(look)})"
    held = weights.held(look)
    more = f" · {held}" if held else ""
    return Headline(f"{words.MOVES} {text[0].upper()}{text[1:]}{more}", f"is {text}")


def _towards(look: Look) -> str:
    """Tell what the current step is about."""
    step = look.rollout.current_step
    if look.rollout.promoting_fully or step is None:
        return " to 100 %"
    if "setWeight" in step:
        return f" to {look.traffic.asked} %"
    return f": {safe(describe(step, look.rollout.most), 100)}"


def _pods(look: Look) -> str:
    side = look.traffic.canary
    if not look.rollout.is_releasing:
        return f"{look.traffic.stable.available} of {look.rollout.replicas} pods"
    return f"{side.available} of {side.desired} pods"


def _analysis(status: AnalysisStatus | None) -> str:
    if status is None:
        return ""
    said = ", ".join(part for part in (status.status, status.message) if part)
    return f": {safe(said, words.LONGEST_QUOTE)}" if said else ""


def _at(look: Look) -> str:
    share = weights.reach(look)
    if look.stray:
        return f", {share} of the public reach the canary"
    return f" at {share.removeprefix('at ')}"


def _since(rollout: Rollout, now: datetime) -> str:
    started = rollout.pause.started if rollout.pause else None
    return f" · since {ago(started, now)}" if started else ""


def _choice(offers: Sequence[Offer]) -> str:
    """Name what can be pressed, as the words of the command."""
    verbs = [offer.verb for offer in split(offers)[0]]
    return f": {words.either(verbs)}" if verbs else ""


def _quote(message: str) -> str:
    return f" · {safe(message, words.LONGEST_QUOTE)}" if message else ""
