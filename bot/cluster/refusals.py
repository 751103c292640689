"""
What went wrong on the wire, in words for a person. The only place where HTTP statuses have names.

    Unreachable
    ├── Denied      401: the credentials are refused, also after they were read anew
    ├── Forbidden   403: the account lacks a right, which is named
    ├── Busy        429, or a server that says when to come back
    ├── Expired     410: a version or a page token is too old; only `watch` and `listing` meet it
    ├── Silent      a watch without a byte for too long; only `watch` meets it
    └── Unanswered  a patch was sent and no answer came: it may have been applied

What the API server writes is foreign text (admission webhooks, names): it is cut, and loses the
signs that mean something in Slack.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime

import aiohttp
from pydantic import AliasPath, BaseModel, Field, ValidationError

from bot.release.errors import NotFound, OutOfDate, Refusal, Unanswered, Unreachable, plain

_READ = 200  #: of an answer that is no Status
_LONGEST_WAIT = 120.0


class Misconfigured(Exception):  # noqa: N818 - named as the other answers are
    """There is no usable cluster configuration. Args: the sentence that says where I looked."""


class Denied(Unreachable):
    """The cluster refuses my credentials."""


class Forbidden(Unreachable):
    """My account may not do that in the cluster."""


class Expired(Unreachable):
    """The cluster does not keep that version any more."""


class Silent(Unreachable):
    """No byte came for too long: the line may be dead."""


class Busy(Unreachable):
    """
    The cluster asks to come back later.

    Attributes:
        wait: seconds the server asked for; 0: it did not say.

    """

    def __init__(self, text: str, wait: float = 0.0) -> None:
        super().__init__(text)
        self.wait = wait


@dataclass(frozen=True, kw_only=True)
class Ask:
    """What is asked of the API server, as an administrator would say it."""

    verb: str  #: get, list, watch, patch, create
    resource: str  #: plural, with the subresource: `rollouts/status`
    namespace: str = ""  #: empty: all, or a cluster-wide kind
    name: str = ""  #: empty: not about one object

    def __str__(self) -> str:
        """`patch rollouts/status in shop`."""
        return f"{self.verb} {self.resource} {self.where}"

    @property
    def where(self) -> str:
        """`in shop`."""
        return f"in {self.namespace}" if self.namespace else "in all namespaces"

    @property
    def what(self) -> str:
        """`the rollout shop/checkout`, or `rollouts in shop`."""
        if not self.name:
            return f"{self.resource} {self.where}"
        singular = self.resource.partition("/")[0]
        singular = singular[:-2] if singular.endswith("sses") else singular.removesuffix("s")
        return f"{singular} {self.namespace}/{self.name}"


class _Status(BaseModel):
    """What the API server says instead of an object (`kind: Status`)."""

    message: str = ""
    reason: str = ""
    causes: list[object] = Field(default=[], validation_alias=AliasPath("details", "causes"))


def from_answer(status: int, body: bytes, retry_after: str, ask: Ask) -> Refusal:
    """
    Name an HTTP answer that is not a success.

    Args:
        status: the HTTP status, or the code of an ERROR event.
        body: what came with it, usually a `Status`.
        retry_after: the header of that name, in seconds; empty or unreadable counts as not there.
        ask: what was asked.

    """
    said, away = _read(body), f"The cluster cannot be reached: it answers {status}."
    match status:
        case 401:
            return Denied(
                "The cluster refuses my credentials (401): an administrator must renew them."
            )
        case 403:
            return _forbidden(said, ask)
        case 404 if ask.name:
            return NotFound(f"There is no {ask.what}.")
        case 404:
            return NotFound(f"The cluster does not know {ask.what}: is that kind installed?")
        case 409 | 422 if not said.causes:
            return OutOfDate(
                "The rollout has moved since, or somebody was first. Look at its card."
            )
        case 410:
            return Expired("The cluster does not keep that version any more.")
        case 429:
            return Busy(f"The cluster is too busy to {ask}. Try again soon.", _seconds(retry_after))
        case _ if status >= 500 and ask.verb == "patch":
            return _unanswered(away)
        case _ if status >= 500:
            return Busy(away, _seconds(retry_after))
        case _:
            return Unreachable(
                f"The cluster does not accept that ({status}): {plain(said.message)}"
            )


def from_failure(error: BaseException, ask: Ask, since: datetime) -> Unreachable:
    """
    Name a request that got no answer.

    A patch that was sent may have been applied although no answer came; one for which there was no
    connection was not.
    """
    text = f"The cluster cannot be reached since {since:%H:%M:%S} UTC."
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        text += " I do not trust its certificate: an administrator must look at my configuration."
    if ask.verb == "patch" and not isinstance(error, aiohttp.ClientConnectorError):
        return _unanswered(text)
    return Unreachable(text)


#: what a request fails with when there is no answer
NO_ANSWER = (aiohttp.ClientError, asyncio.TimeoutError, OSError)


def _unanswered(text: str) -> Unanswered:
    return Unanswered(f"{text} Whether the change was made is not known: look at the card first.")


def _forbidden(said: _Status, ask: Ask) -> Unreachable:
    if "system:anonymous" in said.message:  # no credentials were sent at all: not a missing right
        return Denied("The cluster does not know me: my configuration holds no valid credentials.")
    if said.message and f"cannot {ask.verb} resource" not in said.message:
        return Forbidden(f"The cluster forbids me to {ask}: {plain(said.message)}")
    return Forbidden(f"My account may not {ask}. An administrator must grant that right.")


def _read(body: bytes) -> _Status:
    try:
        return _Status.model_validate_json(body)
    except ValidationError:  # a proxy's HTML, or nothing
        return _Status(message=body[:_READ].decode(errors="replace"))


def _seconds(header: str) -> float:
    return min(float(header), _LONGEST_WAIT) if header.isdecimal() else 0.0
