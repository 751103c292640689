"""
What can go wrong between the app, Slack and a person.

    SlackError          the Web API refuses a call: {"ok": false, "error": …}
    └─ RateLimited      for some seconds

    Unanswered          the person sees an error beside the command, the button or in the modal
    ├─ NoApp            nobody is there to answer
    ├─ NoAck            no acknowledgement in time
    └─ BadAck           an acknowledgement that Slack cannot show

    NeverHappened       a wait ran out
"""

from typing import Any


class SlackError(Exception):
    """The Web API refuses a call; *error* is the word that Slack uses for it."""

    def __init__(self, error: str, *messages: str, **extra: Any) -> None:
        super().__init__(error, *messages)
        self.error = error
        self.messages = messages
        self.extra = extra

    def as_json(self) -> dict[str, Any]:
        """The answer as it goes over the wire."""
        answer: dict[str, Any] = {"ok": False, "error": self.error, **self.extra}
        if self.messages:
            answer["errors"] = list(self.messages)
            answer["response_metadata"] = {"messages": [f"[ERROR] {m}" for m in self.messages]}
        return answer


class RateLimited(SlackError):  # noqa: N818 - Slack's own word
    """Too many calls of one kind; no call of that kind counts before *seconds* are over."""

    def __init__(self, seconds: int) -> None:
        super().__init__("ratelimited")
        self.seconds = seconds


class Unanswered(Exception):  # noqa: N818 - what happened to the person
    """The person sees an error of Slack's own making, because of the app."""


class NoApp(Unanswered):
    """The app did not respond: nobody is connected."""


class NoAck(Unanswered):
    """The app did not respond: no acknowledgement in time."""


class BadAck(Unanswered):
    """The app acknowledged with something that Slack cannot show."""


class NeverHappened(AssertionError):  # noqa: N818 - it says it all
    """Something that a test waited for did not happen in time."""
