"""
From an action to its patches: `plan(action, look, story)`.

Each function refuses what makes no sense now, with the reason for the person,
and otherwise says what will happen and how. The offers on the card are exactly
those actions whose plan does not refuse.
"""

from typing import assert_never

from bot.release import header_only, way_out
from bot.release.actions import (
    Abort,
    Action,
    HeaderOnly,
    Patch,
    Pause,
    Plan,
    Promote,
    PromoteFully,
    RestoreRoute,
    Resume,
    Retry,
)
from bot.release.checks import ensure_in_flight, ensure_seen, ensure_steerable
from bot.release.errors import NotNow, plain
from bot.release.guards import (
    ABORT,
    CONTROLLER_PAUSE,
    INDEX,
    PAUSED,
    PAUSES,
    PROMOTE_FULL,
    put,
    remove,
    same_pause,
    same_place,
    same_revision,
    test,
)
from bot.release.rollout import Rollout, State
from bot.release.steps import describe, stops_at, weight_at
from bot.release.story import Story
from bot.release.traffic import Look


def plan(action: Action, look: Look, story: Story) -> Plan:
    """
    Plan an action for what is known now.

    Raises:
        NotNow: it makes no sense in this state.
        Hazard: it would do something else than the person wants.

    """
    match action:
        case Promote():
            return _promote(look, story)
        case PromoteFully():
            return _promote_fully(look)
        case HeaderOnly():
            return header_only.enter(action, look, story)
        case Resume():
            return _resume(look, story)
        case Abort():
            return _abort(look)
        case Retry():
            return _retry(look)
        case Pause():
            return _pause(look, story)
        case RestoreRoute():
            return header_only.restore_route(look)
        case _:
            assert_never(action)


def _promote(look: Look, story: Story) -> Plan:
    rollout = look.rollout
    ensure_in_flight(rollout)
    ensure_seen(rollout)
    if story.stay and rollout.step <= story.stay.way_back.gate:
        raise NotNow(
            f"Header-only is on: use `resume` to go back to {story.stay.way_back.weight} %, "
            "or `abort`."
        )
    if rollout.frozen:
        raise NotNow(f"{rollout.key} is paused by `spec.paused`: use `resume` first.")
    if len(rollout.pauses) > 1:
        reasons = plain(", ".join(pause.reason for pause in rollout.pauses))
        raise NotNow(f"{rollout.key} waits for several reasons at once ({reasons}): look first.")
    if rollout.pause is None:
        step = (
            plain(describe(rollout.current_step, rollout.most))
            if rollout.current_step
            else "the end"
        )
        raise NotNow(f"{rollout.key} stands at no pause; it is at “{step}” and goes on by itself.")
    weight, stop = stops_at(rollout.steps, rollout.step, rollout.most)
    guard = (*same_place(rollout), *same_pause(rollout))
    pass_over = (put(CONTROLLER_PAUSE, value=False), put(INDEX, rollout.step + 1))
    operations = (*guard, remove(PAUSES), *(pass_over if _is_step_undecided(rollout) else ()))
    goal = f"{weight} % of the public go to the canary"
    then = "and it waits there." if stop is not None else "and the release is completed."
    before = ""
    if rollout.state is State.UNDECIDED:
        again = "passed over" if _is_step_undecided(rollout) else "measured again"
        before = f"The undecided analysis is {again}; "
    return Plan(
        patches=(Patch(status=True, operations=operations),),
        effect=f"{before}{goal}, {then}",
    )


def _is_step_undecided(rollout: Rollout) -> bool:
    """
    Whether the present step is what could not be decided: it would only be paused again.

    The analysis in the background is started anew when its pause is taken away; the step is left
    to the controller, which waits for its pods.
    """
    if rollout.state is not State.UNDECIDED:
        return False
    analysis, step = rollout.step_analysis, rollout.current_step or {}
    return "experiment" in step or (analysis is not None and analysis.status == "Inconclusive")


