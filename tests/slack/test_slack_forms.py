"""The form before header-only: opened in time, checked, done."""

import pytest
from slackroom import ABOUT, CHANNEL, SEAL, SEEN, button, heard, modal, written_to

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


FINDING = "0123456789abcdef"


def mute_form(**extra):
    """The form that mutes a finding; with *extra* it is known which."""
    options = [
        {"text": {"type": "plain_text", "text": text}, "value": value}
        for text, value in (("1 hour", "1h"), ("8 hours", "8h"))
    ]
    which = [{"text": {"type": "plain_text", "text": "ORD-01"}, "value": FINDING}]

    def select(name, choices):
        element = {"type": "static_select", "action_id": name, "options": choices}
        label = {"type": "plain_text", "text": name}
        return {"type": "input", "block_id": name, "label": label, "element": element}

    reason = next(block for block in modal()["blocks"] if block["block_id"] == "reason")
    asked = [] if extra else [select("finding", which)]
    return {
        **modal(),
        "callback_id": "rollout:mute",
        "private_metadata": SEAL.modal("mute", SEEN, channel=CHANNEL, person="U0ANN", extra=extra),
        "blocks": [*asked, select("until", options), reason],
    }


@pytest.fixture
async def finding(slack, calls):
    """The message of a finding, with the buttons that it can have."""

    def pressed(verb):
        value = SEAL.button(verb, SEEN, about=FINDING)
        text = {"type": "plain_text", "text": verb}
        return {"type": "button", "action_id": f"rollout:{verb}", "text": text, "value": value}

    blocks = [{"type": "actions", "elements": [pressed("mute"), pressed("unmute")]}]
    await calls("chat.postMessage", channel=CHANNEL, text="something is wrong", blocks=blocks)
    return slack.channel(CHANNEL).find("something is wrong")


@pytest.mark.parametrize("way", ["finding", "menu"])
async def test_a_finding_is_muted_with_a_form(slack, app, flows, ann, posted, finding, way):
    """From its own message; from the card's menu it is chosen in the form."""
    if way == "finding":
        flows.form, filled = mute_form(finding=FINDING), {}
        await ann.presses(finding, "rollout:mute")
    else:
        flows.form, filled = mute_form(), {"finding": FINDING}
        await ann.presses(posted, "rollout:more", option="mute")
    form = await slack.until(lambda: ann.modal, "the form")
    await ann.submits(form, {"until": "8h", "reason": " ", **filled})
    assert list(ann.errors) == ["reason"]
    await ann.submits(form, {"until": "8h", "reason": "known", **filled})
    await heard(slack, ann, "mute api: heard")
    (proposal,), (request,) = flows.proposals, flows.requests

    assert (proposal.verb, proposal.seen) == ("mute", SEEN)
    assert proposal.words == ((FINDING,) if way == "finding" else ())
    assert (request.verb, request.seen, request.channel) == ("mute", SEEN, CHANNEL)
    assert (request.words, request.reason) == ((FINDING, "8h"), "known")


async def test_a_mute_is_ended_by_a_press(slack, app, flows, ann, finding):
    await ann.presses(finding, "rollout:unmute")
    await heard(slack, ann, "unmute api: heard")
    (request,) = flows.requests

    assert (request.verb, request.seen, request.words) == ("unmute", SEEN, (FINDING,))


async def test_mute_cannot_be_typed(slack, app, flows, ann):
    """A finding has no name that people could type."""
    await ann.types("/rollout mute shop/api", channel=CHANNEL)
    await heard(slack, ann, "`mute` is a button")

    assert not flows.requests
