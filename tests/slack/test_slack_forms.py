"""The form before header-only: opened in time, checked, done."""

import pytest
from slackroom import ABOUT, CHANNEL, SEEN, button, heard, modal, written_to

from bot.release.errors import NotAllowed


@pytest.mark.parametrize("way", ["button", "command"])
async def test_the_form_opens_and_is_checked_and_done(slack, app, flows, ann, posted, way):
    if way == "button":
        await ann.presses(posted, "rollout:header-only")
    else:
        await ann.types("/rollout header-only shop/api --reason tests", channel=CHANNEL)
    form = await slack.until(lambda: ann.modal, "the form")
    await ann.submits(form, {"reason": "  ", "accept": "yes"})
    assert list(ann.errors) == ["reason"]
    await ann.submits(form, {"reason": "smoke\ntest", "accept": "yes"})
    await heard(slack, ann, "header-only api: heard")
    (proposal,), (request,) = flows.proposals, flows.requests

    assert proposal.actor == request.actor
    assert proposal.reason == ("why not" if way == "button" else "tests")
    assert (request.reason, request.accepts_revert) == ("smoke test", True)
    assert (request.seen, request.channel) == (SEEN, CHANNEL)
    assert ann.modal is None


async def test_a_slow_proposal_opens_an_empty_form_at_once(slack, app, flows, ann, posted):
    flows.open.clear()
    await ann.presses(posted, "rollout:header-only")
    await slack.until(lambda: ann.modal and "Looking" in str(ann.modal.body), "an empty form")
    flows.open.set()
    await slack.until(lambda: ann.modal.body.get("submit"), "the real form")

    assert len(ann.modals) == 1


async def test_what_cannot_be_proposed_is_told_and_recorded(slack, app, flows, ann, posted):
    flows.error = NotAllowed("You may not.")
    await ann.presses(posted, "rollout:header-only")
    await heard(slack, ann, "not done: You may not.")

    assert [about for _, _, about in flows.refusals] == [ABOUT]
    assert ann.modal is None


async def test_a_refusal_that_comes_late_stands_in_the_form(slack, app, flows, ann, posted):
    flows.error = NotAllowed("You may not.")
    flows.open.clear()
    await ann.presses(posted, "rollout:header-only")
    await slack.until(lambda: ann.modal, "a form")
    flows.open.set()

    await slack.until(lambda: "You may not." in str(ann.modal.body), "the refusal")


async def test_a_form_that_slack_does_not_open_is_told(slack, app, flows, ann, posted):
    slack.fail_next("views.open", error="expired_trigger_id")
    await ann.presses(posted, "rollout:header-only")

    await heard(slack, ann, "Nothing was done")


async def test_a_forged_form_does_nothing(slack, app, flows, ann, calls):
    form = modal() | {"private_metadata": button("header-only")["value"]}
    trigger = slack.workspace.screens.trigger("U0ANN")
    await calls("views.open", trigger_id=trigger, view=form)
    await ann.submits(ann.modal, {"reason": "x", "accept": "yes"})
    await written_to(slack, ann, "not done: I did not make this form")

    assert len(flows.refusals) == 1
    assert not flows.requests
