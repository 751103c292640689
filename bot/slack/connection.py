"""
How the bot reaches Slack: one HTTP session, and a client that neither retries nor ignores NO_PROXY.

slack_sdk reads HTTPS_PROXY, ignores NO_PROXY, opens a session for each call unless it is given one,
and repeats a post whose connection dropped.
"""

import ipaddress
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.calls import Calls, OnCall

SLACK = "https://slack.com/api/"

#: Slack answers within a second; a call that hangs longer than this is as good as lost.
TIMEOUT = aiohttp.ClientTimeout(total=8, connect=3)
CONNECTIONS = 40  # more than the outbox has under way, so that a modal never queues behind it


def open_session() -> aiohttp.ClientSession:
    """Open the session that everything sent to Slack shares; who opens it closes it."""
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    return aiohttp.ClientSession(timeout=TIMEOUT, connector=connector)


def open_calls(
    token: str, api_url: str = SLACK, *, on_call: OnCall = lambda _method, _result: None
) -> Calls:
    """Make the way to the Web API; inside a running loop. Who makes it closes it."""
    return Calls(make_client(token, open_session(), api_url), on_call=on_call)


def make_client(token: str, session: aiohttp.ClientSession, api_url: str = SLACK) -> AsyncWebClient:
    """Make slack_sdk's client of that session; *api_url* has a path, as SLACK_API_URL does."""
    client = AsyncWebClient(
        token=token, base_url=api_url or SLACK, session=session, retry_handlers=[]
    )
    client.proxy = proxy_for(client.base_url)  # afterwards: the constructor takes no "none"
    return client


def proxy_for(url: str) -> str | None:
    """Tell the proxy for a URL by the environment; None: none, always so for this machine."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if _is_here(host) or proxy_bypass(host):
        return None
    return getproxies().get({"wss": "https", "ws": "http"}.get(parts.scheme, parts.scheme)) or None


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
