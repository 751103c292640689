"""
What Slack brings to the app, and what the app says to it.

Two ways lead to the app, Socket Mode (`socket`) and signed HTTP requests (`http_mode`); to the
person who pressed a button they look the same.
"""

import time
import uuid
from dataclasses import dataclass, field
from typing import Literal, Protocol

from bot.sandbox.slack.errors import NoAck
from bot.sandbox.slack.model import Json

Kind = Literal["slash_commands", "interactive", "events_api"]


@dataclass(kw_only=True)
class Delivery:
    """
    One payload on its way to the app, and back.

    Attributes:
        id: the envelope_id of Socket Mode; a retry has a new one.
        sent, acked: on the monotonic clock; *acked* also if it came too late.
        answer: what came with the acknowledgement.
        status: of the HTTP answer, in HTTP mode.
        retry: the attempt (1 to 3) and its reason, for events that are told again.

    """

    kind: Kind
    payload: Json
    accepts_answer: bool = True
    retry: tuple[int, str] | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    sent: float = field(default_factory=time.monotonic)
    acked: float | None = None
    answer: Json | None = None
    status: int | None = None

    @property
    def latency(self) -> float:
        """Seconds from sending to the acknowledgement."""
        if self.acked is None:
            raise NoAck(f"{self.kind} was not acknowledged")
        return self.acked - self.sent

    def acknowledge(self, answer: Json | None) -> None:
        """The app has said that it got it."""
        self.acked, self.answer = time.monotonic(), answer


class Way(Protocol):
    """A way to the app."""

    async def bring(self, delivery: Delivery) -> None:
        """Bring it and wait for the acknowledgement; raises Unanswered."""
        ...
