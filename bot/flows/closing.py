"""How a release ended: on its card for good, and in the ledger once."""

from dataclasses import dataclass, replace

from bot.flows import endings
from bot.flows.board import Board
from bot.flows.journal import Journal
from bot.flows.kept import Told
from bot.flows.ports import Clock
from bot.flows.stories import Stories, ended
from bot.release.changes import Change, Deleted, Finished, RolledBack, Superseded
from bot.release.story import Ending
from bot.release.traffic import Look

CLOSING = (Finished, Superseded, RolledBack, Deleted)


@dataclass
class Closing:
    """Shows the last state of a revision."""

    board: Board
    journal: Journal
    stories: Stories
    clock: Clock

    async def show_again(self, told: Told, look: Look) -> None:
        """Make sure that a release which ended just before a restart looks ended."""
        entries = await self.journal.of(look.rollout.uid)
        ending = endings.recent(entries, look, self.clock())
        if ending and not look.rollout.is_releasing:
            story = replace(await self.stories.of(look), ending=ending, started=told.started)
            await self.board.show(look, replace(story, stay=None, pursuit=None))

    async def close(self, change: Change, told: Told) -> None:
        """Show the last state of a revision's card."""
        rollout = told.look.rollout
        entries = await self.journal.of(rollout.uid)
        ending: Ending = ended(change, entries, self.clock())
        story = replace(
            await self.stories.of(told.look),
            stay=None,
            pursuit=None,
            ending=ending,
            started=told.started,
        )
        if not endings.is_recorded(entries, rollout.revision):
            cluster, now = self.board.settings.cluster, self.clock()
            await self.journal.write(endings.record(told.look, ending, cluster=cluster, now=now))
        final = change.look if isinstance(change, Finished) else told.look
        await self.board.show(final, story, is_last=True)
