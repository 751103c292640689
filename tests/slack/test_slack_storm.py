"""Fifty releases at once: nobody misses what needs them, and Slack is not asked too often."""

from dataclasses import replace

import pytest
from slackroom import CHANNEL, POST, SEEN, heard
from slackroom import button as press
from stormroom import NOON, Burst, Release

from bot.messages import storm as words
from bot.messages.storm import Brief, controls
from bot.release.errors import Unreachable
from bot.slack.posting import content


async def settled(burst, *, keeps_limits=True):
    """Let the cards catch up, and see that everything ends well."""
    await burst.rest(150)
    assert burst.unseen() == []
    assert burst.late == []
    assert sorted(burst.slack.lines()) == sorted(burst.told), "each line once"
    assert burst.shelf.mail == {}
    assert burst.slack.limited == 0 or not keeps_limits
    for message in burst.slack.storms():
        assert message.buttons == []
        assert "Each has its card again" in message.text
    for one in burst.releases:
        assert [m.text for m in burst.slack.top()].count(one.point) == 1


@pytest.mark.parametrize("seed", range(3))
async def test_fifty_releases_with_thirteen_changes_each_in_a_minute(seed):
    burst = Burst(50, seed=seed)
    burst.start()
    await burst.move(13, 60)
    await burst.rest(5)
    assert burst.unseen() == [], "true five seconds after the last change"
    await settled(burst)

    assert len(burst.slack.storms()) == 1
    assert burst.calls_each <= 2
    await burst.kill()


async def test_fifty_that_stop_and_wait_are_all_named_and_the_first_can_be_pressed():
    burst = Burst(50)
    burst.start()
    await burst.move(2, 6)
    await burst.rest(5)
    (storm,) = burst.slack.storms()
    waiting = [one for one in burst.releases if one.needs_person]

    assert len(waiting) == 50
    assert storm.text.startswith("50 rollouts wait for you: ")
    assert len(storm.buttons) >= 3 * 5
    assert burst.unseen() == []
    await settled(burst)
    await burst.kill()


@pytest.mark.parametrize(("count", "seconds"), [(1, 5), (3, 60), (5, 60), (20, 900)])
async def test_a_quiet_system_never_sees_a_storm(count, seconds):
    burst = Burst(count)
    burst.start()
    stormy = []

    def note(_):
        stormy.extend(burst.slack.storms())

    await burst.move(13, seconds, before=note)
    await settled(burst)

    assert stormy == []
    assert burst.slack.storms() == []
    await burst.kill()


async def test_of_two_channels_one_is_in_a_storm():
    burst = Burst(50)
    quiet = [Release(90, "C0QUIET"), Release(91, "C0QUIET")]
    burst.start()
    for one in quiet:
        burst.show(one)

    def change(at):
        for one in quiet:
            if at - one.since > 20:
                one.at, one.since = one.at + 1, at
                burst.show(one)

    await burst.move(13, 60, before=change)
    await burst.rest(5)

    assert len(burst.slack.storms()) == 1
    assert burst.slack.storms("C0QUIET") == []
    for one in quiet:
        assert burst.is_seen(one)
    burst.releases += quiet
    assert burst.unseen() == []
    await burst.kill()


@pytest.mark.parametrize("at", [3.0, 20.0, 45.0, 61.0])
async def test_a_restart_in_the_middle_goes_on_with_the_same_message(at):
    """The next process does not know how much Slack was asked before, and may hear that."""
    burst = Burst(50)
    burst.start()
    await burst.move(max(1, int(13 * at / 61)), at)
    (storm,) = burst.slack.storms()
    await burst.kill()
    burst.start()
    for one in burst.releases:
        burst.show(one)
    await burst.rest(5)
    assert burst.unseen() == []
    await settled(burst, keeps_limits=False)

    assert burst.slack.storms() == [storm]
    await burst.kill()


