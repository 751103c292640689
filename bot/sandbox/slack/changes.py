"""Waking those who wait for Slack to look different."""

import asyncio


class Changes:
    """
    A bell that rings at every change.

    A plain Event for each ring rather than a Condition: a Condition can only be notified from a
    coroutine that holds its lock, and what changes Slack are plain functions.
    """

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def announce(self) -> None:
        """Something has changed."""
        self._next.set()
        self._next = asyncio.Event()

    async def wait(self) -> None:
        """Wait for the next change; no other await may lie between looking and waiting."""
        await self._next.wait()
