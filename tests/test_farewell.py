"""At the end all that is under way has some seconds together, whatever hangs."""

import asyncio
import subprocess
import sys
from dataclasses import fields

from bot.app import Application
from bot.farewell import Farewell


def test_the_seconds_begin_with_the_first_who_asks():
    moments = iter([1000.0, 1004.0, 1011.0])
    farewell = Farewell(10, clock=lambda: next(moments))

    assert [farewell.left() for _ in range(3)] == [10, 6, 0]


async def test_what_hangs_is_left_and_said(caplog):
    clock, farewell = asyncio.get_running_loop().time, Farewell(0.1)
    began, ended = clock(), []

    async def hang():
        await asyncio.Event().wait()

    async def end():
        ended.append(True)

    await farewell.step("Slack", hang)()
    await farewell.step("The database", end)()

    assert clock() - began < 2
    assert ended, "who comes after it still has a moment"
    assert "Slack did not end in time and is left" in caplog.text
    assert "database" not in caplog.text


async def test_whoever_stops_waiting_does_not_end_what_follows_the_cluster():
    """Answers under way wait for what is seen there."""
    following = asyncio.create_task(asyncio.Event().wait())
    rooms = dict.fromkeys(field.name for field in fields(Application))
    app = Application(**{**rooms, "following": following})

    waiting = asyncio.create_task(app.ended())
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)

    assert not following.done()
    following.cancel()


def test_what_does_not_let_go_is_left_to_the_system():
    hang = "import time; from bot.farewell import end_for_sure; end_for_sure(0.1); time.sleep(60)"

    ended = subprocess.run(
        [sys.executable, "-c", hang], check=False, capture_output=True, timeout=30, text=True
    )

    assert ended.returncode == 1
    assert "Something does not let go of me" in ended.stderr
