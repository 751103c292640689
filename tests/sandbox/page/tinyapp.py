"""
An app as small as can be, on the wire of Slack: it acknowledges what comes, and posts by Web API.

It knows nothing of the bot. What it answers is told it by name: a command, an action_id, the
callback_id of a modal, the type of an event.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Any, Self

import aiohttp

from bot.sandbox.slack import LocalSlack

Json = dict[str, Any]
Answer = Callable[[Json], Awaitable[Json | None]]


class TinyApp:
    """
    Connected by Socket Mode for as long as it is entered.

    Attributes:
        heard: the payloads that came, in order.
        answers: what to do, and to acknowledge with, by name.
        silent: names that are not acknowledged at all.

    """

    def __init__(self, slack: LocalSlack) -> None:
        self.slack = slack
        self.heard: list[Json] = []
        self.answers: dict[str, Answer] = {}
        self.silent: set[str] = set()

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        opened = await self.call("apps.connections.open", token=self.slack.app_token)
        self._socket = await self._session.ws_connect(opened["url"])
        self._listening = asyncio.create_task(self._listen())
        await self.slack.connected()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.leave()
        await self._session.close()

    async def leave(self) -> None:
        """Hang up: from now on nobody answers."""
        self._listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._listening
        await self._socket.close()

    async def call(self, method: str, *, token: str = "", **args: Any) -> Json:
        """Call the Web API; an answer that is not ok fails the test."""
        headers = {"Authorization": f"Bearer {token or self.slack.bot_token}"}
        url = f"{self.slack.api_url}{method}"
        async with self._session.post(url, json=args, headers=headers) as response:
            answer: Json = await response.json()
        assert answer["ok"], answer
        return answer

    async def post(self, text: str = "", *, channel: str = "C0RELEASES", **args: Any) -> str:
        """Post a message; its ts."""
        args = {"text": text, **args}
        return str((await self.call("chat.postMessage", channel=channel, **args))["ts"])

    async def respond(self, payload: Json, **answer: Any) -> None:
        """Say something at the response_url."""
        async with self._session.post(payload["response_url"], json=answer) as response:
            assert response.status == 200, await response.text()

    async def _listen(self) -> None:
        async for message in self._socket:
            envelope = json.loads(message.data)
            if "envelope_id" not in envelope:
                continue
            payload = envelope["payload"]
            self.heard.append(payload)
            name = name_of(payload)
            if name in self.silent:
                continue
            answer = await self.answers[name](payload) if name in self.answers else None
            said = {"envelope_id": envelope["envelope_id"]}
            await self._socket.send_json(said | ({"payload": answer} if answer else {}))


def name_of(payload: Json) -> str:
    """What a payload is about."""
    match payload.get("type"):
        case "block_actions":
            return str(payload["actions"][0]["action_id"])
        case "view_submission" | "view_closed":
            return f"{payload['type']} {payload['view']['callback_id']}"
        case "event_callback":
            return str(payload["event"]["type"])
        case _:
            return str(payload["command"])
