"""F7, F8 and F9: Slack limits, fails, and hangs."""

import asyncio
import random
import statistics
from collections.abc import Iterator

import pytest

from tests.faults import tally as numbers
from tests.faults import trials
from tests.faults.cards import agrees
from tests.faults.doors import Failing
from tests.faults.history import History, Json
from tests.faults.theatre import CHANNEL, OTHER, PEOPLE, Theatre, theatre
from tests.faults.violation import Violation

pytestmark = [pytest.mark.faults, pytest.mark.timeout(7_200)]

_MESSAGES = ("chat.postMessage", "chat.update")
STEPS = [step for weight in range(1, 99) for step in ({"setWeight": weight}, {"pause": {}})]


# --- F7 -------------------------------------------------------------------------------------------

#: what Slack says about when to come back: in CI, and at night
REST = [("1", "1"), ("4", "30"), ("12", "120"), (None, None), ("soon", "soon")]
PARTS = (0.1, 0.5, 1.0)
_F7_ACTS = 15


@pytest.mark.parametrize("act", numbers.acts(_F7_ACTS))
async def test_f7_slack_limits(act, tmp_path, tally):
    """A method that must rest does; the others go on, and the truth is told when it may be."""
    rng = numbers.rng_for(f"F7 {act}")
    cases = [(ci_or_night[numbers.NIGHTLY], part) for ci_or_night in REST for part in PARTS]
    if not numbers.NIGHTLY:  # each waiting time once, each part at least once
        cases = [(rest, PARTS[n % len(PARTS)]) for n, (rest, _) in enumerate(REST)]
    recovery: list[float] = []
    odd: list[Violation] = []
    async with theatre(tmp_path) as here:
        await trials.begin(here, 3, steps=STEPS)

        async def work() -> None:
            for rest, part in numbers.shared(cases, act, _F7_ACTS):
                here.history.note(f"429, Retry-After {rest}, on {part:.0%} of the messages")
                here.slack_door.whim = _limiting(rng, rest, part)
                await trials.busy(here, rng, numbers.times(4, 120))
                odd.extend(await _is_answered(here, rng))
                here.slack_door.heal()
                here.history.note("no more limits")
                recovery.append(await trials.come_to_rest(here, trials.TRUTH + 120))

        found, _ = await trials.judged(here, work)
        odd.extend(_too_soon(here.history))
        trials.verdict(
            here,
            tally,
            ("F7", "429 with and without Retry-After"),
            tried=sum(call.told == "ratelimited" for call in here.history.calls),
            found=[*found, *odd],
            recovery=recovery,
        )


def _limiting(rng: random.Random, rest: str | None, part: float):
    headers = {} if rest is None else {"Retry-After": rest}

    def whim(method: str, _: Json) -> Failing | None:
        if method in _MESSAGES and rng.random() < part:
            return Failing(where=lambda *_: True, status=429, error="ratelimited", headers=headers)
        return None

    return whim


async def _is_answered(here: Theatre, rng: random.Random) -> list[Violation]:
    """What is not limited goes on: whoever presses hears of it."""
    cards = [card for part in here.parts if (card := here.card(part))]
    if not cards:
        return []
    press = await here.crowd.press(rng.choice(sorted(PEOPLE)), rng.choice(cards), "promote")
    seconds = await here.until(
        lambda: any(
            a.person == press.person and a.at > press.at - 0.05 for a in here.crowd.answers()
        ),
        f"{press.person} hears of it",
        60,
    )
    if seconds < 10.0:
        return []
    words = f"{press.person} waited {seconds:.1f} s for an answer that is not limited"
    return [Violation(invariant="F7", at=press.at, words=words, kind="late", key=press.key)]


def _too_soon(history: History) -> Iterator[Violation]:
    """No method is called before the seconds are over that Slack told for it."""
    until: dict[str, float] = {}
    told = [(call.ended, call) for call in history.calls if call.retry_after]
    for ended, limited in told:
        until[limited.method] = ended + limited.retry_after
        early = [
            call
            for call in history.calls
            if call.method == limited.method and ended + 0.05 < call.at < until[call.method] - 0.05
        ]
        if early:
            words = f"{early[0].method} {until[early[0].method] - early[0].at:.2f} s too early"
            yield Violation(invariant="F7", at=early[0].at, words=words, kind="late")


# --- F8 -------------------------------------------------------------------------------------------

_HTML = b"<html><body>The server is temporarily unable to service your request</body></html>"
_PAGE = {"Content-Type": "text/html"}


def _failures() -> list[Failing]:
    """Give all ways in which Slack's servers fail."""
    everything = {"where": lambda *_: True}
    return [
        Failing(status=500, **everything),
        Failing(status=500, after_all=True, **everything),
        Failing(status=502, body=_HTML, headers=_PAGE, **everything),
        Failing(status=503, body=_HTML, headers=_PAGE, **everything),
        Failing(status=504, body=_HTML, headers=_PAGE, after_all=True, **everything),
        Failing(status=200, body=_HTML, headers=_PAGE, error="none", **everything),
        Failing(error="fatal_error", **everything),
        Failing(error="fatal_error", after_all=True, **everything),
        Failing(drop="before", **everything),
        Failing(drop="after", **everything),
    ]


