"""
What waits in the outbox: a card to be shown, lines for a thread, a message of its own. No I/O.

    Errand
    ├── Card    one living message: only its latest state is ever sent
    ├── Lines   what is to be said in a card's thread, merged as long as it waits
    └── Note    a message of its own
"""

import hashlib
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.flows.kept import Place, Slot
from bot.flows.ports import Lane
from bot.messages.blocks import Message

POST = "chat.postMessage"
EDIT = "chat.update"

QUIET = {"unfurl_links": False, "unfurl_media": False}

#: Our own metadata, for what has none that tells it from all others.
NOTE = "rollout_note"

#: chat.update refuses more; Slack's pages advise it for posts too.
LONGEST_TEXT = 4_000
#: One post of merged lines; far below what Slack takes, a thread is read on a phone.
LONGEST_BATCH = 3_000
MOST_BLOCKS = 45
MOST_DORMANT = 100

LONGEST_WAIT = 30.0

SOMETHING = "?"  # equal to no digest


def new_id() -> str:
    """Make an id by which one post is recognised among all others."""
    return uuid.uuid4().hex


@dataclass(eq=False, kw_only=True)
class Errand:
    """
    Something on its way to Slack.

    Attributes:
        since: when it became due, on the outbox's clock.
        not_before: a failure told it to wait until then.
        tries: failures in a row.
        busy: somebody works on it now.
        known: the bulletin was asked where its message stands.
        plain: Slack refused its blocks; the text alone goes.

    """

    channel: str
    lane: Lane
    since: float
    not_before: float = 0.0
    tries: int = 0
    busy: bool = False
    known: bool = False
    plain: bool = False

    @property
    def method(self) -> str:
        """What will be called for it."""
        return POST

    @property
    def is_dormant(self) -> bool:
        """Whether it waits for something else than time."""
        return False

    @property
    def is_done(self) -> bool:
        """Whether nothing of it is left to send."""
        raise NotImplementedError

    def put_off(self, now: float, jitter: float) -> float:
        """Wait after a failure, longer each time; how long."""
        seconds = min(LONGEST_WAIT, 0.5 * 2.0**self.tries) * jitter
        self.tries += 1
        self.not_before = now + seconds
        return seconds


@dataclass(eq=False, kw_only=True)
class Card(Errand):
    """
    One living message.

    Attributes:
        wanted: what it shall say; `says` is its digest.
        place: where it stands and what it says now; None: it does not exist (or nobody knows).
        unsaved: the bulletin has not heard of the place yet.
        claimed: the bulletin knows that the message is about to be posted.
        doubt: what a post said that Slack may have stored without our knowing; SOMETHING if an
            earlier process posted it.

    """

    slot: Slot
    wanted: Message
    says: str = field(init=False)
    place: Place | None = None
    unsaved: bool = False
    claimed: bool = False
    doubt: str = ""

    def __post_init__(self) -> None:
        self.says = digest(self.wanted)

    def want(self, message: Message, lane: Lane) -> None:
        """Show something else."""
        says = digest(message)
        self.plain = self.plain and says == self.says
        self.wanted, self.says, self.lane = message, says, lane

    @property
    def method(self) -> str:
        """An edit where there is a message, else a post."""
        return EDIT if self.place else POST

    def stands_at(self, ts: str, says: str) -> None:
        """Note what Slack shows now; the bulletin has to hear of it."""
        self.place, self.unsaved, self.doubt = Place(ts=ts, content=says), True, ""

    @property
    def is_shown(self) -> bool:
        """Whether the message says what it shall."""
        return self.place is not None and self.place.content == self.says

    @property
    def is_done(self) -> bool:
        """Whether it is shown, and the bulletin knows."""
        return self.is_shown and not self.unsaved


@dataclass(eq=False, kw_only=True)
class Lines(Errand):
    """
    What is to be said in the thread of a slot's message.

    Attributes:
        waiting: lines in order, each with whether the channel shall hear it.
        parent: ts of the slot's message; "": there is none yet.
        sent: how many of them are in the post that was tried last.
        id: by which that post is recognised.
        doubt: Slack may have stored that post.
        ready_at: it waits so long for more lines.

    """

    slot: Slot
    waiting: list[tuple[Message, bool]] = field(default_factory=list)
    parent: str = ""
    sent: int = 0
    id: str = ""
    doubt: bool = False
    ready_at: float = 0.0

    def add(self, line: Message, lane: Lane, now: float, *, loud: bool, linger: float) -> None:
        """Say one more line; only progress may linger."""
        if lane is not Lane.PROGRESS or loud:
            self.ready_at = now
        elif self.busy or not self.waiting:
            self.ready_at = now + linger
        self.waiting.append((line, loud))
        self.lane = min(self.lane, lane)
        if self.is_dormant:  # a card that never comes must not fill the memory
            del self.waiting[:-MOST_DORMANT]

    @property
    def is_dormant(self) -> bool:
        """Whether there is no thread yet."""
        return self.known and not self.parent

    @property
    def is_done(self) -> bool:
        """Whether everything was said."""
        return not self.waiting

    def batch(self) -> tuple[Message, bool]:
        """Merge as many lines as one post takes; loud if one of them is."""
        length = blocks = 0
        self.sent, self.id = 0, new_id()
        for line, _ in self.waiting:
            length, blocks = length + len(line.text) + 1, blocks + (len(line.blocks) or 1)
            if self.sent and (length > LONGEST_BATCH or blocks > MOST_BLOCKS):
                break
            self.sent += 1
        taken = self.waiting[: self.sent]
        return merged([line for line, _ in taken]), any(loud for _, loud in taken)

    def said(self) -> None:
        """Strike out what the last post said."""
        del self.waiting[: self.sent]
        self.sent, self.id, self.doubt, self.plain = 0, "", False, False


@dataclass(eq=False, kw_only=True)
class Note(Errand):
    """A message of its own."""

    message: Message
    known: bool = True
    id: str = field(default_factory=new_id)
    doubt: bool = False
    posted: bool = False

    @property
    def is_done(self) -> bool:
        """Whether it was posted."""
        return self.posted


def digest(message: Message) -> str:
    """Tell short what a message says; the same for the same words, in every process."""
    says = json.dumps([message.text, message.blocks], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(says.encode()).hexdigest()[:32]


def merged(lines: Sequence[Message]) -> Message:
    """Make one message of several lines, in order."""
    text = "\n".join(line.text for line in lines)
    if len(lines) == 1 or not any(line.blocks for line in lines):
        blocks = lines[0].blocks if len(lines) == 1 else ()
        return Message(text=text, blocks=blocks, metadata=lines[0].metadata)
    parts = [block for line in lines for block in line.blocks or (_section(line.text),)]
    return Message(text=text, blocks=tuple(parts), metadata=lines[0].metadata)


def marked(metadata: dict[str, Any] | None, unique: str) -> dict[str, Any]:
    """Give a post metadata by which it is found again, beside what it says anyway."""
    kind = (metadata or {}).get("event_type", NOTE)
    payload = (metadata or {}).get("event_payload", {})
    return {"event_type": kind, "event_payload": {**payload, "id": unique}}


def content(message: Message, *, plain: bool) -> dict[str, Any]:
    """Write what a message shows as arguments of a post or an edit."""
    text = message.text
    if len(text) > LONGEST_TEXT:
        text = f"{text[: LONGEST_TEXT - 1]}…"
    return {"text": text, "blocks": [] if plain else list(message.blocks), "parse": "none"}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:3000], "verbatim": True}}
