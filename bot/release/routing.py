"""Which channel hears about which rollout."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache

from bot.release.changes import Topic
from bot.release.rollout import Rollout


@dataclass(frozen=True, kw_only=True)
class Route:
    """One entry of `channels`: this channel hears that, about these."""

    channel: str  #: the id
    namespaces: tuple[str, ...] = ("*",)
    rollouts: tuple[str, ...] = ("*",)
    tell: frozenset[Topic] = frozenset(Topic)

    def covers(self, namespace: str, name: str) -> bool:
        """Whether this channel hears about that rollout at all."""
        return _fits(namespace, self.namespaces) and (
            "*" in self.rollouts or _fits(name, self.rollouts)
        )


@lru_cache(maxsize=8_192)  # asked for each message, of each channel
def _fits(name: str, globs: tuple[str, ...]) -> bool:
    return any(fnmatchcase(name, glob) for glob in globs)


@dataclass(frozen=True)
class Routing:
    """All routes; a channel that is listed twice hears the union, once."""

    routes: Sequence[Route] = ()

    def channels(self, rollout: Rollout, topic: Topic | None = None) -> Iterator[str]:
        """Name the channels for this rollout (and topic), each once, in the order listed."""
        seen = set()
        for route in self.routes:
            if route.channel in seen or not route.covers(rollout.namespace, rollout.name):
                continue
            if topic is None or topic in route.tell:
                seen.add(route.channel)
                yield route.channel
