"""
One thing that may change while the bot runs: looked at again and again, taken over when it is good.

    other content? ─▶ the same once more? ─▶ adopted | the last good one stays, said once
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.config import ConfigError
from bot.slack.channels import UnknownChannel
from bot.slack.credentials import Denied

_log = logging.getLogger(__name__)

#: Seconds until something that changed is looked at once more: it may be half written.
SETTLE = 0.5
#: Seconds for which Slack is waited for; then it is tried again after a while.
PATIENCE = 10.0
#: Seconds until it is tried again where it was Slack that did not take it.
AGAIN = 30.0


@dataclass
class Followed:
    """
    Follows one thing.

    Args:
        what: its name, for people: "The configuration".
        content: tells one content from another.
        adopt: reads it and puts it in force; says what changed, "" if nothing did. Raises
            ConfigError, Denied, UnknownChannel.

    """

    what: str
    content: Callable[[], bytes]
    adopt: Callable[[], Awaitable[str]]
    wrong: str = ""  #: what is wrong with it now
    _seen: bytes = b""
    _again_at: float = float("inf")

    async def look(self, *, asked: bool = False) -> None:
        """Look at it; *asked*: somebody wants to know, so also what was said is said again."""
        content = self.content()
        is_due = asyncio.get_running_loop().time() >= self._again_at
        if content == self._seen and not (asked or is_due):
            return
        await asyncio.sleep(SETTLE)
        if self.content() != content:
            return  # being written; the next look is soon
        self._seen, self._again_at = content, float("inf")
        await self._take(asked=asked)

    async def _take(self, *, asked: bool) -> None:
        try:
            async with asyncio.timeout(PATIENCE):
                changed = await self.adopt()
        except ConfigError as error:
            self._stays(str(error), asked=asked, again=_is_slack(error))
        except (Denied, UnknownChannel) as error:
            self._stays(str(error), asked=asked, again=True)
        except TimeoutError:
            self._stays("Slack does not answer, and has to be asked", asked=asked, again=True)
        except Exception as error:  # noqa: BLE001 - whatever it is, the last good one stays
            _log.exception("%s could not be taken over", self.what)
            self._stays(repr(error), asked=asked, again=True)
        else:
            self._is_good(changed, asked=asked)

    def _stays(self, why: str, *, asked: bool, again: bool) -> None:
        if again:
            self._again_at = asyncio.get_running_loop().time() + AGAIN
        if why != self.wrong or asked:
            _log.error(
                "%s cannot be used as it is now; what was in force before stays in force:\n%s",
                self.what,
                why,
                extra={"action": "config_invalid"},
            )
        self.wrong = why

    def _is_good(self, changed: str, *, asked: bool) -> None:
        if self.wrong:
            _log.info("%s is good again", self.what, extra={"action": "config_mended"})
        if changed or asked:
            _log.info(
                "%s: %s",
                self.what,
                changed or "as it was",
                extra={"action": "config_reloaded"},
            )
        self.wrong = ""


def _is_slack(error: ConfigError) -> bool:
    """Whether it may become right without a change of the file: a channel that is made later."""
    return any("in Slack" in fault.message for fault in error.faults)