async def test_f8_slack_fails(tmp_path, tally):
    """One call in five fails, some of them after they were done: nothing is lost, or said twice."""
    rng, calls = numbers.rng_for("F8"), numbers.times(120, 1_000)
    async with theatre(tmp_path) as here:
        await trials.begin(here, 4, steps=STEPS)
        first = len(here.history.calls)

        def whim(method: str, _: Json) -> Failing | None:
            return rng.choice(_failures()) if rng.random() < 0.2 else None

        async def work() -> None:
            here.slack_door.whim = whim
            while len(here.history.calls) - first < calls:
                pressing = trials.crowd(here, rng, 4, pause=0.3)
                await trials.busy(here, rng, 2.0)
                await pressing
            here.slack_door.heal()
            here.history.note("Slack works again")

        found, seconds = await trials.judged(here, work)
        trials.verdict(
            here,
            tally,
            ("F8", "Slack fails at 20 % of all calls"),
            tried=len(here.history.calls) - first,
            found=found,
            recovery=[seconds],
        )


# --- F9 -------------------------------------------------------------------------------------------

#: seconds until an acknowledgement, of 99 in 100; on a machine that is busy with something else so
#: many times what it takes when nothing fails
_ACK, _BUSY = 0.3, 5.0
#: seconds until a card of another channel is true
_UNAFFECTED = 5.0
_F9_ACTS = 5
_CHANNELS = [
    {"channel": CHANNEL, "namespaces": ["shop"]},
    {"channel": OTHER, "namespaces": ["pay"]},
]


@pytest.mark.parametrize("act", numbers.acts(_F9_ACTS))
async def test_f9_slack_hangs(act, tmp_path, tally):
    """Whoever presses is acknowledged at once, and other channels hear what they should."""
    rng, rounds = numbers.rng_for(f"F9 {act}"), numbers.times(1, 17)
    hangs = [h for _ in range(rounds) for h in rng.sample(range(3), 3)]
    seconds = numbers.times(10, 30)
    odd: list[Violation] = []
    recovery: list[float] = []
    async with theatre(tmp_path, configuration={"channels": _CHANNELS}) as here:
        here.deploy(2, STEPS)
        here.deploy(1, STEPS, namespace="pay")
        await trials.curtain_up(here)
        async with trials.meanwhile(here, rng):
            await trials.crowd(here, rng, 8, pause=0.3)
        usual = statistics.median(press.seconds for press in here.history.presses)

        async def work() -> None:
            for hang in numbers.shared(hangs, act, _F9_ACTS):
                _hang(here, hang, seconds)
                odd.extend(await _while_it_hangs(here, rng, seconds))
                here.slack_door.heal()
                here.history.note("nothing hangs any more")
                recovery.append(await trials.come_to_rest(here))

        found, _ = await trials.judged(here, work)
        odd.extend(_acks_too_late(here.history, max(_ACK, _BUSY * usual)))
        trials.verdict(
            here,
            tally,
            ("F9", "Slack hangs on posts, edits and forms"),
            tried=len(numbers.shared(hangs, act, _F9_ACTS)),
            found=[*found, *odd],
            recovery=recovery,
        )


def _hang(here: Theatre, which: int, seconds: float) -> None:
    """Let one kind of call hang: before it is done, after it, or the opening of a form."""

    def is_hanging(method: str, args: Json) -> bool:
        if which == 2:
            return method == "views.open"
        return method in _MESSAGES and args.get("channel") == CHANNEL

    here.history.note(f"hangs: {('before', 'after', 'forms')[which]}")
    delays = {"late": seconds} if which == 1 else {"delay": seconds}
    here.slack_door.fail(Failing(where=is_hanging, times=float("inf"), **delays))


async def _while_it_hangs(here: Theatre, rng: random.Random, seconds: float) -> list[Violation]:
    *_, other = here.parts
    odd = []
    for part in here.parts[:2]:
        await trials.stir(here, part)
    pressing = trials.crowd(here, rng, numbers.times(8, 20), pause=seconds / 20)
    forms = asyncio.create_task(_open_form(here))
    for _ in range(2):
        await trials.stir(here, other)
        took = await here.until(lambda: _is_true(here, "pay/app-2"), "the other channel", 60)
        if took > _UNAFFECTED:
            words = f"another channel had to wait for {took:.1f} s"
            odd.append(
                Violation(invariant="F9", at=here.history.note(words), words=words, kind="late")
            )
    for part in here.parts[:2]:
        await trials.stir(here, part)
    await asyncio.gather(pressing, forms)
    await asyncio.sleep(max(0.0, seconds / 2))
    return odd


def _is_true(here: Theatre, key: str) -> bool:
    state = here.history.latest(key)
    if state is None or state.phase != "Paused":
        return False
    cards = [
        card
        for card in here.slack.channel(OTHER).messages
        if (card.metadata or {}).get("event_payload", {}).get("revision") == state.revision
    ]
    return any(agrees(card.text, state) for card in cards)


async def _open_form(here: Theatre) -> None:
    """Ask for a form; it may never come, but the press is acknowledged."""
    for part in here.parts[:2]:
        if card := here.card(part, "header-only"):
            delivery = await here.slack.person("U0DEE").presses(card, "rollout:header-only")
            here.history.latencies.append(delivery.latency)


def _acks_too_late(history: History, limit: float) -> Iterator[Violation]:
    seconds = sorted([*history.latencies, *(p.seconds for p in history.presses if p.acked)])
    at_99 = seconds[int(len(seconds) * 0.99) - 1] if seconds else 0.0
    if at_99 > limit:
        words = f"{at_99 * 1000:.0f} ms to an acknowledgement, at the 99th percentile"
        yield Violation(invariant="F9", at=history.ended, words=words, kind="late")
