"""What is said where the bot has lost track: its memory was lost, and the release went on."""

from typing import Any

from bot.messages import words
from bot.messages.blocks import Message, message, safe, section


def left_behind(name: str, *, exists: bool, metadata: dict[str, Any]) -> Message:
    """End a card whose release is over, and of which nobody knows how it ended."""
    where = safe(name, 2 * words.LONGEST_NAME)
    over = "is not on its way any more" if exists else "does not exist any more"
    told = f"this release {over}. How it ended is not on record: my database was lost meanwhile."
    return message(f"{where}: {told}", section(f"*{where}*   {told}"), metadata=metadata)
