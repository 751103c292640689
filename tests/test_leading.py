"""What a replica does while it leads, and while it stands by."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot.farewell import Farewell
from bot.flows.kept import Lane, Parcel, Slot
from bot.flows.leadership import Alone, Leadership
from bot.flows.ports import Listed
from bot.flows.presence import Presence, Solo
from bot.leading import LeadersChat, Leading, Standing, first_of
from bot.messages.blocks import Message
from tests.builders import NOON


class Throne(Leadership):
    """Who leads, as a test wants it."""

    leads, room = False, 0.0

    def __init__(self) -> None:
        self._changed = asyncio.Condition()
        self.resigned = 0

    async def turn(self, leads: bool) -> None:
        async with self._changed:
            self.leads = leads
            self._changed.notify_all()
        for _ in range(20):
            await asyncio.sleep(0)

    async def rise(self) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self.leads)

    async def fall(self) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: not self.leads)

    async def resign(self) -> None:
        self.resigned += 1


class House:
    """Everything that a leader moves, and what it was told to do, in order."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.listed, self.journal = asyncio.Event(), self
        self.changed: set[str] = set()
        self.clock = lambda: NOON

    # the cluster
    async def watch(self):
        self.done.append("stands by")
        try:
            yield Listed()
            await asyncio.Event().wait()
        finally:
            self.done.append("stands by no more")

    # following
    async def run(self) -> None:
        self.done.append("follows")
        try:
            await asyncio.Event().wait()
        finally:
            self.done.append("follows no more")

    async def catch_up(self, since) -> set[str]:
        assert since == NOON - timedelta(minutes=10)
        return self.changed

    def refresh(self, uid: str) -> None:
        self.done.append(f"looks at {uid}")

    # the outbox
    def take_over(self) -> None:
        self.done.append("takes over")

    def start(self) -> None:
        self.done.append("sends")

    async def drain(self, seconds: float) -> None:
        how = "at once" if seconds == 0 else "soon" if seconds <= 1 else "when all is told"
        self.done.append(f"sends no more, {how}")

    def pick_up(self) -> None:
        self.done.append("fetches")

    # Slack
    async def keep_promises(self) -> None:
        self.done.append("keeps promises")

    async def close(self) -> None:
        self.done.append("takes nothing more")

    async def stop(self) -> None:
        self.done.append("answers no more")

    # digests
    @asynccontextmanager
    async def digesting(self):
        self.done.append("keeps times")
        try:
            yield
        finally:
            self.done.append("keeps no times")

    def told(self) -> list[str]:
        told, self.done = self.done, []
        return told


class Memory:
    """It is made good before anything is told."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def begin(self) -> None:
        self._house.done.append("remembers")

    async def run(self) -> None:
        await asyncio.Event().wait()


class Roll:
    """Nobody else is there."""

    async def answer(self, who: str, beat: int) -> None: ...
    async def strike(self, who: str) -> None: ...
    async def beats(self) -> dict[str, int]:
        return {}


def leading(house: House, standing: Standing) -> Leading:
    """Make the leader of that house."""
    return Leading(standing, house, house, house, house, house, Memory(house))


@pytest.fixture
async def throne() -> Throne:
    return Throne()


BEGINS = ["remembers", "takes over", "sends", "keeps times", "follows"]
ENDS = ["follows no more", "keeps no times"]


async def test_who_is_elected_leads_and_who_is_not_any_more_stands_by(throne):
    house = House()
    shared = Standing(throne, Presence(Roll(), "one"))
    running = asyncio.create_task(leading(house, shared).run())
    await throne.turn(leads=False)
    assert house.told() == ["stands by"]
    assert house.listed.is_set(), "what is known can be asked for"

    await throne.turn(leads=True)
    assert [one for one in house.told() if one not in {"fetches", "keeps promises"}] == [
        "stands by no more",
        *BEGINS,
    ]
    await throne.turn(leads=False)
    assert house.told() == [*ENDS, "sends no more, at once", "stands by"]
    await throne.turn(leads=True)
    assert house.told()[:6] == ["stands by no more", *BEGINS]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert throne.resigned == 1


async def test_a_leader_fetches_what_others_have_stored_and_looks_at_what_they_did(throne):
    house = House()
    house.changed = {"u1"}
    running = asyncio.create_task(leading(house, Standing(throne, Presence(Roll(), "one"))).run())
    await throne.turn(leads=True)
    told = house.told()
    assert told.index("fetches") < told.index("looks at u1") < told.index("keeps promises")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_who_stands_by_learns_what_others_write_and_fetches_nothing(throne):
    """People ask it, too."""
    house = House()
    house.changed = {"u1"}
    running = asyncio.create_task(leading(house, Standing(throne, Presence(Roll(), "one"))).run())
    await throne.turn(leads=False)
    assert house.told() == ["stands by", "looks at u1"]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_of_several_who_ends_lets_another_lead_before_it_has_answered_all(throne):
    house = House()
    shared = Standing(throne, Presence(Roll(), "one"))
    async with leading(house, shared).until_the_end(Farewell()):
        await throne.turn(leads=True)
        house.told()
    assert house.told() == [
        "takes nothing more",
        *ENDS,
        "sends no more, soon",
        "answers no more",
    ]
    assert throne.resigned == 1


async def test_who_is_alone_answers_all_and_tells_what_came_of_it():
    house = House()
    async with leading(house, Standing(Alone(), Solo("me"))).until_the_end(Farewell()):
        for _ in range(20):
            await asyncio.sleep(0)
        assert house.told() == BEGINS
    assert house.told() == [
        "takes nothing more",
        "answers no more",
        *ENDS,
        "sends no more, when all is told",
    ]


async def test_what_cannot_go_on_is_not_hidden(throne):
    """A watch that failed by a bug ends the process, also while it stands by."""
    house = House()

    async def broken():
        raise RuntimeError("a bug")
        yield

    house.watch = broken
    with pytest.raises(RuntimeError, match="a bug"):
        await leading(house, Standing(throne, Presence(Roll(), "one"))).run()


async def test_only_the_leader_hands_anything_to_slack(throne):
    """What others decide is stored; the leader fetches it."""

    class Outbox:
        def __init__(self) -> None:
            self.given: list[object] = []

        def show(self, *given) -> None:
            self.given.append(given)

        def send(self, parcels, *, is_stored: bool) -> None:
            self.given.append((*parcels, is_stored))

    outbox, parcel = (
        Outbox(),
        Parcel(at=NOON, channel="C1", message=Message(text="hi"), lane=Lane.PROGRESS),
    )
    chat = LeadersChat(outbox, throne)
    slot = Slot(channel="C1", key="card")
    chat.show(slot, Message(text="hi"), Lane.PROGRESS)
    chat.send([parcel])
    assert outbox.given == []
    await throne.turn(leads=True)
    chat.show(slot, Message(text="hi"), Lane.PROGRESS)
    chat.send([parcel], is_stored=False)
    assert outbox.given == [(slot, Message(text="hi"), Lane.PROGRESS, None), (parcel, False)]


async def test_the_first_that_ends_ends_the_others():
    ended = []

    async def goes_on() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("the other")

    async def ends() -> None:
        await asyncio.sleep(0)

    await first_of(goes_on(), ends())
    assert ended == ["the other"]
