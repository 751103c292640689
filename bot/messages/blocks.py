"""
Message, and the small parts that messages are built of.

Plain dicts of Block Kit, cut to Slack's limits after escaping. Foreign text
(names, tags, analysis messages) always passes through `safe`.
"""

from dataclasses import dataclass, field
from typing import Any

Block = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Message:
    """
    What people see.

    Attributes:
        text: the whole point in one line, for notifications and screen readers.
        blocks: Block Kit; empty: the text alone.
        metadata: `{"event_type": …, "event_payload": {…}}` or None.

    """

    text: str
    blocks: tuple[Block, ...] = ()
    metadata: dict[str, Any] | None = field(default=None)
