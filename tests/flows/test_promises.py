"""Who pressed is answered, also by a bot that was killed and started again meanwhile."""

from datetime import timedelta

import pytest

from bot.flows.journal import Journal
from bot.flows.kept import Promise
from bot.flows.presence import Solo
from bot.flows.promises import Promises
from bot.release.ledger import DONE, By, Entry, refused
from tests.builders import NOON
from tests.memory import Memory, MemoryBulletin, MemoryLedger

ANN = By(kind="slack", id="U0ANN", name="Ann")
PRESSED = Promise(id="p1", at=NOON, person="U0ANN", channel="C1", verb="promote", what="shop/api")


def an_entry(outcome: str = "pending", **changes) -> Entry:
    """What the ledger has of the press."""
    fields = {"id": "e1", "at": NOON + timedelta(seconds=1), "actor": ANN, "verb": "promote"}
    names = {"namespace": "shop", "name": "api", "outcome": outcome}
    return Entry(**(fields | names | changes))


@pytest.fixture
async def told():
    """Tell what the person is told after a start, given the entries of the ledger."""

    async def tell(*entries: Entry) -> str:
        memory = Memory()
        journal = Journal(MemoryLedger(memory))
        for entry in entries:
            await journal.write(entry)
        bulletin = MemoryBulletin(memory)
        await bulletin.promise(PRESSED)
        ((promise, message),) = await Promises(bulletin, journal, Solo("me")).broken()
        assert promise == PRESSED
        return message.text

    return tell


async def test_without_an_entry_nothing_was_sent_and_that_is_said(told):
    text = await told()
    assert text.startswith("Not done: Promote of shop/api. I was restarted before I could begin.")
    assert "press again if it is still needed" in text


async def test_an_open_entry_is_decided_by_what_is_seen(told):
    text = await told(an_entry())
    assert "in the middle of it" in text
    assert "the thread will tell whether it was done" in text


async def test_what_was_done_is_said_to_be_done(told):
    assert (await told(an_entry(DONE))).startswith("Done: Promote of shop/api.")


async def test_what_was_refused_says_why(told):
    entry = an_entry(refused("outdated"), detail={"text": "Ben promoted this 4 s ago."})
    assert "Not done: Promote of shop/api. Ben promoted this 4 s ago." in await told(entry)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"actor": By(kind="slack", id="U0BEN", name="Ben")}, id="of-somebody-else"),
        pytest.param({"verb": "abort"}, id="of-another-verb"),
        pytest.param({"name": "web"}, id="of-another-rollout"),
        pytest.param({"at": NOON - timedelta(seconds=1)}, id="from-before"),
    ],
)
async def test_other_entries_are_not_taken_for_it(told, other):
    assert (await told(an_entry(DONE, **other))).startswith("Not done")
