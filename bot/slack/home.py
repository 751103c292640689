"""The Home tab: made anew for somebody whenever they open it."""

import logging

from bot.slack.calls import CallError, Calls, Json
from bot.slack.desk import Desk
from bot.slack.limits import Kind
from bot.slack.occasions import Occasion, part, text

_log = logging.getLogger(__name__)


class Home:
    """Shows people their Home tab."""

    def __init__(self, calls: Calls, desk: Desk) -> None:
        self._calls = calls
        self._desk = desk

    # Bolt passes arguments by their names.
    async def opened(self, body: Json) -> None:
        """Somebody opened the tab, or the one with messages beside it."""
        event = part(body, "event")
        if event.get("tab", "home") == "home":
            self._desk.begin(self._publish(text(event, "user"), text(body, "team_id")))

    async def _publish(self, user: str, team: str) -> None:
        occasion = Occasion(user=user, team=team)
        if self._desk.is_foreign(occasion) or self._desk.admit(occasion, Kind.READ):
            return
        try:
            view = await self._desk.answer.home(await self._desk.actor(occasion))
            await self._calls("views.publish", user_id=user, view=view)
        except CallError as error:
            _log.warning("A Home tab was not shown: %s", error, extra={"action": "no_home"})
        except Exception:  # noqa: BLE001 - nobody waits for it
            _log.exception("A Home tab could not be made", extra={"action": "no_home"})
