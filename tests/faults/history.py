"""What is written down while the bot is under fire. No judgement here."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class State:
    """
    One rollout as the cluster had it from this moment on.

    Attributes:
        at: seconds, on the clock of the recorder; the same for all records.
        uid: its identity; `gone` once it was deleted.
        revision: hash of the pods on their way.
        index: of the step.
        phase: the controller's word.
        weight: what the controller reported for the canary, percent.
        paused_since: when the pause began, as the controller wrote it; empty: no pause.

    """

    at: float
    uid: str
    key: str
    version: int
    revision: str
    stable: str
    index: int
    steps: int
    phase: str
    weight: int
    aborted: bool
    paused_since: str
    frozen: bool
    gone: bool = False

    @property
    def is_releasing(self) -> bool:
        """Whether another revision than the stable one is on its way."""
        return bool(self.revision and self.stable) and self.revision != self.stable

    @property
    def needs_person(self) -> bool:
        """Whether it stands until somebody decides."""
        return self.is_releasing and (self.aborted or (self.phase == "Paused" and not self.frozen))


@dataclass(frozen=True, kw_only=True)
class Write:
    """
    A write that the bot sent to the cluster.

    Attributes:
        at: when it arrived.
        ended: when it was answered.
        replica: who sent it.
        status: what the cluster answered; 0: it never got there, or nobody answered.
        before: the state of the rollout at that moment, from the witness.
        audited: how many entries about that rollout were open in the ledger when it arrived; -1:
            nobody could look.

    """

    at: float
    ended: float
    replica: str
    method: str
    path: str
    body: Any
    status: int
    before: State | None = None
    audited: int = -1

    @property
    def is_action(self) -> bool:
        """Whether it changes a rollout."""
        return "/rollouts/" in self.path and self.method == "PATCH"

    @property
    def took(self) -> bool:
        """Whether the cluster did it."""
        return self.status == 200

    @property
    def key(self) -> str:
        """`namespace/name` of the rollout."""
        parts = self.path.split("/")
        space, name = parts[parts.index("namespaces") + 1], parts[parts.index("rollouts") + 1]
        return f"{space}/{name}"


@dataclass(frozen=True, kw_only=True)
class Read:
    """
    A list or a watch of one kind that the bot asked for.

    Attributes:
        at: when it arrived.
        kind: `list`, `more` (another page of a list) or `watch`.
        path: of what.

    """

    at: float
    replica: str
    kind: str
    path: str

    @property
    def plural(self) -> str:
        """The kind of objects."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, kw_only=True)
class Call:
    """
    A call of Slack's Web API.

    Attributes:
        at: when it arrived.
        ended: when it was answered.
        replica: who called.
        method: such as `chat.postMessage`, or `response_url`.
        done: whether Slack did it, whatever the caller was told.
        told: what the caller was told: ok, an error, `dropped`.
        ts: of the message that it posted or changed.

    """

    at: float
    ended: float
    replica: str
    method: str
    args: Mapping[str, Any]
    done: bool
    told: str
    ts: str = ""
    retry_after: float = 0.0

    @property
    def channel(self) -> str:
        """Where."""
        return str(self.args.get("channel", ""))

    @property
    def text(self) -> str:
        """What it says."""
        return str(self.args.get("text", ""))

    @property
    def payload(self) -> Mapping[str, Any]:
        """The payload of its metadata."""
        found = (self.args.get("metadata") or {}).get("event_payload", {})
        return found if isinstance(found, dict) else {}

    @property
    def is_card(self) -> bool:
        """Whether it shows one revision of a rollout, and no finding, in a message of its own."""
        return self.is_about_one and "finding" not in self.payload

    @property
    def is_about_one(self) -> bool:
        """Whether it is about one revision of a rollout, in a message of its own."""
        return {"uid", "revision"} <= set(self.payload) and not self.args.get("thread_ts")


@dataclass(frozen=True, kw_only=True)
class Press:
    """
    Somebody pressed a button.

    Attributes:
        at: when.
        person: their id.
        verb: what for.
        uid, revision: what the message's metadata said.
        index: the step that the card showed, from 0; -1: none was shown.
        acked: whether the bot acknowledged it, wherever that went.
        mark: tells this press apart from all others.
        seconds: from the press to the acknowledgement; infinite without one that Slack heard.

    """

    at: float
    person: str
    verb: str
    key: str
    uid: str
    revision: str
    index: int
    acked: bool
    mark: int
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one person was told, for their eyes only."""

    at: float
    person: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Holding:
    """Who holds the lease from this moment on."""

    at: float
    holder: str
    renewed: str
    seconds: int


@dataclass(frozen=True, kw_only=True)
class Size:
    """
    How much a process of the bot holds.

    Attributes:
        at: when it was looked at.
        memory: resident, kB.
        sockets: open ones.
        tasks: of its loop, by its own metric.
        waiting: messages that are not sent yet, by its own metric.

    """

    at: float
    replica: str
    memory: int
    sockets: int
    tasks: int
    waiting: int


@dataclass
class History:
    """Everything, in the order in which it happened."""

    states: list[State] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    presses: list[Press] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    holdings: list[Holding] = field(default_factory=list)
    ledger: list[Json] = field(default_factory=list)
    starts: list[tuple[float, str]] = field(default_factory=list)
    sizes: list[Size] = field(default_factory=list)
    acks: set[str] = field(default_factory=set)  #: envelopes that the bot acknowledged
    latencies: list[float] = field(default_factory=list)  #: seconds to other acknowledgements
    notes: list[tuple[float, str]] = field(default_factory=list)  #: what the test did, in words
    ended: float = 0.0
    lost_at: float = float("-inf")  #: when the ledger was lost last, with what it knew

    def note(self, words: str) -> float:
        """Write down what the test does now; when that is."""
        now = time.monotonic()
        self.notes.append((now, words))
        return now

    def latest(self, key: str) -> State | None:
        """The newest state of a rollout by its name."""
        return next((state for state in reversed(self.states) if state.key == key), None)
