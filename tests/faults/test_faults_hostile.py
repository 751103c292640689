"""F11: the same press told again, pressed again, by two people, late, and after a restart."""

import asyncio
import itertools
import random
import time
from dataclasses import dataclass, field

import pytest

from bot.sandbox.slack import Message
from bot.sandbox.slack.delivery import Delivery
from tests.faults import tally as numbers
from tests.faults import trials
from tests.faults.checker import Violation
from tests.faults.history import Press
from tests.faults.theatre import CHANNEL, Theatre, theatre

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3_600)]

PAUSES = [step for n in range(1, 13) for step in ({"setWeight": 5 * n}, {"pause": {}})]
ANN, BEN = "U0ANN", "U0BEN"


@dataclass
class Stage:
    """
    One trial after the other, each at a pause of its own.

    Attributes:
        here: everything.
        found: what was wrong.
        told: so many answers each person has had that were counted.

    """

    here: Theatre
    found: list[Violation] = field(default_factory=list)
    told: dict[str, int] = field(default_factory=dict)
    names: itertools.count = field(default_factory=lambda: itertools.count(2))

    async def pause(self, key: str) -> Message:
        """Wait for the next pause of a rollout; its card."""
        here = self.here
        part = next(part for part in here.parts if f"shop/{part.name}" == key)

        def card() -> Message | None:
            state = here.history.latest(key)
            if not state or not state.needs_person:
                return None
            step = f"step {state.index + 1} of"
            found = here.crowd.offering(CHANNEL, "promote")
            return next((m for m in found if key in m.plain and step in m.plain), None)

        state = here.history.latest(key)
        if state is None or not state.is_releasing:
            here.release(part, str(next(self.names)))
        await here.until(card, f"{key} at a pause, with a card", 60)
        found = card()
        assert found is not None
        return found

    def acts(self, key: str, since: float) -> int:
        """How often it was promoted."""
        writes = self.here.history.writes
        return sum(w.is_action and w.took and w.key == key and w.at >= since for w in writes)

    async def answers(self, person: str, count: int) -> list[str]:
        """Wait for so many new answers."""
        seen = self.told.get(person, 0)
        slack = self.here.slack.person(person)
        await self.here.until(
            lambda: len(slack.ephemerals) >= seen + count, f"{count} answers to {person}", 60
        )
        fresh = [message.plain for message in slack.ephemerals[seen:]]
        self.told[person] = len(slack.ephemerals)
        return fresh

    def judge(self, what: str, key: str, since: float, told: list[str], asked: int) -> None:
        """One act; one person is told that it was done, all others that it was not, and why."""
        acts = self.acts(key, since)
        good = [t for t in told if t.startswith(("Done", "Promote of"))]
        other = [t for t in told if t not in good]
        if acts != 1:
            kind = "doubled" if acts else "lost"
            self._wrong(f"{what}: {key} was promoted {acts} times", kind)
        if len(told) != asked or len(good) != 1:
            self._wrong(f"{what}: {asked} asked, and were told {told}", "lost")
        if not all(t.startswith("Not done") for t in other):
            self._wrong(f"{what}: what was told is not true: {other}", "lost")

    def _wrong(self, words: str, kind: str) -> None:
        self.found.append(Violation(invariant="F11", at=time.monotonic(), words=words, kind=kind))

    def last(self) -> Delivery:
        """What was told to the bot last."""
        return self.here.slack.deliveries[-1]

    async def ask(self, card: Message, key: str, rng: random.Random) -> None:
        """Press the button, or type the same."""
        if rng.random() < 0.5:
            await self.here.crowd.press(ANN, card, "promote")
            return
        state, began = self.here.history.latest(key), time.monotonic()
        assert state is not None
        await self.here.slack.person(ANN).types(f"/rollout promote {key}", channel=CHANNEL)
        typed = Press(
            at=began,
            person=ANN,
            verb="promote",
            key=key,
            uid=state.uid,
            revision=state.revision,
            index=state.index,
            acked=True,
            mark=-next(self.names),
        )
        self.here.history.presses.append(typed)


