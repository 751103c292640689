"""
How fast the bot may talk. Pure: the time comes in as an argument, plain seconds.

Slack's published limits (docs.slack.dev/apis/web-api/rate-limits): one post a second and channel,
and about fifty edits a minute for the whole workspace. Small bursts pass; a quiet system is never
made to wait.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field

from bot.flows.kept import Lane

#: Whom the last edits of a minute are kept for: people wait for these.
URGENT = (Lane.ANSWER, Lane.DECISION)

ALMOST = 1e-9  # what is left of a token after adding up fractions of seconds


@dataclass(frozen=True)
class Rate:
    """So many a second, and so many at once."""

    per_second: float
    burst: int


POSTS = Rate(1.0, 3)
EDITS = Rate(49 / 60, 10)  # a hair less: at exactly fifty Slack says no now and then
#: What is left when ten edits a minute, and two at once, are kept for the urgent lanes.
PATIENT_EDITS = Rate(40 / 60, 8)
#: Seconds between two states of one message: nobody reads faster. Progress is not worth an edit a
#: second of a budget that all messages share.
EDIT_GAP = 1.0
PROGRESS_GAP = 2.0
#: The first state that needs a person comes at once, after a moment for what belongs to it.
DECISION_GAP = 0.25


@dataclass
class Bucket:
    """Tokens that come back with time; each sending takes one."""

    rate: Rate
    tokens: float = field(init=False)
    at: float = float("-inf")

    def __post_init__(self) -> None:
        self.tokens = self.rate.burst

    def wait(self, now: float, count: int = 1) -> float:
        """Seconds until there is a token, or so many one after the other; 0 if there are."""
        if now < self.at:
            return self.at - now + (count - self.tokens) / self.rate.per_second
        missing = count - self._tokens(now)
        return missing / self.rate.per_second if missing > ALMOST else 0.0

    def take(self, now: float) -> None:
        """Use a token."""
        self.tokens, self.at = self._tokens(now) - 1, now

    def empty(self, until: float) -> None:
        """Start again from nothing at that time."""
        self.tokens, self.at = 0.0, until

    def _tokens(self, now: float) -> float:
        return min(self.rate.burst, self.tokens + (now - self.at) * self.rate.per_second)


class Pace:
    """When a post or an edit may go out."""

    def __init__(self) -> None:
        self._posts: dict[str, Bucket] = {}
        self._edits = Bucket(EDITS)
        self._patient = Bucket(PATIENT_EDITS)
        self._shown: dict[Hashable, float] = {}
        self._decided: dict[Hashable, float] = {}  #: when it was said that a person is needed

    def wait_to_post(self, channel: str, now: float) -> float:
        """Seconds until something may be posted there."""
        return self._channel(channel).wait(now)

    def wait_to_edit(self, message: Hashable, lane: Lane, now: float) -> float:
        """Seconds until that message may be edited."""
        gap = self._gap(message, lane) - now
        budget = self._edits.wait(now)
        if lane not in URGENT:
            budget = max(budget, self._patient.wait(now))
        return max(gap if gap > ALMOST else 0.0, budget)

    def needs(self, channel: str, posts: int, edits: int, now: float) -> float:
        """Seconds that so many posts there, and edits anywhere, take together."""
        posting = self._channel(channel).wait(now, posts) if posts else 0.0
        return max(posting, self._edits.wait(now, edits) if edits else 0.0)

    def posts(self, channel: str, now: float, message: Hashable | None = None) -> None:
        """Count a post; *message* is what it may be edited as later."""
        self._channel(channel).take(now)
        if message is not None:
            self._show(message, now)

    def edits(self, message: Hashable, lane: Lane, now: float) -> None:
        """Count an edit."""
        self._edits.take(now)
        if lane not in URGENT:
            self._patient.take(now)
        self._show(message, now)
        if lane is Lane.DECISION:
            recent = {k: at for k, at in self._decided.items() if now - at < EDIT_GAP}
            self._decided = recent | {message: now}

    def posts_refused(self, channel: str, until: float) -> None:
        """Slack said: too many. Go on from nothing, without another burst."""
        self._channel(channel).empty(until)

    def edits_refused(self, until: float) -> None:
        """Slack said: too many edits."""
        self._edits.empty(until)
        self._patient.empty(until)

    def _gap(self, message: Hashable, lane: Lane) -> float:
        """When there may be another state of a message."""
        never = float("-inf")
        last = self._shown.get(message, never)
        if lane is Lane.DECISION:
            return max(last + DECISION_GAP, self._decided.get(message, never) + EDIT_GAP)
        return last + (PROGRESS_GAP if lane is Lane.PROGRESS else EDIT_GAP)

    def _channel(self, channel: str) -> Bucket:
        return self._posts.setdefault(channel, Bucket(POSTS))

    def _show(self, message: Hashable, now: float) -> None:
        if len(self._shown) > 1000:  # forget what no longer makes anybody wait
            self._shown = {k: at for k, at in self._shown.items() if now - at < PROGRESS_GAP}
        self._shown[message] = now