def _promote_fully(look: Look) -> Plan:
    rollout = look.rollout
    ensure_in_flight(rollout)
    operations = (
        *same_revision(rollout),
        test("/status/stableRS", rollout.stable),
        put(PROMOTE_FULL, value=True),
    )
    left = [describe(step, rollout.most) for step in rollout.steps[rollout.step :]]
    skipped = f" Skipped: {', '.join(left)}." if left else ""
    waits = " It starts once `spec.paused` is taken away." if rollout.frozen else ""
    return Plan(
        patches=(Patch(status=True, operations=operations),),
        effect=f"100 % of the public go to the canary.{skipped}{waits}",
    )


def _resume(look: Look, story: Story) -> Plan:
    rollout = look.rollout
    ensure_steerable(rollout)
    if rollout.frozen:
        # Without steps the status has no index, and a test of it would never hold.
        operations = (
            *same_revision(rollout),
            test(PAUSED, value=True),
            *((test(INDEX, rollout.step),) if rollout.steps else ()),
            remove(PAUSED),
        )
        return Plan(
            patches=(Patch(status=False, operations=operations),),
            effect="`spec.paused` is taken away; the controller goes on where it stood.",
        )
    ensure_in_flight(rollout)
    if story.stay is None:
        raise NotNow(
            f"{rollout.key} is neither in header-only nor paused by `spec.paused`. "
            "To leave a pause use `promote`."
        )
    return way_out.leave(look, story.stay.way_back)


def _abort(look: Look) -> Plan:
    rollout = look.rollout
    if rollout.aborted and not rollout.frozen:
        raise NotNow(f"{rollout.key} is aborted already; {look.public_share} % reach the canary.")
    ensure_in_flight(rollout, unless_aborted=False)
    patches = [Patch(status=True, operations=(*same_revision(rollout), put(ABORT, value=True)))]
    hazards = []
    if rollout.frozen:
        # Under spec.paused a scaling event keeps the weight where it is, abort or not.
        lift = (test("/metadata/uid", rollout.uid), test(PAUSED, value=True), remove(PAUSED))
        patches.append(Patch(status=False, operations=lift))
        hazards.append("`spec.paused` is taken away too, else traffic could stay.")
    share = look.public_share
    goes = f"The {share} % of the public that reach the canary go back to the stable version."
    goes = goes if share else "All of the public stay with the stable version."
    return Plan(
        patches=tuple(patches),
        effect=f"{goes} The new version stays in the spec until it is reverted there.",
        hazards=tuple(hazards),
    )


def _retry(look: Look) -> Plan:
    rollout = look.rollout
    ensure_steerable(rollout)
    if not (rollout.is_releasing and rollout.aborted):
        raise NotNow(f"{rollout.key} is not aborted.")
    operations = (*same_revision(rollout), test(ABORT, value=True), remove(ABORT))
    weight = weight_at(rollout.steps, 0, rollout.most)
    first = describe(rollout.steps[0], rollout.most) if rollout.steps else "100 %"
    return Plan(
        patches=(Patch(status=True, operations=operations),),
        effect=f"The release starts again at step 1 ({first}); {weight} % of the public first.",
    )


def _pause(look: Look, story: Story) -> Plan:
    rollout = look.rollout
    ensure_in_flight(rollout)
    if rollout.frozen:
        raise NotNow(f"{rollout.key} is paused by `spec.paused` already.")
    operations = (*same_revision(rollout), put(PAUSED, value=True))
    hazards = []
    if story.ownership.reverts_spec:
        hazards.append(
            f"Argo CD ({story.ownership.application or 'unknown application'}) takes the pause "
            "back within seconds if git names `spec.paused`."
        )
    return Plan(
        patches=(Patch(status=False, operations=operations),),
        effect=f"Nothing goes on until `resume`; {look.public_share} % stay on the canary.",
        hazards=tuple(hazards),
    )
