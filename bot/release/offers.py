"""
Which actions are legal now, each with its effect: the buttons of the card.

An action is offered when its plan does not refuse; so a button and the command
of the same name can never disagree.
"""

from bot.release.actions import (
    Abort,
    Action,
    HeaderOnly,
    Offer,
    Pause,
    Plan,
    Promote,
    PromoteFully,
    RestoreRoute,
    Resume,
    Retry,
)
from bot.release.errors import Refusal
from bot.release.plans import plan
from bot.release.rollout import State
from bot.release.steps import describe, stops_at
from bot.release.story import Story
from bot.release.traffic import Look

ACTIONS: dict[str, type[Action]] = {
    "promote": Promote,
    "resume": Resume,
    "header-only": HeaderOnly,
    "abort": Abort,
    "retry": Retry,
    "route": RestoreRoute,
    "full": PromoteFully,
    "pause": Pause,
}  #: by the word of the command, in the order of the buttons

_PLAIN = frozenset({"header-only"})  # opens a dialog of its own: nothing to confirm on the button


def offers(look: Look, story: Story, *, writes: bool = True) -> tuple[Offer, ...]:
    """Give the actions that are legal now, the most wanted first."""
    if not writes or (story.ending and story.ending.how != "aborted"):
        return ()
    made = []
    for verb in ACTIONS:
        planned = _possible(verb, look, story)
        if planned is None:
            continue
        made.append(
            Offer(
                verb=verb,
                label=_label(verb, look, story),
                effect="" if verb in _PLAIN else " ".join((planned.effect, *planned.hazards)),
                danger=verb in {"abort", "full"},
                primary=verb in {"promote", "resume"},
                seen=look.rollout.sighting(),
            )
        )
    return tuple(made)


def _possible(verb: str, look: Look, story: Story) -> Plan | None:
    if verb == "header-only":
        return _header_only(look, story)
    if verb == "route" and look.routes_to_canary:
        return None
    try:
        return plan(ACTIONS[verb](), look, story)
    except Refusal:
        return None


def _header_only(look: Look, story: Story) -> Plan | None:
    """
    Offer header-only wherever a release runs and the public may reach the canary.

    Hazards are told in its dialog with what to do about them, so they do not hide the button.
    """
    state = look.rollout.state
    busy = {State.WAITING, State.TIMED, State.MOVING, State.ANALYSING}
    if state not in busy or story.stay or not look.rollout.ingresses:
        return None
    if look.traffic.is_zero and not look.stray:
        return None
    if not look.rollout.is_releasing or look.rollout.promoting_fully:
        return None
    return Plan(patches=(), effect="")


def _label(verb: str, look: Look, story: Story) -> str:
    rollout = look.rollout
    match verb:
        case "promote":
            return f"Promote → {stops_at(rollout.steps, rollout.step, rollout.most)[0]} %"
        case "resume" if story.stay and not rollout.frozen:
            return f"Resume at {story.stay.way_back.weight} %"
        case "header-only":
            return "Header-only, 0 %"
        case "abort":
            return "Abort → 0 %"
        case "retry":
            first = describe(rollout.steps[0], rollout.most) if rollout.steps else "100 %"
            return f"Retry from step 1 ({first})"
        case "route":
            return "Put the header route back"
        case "full":
            return "Promote fully → 100 %"
        case "pause":
            return "Pause"
    return verb.capitalize()
