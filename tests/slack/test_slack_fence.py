"""Who may post for a while only posts in that while, and nothing of it goes on after it."""

import asyncio
import time

import pytest

from bot.slack.calls import Calls, Limited, Lost
from bot.slack.fence import Fenced


class Slack(Calls):
    """Takes calls, and as long as it is told."""

    def __init__(self) -> None:
        self.called: list[str] = []
        self.done: list[str] = []
        self.seconds = 0.0

    def rest(self, method: str) -> float:
        return 3.0 if method == "chat.delete" else 0.0

    async def __call__(self, method: str, **args):
        if self.rest(method):
            raise Limited(method, self.rest(method))
        self.called.append(method)
        await asyncio.sleep(self.seconds)
        self.done.append(method)
        return {"ok": True, **args}


async def test_where_there_is_room_calls_go_through():
    slack = Slack()
    fenced = Fenced(slack, lambda: 5.0)
    assert await fenced("chat.postMessage", text="hi") == {"ok": True, "text": "hi"}
    assert fenced.rest("chat.delete") == 3.0


async def test_who_does_not_lead_posts_and_edits_nothing_and_nothing_is_in_doubt():
    slack = Slack()
    fenced = Fenced(slack, lambda: 0.0)
    for method in ("chat.postMessage", "chat.update"):
        with pytest.raises(Lost) as refused:
            await fenced(method)
        assert not refused.value.perhaps
    assert slack.called == []


async def test_what_is_read_may_always_be_read():
    assert (await Fenced(Slack(), lambda: 0.0)("conversations.history"))["ok"]


async def test_a_call_goes_on_no_longer_than_there_is_room():
    """Slack may have done it: who tries again has to look first."""
    slack = Slack()
    slack.seconds = 30.0
    began = asyncio.get_running_loop().time()
    with pytest.raises(Lost) as late:
        await Fenced(slack, lambda: 0.05)("chat.update")
    assert late.value.perhaps
    assert asyncio.get_running_loop().time() - began < 5
    assert slack.done == []


async def test_room_is_asked_for_before_each_call():
    """Leadership ends between two."""
    slack, room = Slack(), [5.0, 0.0]
    fenced = Fenced(slack, lambda: room.pop(0))
    await fenced("chat.update")
    with pytest.raises(Lost):
        await fenced("chat.update")
    assert slack.called == ["chat.update"]


class Stepping(Slack):
    """Connects first, and writes the bytes a moment later."""

    async def __call__(self, method: str, **args):
        await asyncio.sleep(0.01)
        self.done.append(method)
        return {}


async def test_a_call_that_was_stopped_in_the_middle_goes_no_further_when_it_wakes_up():
    """The process stood still for longer than there is room: the timeout comes first."""
    slack = Stepping()
    call = asyncio.create_task(Fenced(slack, lambda: 0.05)("chat.postMessage"))
    await asyncio.sleep(0)
    time.sleep(0.2)  # noqa: ASYNC251 - that is what is tried
    with pytest.raises(Lost):
        await call
    assert slack.done == []
