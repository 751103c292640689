"""
Who somebody is: standing and user groups, by Slack's own answers only.

What cannot be asked is unknown: an unknown person may read and not act. Nothing is remembered
longer than a minute, so whoever leaves a group loses its rights within that time.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, TypeVar

from bot.release.access import Actor, Standing
from bot.slack.calls import CallError, Calls, Json, Refused

_log = logging.getLogger(__name__)

TTL = 60.0
MOST_KEPT = 2000
SLACKBOT = "USLACKBOT"
#: Slack knows nobody of that id: certainly nobody of this workspace.
NOBODY = frozenset({"user_not_found", "user_not_visible", "users_not_found"})

V = TypeVar("V")


class Recent(Generic[V]):
    """Answers that stay good for a while; who asks at the same time shares one question."""

    def __init__(
        self, ask: Callable[[str], Awaitable[V]], clock: Callable[[], float], ttl: float
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._ttl = ttl
        self._kept: dict[str, tuple[float, asyncio.Future[V]]] = {}

    async def get(self, key: str) -> V:
        """Give what is known, else ask. Failures are not kept."""
        at, answer = self._kept.get(key, (0.0, None))
        if answer is None or self._clock() - at >= self._ttl:
            answer = asyncio.ensure_future(self._ask(key))
            answer.add_done_callback(lambda done: self._asked(key, done))
            self._make_room()
            self._kept[key] = self._clock(), answer
        return await asyncio.shield(answer)

    def _asked(self, key: str, answer: "asyncio.Future[V]") -> None:
        if answer.cancelled() or answer.exception():
            kept = self._kept.get(key)
            if kept and kept[1] is answer:
                del self._kept[key]

    def _make_room(self) -> None:
        if len(self._kept) >= MOST_KEPT:
            now = self._clock()
            self._kept = {k: v for k, v in self._kept.items() if now - v[0] < self._ttl}


class People:
    """
    Knows people.

    Args:
        calls: the Web API.
        groups: ids of the user groups that the access policy names.
        team: tells the id of our workspace.

    """

    def __init__(
        self,
        calls: Calls,
        groups: Iterable[str],
        team: Callable[[], str],
        *,
        clock: Callable[[], float] = time.monotonic,
        ttl: float = TTL,
    ) -> None:
        self._calls = calls
        self._groups: tuple[str, ...] = ()
        self.watch_groups(groups)
        self._team = team
        self._users = Recent(self._user, clock, ttl)
        self._members = Recent(self._users_of, clock, ttl)
        self._told: set[str] = set()

    def watch_groups(self, groups: Iterable[str]) -> None:
        """Tell membership in these groups from now on."""
        self._groups = tuple(sorted(set(groups)))

    async def actor(self, user: str) -> Actor:
        """Tell who that is; never fails."""
        (standing, name), (groups, unknown) = await asyncio.gather(
            self._who(user), self._groups_of(user)
        )
        return Actor(user=user, name=name, standing=standing, groups=groups, groups_unknown=unknown)

    def stranger(self, user: str) -> Actor:
        """Somebody of whom Slack says that they belong to another workspace."""
        return Actor(user=user, standing=Standing.STRANGER)

    # --- standing -------------------------------------------------------------------------------

    async def _who(self, user: str) -> tuple[Standing, str]:
        try:
            known = await self._users.get(user)
        except Refused as error:
            if error.error in NOBODY:
                return Standing.STRANGER, ""
            self._tell(error)
            return Standing.UNKNOWN, ""
        except CallError:
            return Standing.UNKNOWN, ""
        return self._standing(known), _name(known)

    async def _user(self, user: str) -> Json:
        answer = await self._calls("users.info", user=user)
        found: Json = answer["user"]
        return found

    def _standing(self, user: Json) -> Standing:
        if user.get("is_bot") or user.get("id") == SLACKBOT:
            return Standing.BOT
        if user.get("deleted") or user.get("is_stranger") or not self._is_ours(user):
            return Standing.STRANGER
        if user.get("is_restricted") or user.get("is_ultra_restricted"):
            return Standing.GUEST
        return Standing.MEMBER

    def _is_ours(self, user: Json) -> bool:
        teams = (user.get("enterprise_user") or {}).get("teams", ())
        return self._team() in (user.get("team_id"), *teams)

    # --- groups ---------------------------------------------------------------------------------

    async def _groups_of(self, user: str) -> tuple[frozenset[str], bool]:
        """Tell in which of the policy's groups somebody is, and whether some could not be read."""
        groups = self._groups
        found = await asyncio.gather(*(self._is_in(group, user) for group in groups))
        pairs = list(zip(groups, found, strict=True))
        return frozenset(group for group, is_in in pairs if is_in), None in found

    async def _is_in(self, group: str, user: str) -> bool | None:
        try:
            return user in await self._members.get(group)
        except Refused as error:
            self._tell(error, group)
            return None
        except CallError:
            return None

    async def _users_of(self, group: str) -> frozenset[str]:
        try:
            answer = await self._calls("usergroups.users.list", usergroup=group)
        except Refused as error:
            if error.error != "no_such_subteam":
                raise
            self._tell(error, group)
            return frozenset()
        return frozenset(answer["users"])

    def _tell(self, error: Refused, group: str = "") -> None:
        """Log what Slack will not tell, once."""
        said = f"{error} {group}".strip()
        if said not in self._told:
            self._told.add(said)
            _log.error(
                "Slack does not tell me who is who: %s. Until it does, those people cannot act",
                said,
                extra={"action": "people_unknown", "error": error.error},
            )


def _name(user: Json) -> str:
    profile = user.get("profile") or {}
    names = (profile.get("display_name"), profile.get("real_name"), user.get("name"))
    return next((str(name) for name in names if name), "")
