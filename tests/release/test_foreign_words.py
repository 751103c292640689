"""A refusal shows what others wrote, and nothing of it acts in Slack."""

import pytest

from bot.release.actions import HeaderOnly, Promote
from bot.release.errors import Refusal, plain
from bot.release.ownership import Ownership, SyncPolicy
from bot.release.parts import PauseCondition
from bot.release.plans import plan
from tests.builders import NOON, a_look, a_rollout, a_story

SHOUT = "<!channel> <@U0ANN> *now* `rm`"


def refused(action, rollout, story=None):
    with pytest.raises(Refusal) as refusal:
        plan(action, a_look(rollout), story or a_story())
    return refusal.value.text


def a_pause(reason):
    return PauseCondition(reason=reason, started=NOON)


@pytest.mark.parametrize(
    ("action", "rollout", "story"),
    [
        pytest.param(
            Promote(), a_rollout(phase="Degraded", message=f"InvalidSpec: {SHOUT}"), None, id="spec"
        ),
        pytest.param(
            Promote(), a_rollout(pauses=(a_pause(SHOUT), a_pause("other"))), None, id="pauses"
        ),
        pytest.param(
            Promote(),
            a_rollout(steps=({"setHeaderRoute": {"name": SHOUT}},), step=0, pauses=()),
            None,
            id="step",
        ),
        pytest.param(
            HeaderOnly(header="X-Canary", value="true"),
            a_rollout(),
            a_story(ownership=Ownership(policy=SyncPolicy.SELF_HEAL, application=SHOUT)),
            id="application",
        ),
    ],
)
def test_what_others_wrote_is_shown_and_does_nothing(action, rollout, story):
    text = refused(action, rollout, story)

    assert "channel" in text
    assert not set("<>`*") & set(text.replace("`header-only`", "").replace("`resume`", ""))


def test_foreign_text_becomes_one_short_line():
    assert plain("a\nb\t<c>\x00 *d*") == "a b ‹c› ∗d∗"
    assert len(plain("x" * 500)) == 200
