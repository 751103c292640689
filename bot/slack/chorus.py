"""The lines of many cards, told in one thread: each with the name of its rollout. No I/O."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.messages.blocks import Message
from bot.slack.errands import Held, Lines
from bot.slack.posting import LONGEST_TEXT
from bot.slack.storm import GATHERS

_MOST_LINES = 60


@dataclass(eq=False, kw_only=True)
class Chorus(Lines):
    """What is said in the thread of a message about many; never loud: that message is on top."""

    def gather(self, lines: Sequence[Held]) -> None:
        """Take lines that were to be told elsewhere, in order."""
        self.waiting = [*self.waiting[: self.sent], *self._sorted([*self._rest, *lines])]
        self.since = self.waiting[0].since
        self.lane = min(line.parcel.lane for line in self.waiting)
        self.ready_at = 0.0 if self._fits < len(self.waiting) else self.since + GATHERS

    @property
    def _rest(self) -> list[Held]:
        return self.waiting[self.sent :]

    @staticmethod
    def _sorted(lines: Sequence[Held]) -> list[Held]:
        return sorted(lines, key=lambda one: (one.parcel.at, one.parcel.id))

    @property
    def _fits(self) -> int:
        """How many of them one post has room for."""
        room = LONGEST_TEXT
        for count, line in enumerate(self.waiting[:_MOST_LINES]):
            room -= len(line.parcel.message.text) + 1
            if room < 0:
                return max(1, count)
        return min(len(self.waiting), _MOST_LINES)

    def batch(self) -> tuple[Message, bool, list[str]]:
        """Merge as many lines as one post takes, by their text alone: that names the rollout."""
        self.sent = self._fits
        taken = [line.parcel for line in self.waiting[: self.sent]]
        text = "\n".join(parcel.message.text for parcel in taken)
        return Message(text=text), False, [parcel.id for parcel in taken]

    def said(self) -> None:
        """Strike out what the last post said; the rest waits for more."""
        super().said()
        if self.waiting and self._fits == len(self.waiting):
            self.ready_at = self.since + GATHERS
