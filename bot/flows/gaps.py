"""Where the ledger has a gap: said in the ledger itself, so that every reader of it sees it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from bot.release.ledger import DONE, By, Entry
from bot.release.story import Ending, Story

VERB = "gap"  #: the word in the ledger
NOBODY = ""  #: the uid of entries that are about no rollout
_SELF = By(kind="schedule", id="rollout-bot", name="rollout-bot")

LOST = "My database was new, or of an earlier time than what I have said in Slack."
REPLACED = "My database was deleted or replaced while I was running."


def record(why: str, *, cluster: str, now: datetime) -> Entry:
    """Make the entry that says from when on the record is whole again."""
    return Entry(
        id=uuid4().hex, at=now, actor=_SELF, verb=VERB, cluster=cluster, reason=why, outcome=DONE
    )


def newest(entries: Iterable[Entry]) -> datetime | None:
    """Tell until when entries may be missing; None: nothing is known to be missing."""
    return max((entry.at for entry in entries if entry.verb == VERB), default=None)


def done(story: Story) -> Story:
    """Tell of a release that it ended well, and that nobody knows when and by whom."""
    return replace(story, stay=None, pursuit=None, ending=Ending(how="done"))
