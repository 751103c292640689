"""What one watch hears, and whether it has heard everything once."""

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Generic

from bot.cluster.kinds import Kind, T
from bot.cluster.shelf import Shelf


class Feed(Generic[T]):
    """
    Carries what one watch hears to the shelf of its kind.

    Attributes:
        settled: listed once, or may not be.
        missing_why: why it may not be; empty: it may.

    """

    def __init__(self, shelf: Shelf[T], namespace: str, when_settled: Callable[[], None]) -> None:
        self.settled = False
        self.missing_why = ""
        self._shelf = shelf
        self._namespace = namespace
        self._when_settled = when_settled

    @property
    def kind(self) -> Kind[T]:
        """Of what."""
        return self._shelf.kind

    def put(self, after: T) -> None:
        """Take an object that is new or changed."""
        self._shelf.put(after)

    def drop(self, uid: str, last: T | None = None) -> None:
        """Take that an object is gone."""
        self._shelf.drop(uid, last)

    def put_listed(self, objects: list[T]) -> None:
        """Take a page of a list."""
        self._shelf.put_listed(objects)

    def keep_only(self, uids: AbstractSet[str]) -> None:
        """Take that a list is complete: whatever is not in it is gone."""
        self._shelf.keep_only(self._namespace, uids)
        self._settle("")

    def missing(self, why: str) -> None:
        """Take that there is nothing to hear, and why."""
        self._settle(why)

    def _settle(self, missing_why: str) -> None:
        self.missing_why = missing_why
        if not self.settled:
            self.settled = True
            self._when_settled()
