"""What the bot knows of a revision beyond the cluster's objects: from the ledger to a Story."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.flows.journal import Journal
from bot.flows.kept import Told
from bot.flows.owners import Owners
from bot.release.changes import Change, Finished, RolledBack, Superseded
from bot.release.effects import Begun, judge, not_ready, way_back_of
from bot.release.ledger import By, Entry
from bot.release.ownership import Ownership
from bot.release.story import Ending, Pursuit, Stay, Story
from bot.release.traffic import Look

_STEERING = frozenset({"promote", "header-only", "resume", "abort", "retry", "full"})


async def _nothing(_uid: str) -> None:
    return None


@dataclass
class Stories:
    """Tells the story of a revision; `told` is what following it has said so far, by uid."""

    journal: Journal
    owners: Owners
    told: dict[str, Told] = field(default_factory=dict)
    #: what another replica, which follows, has told
    recall: Callable[[str], Awaitable[Told | None]] = _nothing

    async def of(self, look: Look, *, anew: bool = False) -> Story:
        """Tell it; anew: ask again who owns the rollout."""
        uid, told = look.rollout.uid, self.told.get(look.rollout.uid)
        if told is None and look.rollout.is_releasing:
            told = await self.recall(uid)
        ownership = await self.owners.of(look.rollout, anew=anew)
        return tell_story(
            look,
            await self.journal.of(uid),
            ownership=ownership,
            started=told.started if told else look.rollout.started_at,
            started_by=told.started_by if told else None,
        )


def tell_story(
    look: Look,
    entries: Sequence[Entry],
    *,
    ownership: Ownership,
    started: datetime | None,
    started_by: By | None,
) -> Story:
    """Put together what the bot knows about the revision that is on its way."""
    effective = list(_effective(look, entries))
    return Story(
        stay=_stay(look, effective),
        pursuit=_pursuit(look, effective),
        ending=_aborted(look, effective),
        ownership=ownership,
        started=started,
        started_by=started_by,
    )


def ended(change: Change, entries: Sequence[Entry], now: datetime) -> Ending:
    """Tell how a revision ended, from the change that ended it."""
    match change:
        case Finished():
            how = "done"
        case Superseded():
            how = "superseded"
        case RolledBack():
            how = "rolled back"
        case _:
            how = "deleted"
    by, reason = change.by, change.reason
    if by is None and isinstance(change, Finished):
        by, reason = who_promoted(change.look, entries)
    return Ending(how=how, by=by, reason=reason, at=now)


def who_promoted(look: Look, entries: Sequence[Entry]) -> tuple[By | None, str]:
    """Name who promoted this revision last, and why."""
    wanted = {"promote", "full", "resume"}
    for entry in reversed(list(_effective(look, entries))):
        if entry.verb in wanted:
            return entry.actor, entry.reason
    return None, ""


def _effective(look: Look, entries: Sequence[Entry]) -> Iterator[Entry]:
    """Give the entries of this revision that did something, or are about to."""
    for entry in entries:
        took_place = entry.outcome == "done" or entry.is_pending
        if took_place and entry.revision == look.rollout.revision:
            yield entry


def current_stay(look: Look, entries: Sequence[Entry]) -> Entry | None:
    """Give the header-only entry that is in force: the last thing done, and still at its gate."""
    steering = [entry for entry in _effective(look, entries) if entry.verb in _STEERING]
    last = steering[-1] if steering else None
    if last and last.verb == "resume" and last.is_pending:
        last = steering[-2] if len(steering) > 1 else None
    if last is None or last.verb != "header-only" or "accepted" not in last.detail:
        return None
    rollout, back = look.rollout, way_back_of(last)
    if back is None or rollout.aborted or not rollout.is_releasing:
        return None
    if back.inserted and rollout.steps != back.inserted:
        return None
    return last if rollout.step <= back.gate or not rollout.is_observed else None


def _stay(look: Look, entries: Sequence[Entry]) -> Stay | None:
    entry = current_stay(look, entries)
    back = way_back_of(entry) if entry else None
    if entry is None or back is None:
        return None
    return Stay(
        by=entry.actor,
        since=entry.at,
        reason=entry.reason,
        way_back=back,
        missing=tuple(not_ready(look, back.gate)),
    )


def _pursuit(look: Look, entries: Sequence[Entry]) -> Pursuit | None:
    for entry in reversed(entries):
        if entry.is_pending and "accepted" in entry.detail:
            missing = judge(entry, look).missing
            return Pursuit(
                entry=entry.id, verb=entry.verb, by=entry.actor, since=entry.at, missing=missing
            )
    return None


def _aborted(look: Look, entries: Sequence[Entry]) -> Ending | None:
    rollout = look.rollout
    if not rollout.aborted:
        return None
    entry = next((e for e in reversed(entries) if e.verb == "abort"), None)
    if entry is None:
        return Ending(how="aborted", at=rollout.aborted_at)
    begun, seconds = Begun.of(entry.detail), entry.detail.get("seconds")
    return Ending(
        how="aborted",
        by=entry.actor,
        reason=entry.reason,
        at=rollout.aborted_at or entry.at,
        from_weight=begun.weight if begun else None,
        seconds=float(seconds) if seconds is not None else None,
    )
