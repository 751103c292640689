"""What the tests of F16 share: going on with a release, seeing it refused, losing the ledger."""

import time
from collections.abc import Awaitable, Callable

from tests.faults import trials
from tests.faults.theatre import CHANNEL, PEOPLE, Theatre

Start = Callable[[Theatre], Awaitable[None]]


def promotable(here: Theatre) -> bool:
    return bool(here.crowd.offering(CHANNEL, "promote"))


async def promote(here: Theatre) -> None:
    """Somebody goes on with one of the releases, and it is seen to have gone on."""
    await here.until(lambda: promotable(here), "promote is offered")
    card = here.crowd.offering(CHANNEL, "promote")[-1]
    await here.crowd.press("U0ANN", card, "promote")
    await trials.come_to_rest(here)


async def promote_and_tell(here: Theatre) -> None:
    """The same, and every line about it has reached Slack: nobody will have to tell it later."""
    await promote(here)
    await here.until(lambda: not any(size.waiting for size in here.weigh()), "nothing waits", 60)


def past_the_bot(here: Theatre) -> None:
    """Another release begins in the middle of one, while nobody looks."""
    part = here.parts[0]
    here.tags[part.name] = here.tags.get(part.name, 10) + 1
    here.release(part, str(here.tags[part.name]))


async def start(here: Theatre) -> None:
    await here.bot.start()
    await here.ready()


async def start_and_lead(here: Theatre) -> None:
    """Start one of several replicas that could be: it waits for the lease of the one before."""
    said = len(here.bot.said)
    await start(here)
    await here.until(lambda: "I lead now" in here.bot.said[said:], "it leads")


async def start_and_say_nothing(here: Theatre, begin: Start = start) -> None:
    """Nothing has happened while it was down: nothing is posted, in no thread either."""
    await trials.come_to_rest(here)
    before = posts(here)
    await begin(here)
    await trials.come_to_rest(here)
    assert posts(here) == before


def posts(here: Theatre) -> list[str]:
    """What was posted so far."""
    return [c.text for c in here.history.calls if c.method == "chat.postMessage" and c.done]


def forget(here: Theatre) -> None:
    """The ledger is not what it was: acts of before are not in it."""
    here.history.lost_at = time.monotonic()


async def refuses(here: Theatre) -> None:
    """A press is answered, with the reason, and nothing is sent to the cluster."""
    await here.until(lambda: promotable(here), "promote is offered")
    card, before = here.crowd.offering(CHANNEL, "promote")[-1], len(acts(here))
    began, people = time.monotonic(), list(PEOPLE)
    # each time somebody else: the same words about two presses would pass for one told twice
    person = people[len(here.history.presses) % len(people)]
    await here.crowd.press(person, card, "promote")

    def heard() -> bool:
        answers = [a for a in here.crowd.answers() if a.person == person and a.at >= began - 1]
        return any("I cannot use my database" in answer.text for answer in answers)

    await here.until(heard, "the reason is told")
    assert len(acts(here)) == before


def acts(here: Theatre) -> list[object]:
    return [write for write in here.history.writes if write.is_action]
