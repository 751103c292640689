"""What a page does, without a browser: it takes in frames, and remembers what they say."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Self

import aiohttp

Json = dict[str, Any]


class Visitor:
    """One open page of one person; *frames* are all that came, in order."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._bell = asyncio.Event()
        self._refs = 0
        self.frames: list[Json] = []
        self.messages: dict[str, Json] = {}
        self.told: Json = {}
        self.rollouts: dict[str, Json] = {}
        self.system: Json = {}

    @classmethod
    async def arrive(cls, session: aiohttp.ClientSession, url: str, person: str) -> Self:
        """Open the page, and see all of it."""
        visitor = cls(await session.ws_connect(f"{url}live?as={person}"))
        visitor._reading = asyncio.create_task(visitor._read())
        await visitor.until(lambda: visitor.told and visitor.system)
        return visitor

    async def leave(self) -> None:
        await self._socket.close()
        self._reading.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reading

    async def _read(self) -> None:
        async for message in self._socket:
            frame = message.json()
            self.frames.append(frame)
            self._take_in(frame)
            self._bell.set()
            self._bell = asyncio.Event()

    def _take_in(self, frame: Json) -> None:
        match frame["type"]:
            case "snapshot" | "changes":
                self.told |= frame
                self.messages |= {one["ts"]: one for one in frame.get("messages", ())}
                for one in frame.get("gone", ()):
                    del self.messages[one["ts"]]
            case "cluster":
                known = self.rollouts | {one["name"]: one for one in frame["rollouts"]}
                names = [key.split("/")[1] for key in frame["order"]]
                self.rollouts = {name: known[name] for name in names}
                self.system = frame["system"]

    async def until(self, condition: Callable[[], Any]) -> Any:
        """Wait until it is so; looks again at every frame."""
        try:
            async with asyncio.timeout(5):
                while not (found := condition()):
                    await self._bell.wait()
                return found
        except TimeoutError:
            raise AssertionError(f"never happened; the last frames: {self.frames[-4:]}") from None

    async def sees(self, words: str) -> Json:
        """Wait for a message with these words, in its text or its blocks."""
        return await self.until(
            lambda: next((one for one in self.messages.values() if words in str(one)), None)
        )

    async def do(self, what: str, **frame: Any) -> Json:
        """Do something, and get the answer."""
        self._refs += 1
        ref = self._refs
        await self._socket.send_json({"do": what, "ref": ref, **frame})
        return await self.answer_to(ref)

    async def answer_to(self, ref: int) -> Json:
        return await self.until(
            lambda: next(
                (f for f in self.frames if f["type"] == "answer" and f["ref"] == ref), None
            )
        )

    async def say(self, text: str) -> None:
        """Send any frame."""
        await self._socket.send_str(text)

    async def say_bytes(self, data: bytes) -> None:
        await self._socket.send_bytes(data)

    def count(self, kind: str) -> int:
        return sum(frame["type"] == kind for frame in self.frames)
