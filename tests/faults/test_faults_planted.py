"""The checker finds bugs that are planted, and nothing where none is."""

import asyncio
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.faults import trials
from tests.faults.bugs import BUGS
from tests.faults.checker import check
from tests.faults.doors import Failing
from tests.faults.report import explained
from tests.faults.theatre import PLANTED, Theatre, theatre

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]

_STEPS = [step for weight in range(1, 20) for step in ({"setWeight": weight}, {"pause": {}})]
#: seconds; what is not true by then never will be
_SOON = 5.0


async def _ordinary_trouble(here: Theatre) -> None:
    """All that a bot must stand: a lost answer, a race, a kill, and news while it was away."""
    await trials.begin(here, 1, rest=_SOON, steps=_STEPS)
    (part,) = here.parts
    here.history.note("the answer to a post is lost")
    here.slack_door.fail(Failing(where=lambda name, _: name == "chat.postMessage", drop="after"))
    here.release(part, "3")
    await here.until(lambda: here.status(part, "phase") == "Paused", "a pause")
    await trials.come_to_rest(here, _SOON)
    here.history.note("somebody promotes")
    await _press(here)
    await trials.come_to_rest(here, _SOON)
    here.history.note("somebody else is first")
    await _press_too_late(here)
    await trials.come_to_rest(here, _SOON)
    here.history.note("the bot is killed after a patch")
    await _kill_after_patch(here)
    await here.by_hand("promote", part)
    await here.bot.start()
    await here.ready()
    await trials.come_to_rest(here, _SOON)


async def _press(here: Theatre) -> None:
    if card := here.card(here.parts[0]):
        await here.crowd.press("U0ANN", card, "promote")


async def _press_too_late(here: Theatre) -> None:
    (part,), index = here.parts, here.status(here.parts[0], "currentStepIndex")
    arrived, hold = asyncio.Event(), asyncio.Event()
    failing = Failing(where=_is_patch, hold=hold, on_arrival=arrived.set)
    here.cluster_door.fail(failing)
    pressing = asyncio.create_task(_press(here))
    with suppress(TimeoutError):  # a bot that shows the wrong step sends none
        await asyncio.wait_for(arrived.wait(), _SOON)
    await here.by_hand("promote", part)
    await here.until(
        lambda: (
            here.status(part, "currentStepIndex") > index + 1
            and here.status(part, "phase") == "Paused"
        ),
        "the next pause",
    )
    hold.set()
    await pressing
    here.cluster_door.heal()


async def _kill_after_patch(here: Theatre) -> None:
    killed = asyncio.Event()
    failing = Failing(
        where=_is_patch, drop="after", on_hit=lambda: (here.bot.kill_now(), killed.set())
    )
    here.cluster_door.fail(failing)
    await _press(here)
    with suppress(TimeoutError):
        await asyncio.wait_for(killed.wait(), _SOON)
    here.cluster_door.heal()
    await here.bot.kill()


def _is_patch(name: str, _: object) -> bool:
    return name.startswith("PATCH") and "/rollouts/" in name


@pytest.mark.parametrize("planted", [None, *BUGS])
async def test_planted_bugs_are_found(planted, tmp_path):
    """The same trouble with each bug and without: the bug is found for what it is."""
    bug = BUGS[planted] if planted else None
    async with theatre(tmp_path, planted=bug.source if bug else "") as here:
        await _ordinary_trouble(here)
        await trials.come_back(here)
        here.close_books()
        said = here.bot.said
    found = check(here.history)
    if bug is None:
        assert not found, explained(here.history, found)
        return
    assert PLANTED in said
    fitting = [v for v in found if v.invariant in bug.invariants and v.kind == bug.kind]
    instead = explained(here.history, found, said[-2000:])
    assert fitting, f"not found: {planted}; instead: {instead}"


@pytest.mark.parametrize(
    "room",
    [
        "checker",
        "books",
        "cards",
        "presses",
        "history",
        "sizes",
        "violation",
        "doors",
        "cluster_door",
        "slack_door",
        "witness",
    ],
)
def test_who_records_and_who_judges_do_not_know_the_bot(room):
    """The checker and what it is told come from elsewhere than the bot."""
    question = (
        f"import sys, tests.faults.{room}\n"
        "print([name for name in sys.modules if name.partition('.')[0] == 'bot'])"
    )
    told = subprocess.run(
        [sys.executable, "-c", question],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "[]"
