"""Whether Slack takes our tokens, and what it calls us. Servers that are away are waited for."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot.slack.calls import CallError, Calls, Json, Limited, Lost, Refused
from bot.slack.scopes import BOT_SCOPES

_log = logging.getLogger(__name__)

Sleep = Callable[[float], Awaitable[None]]

LONGEST_PAUSE = 30.0

BOT_TOKEN = "SLACK_BOT_TOKEN"  # noqa: S105 - the name of the variable
APP_TOKEN = "SLACK_APP_TOKEN"  # noqa: S105 - the name of the variable

#: Slack's words for a token that will never do, and what to do about it.
HOPELESS = {
    "not_authed": "it is empty",
    "invalid_auth": "Slack does not know it; copy it again from the app's pages",
    "account_inactive": "the app was removed from the workspace; install it again",
    "token_revoked": "it was revoked; install the app again",
    "token_expired": "it has expired; turn token rotation off or put in a new one",
    "org_login_required": "the workspace is being moved to an organisation",
    "ekm_access_denied": "the workspace's administrators have suspended access",
    "team_access_not_granted": "the app is not installed in this workspace",
    "no_permission": "the app may not do that in this workspace",
    "access_denied": "the app may not do that in this workspace",
    "not_allowed_token_type": "it is a token of another kind",
    "forbidden_token": "it may not be used for that",
    "app_not_found": "the app of that token does not exist any more",
    "team_not_found": "the workspace of that token does not exist any more",
}
KINDS = {
    BOT_TOKEN: "It must be the bot token, xoxb-…",
    APP_TOKEN: "It must be an app-level token, xapp-…, with the scope connections:write",
}
#: Without these the bot is of no use at all.
NEEDED = frozenset({"chat:write"})


class Denied(Exception):  # noqa: N818 - what Slack said
    """
    Slack refuses a token.

    Attributes:
        token: the variable that holds it.
        missing: the scopes that it lacks, if that is why.

    """

    def __init__(self, token: str, why: str, missing: frozenset[str] = frozenset()) -> None:
        super().__init__(f"{token} is refused by Slack: {why}. {KINDS[token]}.")
        self.token = token
        self.missing = missing


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What Slack calls us."""

    team: str
    team_name: str
    user: str
    bot: str
    url: str


async def who_am_i(calls: Calls, sleep: Sleep = asyncio.sleep) -> Identity:
    """
    Ask Slack who the bot's token belongs to, and whether it has the scopes that it needs.

    Raises:
        Denied: naming the token and what is missing.

    """
    answer = await patiently(calls, "auth.test", token=BOT_TOKEN, sleep=sleep)
    if calls.scopes:
        _check(calls.scopes)
    return Identity(
        team=str(answer.get("team_id", "")),
        team_name=str(answer.get("team", "")),
        user=str(answer.get("user_id", "")),
        bot=str(answer.get("bot_id", "")),
        url=str(answer.get("url", "")),
    )


async def app_id(calls: Calls, identity: Identity) -> str:
    """Ask for the id of our app; "" if Slack does not tell."""
    try:
        answer = await calls("bots.info", bot=identity.bot)
    except CallError as error:
        _log.info("The id of the app stays unknown: %s", error, extra={"action": "no_app_id"})
        return ""
    return str(answer.get("bot", {}).get("app_id", ""))


async def patiently(
    calls: Calls, method: str, *, token: str, sleep: Sleep = asyncio.sleep, **args: Any
) -> Json:
    """
    Call until Slack answers.

    Raises:
        Denied: it answers that the token will not do.
        Refused: any other no.

    """
    pause = 0.5
    while True:
        try:
            return await calls(method, **args)
        except Limited as error:
            await sleep(error.seconds)
        except Lost:
            await sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
            pause = min(LONGEST_PAUSE, pause * 2)
        except Refused as error:
            raise _denied(token, error) or error from error


def _denied(token: str, error: Refused) -> Denied | None:
    if error.error == "missing_scope":
        needed = frozenset(str(error.answer.get("needed", "")).replace(" ", "").split(",")) - {""}
        listed = ", ".join(sorted(needed)) or "unknown"
        return Denied(token, f"one of these scopes is missing: {listed}", needed)
    why = HOPELESS.get(error.error)
    return Denied(token, f"{why} ({error.error})") if why else None


def _check(scopes: frozenset[str]) -> None:
    if missing := NEEDED - scopes:
        names = ", ".join(sorted(missing))
        raise Denied(BOT_TOKEN, f"these scopes are missing: {names}", missing)
    for scope in BOT_SCOPES:
        if scope.name not in scopes and not scope.needed_for:
            _log.warning(
                "%s lacks the scope %s: %s",
                BOT_TOKEN,
                scope.name,
                scope.loss,
                extra={"action": "scope_missing", "scope": scope.name},
            )
