"""What the last sweep has found, and what is muted: read by the card, by answers, by digests."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime

from bot.balancing.checks.scene import Unchecked
from bot.balancing.finding import Finding, Severity
from bot.release.mute import Mute
from bot.release.rollout import Rollout


@dataclass(frozen=True, kw_only=True, slots=True)
class Noticed:
    """
    A finding that is certain.

    Attributes:
        rollouts: those that it concerns; empty: none that we know.
        by_drift: whether it is a difference between Ingress and controller, which a card shows
            by itself.

    """

    finding: Finding
    rollouts: tuple[Rollout, ...] = ()
    by_drift: bool = False


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """
    What one look at everything has found.

    Attributes:
        noticed: what is certain, the gravest first.
        suspected: the rollouts that each finding concerns, by its key; certain or not.
        unchecked: what could not be looked for, with the rollouts that it concerns.

    """

    noticed: tuple[Noticed, ...] = ()
    suspected: Mapping[str, tuple[Rollout, ...]] = field(default_factory=dict)
    unchecked: tuple[tuple[Unchecked, tuple[Rollout, ...]], ...] = ()


@dataclass
class Watchlist:
    """What is known to be wrong, by the uid of the rollouts that it concerns."""

    mutes: dict[str, Mute] = field(default_factory=dict)
    looked: datetime | None = None  #: when a sweep ended last; None: not yet
    _noticed: dict[str, tuple[Noticed, ...]] = field(default_factory=dict)
    _unchecked: dict[str, tuple[Unchecked, ...]] = field(default_factory=dict)

    _suspected: dict[str, set[str]] = field(default_factory=dict)  #: ids, by uid

    def take(self, sweep: Sweep, now: datetime) -> set[str]:
        """Take over what a sweep has found; tell the uids for which a card may change."""
        self.looked = now
        before = {uid: self._on_card(uid) for uid in self._noticed}
        noticed: dict[str, list[Noticed]] = {}
        unchecked: dict[str, list[Unchecked]] = {}
        for one in sweep.noticed:
            for rollout in one.rollouts:
                noticed.setdefault(rollout.uid, []).append(one)
        for what, rollouts in sweep.unchecked:
            for rollout in rollouts:
                if any(_is_found(what, one.finding) for one in noticed.get(rollout.uid, ())):
                    continue
                unchecked.setdefault(rollout.uid, []).append(what)
        self._noticed = {uid: tuple(found) for uid, found in noticed.items()}
        self._suspected = {}
        for key, rollouts in sweep.suspected.items():
            for rollout in rollouts:
                self._suspected.setdefault(rollout.uid, set()).add(key.partition(":")[0])
        self._unchecked = {uid: tuple(found) for uid, found in unchecked.items()}
        nothing: tuple[tuple[Finding, ...], bool] = ((), False)
        known = {*before, *self._noticed}
        return {uid for uid in known if before.get(uid, nothing) != self._on_card(uid)}

    def of(self, uid: str) -> tuple[Finding, ...]:
        """Give everything that is wrong with a rollout, the gravest first."""
        return tuple(one.finding for one in self._noticed.get(uid, ()))

    def ahead(self, uid: str) -> tuple[Finding, ...]:
        """
        Give what a person should know before a release of this rollout goes on.

        Only what is grave, and not what the card's own numbers show.
        """
        return tuple(
            one.finding
            for one in self._noticed.get(uid, ())
            if not one.by_drift and one.finding.severity.reaches(Severity.HIGH)
        )

    def differs(self, uid: str) -> bool:
        """Whether something is open that the card's own numbers show: it has no line there."""
        return any(one.by_drift for one in self._noticed.get(uid, ()))

    def _on_card(self, uid: str) -> tuple[tuple[Finding, ...], bool]:
        return self.ahead(uid), self.differs(uid)

    def suspects(self, uid: str, ids: AbstractSet[str], *, since: datetime) -> bool | None:
        """Whether the last look saw one of these, certain or not; None: it was before *since*."""
        if self.looked is None or self.looked < since:
            return None
        return not ids.isdisjoint(self._suspected.get(uid, ()))

    def unchecked(self, uid: str) -> tuple[Unchecked, ...]:
        """Give what could not be looked for."""
        return self._unchecked.get(uid, ())

    def all_unchecked(self) -> tuple[Unchecked, ...]:
        """Give the same of all rollouts, each once."""
        return tuple(dict.fromkeys(u for found in self._unchecked.values() for u in found))

    def everything(self) -> tuple[Noticed, ...]:
        """Give all findings, each once, also when it concerns several rollouts; gravest first."""
        found = {one.finding.key: one for noticed in self._noticed.values() for one in noticed}
        return tuple(sorted(found.values(), key=gravest_first))

    def mute_of(self, finding: Finding, now: datetime) -> Mute | None:
        """Tell whether a finding is muted: not any more when it has got graver."""
        mute = self.mutes.get(finding.key)
        if mute is None or mute.is_over(now) or is_graver(finding, mute):
            return None
        return mute


def _is_found(what: Unchecked, finding: Finding) -> bool:
    """Whether what one look could not look for was found by the other, at the same object."""
    place = (what.id, what.kind, what.namespace, what.name)
    return place == (finding.id, finding.kind, finding.namespace, finding.name)


def is_graver(finding: Finding, mute: Mute) -> bool:
    """Whether a finding is graver than it was when it was muted."""
    known = {str(severity): severity for severity in Severity}
    then = known.get(mute.severity, Severity.INFO)
    return finding.severity.rank < then.rank


def gravest_first(noticed: Noticed) -> tuple[int, str]:
    """Put findings in the order in which people read them."""
    return noticed.finding.place_in_order
