"""What the outbox asks of the bulletin alone: errands too, so that it is tried again. No I/O."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.flows.kept import Lane, Parcel
from bot.slack.errands import Errand


@dataclass(eq=False, kw_only=True)
class Receipts(Errand):
    """What the bulletin may forget."""

    lane: Lane = Lane.PROGRESS
    known: bool = True
    ids: list[str] = field(default_factory=list)

    @property
    def method(self) -> str:
        """Nothing of Slack's."""
        return ""

    @property
    def is_done(self) -> bool:
        """Whether the bulletin has heard of all."""
        return not self.ids


@dataclass(eq=False, kw_only=True)
class PickUp(Errand):
    """Ask the bulletin what it has; `found` is the answer."""

    lane: Lane = Lane.ANSWER
    known: bool = True
    found: Sequence[Parcel] | None = None

    @property
    def method(self) -> str:
        """Nothing of Slack's."""
        return ""

    @property
    def is_done(self) -> bool:
        """Whether it has answered."""
        return self.found is not None
