"""Who may act: the people and the user groups that the configuration lists, as Slack knows them."""

from collections.abc import AsyncIterator, Iterator

from bot.config import Config
from bot.doctor.asking import LATER, ask
from bot.doctor.scopes import named
from bot.doctor.verdict import Area, Line, missing, ok, unchecked
from bot.release.access import Standing
from bot.slack.calls import CallError, Calls, Refused
from bot.slack.people import People

_NEVER = {
    Standing.GUEST: "is a guest: guests never act",
    Standing.BOT: "is a bot: bots never act",
    Standing.STRANGER: "is not of this workspace, is deactivated, or does not exist: never acts",
}
_ID = (
    "correct the id under `access`, or take it away; a person's is in their profile: three dots, "
    "Copy member ID"
)
_GROUP_ID = (
    "correct the id under `access` (the S… in the address of the group's page), or take it away"
)
_FILL = "put people into that user group in Slack, or list others under `access`"
_PAID = "user groups are in paid plans only: list `users` under `access` instead of `groups`"


async def examine(calls: Calls, config: Config, team: str) -> AsyncIterator[Line]:
    """Look at each of them; only where anybody acts at all."""
    people = People(calls, (), lambda: team)
    for user in _users(config):
        if calls.scopes and "users:read" not in calls.scopes:
            yield unchecked(Area.PEOPLE, user, f"{named('users:read')} is missing")
            continue
        actor = await people.actor(user)
        if why := _NEVER.get(actor.standing):
            yield missing(Area.PEOPLE, user, f"{actor.name} {why}".strip(), _ID)
        elif actor.standing is Standing.UNKNOWN:
            yield missing(Area.PEOPLE, user, "Slack does not tell who that is", LATER)
        else:
            yield ok(Area.PEOPLE, user, actor.name)
    for group in _groups(config):
        yield await _group(calls, group)


def unasked(config: Config, why: str) -> Iterator[Line]:
    """Give the same lines where they cannot be asked."""
    for name in (*_users(config), *_groups(config)):
        yield unchecked(Area.PEOPLE, name, why)


def _users(config: Config) -> list[str]:
    acting = config.access if config.kubernetes.writes else ()
    return sorted({user for access in acting for user in access.users})


def _groups(config: Config) -> list[str]:
    acting = config.access if config.kubernetes.writes else ()
    return sorted({group for access in acting for group in access.groups})


async def _group(calls: Calls, group: str) -> Line:
    try:
        answer = await ask(calls, "usergroups.users.list", usergroup=group)
    except Refused as error:
        match error.error:
            case "missing_scope":
                scope = str(error.answer.get("needed", "usergroups:read"))
                return unchecked(Area.PEOPLE, group, f"{named(scope)} is missing")
            case "no_such_subteam":
                return missing(Area.PEOPLE, group, "there is no such user group", _GROUP_ID)
            case "plan_upgrade_required":
                return missing(Area.PEOPLE, group, "this workspace has no user groups", _PAID)
            case word:
                return missing(Area.PEOPLE, group, f"Slack says: {word}", LATER)
    except CallError as error:
        return missing(Area.PEOPLE, group, f"Slack does not tell: {error}", LATER)
    members = answer.get("users", ())
    if not members:
        return missing(Area.PEOPLE, group, "nobody is in that user group: it allows nobody", _FILL)
    return ok(Area.PEOPLE, group, f"{len(members)} in it")
