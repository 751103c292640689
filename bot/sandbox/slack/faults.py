"""
Faults on demand: the next calls go wrong in a chosen way.

What can go wrong with a call, in this order: it is slow, it is lost before Slack did anything, it
is answered with an error, or it is done and its answer is lost.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

Drop = Literal["before", "after"]

#: What Slack's own servers answer with these; the other codes come from a proxy, as HTML.
SLACK_ERRORS = {429: "ratelimited", 500: "internal_error", 503: "service_unavailable"}


@dataclass(kw_only=True)
class Fault:
    """
    What goes wrong, and how often.

    Attributes:
        method: a Web API method, or `response_url`.
        error: answered as {"ok": false, "error": …}.
        http_status: answered with this status; alone, with the body that Slack would give.
        retry_after: the header of that name.
        drop: the connection is cut, before or after the call was done.
        delay: seconds before anything else.
        where: only calls whose arguments this says yes to.
        times: so many calls; `math.inf` for all from now on.

    """

    method: str
    error: str | None = None
    http_status: int | None = None
    retry_after: str | None = None
    drop: Drop | None = None
    delay: float = 0.0
    where: Callable[[dict[str, Any]], bool] = field(default=lambda _: True)
    times: float = 1

    @property
    def answers(self) -> bool:
        """Whether the call is answered with an error instead of being done."""
        return self.error is not None or self.http_status is not None


class Faults:
    """Faults that wait for their calls; the oldest that fits is used up first."""

    def __init__(self) -> None:
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Let something go wrong from now on."""
        self._waiting.append(fault)

    def take(self, method: str, args: dict[str, Any]) -> Fault | None:
        """The fault that hits this call."""
        for fault in self._waiting:
            if fault.method == method and fault.times > 0 and fault.where(args):
                fault.times -= 1
                return fault
        return None

    def clear(self) -> None:
        """Everything works again."""
        self._waiting.clear()
