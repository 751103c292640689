"""
Which edition of the bot's memory a message was written with: a number in its metadata.

The number grows with time and is in the database before it is in any message. So a database that
knows a smaller one than Slack has is older than what was said: it was lost, or restored. Whoever
compares metadata does not see the number: it is put in on the way out, and aside on the way in.
"""

from typing import Any

Json = dict[str, Any]

KEY = "edition"


def stamped(args: Json, edition: int) -> Json:
    """Put the edition into the metadata of a message that is sent; 0: none is known."""
    metadata = args.get("metadata")
    if not edition or not metadata or "event_payload" not in metadata:
        return args
    payload = {**metadata["event_payload"], KEY: edition}
    return {**args, "metadata": {**metadata, "event_payload": payload}}


def put_aside(answer: Json) -> Json:
    """Move the edition of each message that was read out of its metadata, beside it."""
    for message in answer.get("messages") or ():
        payload = (message.get("metadata") or {}).get("event_payload") or {}
        edition = payload.pop(KEY, 0)
        message[KEY] = edition if isinstance(edition, int) else 0
    return answer
