"""Waiting for what nobody announces."""

import asyncio
import time
from collections.abc import Awaitable, Callable

_PAUSE_SECONDS = 0.02


async def holds_within(seconds: float, condition: Callable[[], Awaitable[object]]) -> bool:
    """Look until the condition holds; whether it did before the time was over."""
    deadline = time.monotonic() + seconds
    while not await condition():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(_PAUSE_SECONDS)
    return True
