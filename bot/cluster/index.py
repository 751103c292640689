"""Which objects are found under a key."""

from typing import Generic, TypeVar

K = TypeVar("K")


class Index(Generic[K]):
    """
    Identities by key.

    Nearly all keys have one, so they are tuples: a set of one is five times as large.
    """

    def __init__(self) -> None:
        self._found: dict[K, tuple[str, ...]] = {}

    def __len__(self) -> int:
        return len(self._found)

    def of(self, key: K) -> tuple[str, ...]:
        """Give what is found under a key, in the order in which it came."""
        return self._found.get(key, ())

    def add(self, key: K, uid: str) -> None:
        """Let an object be found under a key; it must not be there yet."""
        self._found[key] = (*self.of(key), uid)

    def remove(self, key: K, uid: str) -> None:
        """Let it be found there no more."""
        left = tuple(one for one in self._found.pop(key, ()) if one != uid)
        if left:
            self._found[key] = left
