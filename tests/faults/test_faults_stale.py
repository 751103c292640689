"""F12: buttons of a past that is over. Nothing is done, the person is told why."""

import asyncio
import random
from collections.abc import Awaitable, Callable

import pytest

from bot.sandbox.play.cast import Part
from bot.sandbox.slack import Message
from tests.faults import tally as numbers
from tests.faults import trials
from tests.faults.cards import agrees
from tests.faults.doors import Failing
from tests.faults.history import Press
from tests.faults.theatre import PEOPLE, Theatre, theatre
from tests.faults.violation import Violation

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3_600)]

#: every step a decision: there is always one to be late for
STEPS = [step for weight in range(1, 99) for step in ({"setWeight": weight}, {"pause": {}})]


async def _moves_on(here: Theatre, part: Part) -> None:
    """Somebody else promotes it."""
    index = here.status(part, "currentStepIndex")
    await here.by_hand("promote", part)
    await _paused(here, part, lambda: here.status(part, "currentStepIndex") > index)


async def _is_replaced(here: Theatre, part: Part) -> None:
    """Another revision is deployed."""
    before = here.status(part, "currentPodHash")
    here.tags[part.name] = here.tags.get(part.name, 2) + 1
    here.release(part, str(here.tags[part.name]))
    await _paused(here, part, lambda: here.status(part, "currentPodHash") != before)


async def _is_made_again(here: Theatre, part: Part) -> None:
    """It is deleted, and made again under the same name, at the same step of the same image."""
    here.delete(part)
    here.apply(part)
    await here.healthy(part)
    here.release(part, str(here.tags.get(part.name, 2)))
    await _paused(here, part, lambda: True)


async def _paused(here: Theatre, part: Part, holds: Callable[[], bool]) -> None:
    await here.until(lambda: here.status(part, "phase") == "Paused" and holds(), "another pause")


WAYS: dict[str, Callable[[Theatre, Part], Awaitable[None]]] = {
    "it went on": _moves_on,
    "another revision": _is_replaced,
    "made again": _is_made_again,
}


async def test_f12_a_stale_button_does_nothing(tmp_path, tally):
    """
    Late by a step, a revision or a life: refused with a reason, and no patch is sent.

    And where it is late while its patch is on its way, the API server refuses the patch.
    """
    rounds = numbers.times(1, 9)
    odd: list[Violation] = []
    async with theatre(tmp_path) as here:
        await trials.begin(here, 4, steps=STEPS)

        async def play(part: Part) -> None:
            rng = numbers.rng_for(f"F12 {part.name}")
            for _ in range(rounds):
                for way in rng.sample(sorted(WAYS), len(WAYS)):
                    odd.extend(await _late(here, part, way, rng))
                    await _under_way(here, part, rng.choice(sorted(WAYS)), rng)

        async def work() -> None:
            await asyncio.gather(*map(play, here.parts))

        found, seconds = await trials.judged(here, work)
        trials.verdict(
            here,
            tally,
            ("F12", "a stale button is pressed"),
            tried=rounds * len(WAYS) * len(here.parts) * 2,
            found=[*found, *odd],
            recovery=[seconds],
        )


async def _late(here: Theatre, part: Part, way: str, rng: random.Random) -> list[Violation]:
    """Press what was on the screen before something happened."""
    old = await _shown(here, part)
    here.history.note(f"{part.name}: {way}")
    await WAYS[way](here, part)
    if rng.random() < 0.5:  # else the bot itself has hardly heard of it
        await _shown(here, part)
    sent = len(here.history.writes)
    press = await here.crowd.press(rng.choice(sorted(PEOPLE)), old, "promote")
    return await _refused(here, press, sent)


async def _under_way(here: Theatre, part: Part, way: str, rng: random.Random) -> None:
    """Let something happen while the patch is at the door."""
    card = await _shown(here, part)
    here.history.note(f"{part.name}: {way}, while a patch is on its way")
    arrived, hold = asyncio.Event(), asyncio.Event()
    path = f"/{part.namespace}/rollouts/{part.name}/"
    failing = Failing(
        where=lambda name, _: name.startswith("PATCH") and path in f"{name}/",
        hold=hold,
        on_arrival=arrived.set,
    )
    here.cluster_door.fail(failing)
    person = rng.choice(sorted(PEOPLE))
    press = asyncio.create_task(here.crowd.press(person, card, "promote"))
    await here.until(arrived.is_set, "a patch arrives")
    await WAYS[way](here, part)
    hold.set()
    await press


async def _shown(here: Theatre, part: Part) -> Message:
    """Wait for a card that shows the present, and give a copy of it."""

    def is_shown() -> bool:
        card, state = here.card(part), here.history.latest(f"{part.namespace}/{part.name}")
        if card is None or state is None or not state.needs_person:
            return False
        payload = card.metadata["event_payload"]
        is_it = (payload["uid"], payload["revision"]) == (state.uid, state.revision)
        return is_it and agrees(card.text, state)

    await here.until(is_shown, f"the card of {part.name} is true", numbers.times(30, 120))
    card = here.card(part)
    assert card is not None
    return card


async def _refused(here: Theatre, press: Press, sent: int) -> list[Violation]:
    """The person hears a reason, and nothing was sent to the cluster for this press."""

    def heard() -> str:
        own = [a for a in here.crowd.answers() if a.person == press.person]
        return own[-1].text if own and own[-1].at > press.at - 0.05 else ""

    await here.until(heard, f"{press.person} hears of it")
    acts = [w for w in here.history.writes[sent:] if w.is_action and w.key == press.key]
    found = [
        Violation(
            invariant="F12",
            at=act.at,
            words=f"a patch was sent: {act.body}",
            kind="doubled",
            key=act.key,
        )
        for act in acts
    ]
    if not any(word in heard().lower() for word in ("step", "revision", "again", "newer", "gone")):
        words = f"{press.person} was told no reason: {heard()!r}"
        found.append(Violation(invariant="F12", at=press.at, words=words, key=press.key))
    return found
