"""The tokens, each by its own kind; and the way by which a socket would be opened."""

from collections.abc import AsyncIterator, Mapping
from urllib.parse import urlsplit

import aiohttp

from bot.config import Config, Secrets
from bot.doctor.asking import LATER, ask
from bot.doctor.verdict import Area, Line, missing, ok, unchecked
from bot.slack.calls import CallError, Calls, Json, Refused
from bot.slack.connection import open_calls, proxy_for
from bot.slack.credentials import APP_TOKEN, BOT_TOKEN, HOPELESS

SIGNING_SECRET, SOCKET = "SLACK_SIGNING_SECRET", "socket"

_APP = "api.slack.com/apps, your app"
MENDS = {
    BOT_TOKEN: f"{_APP}, OAuth & Permissions: copy the Bot User OAuth Token (xoxb-…) into "
    f"{BOT_TOKEN}, or into the file that {BOT_TOKEN}_FILE names",
    APP_TOKEN: f"{_APP}, Basic Information, App-Level Tokens: generate one with the scope "
    f"connections:write (xapp-…), and copy it into {APP_TOKEN} or its _FILE",
    SIGNING_SECRET: f"{_APP}, Basic Information, App Credentials: copy the Signing Secret into "
    f"{SIGNING_SECRET} or its _FILE",
}
_SOCKET_MODE = f"{_APP}, Socket Mode: turn Enable Socket Mode on"
_EGRESS = "let this machine reach {} on port {} (egress rule, NetworkPolicy, HTTPS_PROXY)"
_ROTATES = "it expires after twelve hours (token rotation), and I do not renew it"
_ANEW = (
    "make the app anew from config/slack-app-manifest.yaml (token_rotation_enabled: false): "
    "rotation cannot be turned off again"
)


def second_of(config: Config) -> tuple[str, ...]:
    """Name the lines about what the mode needs beside the bot token."""
    return (APP_TOKEN, SOCKET) if config.slack.mode == "socket" else (SIGNING_SECRET,)


def lacking(token: str, faults: Mapping[str, str]) -> Line:
    """Say of a token what the environment has already shown."""
    return missing(Area.SLACK, token, faults[token], MENDS[token])


async def examine_bot(calls: Calls, secrets: Secrets) -> tuple[Line, Json | None]:
    """Ask whose the bot token is; None: it does not work."""
    token = secrets.bot_token.get_secret_value()
    try:
        identity = await ask(calls, "auth.test")
    except CallError as error:
        return _refused(BOT_TOKEN, error), None
    if not identity.get("bot_id"):
        return missing(Area.SLACK, BOT_TOKEN, "it is no bot's token", MENDS[BOT_TOKEN]), None
    if token.startswith("xoxe"):
        return missing(Area.SLACK, BOT_TOKEN, _ROTATES, _ANEW), identity
    team = f"{identity.get('team', '?')} ({identity.get('team_id', '?')})"
    return ok(Area.SLACK, BOT_TOKEN, f"{identity.get('user', '?')} in {team}"), identity


async def examine_second(
    secrets: Secrets, config: Config, faults: Mapping[str, str], app: str
) -> AsyncIterator[Line]:
    """
    Ask about what the mode needs beside the bot token.

    Args:
        secrets: what the environment holds.
        config: names the mode.
        faults: what is wrong with it there already, by variable.
        app: the id of the bot token's app; "": not known.

    """
    first, *rest = second_of(config)
    if first in faults:
        yield lacking(first, faults)
        for name in rest:
            yield unchecked(Area.SLACK, name, f"{first} is missing")
        return
    if secrets.app_token is None:
        detail = f"is set; only a request of Slack to {config.slack.listen} can prove it"
        yield ok(Area.SLACK, SIGNING_SECRET, detail)
        return
    calls = open_calls(secrets.app_token.get_secret_value(), secrets.api_url)
    try:
        async for line in _app_level(calls, app):
            yield line
    finally:
        await calls.close()


async def _app_level(calls: Calls, app: str) -> AsyncIterator[Line]:
    """Ask whose the app-level token is, and for an address of a socket; none is opened."""
    try:
        answer = await ask(calls, "apps.connections.open")
    except CallError as error:
        yield _refused(APP_TOKEN, error)
        yield unchecked(Area.SLACK, SOCKET, f"{APP_TOKEN} does not work")
        return
    own = await _app_of(calls)
    if app and own and own != app:
        detail = f"is of another app ({own}) than {BOT_TOKEN} ({app}): no command would arrive"
        yield missing(Area.SLACK, APP_TOKEN, detail, MENDS[APP_TOKEN])
    else:
        yield ok(Area.SLACK, APP_TOKEN, "opens sockets")
    yield await _reached(calls, str(answer.get("url", "")))


async def _app_of(calls: Calls) -> str:
    """Tell the id of the app of an app-level token; "": Slack does not say."""
    try:
        return str((await ask(calls, "auth.test")).get("app_id", ""))
    except CallError:
        return ""


async def _reached(calls: Calls, url: str) -> Line:
    """Ask the socket's server anything, without the ticket: every answer shows that it is there."""
    parts = urlsplit(url)
    scheme = {"wss": "https"}.get(parts.scheme, "http")
    place = f"{scheme}://{parts.netloc}/"
    try:
        async with calls.session.get(place, proxy=proxy_for(place), allow_redirects=False):
            return ok(Area.SLACK, SOCKET, f"{parts.hostname} is there")
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        port = parts.port or (443 if scheme == "https" else 80)
        detail = f"{parts.hostname} cannot be reached: {error or type(error).__name__}"
        return missing(Area.SLACK, SOCKET, detail, _EGRESS.format(parts.hostname, port))


def _refused(token: str, error: CallError) -> Line:
    match error:
        case Refused(error=word) if word in HOPELESS:
            detail = f"Slack refuses it: {HOPELESS[word]} ({word})"
            return missing(Area.SLACK, token, detail, MENDS[token])
        case Refused(error="missing_scope"):
            needed = error.answer.get("needed", "connections:write")
            detail = f"it lacks the scope {needed}"
            return missing(Area.SLACK, token, detail, MENDS[token])
        case Refused():
            mend = _SOCKET_MODE if token == APP_TOKEN else MENDS[token]
            return missing(Area.SLACK, token, f"Slack says: {error.error}", mend)
        case _:
            return missing(Area.SLACK, token, f"Slack does not tell: {error}", LATER)
