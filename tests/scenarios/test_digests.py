"""R13: a digest comes at its time, once; a quiet day is one line."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.scenarios.stage import RELEASES


def digests(scene):
    posted = scene.slack.channel(RELEASES).messages
    return [m for m in posted if (m.metadata or {}).get("event_type") == "rollout_digest"]


async def test_r13_the_digest_tells_what_needs_a_person_and_what_ended(scene, paused):
    await scene.start()
    card = await scene.shows("Waiting for you")
    due = datetime.now(UTC)
    await scene.app.flows.patrol.digest(RELEASES, due, due - timedelta(days=1))
    await scene.slack.until(lambda: digests(scene), "a digest")
    first = digests(scene)[0].plain
    assert "Needs a person" in first
    assert "10 %" in first

    await scene.ann.presses(card, "rollout:abort")
    await scene.shows("Aborted")
    await scene.settled("abort")  # the card is first, and then it is written down whose it was
    later = due + timedelta(seconds=1)
    await scene.app.flows.patrol.digest(RELEASES, later, due - timedelta(days=1))
    await scene.slack.until(lambda: len(digests(scene)) == 2, "the next digest")
    assert f"@{scene.ann.id}" in digests(scene)[1].plain


async def test_r13_the_same_time_is_told_once_also_after_a_restart(scene, seed):
    due = datetime.now(UTC)
    for _ in range(2):
        await scene.start()
        for _ in range(2):
            await scene.app.flows.patrol.digest(RELEASES, due, due - timedelta(days=1))
        await scene.app.outbox.idle()
        await scene.stop()
    (one,) = digests(scene)
    assert "\n" not in one.plain.strip().removeprefix(one.text).strip()
    assert "Nothing to tell" in one.text


@pytest.mark.real_only  # waits for the next minute
async def test_r13_the_schedule_calls_it_at_its_time(scene, seed):
    """In Kathmandu minutes are those of everywhere, the hours are not."""
    due = (datetime.now(UTC) + timedelta(minutes=1)).replace(second=0, microsecond=0)
    if due - datetime.now(UTC) < timedelta(seconds=5):
        due += timedelta(minutes=1)
    local = due + timedelta(hours=5, minutes=45)
    digest = {"cron": f"{local.minute} {local.hour} * * *", "timezone": "Asia/Kathmandu"}
    await scene.start(channels=[{"channel": RELEASES, "digest": digest}])

    await scene.slack.until(lambda: digests(scene), "the digest", timeout=80)

    assert datetime.now(UTC) >= due
