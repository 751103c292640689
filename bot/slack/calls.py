"""
The one way to Slack's Web API: what went wrong has a name, and a method that must rest does.

    CallError
    ├── Limited   too many calls of this method: not again before some seconds are over
    ├── Refused   Slack says no; *error* is its word for why
    └── Lost      no answer, or one that tells nothing; *perhaps*: Slack may have done it

slack_sdk's own retries are off (they post twice); who calls decides about trying again.
"""

import logging
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.editions import put_aside, stamped

_log = logging.getLogger(__name__)

Json = dict[str, Any]
#: Told after each call: the method, and "ok" or what went wrong, in few different words.
OnCall = Callable[[str, str], None]

RATE_LIMITED = "ratelimited"
#: Errors with which Slack says that it failed itself. It may have done the work all the same
#: (the reference on fatal_error: "some aspect of the operation" may have succeeded).
SERVER_ERRORS = frozenset({"internal_error", "fatal_error", "service_unavailable"})
#: Errors that pass by themselves, and before which nothing was done.
PASSING_ERRORS = frozenset({"request_timeout", "team_added_to_org"})

#: Errors that are about the token, whatever was called with it.
REFUSED_TOKENS = frozenset(
    {"invalid_auth", "token_revoked", "token_expired", "account_inactive", "not_authed"}
)

#: These take their arguments as JSON; all others as a query.
WRITING = ("chat.", "views.", "apps.", "blocks.")
#: These tell messages, with their metadata.
READING = frozenset({"conversations.history", "conversations.replies"})

LONGEST_REST = 30.0


class CallError(Exception):
    """A call of the Web API did not go through."""

    def __init__(self, method: str, what: str) -> None:
        super().__init__(f"{method}: {what}")
        self.method = method


class Limited(CallError):  # noqa: N818 - Slack's own word
    """Too many calls of one method."""

    def __init__(self, method: str, seconds: float) -> None:
        super().__init__(method, f"rate limited for {seconds:g} s")
        self.seconds = seconds


class Refused(CallError):  # noqa: N818 - an answer, not an error
    """Slack says no."""

    def __init__(self, method: str, error: str, answer: Json | None = None) -> None:
        said = (answer or {}).get("response_metadata", {}).get("messages", ())
        super().__init__(method, "; ".join([error, *map(str, said)]))
        self.error = error
        self.answer = answer or {}


class Lost(CallError):  # noqa: N818 - what happened
    """No answer, or one that tells nothing."""

    def __init__(self, method: str, what: str, *, perhaps: bool) -> None:
        super().__init__(method, what)
        self.perhaps = perhaps


