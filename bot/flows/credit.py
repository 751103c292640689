"""
Who did it: our own ledger first, then the field managers of the object.

A promote with the plugin leaves no name: it is known by its effect only, an
endless pause that ended without an entry of ours.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.flows.ports import Cluster, Writer
from bot.flows.stories import current_stay, who_promoted
from bot.release.changes import (
    Aborted,
    Change,
    Failed,
    Finished,
    Frozen,
    Retried,
    RouteBack,
    Started,
    StepReached,
    StepsEdited,
    Superseded,
    Undecided,
    Unfrozen,
    Waiting,
)
from bot.release.effects import Begun, way_back_of
from bot.release.errors import Refusal
from bot.release.ledger import By, Entry
from bot.release.rollout import State
from bot.release.traffic import Look

OUTSIDE = By(kind="cluster", id="")  #: somebody, by means that leave no name
_RECENT = timedelta(minutes=2)

_VERBS: dict[type[Change], frozenset[str]] = {
    Aborted: frozenset({"abort"}),
    Retried: frozenset({"retry"}),
    Frozen: frozenset({"pause"}),
    Unfrozen: frozenset({"resume", "abort"}),
    StepsEdited: frozenset({"header-only", "tidy-up"}),
    RouteBack: frozenset({"route"}),
}
_FIELDS: dict[type[Change], tuple[str, ...]] = {
    Aborted: ("status.abort",),
    Retried: ("status.abort",),
    Frozen: ("spec.paused",),
    Unfrozen: ("spec.paused",),
    StepsEdited: ("spec.strategy.canary.steps",),
    Started: ("spec.template",),
    Superseded: ("spec.template",),
}
_MOVES = (Finished, StepReached, Waiting, Undecided, Failed)
_PROMOTIONS = frozenset({"promote", "full"})
_MOVING_VERBS = _PROMOTIONS | {"resume", "header-only", "route"}
#: left by people only; RESUMING: a pause was taken away, and the controller has not acted yet
_DECIDED_BY_PEOPLE = frozenset({State.WAITING, State.UNDECIDED, State.RESUMING})
_NAMELESS = (Aborted, Retried, Frozen, Unfrozen, StepsEdited)  #: somebody did it, named or not


async def credit(
    change: Change, before: Look, entries: Sequence[Entry], cluster: Cluster, now: datetime
) -> Change:
    """Fill in who did it, and why, where it can be known."""
    entry = find_entry(change, before, entries, now)
    if entry and isinstance(change, Waiting) and entry.verb not in _PROMOTIONS:
        return change  # "promoted by" would be wrong; whose act it was is told when it is settled
    if entry:
        return replace(change, by=entry.actor, reason=entry.reason)
    if isinstance(change, _MOVES):
        if _was_promoted(before, change):
            return replace(change, by=OUTSIDE)
        by, reason = who_promoted(before, entries)
        return replace(change, by=by, reason=reason) if isinstance(change, Finished) else change
    paths = _FIELDS.get(type(change))
    return replace(change, by=await _manager(change, paths, cluster)) if paths else change


def is_foreign_promotion(change: Change) -> bool:
    """Whether somebody without a name ended a pause."""
    return isinstance(change, _MOVES) and change.by == OUTSIDE


def is_told_otherwise(
    change: Change, before: Look, entries: Sequence[Entry], now: datetime
) -> bool:
    """Whether header-only or its end tells this better: the steps between are its own doing."""
    if isinstance(change, StepsEdited):
        return find_entry(change, before, entries, now) is not None
    if isinstance(change, (StepReached, Waiting)) and current_stay(change.look, entries):
        return True
    if isinstance(change, (StepReached, Waiting)) and _puts_route_back(change, entries):
        return True
    entry = find_entry(change, before, entries, now) if isinstance(change, StepReached) else None
    return entry is not None and entry.verb in {"header-only", "resume", "route"}


def _puts_route_back(change: Change, entries: Sequence[Entry]) -> bool:
    """Whether a header route is put back: to its step, and from there to the pause again."""
    revision = change.look.rollout.revision
    return any(e.verb == "route" and e.is_pending and e.revision == revision for e in entries)


def find_entry(
    change: Change, before: Look, entries: Sequence[Entry], now: datetime
) -> Entry | None:
    """
    Find the act of ours that made this change.

    Changes are told before entries are settled, so whatever made a change is still pending then.
    Only an abort that also lifts `spec.paused` may be done before that is seen.
    """
    verbs = _MOVING_VERBS if isinstance(change, _MOVES) else _VERBS.get(type(change), frozenset())
    for entry in reversed(entries):
        if entry.verb not in verbs or entry.outcome.startswith(("refused", "failed")):
            continue
        if entry.revision != before.rollout.revision:
            continue
        if isinstance(change, StepsEdited):
            if _wrote(entry, change):
                return entry
            continue
        if isinstance(change, _MOVES) and not _began_there(entry, before):
            continue
        lifted = isinstance(change, Unfrozen) and entry.verb == "abort"
        if entry.is_pending or (lifted and now - entry.at < _RECENT):
            return entry
    return None


def _wrote(entry: Entry, change: StepsEdited) -> bool:
    """Whether the steps are what this entry wrote: inserted, or taken out by tidying up."""
    back = way_back_of(entry)
    if back is None:
        return False
    return change.look.rollout.steps == (
        back.inserted if entry.verb == "header-only" else back.original
    )


def _began_there(entry: Entry, before: Look) -> bool:
    begun = Begun.of(entry.detail)
    there = before.rollout
    return begun is not None and (begun.step, begun.step_hash) == (there.step, there.step_hash)


def _was_promoted(before: Look, change: Change) -> bool:
    """Whether it went on from a place that only people leave, by the same steps."""
    old, new = before.rollout, change.look.rollout
    if old.state not in _DECIDED_BY_PEOPLE or old.revision != new.revision:
        return False
    went_on = old.step_hash == new.step_hash and old.step < new.step
    return went_on or old.stable != new.stable


async def _manager(change: Change, paths: Iterable[str], cluster: Cluster) -> By | None:
    try:
        writers = await cluster.writers(change.look.rollout)
    except Refusal:
        return OUTSIDE if not isinstance(change, Started) else None
    for writer in writers:
        if any(_is_within(field, path) for field in writer.fields for path in paths):
            return _by(writer)
    return OUTSIDE if isinstance(change, _NAMELESS) else None


def _is_within(field: str, path: str) -> bool:
    """Whether a field is the one at that path or below it: `status.abortedAt` is another."""
    return field == path or field.startswith(f"{path}.")


def _by(writer: Writer) -> By:
    return By(kind="cluster", id=writer.manager, name=writer.manager)
