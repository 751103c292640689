"""What was told is told once, whenever the bot stops and whoever is deleted meanwhile."""

import pytest

from tests.flows.room import on_disk

STARTED = "tomozo/tomozo: → started: 0.0.1 → 0.0.2"
WAITS = "tomozo/tomozo: ⏸ waits at 10 %: promote (→ 100 %), header-only or abort"


def breaks_its_memory(bot):
    """From now on it is gone before it has remembered what it told."""

    async def crash(_uid, _told):
        raise RuntimeError("the process is gone")

    bot.bulletin.remember = crash


async def crashed_while_telling(room, *, steps=None):
    """Deploy and release; what is told is claimed, and nobody remembers it."""
    if steps:
        room.deploy(steps=steps)
    first = await room.start()
    breaks_its_memory(first)
    room.release()
    await room.settled()
    await first.stop()
    return first.chat.lines


async def test_the_first_listing_is_memory_not_news(room):
    room.release()

    bot = await room.start()
    await room.settled()

    assert bot.chat.lines == []
    assert "waits at 10 %" in bot.card.text, "but the release has its card"


@on_disk
async def test_what_happened_meanwhile_is_told_once(room, bot):
    await bot.stop()
    room.cluster.edit({"op": "add", "path": "/status/abort", "value": True}, status=True)

    second = await room.start()
    await room.settled()
    assert any("aborted outside Slack at 10 %" in line for line in second.chat.lines)
    await second.stop()

    third = await room.start()
    await room.settled()
    assert third.chat.lines == []


@on_disk
async def test_a_crash_between_claim_and_memory_tells_nothing_twice(room):
    assert (await crashed_while_telling(room))[:2] == [STARTED, WAITS]

    second = await room.start()
    await room.settled()
    assert second.chat.lines == [], "it was claimed: said perhaps, said twice never"

    room.cluster.edit({"op": "remove", "path": "/status/pauseConditions"}, status=True)
    await room.settled()
    assert "✔ done" in second.chat.lines[-1], "and what follows is told"


@on_disk
async def test_after_such_a_crash_another_release_is_told(room):
    assert STARTED in await crashed_while_telling(room)
    room.release("0.0.3")

    second = await room.start()
    await room.settled()
    assert second.chat.lines == [STARTED.replace("0.0.2", "0.0.3"), WAITS]


@on_disk
async def test_after_such_a_crash_another_pause_is_told(room):
    steps = [{"setWeight": 10}, {"pause": {}}, {"setWeight": 50}, {"pause": {}}]
    assert "waits at 10 %" in (await crashed_while_telling(room, steps=steps))[-1]
    room.cluster.edit({"op": "remove", "path": "/status/pauseConditions"}, status=True)

    second = await room.start()
    await room.settled()
    (line,) = second.chat.lines
    assert "waits at 50 %" in line


@on_disk
async def test_after_such_a_crash_nobody_is_said_to_have_promoted_once_more(room):
    timed = {"pause": {"duration": "1h"}}
    room.deploy(steps=[{"setWeight": 10}, {"pause": {}}, timed, {"setWeight": 20}, timed])
    first = await room.start()
    room.release()
    await room.settled()
    breaks_its_memory(first)
    room.cluster.edit({"op": "remove", "path": "/status/pauseConditions"}, status=True)
    await room.settled()
    assert "promoted outside Slack" in first.chat.lines[-1]
    await first.stop()
    room.clock.move(hours=1)  # that pause ends by itself
    room.cluster.edit({"op": "remove", "path": "/status/pauseConditions"}, status=True)
    assert room.cluster.rollout("tomozo").step == 4

    second = await room.start()
    await room.settled()
    assert not any("✔ pause" in line for line in second.chat.lines)
    assert len(await second.entries("promote")) == 1


@pytest.mark.parametrize("away", [False, True], ids=["while running", "while away"])
async def test_a_deleted_rollout_is_told_once(room, bot, away):
    if away:
        await bot.stop()
    room.cluster.delete()
    if away:
        bot = await room.start()
    await room.settled()

    assert [line for line in bot.chat.lines if "gone" in line] == [
        "tomozo/tomozo: ✖ the Rollout object is gone"
    ]
    assert [e.detail["ending"]["how"] for e in await bot.entries("ended")] == ["deleted"]
    again = await room.start()
    assert again.chat.lines == []


async def test_a_rollout_at_rest_goes_without_a_word(room):
    bot = await room.start()
    room.cluster.delete()
    await room.settled()

    assert bot.chat.lines == []
    assert await bot.bulletin.recall("tomozo-uid") is None


async def test_one_made_again_under_the_same_name_is_another(room, bot):
    room.cluster.delete()
    room.cluster.objects.clear()
    room.deploy()
    room.cluster.manifest("rollouts")["metadata"]["uid"] = "second"
    room.argo("tomozo", "tomozo")
    room.cluster.announce()
    await room.settled()
    room.release()
    await room.settled()

    assert bot.chat.lines[-2:] == [STARTED, WAITS]
    assert len(bot.chat.cards) == 2
