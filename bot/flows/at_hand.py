"""
The newest ledger entries of the rollouts that were looked at last, in memory.

Following a release asks for them at each step, and the database should not be asked so often. What
is dropped here is read again when it is needed: memory does not grow with the years.
"""

from collections.abc import Iterable, Iterator

from bot.release.ledger import Entry

MOST = 200  #: entries of one rollout; a release of months ago concerns nobody
MOST_OF_ALL = 5_000  #: entries of all rollouts together: some five megabytes

Entries = dict[str, Entry]  #: by id, oldest first


class AtHand:
    """
    What is known of the entries of each rollout, by its identity.

    What others may have changed meanwhile is doubted: it is read anew, and counts only as long as
    the database does not answer.
    """

    def __init__(self) -> None:
        self._kept: dict[str, Entries] = {}  # who was looked at last is last
        self._doubted: set[str] = set()
        self._count = 0

    def of(self, uid: str) -> Entries | None:
        """Give the entries of a rollout; None: they have to be read."""
        return None if uid in self._doubted else self.as_known_last(uid)

    def as_known_last(self, uid: str) -> Entries | None:
        """Give the entries of a rollout as they were read last; None: it is long ago, or never."""
        kept = self._kept.pop(uid, None)
        if kept is not None:
            self._kept[uid] = kept
        return kept

    def undoubted(self) -> Iterator[tuple[str, Entries]]:
        """Give each rollout whose entries need not be read."""
        return ((uid, kept) for uid, kept in self._kept.items() if uid not in self._doubted)

    def keep(self, uid: str, entries: Iterable[Entry]) -> None:
        """Keep what was read of a rollout, in place of what was known."""
        self.forget(uid)
        self._kept[uid] = {entry.id: entry for entry in entries}
        self._count += len(self._kept[uid])
        self._make_room()

    def add(self, entry: Entry) -> None:
        """Keep what was written, where its rollout is at hand."""
        kept = self.of(entry.uid)
        if kept is None:
            return
        before = len(kept)
        kept[entry.id] = entry
        if len(kept) > MOST:  # the oldest that are completed
            over = [one.id for one in kept.values() if not one.is_pending][: len(kept) - MOST]
            for id_ in over:
                del kept[id_]
        self._count += len(kept) - before
        self._make_room()

    def doubt(self, uid: str) -> None:
        """Let the entries of a rollout be read anew."""
        if uid in self._kept:
            self._doubted.add(uid)

    def forget(self, uid: str) -> None:
        """Keep nothing of a rollout."""
        self._count -= len(self._kept.pop(uid, ()))
        self._doubted.discard(uid)

    def _make_room(self) -> None:
        while self._count > MOST_OF_ALL and len(self._kept) > 1:
            self.forget(next(iter(self._kept)))