async def told_four_times(stage: Stage, key: str, rng: random.Random) -> None:
    """The same payload four times: in new envelopes, at the same time or one after the other."""
    card, since = await stage.pause(key), time.monotonic()
    await stage.here.crowd.press(ANN, card, "promote")
    first, again = stage.last(), stage.here.slack.tell_again
    if rng.random() < 0.5:
        copies = await asyncio.gather(*(again(first, attempt=n) for n in (1, 2, 3)))
    else:
        copies = [await again(first, attempt=n) for n in (1, 2, 3)]
    assert all(copy.acked for copy in copies)
    stage.judge("told four times", key, since, await stage.answers(ANN, 1), 1)


async def pressed_five_times(stage: Stage, key: str, rng: random.Random) -> None:
    """Five presses within a second, each with an envelope and a trigger of its own."""
    card, since = await stage.pause(key), time.monotonic()
    presses = [asyncio.create_task(stage.here.crowd.press(ANN, card, "promote"))]
    for _ in range(4):
        await asyncio.sleep(rng.uniform(0, 0.2))
        presses.append(asyncio.create_task(stage.here.crowd.press(ANN, card, "promote")))
    await asyncio.gather(*presses)
    stage.judge("pressed five times", key, since, await stage.answers(ANN, 5), 5)


async def pressed_by_two(stage: Stage, key: str, rng: random.Random) -> None:
    """Two people press the same button at the same time."""
    card, since = await stage.pause(key), time.monotonic()
    people = [ANN, BEN]
    rng.shuffle(people)
    await asyncio.gather(*(stage.here.crowd.press(one, card, "promote") for one in people))
    told = [*await stage.answers(ANN, 1), *await stage.answers(BEN, 1)]
    stage.judge("pressed by two", key, since, told, 2)


async def told_again_late(stage: Stage, key: str, rng: random.Random) -> None:
    """The same payload once more, when the release waits at its next pause already."""
    card, since = await stage.pause(key), time.monotonic()
    await stage.ask(card, key, rng)
    first, told = stage.last(), await stage.answers(ANN, 1)
    await stage.pause(key)
    assert (await stage.here.slack.tell_again(first, attempt=3)).acked
    await trials.come_to_rest(stage.here, 10)
    stage.judge("told again late", key, since, told, 1)


async def told_again_after_a_restart(stage: Stage, key: str, rng: random.Random) -> None:
    """The same, and the bot that saw the first one is gone: killed, or ended in peace."""
    card, since = await stage.pause(key), time.monotonic()
    await stage.ask(card, key, rng)
    first, told = stage.last(), await stage.answers(ANN, 1)
    await stage.pause(key)
    await stage.here.settled(20)  # killed before that was written down, it would answer once more
    await (stage.here.bot.kill() if rng.random() < 0.5 else stage.here.bot.stop())
    await stage.here.bot.start()
    await stage.here.ready()
    await stage.here.slack.connected()
    await stage.here.until(
        lambda: stage.here.history.latest(key).needs_person, f"{key} still waits", 20
    )
    assert (await stage.here.slack.tell_again(first, attempt=3)).acked
    await trials.come_to_rest(stage.here, 20)
    stage.judge("told again after a restart", key, since, told, 1)


WAYS = (
    told_four_times,
    pressed_five_times,
    pressed_by_two,
    told_again_late,
    told_again_after_a_restart,
)


async def test_f11_what_comes_twice_is_done_once(tmp_path, tally):
    """One act, one answer that it was done; whoever was second is told so, truthfully."""
    rng, tried = numbers.rng_for("F11"), numbers.times(40, 500)
    recovery: list[float] = []
    async with theatre(tmp_path) as here:
        here.deploy(4, PAUSES)
        await trials.begin(here, 0)
        for part in here.parts:
            here.release(part, "2")
        stage = Stage(here, names=itertools.count(3))

        async def work() -> None:
            for number in range(tried):
                key = f"shop/app-{number // len(WAYS) % len(here.parts)}"
                began = time.monotonic()
                await WAYS[number % len(WAYS)](stage, key, rng)
                recovery.append(time.monotonic() - began)

        found, _ = await trials.judged(here, work)
        found += stage.found
        what = "duplicates: again, late, by two, after a restart"
        tally.count("F11", what, tried=tried, violations=found, recovery=recovery)
    assert not found, "\n".join(map(str, found))
