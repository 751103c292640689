"""F10: Slack says no for good. The operator hears it once, and nothing is tried for ever."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest

from tests.faults import tally as numbers
from tests.faults import trials
from tests.faults.doors import Failing
from tests.faults.history import Call, Json
from tests.faults.theatre import CHANNEL, Theatre, theatre
from tests.faults.violation import Violation

pytestmark = [pytest.mark.faults, pytest.mark.timeout(3_600)]

STEPS = [step for weight in range(1, 99) for step in ({"setWeight": weight}, {"pause": {}})]
_MESSAGES = ("chat.postMessage", "chat.update")
#: Slack does not know us: another token may come, so it is tried on, ever more rarely
TOKEN_REFUSED = ("invalid_auth", "token_revoked")
#: or the channel takes nothing any more
CHANNEL_BROKEN = ("channel_not_found", "not_in_channel", "is_archived", *TOKEN_REFUSED)
#: this message cannot be edited any more
MESSAGE_GONE = ("message_not_found", "edit_window_closed", "cant_update_message")
#: these do not need the bot's token
_WITHOUT_TOKEN = ("apps.connections.open", "response_url")
#: seconds for which it is watched whether something is tried again and again
_A_WHILE = 4.0
#: of a channel with one release: its card, and lines for its thread, each with one more try; at
#: night the cards of those before, too
_MOST_CALLS = numbers.times(6, 12)
#: of each message: once, and once more when another one has shown that the channel takes nothing
_MOST_TRIES = 2


async def test_f10_slack_refuses_for_good(tmp_path, tally):
    """Each permanent error: one complaint, no endless tries, and the truth once it works again."""
    rng, rounds = numbers.rng_for("F10"), numbers.times(1, 5)
    odd: list[Violation] = []
    recovery: list[float] = []
    async with theatre(tmp_path) as here:
        await trials.begin(here, 1, steps=STEPS)

        async def work() -> None:
            for error in [e for _ in range(rounds) for e in rng.sample(CHANNEL_BROKEN, 5)]:
                odd.extend(await _channel_is_broken(here, error))
                recovery.append(await trials.come_to_rest(here))
            for error in [e for _ in range(rounds) for e in rng.sample(MESSAGE_GONE, 3)]:
                await _message_is_gone(here, error)
                recovery.append(await trials.come_to_rest(here))
            await _blocks_are_refused(here)
            recovery.append(await trials.come_to_rest(here))

        found, _ = await trials.judged(here, work)
        trials.verdict(
            here,
            tally,
            ("F10", "Slack refuses for good"),
            tried=rounds * (len(CHANNEL_BROKEN) + len(MESSAGE_GONE)) + 1,
            found=[*found, *odd],
            recovery=recovery,
        )


async def _channel_is_broken(here: Theatre, error: str) -> list[Violation]:
    """A revision begins while the channel takes nothing; the next state is told when it does."""
    (part,) = here.parts
    complaints = _complaints(here, error)
    began = here.history.note(error)

    def is_there(method: str, args: Json) -> bool:
        if error in TOKEN_REFUSED:
            return method not in _WITHOUT_TOKEN
        return method in _MESSAGES and args.get("channel") == CHANNEL

    here.slack_door.fail(Failing(where=is_there, error=error, times=float("inf")))
    await _next_revision(here)
    await here.until(lambda: _complaints(here, error) > complaints, f"a complaint of {error}")
    await asyncio.sleep(_A_WHILE)
    calls = [c for c in here.history.calls if c.at > began and c.told == error]
    here.slack_door.heal()
    here.history.note("Slack takes messages again")
    await trials.stir(here, part)
    return list(_too_much(error, began, calls, _complaints(here, error) - complaints))


def _too_much(
    error: str, began: float, calls: Sequence[Call], complaints: int
) -> Iterator[Violation]:
    tried = Counter((call.method, call.args.get("ts"), call.text) for call in calls)
    most = max(tried.values(), default=0)
    if most > _MOST_TRIES * (1 + (error in TOKEN_REFUSED)):
        words = f"{error}: a message was tried {most} times in {_A_WHILE:.0f} s"
        yield Violation(invariant="F10", at=began, words=words, kind="late")
    if len(calls) > _MOST_CALLS * (1 + (error in TOKEN_REFUSED)):
        words = f"{error}: tried {len(calls)} times in {_A_WHILE:.0f} s"
        yield Violation(invariant="F10", at=began, words=words, kind="late")
    if complaints != 1:
        words = f"{error}: the operator was told {complaints} times"
        yield Violation(invariant="F10", at=began, words=words, kind="doubled")


def _complaints(here: Theatre, error: str) -> int:
    """Count the errors in the log that name it."""
    said = here.bot.said.splitlines()
    return sum(" ERROR " in line and f"({error})" in line for line in said)


async def _next_revision(here: Theatre) -> None:
    (part,) = here.parts
    before = here.status(part, "currentPodHash")
    here.tags[part.name] = here.tags.get(part.name, 2) + 1
    here.release(part, str(here.tags[part.name]))
    await here.until(
        lambda: (
            here.status(part, "currentPodHash") != before and here.status(part, "phase") == "Paused"
        ),
        "the pause of the next revision",
    )


async def _message_is_gone(here: Theatre, error: str) -> None:
    """The card cannot be edited any more: deleted by a person, or too old."""
    (part,) = here.parts
    card = here.card(part)
    assert card is not None
    here.history.note(error)
    if error == "message_not_found":
        here.slack.channel(CHANNEL).remove(card)
    else:
        here.slack_door.fail(
            Failing(where=lambda method, _: method == "chat.update", error=error, times=1)
        )
    await trials.stir(here, part)
    await here.until(
        lambda: (new := here.card(part)) and new.ts != card.ts, "a card is posted anew"
    )
    here.slack_door.heal()


async def _blocks_are_refused(here: Theatre) -> None:
    """Slack cannot show the blocks: the words go without them."""
    (part,) = here.parts
    here.history.note("invalid_blocks")
    here.slack_door.fail(
        Failing(
            where=lambda method, args: method in _MESSAGES and bool(args.get("blocks")),
            error="invalid_blocks",
            times=float("inf"),
        )
    )
    await _next_revision(here)
    await trials.come_to_rest(here)
    here.slack_door.heal()
    await trials.stir(here, part)
    await here.until(lambda: here.card(part), "buttons")