async def test_a_restart_after_which_nothing_moves_ends_it():
    """The cards were all right; only the storm's message was not ended yet."""
    burst = Burst(50)
    burst.start()
    await burst.move(1, 2)
    await burst.rest(3)
    (storm,) = burst.slack.storms()
    await burst.kill()
    burst.releases = []
    burst.start()
    await burst.rest(30)

    assert "I was restarted" in storm.text
    assert not any("storm" in parcel.slot for parcel in burst.shelf.mail.values())
    await burst.kill()


async def test_lost_answers_double_nothing():
    burst = Burst(30)
    burst.slack.loses_answers = 0.2
    burst.start()
    await burst.move(13, 60)
    burst.slack.loses_answers = 0.0
    await settled(burst)

    assert len(burst.slack.storms()) == 1
    await burst.kill()


async def test_one_that_never_stands_still_gets_a_card_in_a_minute():
    burst = Burst(50)
    burst.start()
    for _ in range(3):
        for one in burst.releases:
            one.at = 0
        await burst.move(12, 40)

    assert len(burst.slack.top()) > 25
    await settled(burst)
    await burst.kill()


async def test_the_storm_is_told_in_one_thread_with_names():
    burst = Burst(50)
    burst.start()
    await burst.move(3, 10)
    await settled(burst)
    (storm,) = burst.slack.storms()
    thread = [m for m in burst.slack.messages.values() if m.thread == storm.ts]

    assert thread
    for message in thread:
        assert all(line.startswith("shop/app-") for line in message.text.split("\n"))
    assert storm.channel == CHANNEL
    await burst.kill()


async def test_a_press_in_the_message_about_all_means_what_the_card_means(
    slack, app, calls, flows, ann
):
    """Each row's button stands for its own release, and is answered to whoever pressed it."""
    second = replace(SEEN, name="web", uid="u2")
    briefs = [
        Brief(
            key=f"shop/{seen.name}",
            point=f"shop/{seen.name} waits at 10 %: promote or abort",
            needs_person=True,
            controls=controls([press("promote", seen=seen), press("abort", seen=seen)]),
        )
        for seen in (SEEN, second)
    ]
    told = words.storm(briefs, NOON)
    await calls(POST, channel=CHANNEL, **content(told, plain=False), metadata=told.metadata)
    (message,) = slack.channel(CHANNEL).messages
    await ann.presses(message, "rollout:promote")
    await heard(slack, ann, "promote api: heard")
    value = briefs[1].buttons[1]["value"]
    await ann.presses(message, "rollout:abort", value=value)
    await heard(slack, ann, "abort web: heard")
    await ann.presses(message, "rollout:abort", value=f"{value}x")
    await heard(slack, ann, "not done")

    assert [(r.verb, r.seen, r.channel) for r in flows.requests] == [
        ("promote", SEEN, CHANNEL),
        ("abort", second, CHANNEL),
    ]
    assert len(flows.refusals) == 1
    assert slack.current(message).plain == message.plain, "it is still there"


async def test_what_was_told_in_its_thread_is_not_told_again_after_a_restart():
    """Killed before anything that Slack has was struck out."""
    burst = Burst(30)

    async def fail(_ids):
        raise Unreachable("the disk is full")

    burst.shelf.delivered, delivered = fail, burst.shelf.delivered
    burst.start()
    await burst.move(4, 20)
    await burst.rest(8)
    (storm,) = burst.slack.storms()
    told = len(burst.slack.lines())
    assert told > 60
    await burst.kill()
    burst.shelf.delivered = delivered
    burst.start()
    for one in burst.releases:
        burst.show(one)
    await settled(burst, keeps_limits=False)

    assert burst.slack.storms() == [storm]
    await burst.kill()


async def test_a_leader_that_keeps_asking_the_bulletin_sees_no_stranger_in_its_own_storm():
    burst = Burst(50)
    burst.start()
    said = set()

    def ask(_):
        burst.outbox.pick_up()
        said.update(message.text for message in burst.slack.storms())

    await burst.move(13, 60, before=ask)
    await settled(burst)

    assert not [text for text in said if "I was restarted" in text]
    assert burst.calls_each <= 2
    await burst.kill()
