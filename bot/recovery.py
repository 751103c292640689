"""
The leader's memory: made good when it leads first, and after the database was away.

    it leads ─▶ Rebuild.begin ─▶ everything is listed ─▶ Rebuild.finish ─▶ each minute a new edition
    the database is back, or another file is in its place ─▶ what is known is written once more
"""

import asyncio
import logging
import time
from collections.abc import Awaitable

from bot.flows import gaps
from bot.flows.follow import Follow
from bot.flows.rebuild import Rebuild
from bot.release.errors import Refusal
from bot.slack.calls import Calls
from bot.slack.history import History
from bot.store import Database, SqlEditions

_log = logging.getLogger(__name__)

_LOOK = 2.0  #: seconds between looks at the database's health
_EDITION = 60.0  #: seconds for which an edition is good


class Recovery:
    """Keeps the memory whole."""

    def __init__(self, rebuild: Rebuild, follow: Follow, database: Database) -> None:
        self._rebuild = rebuild
        self._follow = follow
        self._database = database
        self._replaced = database.replaced
        self._was_ill = False
        self._renewed = time.monotonic()
        self._has_begun = False

    async def begin(self) -> None:
        """Make the memory good before anything is told; once."""
        if not self._has_begun:
            await self._rebuild.begin()
            self._has_begun = True

    @property
    def edition(self) -> int:
        """Which edition a message carries now: the next one while nothing can be written down."""
        known = self._rebuild.edition
        return known + 1 if known and (self._was_ill or not self._database.is_well) else known

    async def run(self) -> None:
        """Finish the start, then look after the database; until cancelled."""
        await self._follow.is_through.wait()
        is_finished = False
        while True:
            if is_finished:
                await self._succeeds(self._look())
            else:
                is_finished = await self._succeeds(self._rebuild.finish())
            await asyncio.sleep(_LOOK)

    async def _succeeds(self, work: Awaitable[None]) -> bool:
        try:
            await work
        except Refusal as refusal:
            if not self._was_ill:
                _log.error(
                    "%s I go on showing what is true; nothing can be done meanwhile.",
                    refusal.text,
                    extra={"action": "database_ill"},
                )
            self._was_ill = True
            return False
        except Exception:  # noqa: BLE001 - who looks after the memory must not end before it
            _log.exception("The memory could not be looked after", extra={"action": "recovery"})
            return False
        return True

    async def _look(self) -> None:
        if self._was_ill or not self._database.is_well:
            self._was_ill = True
            await self._renew(self._rebuild.edition + 2)
            await self._write_all()
            self._was_ill = False
            _log.warning("My database works again.", extra={"action": "database_back"})
        if self._database.replaced != self._replaced:
            await self._rebuild.put_on_record(gaps.REPLACED)
            await self._write_all()
            await self._renew(self._rebuild.edition + 1)
            self._replaced = self._database.replaced
        if time.monotonic() - self._renewed > _EDITION:
            await self._renew(self._rebuild.edition + 1)

    async def _renew(self, at_least: int) -> None:
        self._rebuild.edition = await self._rebuild.editions.begin(at_least)
        self._renewed = time.monotonic()

    async def _write_all(self) -> None:
        """Write down what was done and told while nothing could be written."""
        await self._rebuild.journal.write_down()
        for uid, told in list(self._follow.stories.told.items()):
            await self._rebuild.board.bulletin.remember(uid, told)


def recovery(follow: Follow, calls: Calls, database: Database) -> Recovery:
    """Make what keeps the memory whole."""
    rebuild = Rebuild(
        board=follow.board,
        journal=follow.journal,
        stories=follow.stories,
        cluster=follow.cluster,
        archive=History(calls),
        editions=SqlEditions(database, follow.clock),
        clock=follow.clock,
    )
    made = Recovery(rebuild, follow, database)
    follow.is_stale = rebuild.is_stale
    calls.edition = lambda: made.edition
    return made
