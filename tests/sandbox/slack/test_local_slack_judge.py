"""What Slack would refuse, one broken payload each; and that good ones pass."""

import pytest
from slack_sdk.models.blocks import Block

from bot.sandbox.slack.judge import judge_message, judge_view
from tests.sandbox.slack.broken_payloads import BAD_MESSAGES, BAD_VIEWS
from tests.sandbox.slack.good_payloads import GOOD_BLOCKS, GOOD_VIEWS, actions, button


@pytest.mark.parametrize("block", GOOD_BLOCKS.values(), ids=GOOD_BLOCKS)
def test_good_blocks_pass(block):
    assert judge_message([block]) == []


@pytest.mark.parametrize("block", GOOD_BLOCKS.values(), ids=GOOD_BLOCKS)
def test_good_blocks_are_good_for_slack_sdk_too(block):
    """A second opinion: its models take them, and lose nothing."""
    (known,) = Block.parse_all([block])

    assert known.to_dict() == block


@pytest.mark.parametrize("view", GOOD_VIEWS.values(), ids=GOOD_VIEWS)
def test_good_views_pass(view):
    assert judge_view(view) == []


@pytest.mark.parametrize(("blocks", "words", "pointer"), BAD_MESSAGES.values(), ids=BAD_MESSAGES)
def test_a_broken_message_is_refused_where_it_is_broken(blocks, words, pointer):
    (problem,) = judge_message(blocks)

    assert words in problem.message
    assert problem.pointer == f"/blocks{pointer}"


@pytest.mark.parametrize(("view", "words", "pointer"), BAD_VIEWS.values(), ids=BAD_VIEWS)
def test_a_broken_view_is_refused_where_it_is_broken(view, words, pointer):
    (problem,) = judge_view(view)

    assert words in problem.message
    assert problem.pointer == f"/view{pointer}"


def test_a_confirm_dialog_needs_all_four():
    (first, *_, last) = judge_message([actions(button(confirm={}))])

    assert first.message == "missing required field: title"
    assert last.message == "missing required field: deny"


def test_every_mistake_is_told_not_only_the_first():
    told = judge_message([{"type": "header"}, {"type": "divider", "colour": "red"}])

    assert [problem.pointer for problem in told] == ["/blocks/0", "/blocks/1"]
