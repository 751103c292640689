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
#: What people can mend: what is stored is kept until they did.
PASSING = frozenset(IN_WORDS) - {"too_old"}


class Broken:
    """Counts what was given up, by channel and reason."""

    def __init__(self) -> None:
        self._lost: Counter[tuple[str, str]] = Counter()
        self._told: set[tuple[str, str]] = set()

    def gave_up(self, channel: str, why: str, lost: int = 1, kept: int = 0) -> None:
        """Note messages that were given up, and those that stay stored; at first it is told."""
        self._lost[channel, why] += lost
        if (channel, why) in self._told:
            return
        self._told.add((channel, why))
        _log.error(
            "A message to %s is given up (%s): %s. I try again with news only%s",
            channel,
            why,
            IN_WORDS.get(why, "Slack does not take it"),
            "; what happened till then is told within the hour" if kept else "",
            extra={"action": "channel_broken", "channel": channel, "error": why},
        )

    def works(self, channel: str) -> bool:
        """Say what was lost when a channel works again; whether it did not before."""
        mended = [key for key in self._told if key[0] == channel]
        for key in mended:
            self._told.discard(key)
            _log.warning(
                "Slack takes messages in %s again; %d were lost (%s)",
                channel,
                self._lost.pop(key, 0),
                key[1],
                extra={"action": "channel_recovered", "channel": channel},
            )
        return bool(mended)
