"""What a post or an edit consists of: text, blocks, and the metadata by which it is found again."""

import hashlib
import json
from collections.abc import Collection, Sequence
from typing import Any

from bot.messages.blocks import Message

POST = "chat.postMessage"
EDIT = "chat.update"

QUIET = {"unfurl_links": False, "unfurl_media": False}

#: Our own metadata, for what has none that tells it from all others.
NOTE = "rollout_note"

#: chat.update refuses more; Slack's pages advise it for posts too.
LONGEST_TEXT = 4_000


def digest(message: Message) -> str:
    """Tell short what a message says; the same for the same words, in every process."""
    says = json.dumps([message.text, message.blocks], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(says.encode()).hexdigest()[:32]


def merged(lines: Sequence[Message]) -> Message:
    """Make one message of several lines, in order."""
    text = "\n".join(line.text for line in lines)
    if len(lines) == 1 or not any(line.blocks for line in lines):
        blocks = lines[0].blocks if len(lines) == 1 else ()
        return Message(text=text, blocks=blocks, metadata=lines[0].metadata)
    parts = [block for line in lines for block in line.blocks or (_section(line.text),)]
    return Message(text=text, blocks=tuple(parts), metadata=lines[0].metadata)


def marked(metadata: dict[str, Any] | None, ids: Sequence[str]) -> dict[str, Any]:
    """Give a post the ids of what it says, beside the metadata that it has anyway."""
    kind = (metadata or {}).get("event_type", NOTE)
    payload = (metadata or {}).get("event_payload", {})
    named = {"id": ids[0]} if len(ids) == 1 else {"id": ids[0], "ids": " ".join(ids)}
    return {"event_type": kind, "event_payload": {**payload, **named}}


def marks(metadata: dict[str, Any]) -> Collection[str]:
    """Give the ids of what a post says; none if it is not one of those."""
    payload = metadata.get("event_payload") or {}
    return str(payload.get("ids") or payload.get("id") or "").split()


def content(message: Message, *, plain: bool) -> dict[str, Any]:
    """Write what a message shows as arguments of a post or an edit."""
    text = message.text
    if len(text) > LONGEST_TEXT:
        text = f"{text[: LONGEST_TEXT - 1]}…"
    return {"text": text, "blocks": [] if plain else list(message.blocks), "parse": "none"}


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:3000], "verbatim": True}}
