"""Which replicas live: by their beats in the shared database, and by nobody's time of day."""

import pytest

from bot.flows.leadership import Term
from bot.flows.presence import Presence, Solo
from bot.release.errors import Refusal

TERM = Term()


class Roll:
    """The table, in memory; fails as told."""

    def __init__(self) -> None:
        self.kept: dict[str, int] = {}
        self.fails = False

    def _check(self) -> None:
        if self.fails:
            raise Refusal("The database is away.")

    async def answer(self, who: str, beat: int) -> None:
        self._check()
        self.kept[who] = beat

    async def beats(self) -> dict[str, int]:
        self._check()
        return dict(self.kept)

    async def strike(self, who: str) -> None:
        self._check()
        self.kept.pop(who, None)


class Hall:
    """Two replicas on one clock."""

    def __init__(self) -> None:
        self.roll, self.now = Roll(), 1000.0
        self.one, self.two = (
            Presence(self.roll, n, clock=lambda: self.now) for n in ("one", "two")
        )

    async def passes(self, seconds: float, *who: Presence) -> None:
        """Time passes, in which these beat."""
        while seconds > 0:
            self.now += min(seconds, TERM.retry)
            seconds -= TERM.retry
            for one in who:
                await one.turn()


@pytest.fixture
async def hall() -> Hall:
    made = Hall()
    await made.one.turn()
    await made.two.turn()
    return made


async def test_who_beats_lives(hall):
    await hall.passes(300, hall.one, hall.two)
    assert not hall.one.is_gone("two")
    assert hall.one.is_present


async def test_who_is_silent_for_a_term_is_gone(hall):
    await hall.passes(TERM.lease - TERM.retry, hall.one)
    assert not hall.one.is_gone("two")
    await hall.passes(2 * TERM.retry, hall.one)
    assert hall.one.is_gone("two")


async def test_who_is_gone_for_others_sends_nothing_any_more(hall):
    """Moment by moment: what it began while it was present has ended when others say it is gone."""
    last_act = 0.0
    while not hall.one.is_gone("two"):
        hall.now += 0.05
        if hall.two.is_present:
            last_act = hall.now + TERM.call
        await hall.one.turn()
    assert 0 < last_act < hall.now


async def test_who_was_silent_and_is_back_lives(hall):
    await hall.passes(60, hall.one)
    assert hall.one.is_gone("two")
    await hall.two.turn()
    await hall.one.turn()
    assert not hall.one.is_gone("two")
    assert hall.two.is_present


async def test_nobody_is_called_gone_because_the_database_was_away(hall):
    """Their beats did not come through either."""
    hall.roll.fails = True
    await hall.passes(120, hall.one, hall.two)
    assert not hall.one.is_present
    assert not hall.one.is_gone("two")
    hall.roll.fails = False
    await hall.one.turn()
    assert hall.one.is_present
    assert not hall.one.is_gone("two")
    await hall.passes(2 * TERM.lease, hall.one)
    assert hall.one.is_gone("two")


async def test_a_name_that_is_not_on_the_roll_is_gone_after_a_term(hall):
    """It may be about to write itself down; or it left, or was struck off long ago."""
    assert not hall.one.is_gone("three")
    await hall.passes(TERM.lease + TERM.retry, hall.one)
    assert hall.one.is_gone("three")
    assert not hall.one.is_gone("one")


async def test_who_leaves_is_struck_off(hall):
    await hall.two.leave()
    assert hall.roll.kept == {"one": 1}
    assert not hall.two.is_present


async def test_the_dead_are_struck_off_after_a_while(hall):
    await hall.passes(700, hall.one)
    assert list(hall.roll.kept) == ["one"]


def test_who_is_alone_is_never_gone_and_all_others_are():
    me = Solo("me")
    assert me.is_present
    assert (me.is_gone("me"), me.is_gone("an earlier one"), me.is_gone("")) == (False, True, True)
