"""Ask a server what a sequence asks."""

import json
import re
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.wire.steps import NAMESPACE, Outcome, Step

_PLACEHOLDER = re.compile(r"@(version|first|uid|listed|token):([^@]*)@")
_AGENT = "wire-test"
_SPACE = "space"  #: instead of the namespace, whose name differs from run to run
Kept = dict[tuple[str, str], str]


class Runner:
    """
    Asks one server, as its administrator.

    Args:
        session: with the server's address and the token.

    """

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def run(self, steps: Sequence[Step], namespace: str) -> list[Outcome]:
        """Ask everything, one after the other, in a namespace of its own."""
        body = json.dumps({"metadata": {"name": namespace}})
        async with self._session.post("/api/v1/namespaces", data=body, headers=_JSON) as answer:
            assert answer.status == 201, await answer.text()
        kept: Kept = {}
        outcomes: list[Outcome] = []
        for step in steps:
            outcome = await self._ask(step, namespace, kept)
            _keep(kept, step, outcome)
            outcomes.append(outcome)
        async with self._session.delete(f"/api/v1/namespaces/{namespace}") as answer:
            assert answer.status == 200, await answer.text()
        return outcomes

    async def _ask(self, step: Step, namespace: str, kept: Kept) -> Outcome:
        def filled(text: str) -> str:
            text = text.replace(NAMESPACE, namespace)
            return _PLACEHOLDER.sub(lambda match: kept.get((match[1], match[2]), "1"), text)

        query = {key: filled(value) for key, value in step.query.items()}
        data = None if step.body is None else filled(step.body).encode()
        headers = {"Content-Type": step.content, "User-Agent": _AGENT}
        try:
            async with self._session.request(
                step.method, filled(step.path), params=query, data=data, headers=headers
            ) as answer:
                if step.until and answer.status == 200:
                    return Outcome(status=200, body=await _watched(answer, step.until, namespace))
                text = await answer.text()
        except aiohttp.ServerDisconnectedError:
            return Outcome(status=0, body="the server dropped it")
        return Outcome(status=answer.status, body=_value(text.replace(namespace, _SPACE)))


@asynccontextmanager
async def asking(url: str, token: str, ca_file: Path | None) -> AsyncIterator[Runner]:
    """Ask the server there, as whoever has this token."""
    tls = ssl.create_default_context(cafile=str(ca_file)) if ca_file else True
    async with aiohttp.ClientSession(
        url,
        headers={"Authorization": f"Bearer {token}"},
        connector=aiohttp.TCPConnector(ssl=tls, limit=0),
        timeout=aiohttp.ClientTimeout(total=90),
    ) as session:
        yield Runner(session)


_JSON = {"Content-Type": "application/json"}


async def _watched(answer: aiohttp.ClientResponse, until: str, namespace: str) -> list[Any]:
    """All lines up to that about the last object."""
    events: list[Any] = []
    buffer = b""
    async for piece in answer.content.iter_any():
        *lines, buffer = (buffer + piece).split(b"\n")
        for line in lines:
            event = json.loads(line.replace(namespace.encode(), _SPACE.encode()))
            events.append(event)
            if event["type"] == "ERROR" or event["object"]["metadata"].get("name") == until:
                answer.close()
                return events
    return events


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text.strip()


def _keep(kept: Kept, step: Step, outcome: Outcome) -> None:
    """Remember what later steps may ask for."""
    body = outcome.body
    if step.until or not isinstance(body, dict) or outcome.status >= 400:
        return
    if "items" in body:
        kept["token", step.kind] = body["metadata"].get("continue", "")
        if not step.query and ("listed", step.kind) not in kept:
            kept["listed", step.kind] = body["metadata"]["resourceVersion"]
        return
    metadata = body.get("metadata", {})
    if "uid" in metadata and "dryRun" not in step.query:
        name = f"{step.kind}/{metadata['name']}"
        kept["uid", name] = metadata["uid"]
        kept["version", name] = metadata["resourceVersion"]
        kept.setdefault(("first", name), metadata["resourceVersion"])
