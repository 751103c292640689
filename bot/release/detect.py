"""
What happened between two looks, and what is wrong at one.

`detect_changes` compares; the same pair gives the same changes, nothing happened
gives none. `alarms` judges one look alone: what it names goes on until it is
gone, so it is told once when it comes and once when it goes.
"""

from collections.abc import Iterator, Mapping

from bot.release.changes import (
    Aborted,
    Change,
    Failed,
    Finished,
    Frozen,
    PublicStray,
    Retried,
    RolledBack,
    RouteLost,
    Started,
    StepReached,
    StepsEdited,
    Superseded,
    Undecided,
    Unfrozen,
    Waiting,
)
from bot.release.rollout import Rollout, State
from bot.release.steps import gate_now, routes_in_force
from bot.release.traffic import HeaderRoute, Look, asked_route


def detect_changes(before: Look, after: Look) -> tuple[Change, ...]:
    """
    Tell what happened from one look to the next, in the order in which it is told.

    While the controller has not seen the newest spec nothing is concluded: status and spec do
    not belong together then.
    """
    old, new = before.rollout, after.rollout
    if new.state is State.UNSUPPORTED or not new.is_observed or new.deleted_at is not None:
        return ()
    if old.uid != new.uid or old.revision != new.revision:
        return tuple(_new_revision(before, after))
    return tuple(_same_revision(before, after))


def _new_revision(before: Look, after: Look) -> Iterator[Change]:
    old, new = before.rollout, after.rollout
    is_same_object = old.uid == new.uid
    if not new.is_releasing:
        if is_same_object and old.is_releasing:
            next_image = after.traffic.stable_image
            went_back = RolledBack(look=before)
            replaced = Superseded(look=before, next_image=next_image)
            yield went_back if new.revision == old.stable else replaced
        return
    if is_same_object and old.is_releasing and new.stable == old.revision:
        yield Finished(look=before)
    elif is_same_object and old.is_releasing and not old.aborted:
        yield Superseded(look=before, next_image=after.traffic.canary_image)
    yield Started(look=after, previous_image=after.traffic.stable_image)
    yield from _arrived(after, from_step=0, was=None)


def _same_revision(before: Look, after: Look) -> Iterator[Change]:
    old, new = before.rollout, after.rollout
    if old.is_releasing and not new.is_releasing:
        yield Finished(look=after)
        return
    if not new.is_releasing:
        return
    if new.aborted and not old.aborted:
        yield Aborted(look=after, from_weight=before.public_share)
        return
    if old.aborted and not new.aborted:
        yield Retried(look=after)
    edited = bool(old.step_hash) and old.step_hash != new.step_hash
    if edited:
        yield StepsEdited(look=after, from_step=old.step, previous_weight=before.public_share)
    if new.frozen and not old.frozen:
        yield Frozen(look=after)
    if old.frozen and not new.frozen:
        yield Unfrozen(look=after)
    restarted = edited or (old.aborted and not new.aborted)
    yield from _arrived(after, from_step=0 if restarted else old.step, was=old)


def _arrived(after: Look, *, from_step: int, was: Rollout | None) -> Iterator[Change]:
    """Tell the one change that names where it stands now."""
    new = after.rollout
    stands = (new.state, new.step, new.step_hash, new.pause and new.pause.started)
    stood = was and (was.state, was.step, was.step_hash, was.pause and was.pause.started)
    if new.state is State.FAILED and not (was and was.state is State.FAILED):
        yield Failed(look=after)
    elif new.state is State.UNDECIDED and not (was and was.state is State.UNDECIDED):
        yield Undecided(look=after)
    elif new.state is State.WAITING and stands != stood:
        yield Waiting(look=after)
    elif new.step > from_step and new.state not in {State.ABORTED, State.FAILED}:
        yield StepReached(look=after, from_step=from_step)


Alarm = PublicStray | RouteLost


def alarms(look: Look, known: Mapping[str, HeaderRoute] | None = None) -> dict[str, Alarm]:
    """
    Tell what is wrong with the way of requests at this look, by the key of each.

    Args:
        look: the rollout and its traffic.
        known: header routes that led to the canary before, by name.

    """
    rollout = look.rollout
    found: dict[str, Alarm] = {}
    if not rollout.is_releasing or rollout.aborted or rollout.state is State.PENDING:
        return found
    if look.stray:
        found[f"stray:{look.stray.service}"] = PublicStray(look=look, selector=look.stray)
    if rollout.promoting_fully or rollout.current_step is None:
        return found
    whole = {route.name for route in look.routes_to_canary}
    shadowed = {route.name: route for route in look.traffic.routes if route.shadowed_by}
    for route in _expected(look, known or {}):
        if route.name not in whole:
            now = shadowed.get(route.name, route)
            why = "" if now.shadowed_by else _why_gone(look, route)
            found[f"route:{route.name}"] = RouteLost(look=look, route=now, why=why)
    return found


def _why_gone(look: Look, route: HeaderRoute) -> str:
    """Tell which way of the controller leaves a route of its own out; it never says so."""
    stable, replicas = look.traffic.stable.available, look.rollout.replicas
    if not route.managed:
        return ""
    drops = "the controller drops its route then, and does not write it again by itself"
    passed = "the controller passed the step of the route without writing it"
    if not look.traffic.canary.available:
        return f"no canary pod is available: {drops}"
    if route.complete:
        return f"most likely no canary pod was available for a moment: {drops}"
    if stable < replicas:
        return f"{passed}, because {stable} of {replicas} stable pods are available"
    return f"{passed}, as it does while a stable pod is not available"


def _expected(look: Look, known: Mapping[str, HeaderRoute]) -> Iterator[HeaderRoute]:
    """Name the routes that should lead to the canary now."""
    asked = routes_in_force(look.rollout)
    for name, step in asked.items():
        ingress = next(iter(look.rollout.ingresses), "")
        yield known.get(name) or asked_route(name, step, ingress)
    if gate_now(look.rollout):
        yield from (r for name, r in known.items() if name not in asked and not r.managed)