class Calls:
    """Calls methods of the Web API."""

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        clock: Callable[[], float] = time.monotonic,
        on_call: OnCall = lambda _method, _result: None,
    ) -> None:
        self._client = client
        self._clock = clock
        self._on_call = on_call
        self._rests: dict[str, float] = {}
        self._unexplained: dict[str, int] = {}
        self._lost_since: float | None = None
        self._refused = ""
        self.scopes: frozenset[str] = frozenset()
        self.bot = ""  #: what Slack calls the author of our messages
        self.date = ""  #: Slack's own time with its last good answer, as HTTP writes it
        self.edition: Callable[[], int] = int  #: see editions.py; 0: none is known

    @property
    def session(self) -> aiohttp.ClientSession:
        """The HTTP session of all calls, also for what is no method."""
        session = self._client.session
        if session is None:
            raise RuntimeError("make_client gives the client its session")
        return session

    @property
    def api_url(self) -> str:
        """Where the methods are, with a slash at the end."""
        return self._client.base_url

    def use(self, token: str) -> None:
        """Call with another token from now on."""
        self._client.token = token

    def told(self, method: str, result: str) -> None:
        """Count what was sent to Slack otherwise, such as posts to response URLs."""
        self._on_call(method, result)

    async def close(self) -> None:
        """Close the session; no more calls."""
        await self.session.close()

    def rest(self, method: str) -> float:
        """Seconds for which this method must not be called."""
        return max(0.0, self._rests.get(method, 0.0) - self._clock())

    async def __call__(self, method: str, **args: Any) -> Json:
        """
        Call a method once.

        Raises:
            Limited: also without a call, while the method must rest.
            Refused: Slack says no.
            Lost: nobody knows, or nothing happened.

        """
        if rest := self.rest(method):
            raise Limited(method, rest)
        given = {name: value for name, value in args.items() if value is not None}
        given = stamped(given, self.edition())
        try:
            answer = await self._send(method, given)
        except CallError as error:
            self._on_call(method, _result(error))
            self._notice(error)
            raise
        self._unexplained.pop(method, None)
        self._on_call(method, "ok")
        self._notice(None)
        return put_aside(answer) if method in READING else answer

    def _notice(self, error: CallError | None) -> None:
        """Log when Slack goes away or refuses the token, and when that is over; not each call."""
        word = error.error if isinstance(error, Refused) else ""
        if word in REFUSED_TOKENS and not self._refused:
            self._refused = word
            _log.error(
                "Slack refuses my token (%s): nothing is told until it takes one",
                word,
                extra={"action": "token_refused", "error": word},
            )
        elif error is None and self._refused:
            self._refused = ""
            _log.warning("Slack takes my token", extra={"action": "token_taken"})
        if isinstance(error, Lost) and self._lost_since is None:
            self._lost_since = self._clock()
            _log.warning("Slack does not answer: %s", error, extra={"action": "slack_lost"})
        elif not isinstance(error, Lost) and self._lost_since is not None:
            seconds = self._clock() - self._lost_since
            self._lost_since = None
            _log.warning(
                "Slack answers again after %.0f s", seconds, extra={"action": "slack_back"}
            )

    async def _send(self, method: str, args: Json) -> Json:
        try:
            if method.startswith(WRITING):
                answer = await self._client.api_call(method, json=args)
            else:
                answer = await self._client.api_call(method, http_verb="GET", params=args)
        except SlackApiError as error:
            raise self._translated(method, error) from error
        except aiohttp.ClientConnectorError as error:
            raise Lost(method, f"not connected: {error}", perhaps=False) from error
        except aiohttp.ConnectionTimeoutError as error:
            raise Lost(method, "not connected in time", perhaps=False) from error
        except TimeoutError as error:
            raise Lost(method, "no answer in time", perhaps=True) from error
        # An AttributeError or ValueError is slack_sdk's way to meet an answer that is not JSON.
        except (aiohttp.ClientError, OSError, ValueError, AttributeError) as error:
            raise Lost(method, f"{type(error).__name__}: {error}", perhaps=True) from error
        self.date = answer.headers.get("Date", "")
        if method == "auth.test" and "x-oauth-scopes" in answer.headers:
            self.scopes = frozenset(answer.headers["x-oauth-scopes"].replace(" ", "").split(","))
        data: Json = answer.data if isinstance(answer.data, dict) else {}
        if method == "auth.test":
            self.bot = str(data.get("bot_id", ""))
        return data

    def _translated(self, method: str, error: SlackApiError) -> CallError:
        """Give Slack's answer its name."""
        response: Any = error.response  # slack_sdk's own, or aiohttp's where it was not JSON
        status = getattr(response, "status_code", None) or getattr(response, "status", 0)
        data = getattr(response, "data", None)
        answer: Json = data if isinstance(data, dict) else {}
        word = str(answer.get("error", ""))
        if status == HTTPStatus.TOO_MANY_REQUESTS or word == RATE_LIMITED:
            return self._limited(method, response.headers.get("Retry-After"))
        if word in SERVER_ERRORS or not word:
            return Lost(method, word or f"http_{status}", perhaps=True)
        if word in PASSING_ERRORS:
            return Lost(method, word, perhaps=False)
        return Refused(method, word, answer)

    def _limited(self, method: str, retry_after: str | None) -> Limited:
        """Let the method rest as long as Slack says; if it does not say, longer each time."""
        if retry_after is not None and retry_after.strip().isdecimal():
            seconds = max(1.0, float(retry_after))
        else:
            times = self._unexplained.get(method, 0)
            self._unexplained[method] = times + 1
            seconds = min(LONGEST_REST, 2.0**times)
        self._rests[method] = self._clock() + seconds
        return Limited(method, seconds)


def _result(error: CallError) -> str:
    """Name what went wrong in one of few words, for a metric."""
    match error:
        case Limited():
            return RATE_LIMITED
        case Refused(error=word):
            return word
        case Lost() if isinstance(error.__cause__, SlackApiError):
            return str(error).rpartition(" ")[2]
        case Lost(perhaps=True):
            return "no_answer"
        case _:
            return "no_connection"
