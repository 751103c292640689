"""What the follower has not taken yet: each rollout once, with no deletion lost."""

import asyncio
from dataclasses import dataclass

from bot.flows.ports import Gone, Listed
from bot.release.rollout import Rollout


@dataclass(frozen=True)
class Changed:
    """This rollout, or something that belongs to it, is not as it was told last."""

    uid: str


Item = Changed | Gone | Listed


class News:
    """
    Items in the order of their first change.

    A rollout that changes five times before it is taken is taken once; what it looks like is read
    when it is taken, so it is the newest state. A deletion has a place of its own: deleted and made
    again under the same name gives `Gone` of the old one, then the new one.
    """

    def __init__(self) -> None:
        self._items: dict[tuple[str, str], Item] = {}
        self._open = asyncio.Event()  # everything is listed, or it failed
        self._some = asyncio.Event()
        self._failure: BaseException | None = None

    def changed(self, uid: str) -> None:
        """Tell this rollout, unless that is due anyway."""
        self._items.setdefault((uid, "changed"), Changed(uid))
        self._some.set()

    def gone(self, rollout: Rollout) -> None:
        """Tell that it was deleted, instead of what was due about it."""
        self._items.pop((rollout.uid, "changed"), None)
        self._items.setdefault((rollout.uid, "gone"), Gone(rollout))
        self._some.set()

    def listed(self) -> None:
        """Begin to tell: what is due now is what exists, and what comes later is news."""
        self._items[("", "listed")] = Listed()
        self._some.set()
        self._open.set()

    def fail(self, error: BaseException) -> None:
        """Make `take` raise this, for ever."""
        self._failure = error
        self._some.set()
        self._open.set()

    async def take(self) -> Item:
        """Take the next item; wait for it."""
        await self._open.wait()
        while self._failure is None and not self._items:
            self._some.clear()
            await self._some.wait()
        if self._failure is not None:
            raise self._failure
        return self._items.pop(next(iter(self._items)))
