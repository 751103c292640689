"""
How often each method may be called: Slack's tiers, and one post a second and channel.

Numbers from docs.slack.dev/apis/web-api/rate-limits and the pages of the methods. Slack does not
publish its bursts: these are small on purpose; a bot that passes here is calm enough there.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Rate:
    """So many a minute, and so many at once."""

    per_minute: float
    burst: int


TIER_2, TIER_3, TIER_4 = Rate(20, 5), Rate(50, 10), Rate(100, 20)

#: Per method and workspace.
METHOD_RATES = {
    "apps.connections.open": TIER_3,
    "api.test": TIER_4,
    "auth.test": Rate(300, 60),  # "special": hundreds a minute
    "blocks.validate": TIER_3,  # "special", no figure is told
    "bots.info": TIER_3,
    "chat.delete": TIER_3,
    "chat.getPermalink": Rate(300, 60),  # "special"
    "chat.postEphemeral": TIER_4,
    "chat.postMessage": Rate(300, 60),  # "several hundred messages per minute" a workspace
    "chat.update": TIER_3,
    "conversations.history": TIER_3,
    "conversations.info": TIER_3,
    "conversations.list": TIER_2,
    "conversations.members": TIER_4,
    "conversations.open": TIER_3,
    "conversations.replies": TIER_3,
    "team.info": TIER_3,
    "usergroups.list": TIER_2,
    "usergroups.users.list": TIER_2,
    "users.info": TIER_4,
    "views.open": TIER_4,
    "views.publish": TIER_4,
    "views.push": TIER_4,
    "views.update": TIER_4,
}
#: Per channel, whatever the way in.
POST_RATE = Rate(60, 5)


@dataclass
class Bucket:
    """Tokens that come back with time; each call takes one."""

    rate: Rate
    tokens: float
    at: float

    def wait(self, now: float) -> float:
        """Seconds until there is a token; 0 if there is one."""
        back = max(0.0, now - self.at) * self.rate.per_minute / 60
        self.tokens, self.at = min(self.rate.burst, self.tokens + back), now
        return 0.0 if self.tokens >= 1 else (1 - self.tokens) * 60 / self.rate.per_minute


class Limits:
    """Counts calls; says how long to wait."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._buckets: dict[str, Bucket] = {}

    def admit(self, method: str, channel: str = "") -> int:
        """Count a call if it may pass: 0. Otherwise whole seconds to wait, and nothing counts."""
        buckets = [self._bucket(method, METHOD_RATES[method])] if method in METHOD_RATES else []
        if method in ("chat.postMessage", "response_url") and channel:
            buckets.append(self._bucket(f"post to {channel}", POST_RATE))
        now = self._clock()
        if longest := max((bucket.wait(now) for bucket in buckets), default=0.0):
            return max(1, math.ceil(longest))
        for bucket in buckets:
            bucket.tokens -= 1
        return 0

    def _bucket(self, name: str, rate: Rate) -> Bucket:
        return self._buckets.setdefault(name, Bucket(rate, rate.burst, self._clock()))
