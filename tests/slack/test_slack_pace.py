"""The pace, in plain numbers: no waiting while it is quiet, and never more than Slack allows."""

from hypothesis import given
from hypothesis import strategies as st

from bot.flows.ports import Lane
from bot.slack.pace import EDITS, POSTS, Pace


def test_the_first_edit_goes_at_once():
    assert Pace().wait_to_edit("m", Lane.PROGRESS, 5.0) == 0


def test_an_edit_soon_after_the_post_waits():
    pace = Pace()
    pace.posts("C1", 0.0, "m")

    assert pace.wait_to_edit("m", Lane.ANSWER, 0.25) == 0.75
    assert pace.wait_to_edit("m", Lane.PROGRESS, 0.25) == 1.75
    assert pace.wait_to_edit("other", Lane.PROGRESS, 0.25) == 0


def test_the_first_word_that_a_person_is_needed_hardly_waits():
    pace = Pace()
    pace.posts("C1", 0.0, "m")

    assert pace.wait_to_edit("m", Lane.DECISION, 0.0) == 0.25
    assert pace.wait_to_edit("m", Lane.DECISION, 0.25) == 0

    pace.edits("m", Lane.DECISION, 0.25)
    assert pace.wait_to_edit("m", Lane.DECISION, 0.5) == 0.75


def test_some_edits_are_kept_for_those_who_wait():
    pace = Pace()
    sent = 0
    while not pace.wait_to_edit(sent, Lane.PROGRESS, 0.0):
        pace.edits(sent, Lane.PROGRESS, 0.0)
        sent += 1
    assert sent == 8

    while not pace.wait_to_edit(sent, Lane.ANSWER, 0.0):
        pace.edits(sent, Lane.ANSWER, 0.0)
        sent += 1
    assert sent == 10


@given(st.lists(st.floats(0, 5), min_size=1, max_size=300))
def test_never_more_posts_than_the_rate_and_the_burst(gaps):
    """Whenever somebody wants to post, in any ten seconds at most ten and the burst go out."""
    pace, now, sent = Pace(), 0.0, []
    for gap in gaps:
        now += gap / 10
        if not pace.wait_to_post("C1", now):
            pace.posts("C1", now)
            sent.append(now)

    for start in sent:
        within = [at for at in sent if start <= at < start + 10]
        assert len(within) <= 10 * POSTS.per_second + POSTS.burst


@given(st.lists(st.tuples(st.floats(0, 2), st.sampled_from(Lane)), min_size=1, max_size=300))
def test_never_more_edits_than_the_rate_and_the_burst(wishes):
    pace, now, sent = Pace(), 0.0, []
    for n, (gap, lane) in enumerate(wishes):
        now += gap / 10
        if not pace.wait_to_edit(n, lane, now):
            pace.edits(n, lane, now)
            sent.append(now)

    for start in sent:
        within = [at for at in sent if start <= at < start + 60]
        assert len(within) <= 60 * EDITS.per_second + EDITS.burst


def test_after_a_refusal_there_is_no_burst():
    pace = Pace()
    pace.posts_refused("C1", 10.0)

    assert pace.wait_to_post("C1", 0.0) == 11.0
    assert pace.wait_to_post("C2", 0.0) == 0
