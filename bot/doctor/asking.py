"""Asking Slack: once; but where it asks to wait, it is waited for."""

import asyncio
from typing import Any

from bot.slack.calls import Calls, Json, Limited

#: What to do where Slack does not answer one question, and answers others.
LATER = "look at status.slack.com, then run me again"


async def ask(calls: Calls, method: str, **args: Any) -> Json:
    """
    Call a method.

    Raises:
        Refused: Slack says no.
        Lost: no answer, or one that tells nothing.

    """
    while True:
        try:
            return await calls(method, **args)
        except Limited as error:
            await asyncio.sleep(error.seconds)
