"""Channels that take no messages: said once in words, and again when they do."""

import logging
from collections import Counter

_log = logging.getLogger(__name__)

#: What people have to do about Slack's words; the others stand for themselves.
IN_WORDS = {
    "channel_not_found": "there is no such channel, or it is private and I am not in it: invite me",
    "not_in_channel": "I am not in that channel: invite me",
    "is_archived": "the channel is archived: unarchive it, or take it out of `channels`",
    "is_inactive": "the channel is archived: unarchive it, or take it out of `channels`",
    "restricted_action": "this workspace does not let me post there",
    "missing_scope": "SLACK_BOT_TOKEN lacks a scope: chat:write",
    "too_old": "Slack did not take it for an hour",
}


class Broken:
    """Counts what was lost, by channel and reason."""

    def __init__(self) -> None:
        self._lost: Counter[tuple[str, str]] = Counter()

    def gave_up(self, channel: str, why: str) -> None:
        """Note one lost message; the first one is told."""
        self._lost[channel, why] += 1
        if self._lost[channel, why] == 1:
            _log.error(
                "A message to %s is given up (%s): %s. I try again with news only",
                channel,
                why,
                IN_WORDS.get(why, "Slack does not take it"),
                extra={"action": "channel_broken", "channel": channel, "error": why},
            )

    def works(self, channel: str) -> None:
        """Say what was lost when a channel works again."""
        for key in [key for key in self._lost if key[0] == channel]:
            _log.warning(
                "Slack takes messages in %s again; %d were lost (%s)",
                channel,
                self._lost.pop(key),
                key[1],
                extra={"action": "channel_recovered", "channel": channel},
            )
