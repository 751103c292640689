"""Modals: what is filled in reaches the app, what is wrong is told under its input."""

import pytest

CHANNEL = "C0RELEASES"


def plain(text):
    return {"type": "plain_text", "text": text}


def option(value):
    return {"text": plain(value), "value": value}


MODAL = {
    "type": "modal",
    "callback_id": "form",
    "notify_on_close": True,
    "private_metadata": "between Slack and the app",
    "title": plain("Form"),
    "submit": plain("Do it"),
    "blocks": [
        {
            "type": "input",
            "block_id": "reason",
            "label": plain("Reason"),
            "element": {"type": "plain_text_input", "action_id": "text", "max_length": 20},
        },
        {
            "type": "input",
            "block_id": "accept",
            "optional": True,
            "label": plain("Accept"),
            "element": {"type": "checkboxes", "action_id": "box", "options": [option("yes")]},
        },
        {
            "type": "actions",
            "block_id": "more",
            "elements": [{"type": "button", "action_id": "again", "text": plain("Again")}],
        },
    ],
}


@pytest.fixture
async def modal(app, ann):
    """Ann has the form open."""

    async def open_form(payload):
        await app.call("views.open", trigger_id=payload["trigger_id"], view=MODAL)

    app.answers["/rollout"] = open_form
    await ann.do("type", channel=CHANNEL, text="/rollout form")
    return (await ann.until(lambda: ann.told["modals"]))[0]


async def test_a_modal_is_shown_to_one_without_what_is_the_apps(app, ann, ben, modal):
    await app.post("later")
    await ben.sees("later")

    assert (modal["title"], modal["submit"], modal["close"]) == ("Form", "Do it", None)
    assert "between Slack" not in str(ann.frames)
    assert ben.told["modals"] == []


async def test_errors_stand_under_their_inputs(app, ann, modal):
    async def refuse(_payload):
        return {"response_action": "errors", "errors": {"reason": "say more"}}

    app.answers["view_submission form"] = refuse
    answer = await ann.do("submit", view=modal["id"], values={"reason": "no"})

    assert (answer["ok"], answer["errors"]) == (True, {"reason": "say more"})
    assert ann.told["modals"][0]["id"] == modal["id"]


async def test_a_submission_carries_what_was_filled_in_and_closes(app, ann, modal):
    values = {"reason": "smoke test", "accept": ["yes"]}
    answer = await ann.do("submit", view=modal["id"], values=values)
    await ann.until(lambda: ann.told["modals"] == [])

    assert answer["errors"] == {}
    state = app.heard[-1]["view"]["state"]["values"]
    assert state["reason"]["text"]["value"] == "smoke test"
    assert [one["value"] for one in state["accept"]["box"]["selected_options"]] == ["yes"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        pytest.param({}, "Reason: please complete", id="missing"),
        pytest.param({"reason": "x" * 21}, "between 0 and 20", id="too-long"),
        pytest.param({"reason": "x", "accept": ["no"]}, "not there", id="no-such-option"),
        pytest.param({"reason": ["x"]}, "with text", id="a-list"),
        pytest.param({"reason": "x", "else": "y"}, "not there", id="no-such-input"),
    ],
)
async def test_slack_itself_refuses_what_cannot_be_submitted(app, ann, modal, values, words):
    heard = len(app.heard)
    answer = await ann.do("submit", view=modal["id"], values=values)

    assert answer["ok"] is False
    assert words in answer["text"]
    assert len(app.heard) == heard


async def test_a_submission_that_nobody_answers_keeps_the_modal(app, ann, modal):
    app.silent.add("view_submission form")
    answer = await ann.do("submit", view=modal["id"], values={"reason": "x"})

    assert answer["text"] == "The app did not respond."
    assert ann.told["modals"]


async def test_a_button_in_a_modal_takes_along_what_was_typed(app, ann, modal):
    answer = await ann.do(
        "press-view", view=modal["id"], block="more", action="again", values={"reason": "half"}
    )

    assert answer["ok"] is True
    heard = app.heard[-1]
    assert heard["container"] == {"type": "view", "view_id": modal["id"]}
    assert heard["view"]["state"]["values"]["reason"]["text"]["value"] == "half"


async def test_closing_a_modal_tells_the_app(app, ann, modal):
    assert (await ann.do("close", view=modal["id"]))["ok"]
    await ann.until(lambda: ann.told["modals"] == [])

    assert app.heard[-1]["type"] == "view_closed"
    assert (await ann.do("close", view=modal["id"]))["text"] == "This view is closed."


async def test_anothers_modal_cannot_be_submitted(app, ben, modal):
    answer = await ben.do("submit", view=modal["id"], values={"reason": "x"})

    assert answer["text"] == "This view is closed."
