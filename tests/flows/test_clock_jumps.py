"""The clock on the wall is set while the bot runs: no storm, and nothing waits for the old time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.flows.follower import PATIENCE, REST, Follower
from bot.release.routing import Route, Routing
from tests.builders import NOON
from tests.flows.test_patrol import write
from tests.flows.wired import SHADOWED, found, patrol, wire


@pytest.mark.parametrize("back", [{"hours": -1}, {"days": -1}], ids=["an-hour", "a-day"])
async def test_after_a_clock_was_set_back_it_is_reminded_as_late_as_ever(room, bot, back):
    await found(room, bot, SHADOWED)
    assert len(bot.chat.posts) == 1

    await patrol(room, bot, **back)
    await patrol(room, bot, hours=3, minutes=59)
    assert len(bot.chat.posts) == 1
    await patrol(room, bot, minutes=1)

    assert len(bot.chat.posts) == 2
    assert "still" in bot.chat.posts[1]


async def test_a_clock_set_forward_reminds_once(room, bot):
    await found(room, bot, SHADOWED)

    for _ in range(3):
        await patrol(room, bot, days=1)
        await patrol(room, bot, seconds=1)
        await patrol(room, bot, days=-1)
        await patrol(room, bot, seconds=1)

    assert len(bot.chat.posts) <= 1 + 3, "one for each time that it was set forward"


@pytest.mark.parametrize("compared", [True, False], ids=["compared", "inspected"])
async def test_what_is_seen_when_the_clock_is_set_back_is_told_after_the_grace_time(
    room, bot, compared
):
    """Not when the clock comes to where it was."""
    if compared:
        write(room, 50)
    else:
        wire(bot, replace(SHADOWED, id="ORD-02", severity=bot.board.settings.drift_severity))
    await patrol(room, bot, seconds=1)
    await patrol(room, bot, hours=-1)
    await patrol(room, bot, seconds=2)

    assert len(bot.chat.posts) == 1


class TestFollower:
    @pytest.mark.parametrize("jump", [-86_400, -3_600, 0], ids=["a-day", "an-hour", "none"])
    def test_an_alarm_is_ripe_after_its_time(self, jump):
        follower, then = Follower(), NOON + timedelta(seconds=jump)
        assert not follower.ripe("key", NOON, at_once=False)

        assert not follower.ripe("key", then, at_once=False)
        assert follower.ripe("key", then + PATIENCE, at_once=False)

    @pytest.mark.parametrize("jump", [-86_400, -3_600, 0], ids=["a-day", "an-hour", "none"])
    def test_one_that_failed_is_tried_again_after_its_rest(self, jump):
        follower, then = Follower(is_restless=True, failed_at=NOON), NOON + timedelta(seconds=jump)
        follower.last = object()
        assert not follower.wants_a_look(then)

        assert follower.wants_a_look(then + REST)


async def test_a_channel_that_hears_no_more_of_it_is_not_told_that_it_is_gone(room, bot):
    """It is not: the configuration has changed."""
    await found(room, bot, SHADOWED)
    told = len(bot.chat.posts)

    elsewhere = Routing((Route(channel="C0ELSE"),))
    bot.board.settings = replace(bot.board.settings, routing=elsewhere)
    await patrol(room, bot, minutes=1)

    assert [channel for channel, *_ in bot.chat.posted[told:]] == ["C0ELSE"]
    assert not any("gone" in post for post in bot.chat.posts)
