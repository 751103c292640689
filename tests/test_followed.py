"""What changes in a file is taken over when it is good, and what is wrong with it is said once."""

import asyncio
import logging

import pytest

from bot import followed
from bot.config import ConfigError
from bot.config.faults import Fault
from bot.followed import Followed
from bot.slack.credentials import BOT_TOKEN, Denied


@pytest.fixture(autouse=True)
def _swift(monkeypatch):
    monkeypatch.setattr(followed, "SETTLE", 0.001)


class File:
    """Says what it is told to say."""

    def __init__(self):
        self.contents = [b"1"]
        self.wrong = None
        self.adopted = 0

    def content(self):
        return self.contents[0] if len(self.contents) == 1 else self.contents.pop(0)

    async def adopt(self):
        if self.wrong:
            raise self.wrong
        self.adopted += 1
        return "all"


FAULT = ConfigError([Fault("a.yaml", 3, "drift.every", "'1' is not a duration")])
UNKNOWN = ConfigError([Fault("a.yaml", 3, "channels[0].channel", "I see no channel #x in Slack")])


@pytest.fixture
def file():
    return File()


@pytest.fixture
def one(file, caplog):
    caplog.set_level(logging.INFO)
    return Followed("The file", file.content, file.adopt)


async def test_it_is_taken_over_when_it_changes_and_not_at_each_look(one, file):
    for _ in range(3):
        await one.look()
    assert file.adopted == 1

    file.contents = [b"2"]
    await one.look()
    assert file.adopted == 2


async def test_what_is_being_written_is_not_taken_over(one, file):
    file.contents = [b"half", b"whole"]
    await one.look()
    assert file.adopted == 0

    await one.look()
    assert file.adopted == 1


async def test_what_is_wrong_is_said_once_and_that_it_is_mended_too(one, file, caplog):
    file.wrong = FAULT
    await one.look()
    file.contents = [b"2"]  # changed, and wrong in the same way
    await one.look()
    assert caplog.text.count("a.yaml:3: drift.every: '1' is not a duration") == 1
    assert one.wrong

    file.contents, file.wrong = [b"3"], None
    await one.look()
    assert caplog.text.count("The file is good again") == 1
    assert not one.wrong


async def test_another_fault_is_said(one, file, caplog):
    file.wrong = FAULT
    await one.look()
    file.contents, file.wrong = [b"2"], UNKNOWN
    await one.look()

    assert "I see no channel #x" in caplog.text


@pytest.mark.parametrize(
    ("wrong", "again"),
    [
        pytest.param(UNKNOWN, True, id="a-channel-may-be-made"),
        pytest.param(Denied(BOT_TOKEN, "not yet"), True, id="slack-may-take-it"),
        pytest.param(TimeoutError(), True, id="slack-may-answer"),
        pytest.param(FAULT, False, id="a-file-does-not-mend-itself"),
    ],
)
async def test_what_slack_did_not_take_is_tried_again(one, file, monkeypatch, caplog, wrong, again):
    monkeypatch.setattr(followed, "AGAIN", 0.01)
    file.wrong = wrong
    await one.look()
    said = caplog.text.count("cannot be used")
    await asyncio.sleep(0.02)
    await one.look()
    assert caplog.text.count("cannot be used") == said == 1, "the same is not said again"

    file.wrong = None
    await asyncio.sleep(0.02)
    await one.look()
    assert bool(file.adopted) is again


async def test_whoever_asks_is_told_again(one, file, caplog):
    file.wrong = FAULT
    await one.look()
    await one.look(asked=True)
    assert caplog.text.count("cannot be used") == 2

    file.wrong = None
    await one.look(asked=True)
    assert "The file is good again" in caplog.text


async def test_what_nobody_thought_of_does_not_end_it(one, file, caplog):
    file.wrong = ZeroDivisionError("oh")
    await one.look()

    assert "oh" in one.wrong
    assert "could not be taken over" in caplog.text
