"""F13: the links to Slack are refreshed, break, are refused, and lose acknowledgements."""

import asyncio
import itertools
import random
import time
from collections.abc import Awaitable, Callable, Iterator

import pytest

from bot.sandbox.slack.socket import Link
from tests.faults import tally as numbers
from tests.faults import trials
from tests.faults.doors import Failing
from tests.faults.theatre import Theatre, theatre
from tests.faults.violation import Violation

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3_600)]

STEPS = [step for weight in range(1, 99) for step in ({"setWeight": weight}, {"pause": {}})]
_OPEN = "apps.connections.open"
#: seconds until all links are back, of 99 in 100: where Slack announced it, and where it broke
ANNOUNCED, ABRUPT = 5.0, 10.0
_LINKS = 2


async def _refreshed(here: Theatre, rng: random.Random) -> None:
    await here.slack.socket.disconnect("refresh_requested", _one(here, rng))


async def _too_many(here: Theatre, rng: random.Random) -> None:
    await here.slack.socket.disconnect("too_many_websockets", _one(here, rng))


async def _disabled(here: Theatre, rng: random.Random) -> None:
    await here.slack.socket.disconnect("link_disabled")


async def _broken(here: Theatre, rng: random.Random) -> None:
    here.slack.socket.drop(_one(here, rng))


async def _all_broken(here: Theatre, rng: random.Random) -> None:
    here.slack_door.drop_links()


async def _limited(here: Theatre, rng: random.Random) -> None:
    headers = {"Retry-After": "1"}
    here.slack_door.fail(
        Failing(where=_opens, status=429, error="ratelimited", headers=headers, times=2)
    )
    here.slack_door.drop_links()


async def _hanging(here: Theatre, rng: random.Random) -> None:
    here.slack_door.fail(Failing(where=_opens, delay=numbers.times(4, 30), times=1))
    here.slack.socket.drop(_one(here, rng))


async def _unheard(here: Theatre, rng: random.Random) -> None:
    here.slack_door.acks_to_lose = 2


def _opens(method: str, _: object) -> bool:
    return method == _OPEN


def _one(here: Theatre, rng: random.Random) -> list[Link]:
    links = here.slack.socket.open_links
    return [rng.choice(links)] if links else []


#: what happens, and within how many seconds all links are back; 0: nobody can promise that
WAYS: dict[str, tuple[Callable[[Theatre, random.Random], Awaitable[None]], float]] = {
    "refresh_requested": (_refreshed, ANNOUNCED),
    "too_many_websockets": (_too_many, ANNOUNCED),
    "link_disabled": (_disabled, ANNOUNCED),
    "one link breaks": (_broken, ABRUPT),
    "all links break": (_all_broken, ABRUPT),
    "connections.open is limited": (_limited, ABRUPT),
    "connections.open hangs": (_hanging, 0.0),
    "acknowledgements are lost": (_unheard, 0.0),
}


async def test_f13_links_to_slack_fail(tmp_path, tally):
    """No press is lost that the bot has acknowledged, and the links are back in time."""
    rng, rounds = numbers.rng_for("F13"), numbers.times(2, 13)
    back: dict[float, list[float]] = {ANNOUNCED: [], ABRUPT: [], 0.0: []}
    async with theatre(tmp_path) as here:
        await trials.begin(here, 3, steps=STEPS)
        await _linked(here, since=float("-inf"))

        async def work() -> None:
            async with trials.meanwhile(here, numbers.rng_for("F13 others")):
                await fail_all()

        async def fail_all() -> None:
            for way in [w for _ in range(rounds) for w in rng.sample(sorted(WAYS), len(WAYS))]:
                fail, limit = WAYS[way]
                here.history.note(way)
                pressing = trials.crowd(here, rng, 3, pause=0.15)
                await asyncio.sleep(rng.uniform(0, 0.3))
                began = time.monotonic()
                await fail(here, rng)
                await _linked(here, since=began if fail is not _unheard else float("-inf"))
                back[limit].append(time.monotonic() - began)
                await pressing
                here.slack_door.heal()
                here.slack_door.acks_to_lose = 0

        found, _ = await trials.judged(here, work)
        late = [v for limit, took in back.items() if limit for v in _too_late(took, limit)]
        trials.verdict(
            here,
            tally,
            ("F13", "links to Slack are refreshed and break"),
            tried=rounds * len(WAYS),
            found=[*found, *late],
            recovery=list(itertools.chain(*back.values())),
        )


async def _linked(here: Theatre, *, since: float) -> None:
    """Wait until as many links are open as there should be, one of them opened since then."""

    def is_back() -> bool:
        is_new = here.slack_door.linked_at > since  # else the fault has not been felt yet
        return is_new and len(here.slack.socket.open_links) >= _LINKS

    await here.until(is_back, f"{_LINKS} open links", 60)


def _too_late(took: list[float], limit: float) -> Iterator[Violation]:
    at_99 = sorted(took)[max(0, int(len(took) * 0.99) - 1)] if took else 0.0
    if at_99 > limit:
        words = f"{at_99:.1f} s until the links were back, instead of {limit:.0f} s"
        yield Violation(invariant="F13", at=0.0, words=words, kind="late")
