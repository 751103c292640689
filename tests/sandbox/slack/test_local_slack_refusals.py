"""Refused content on the wire: the word, and the pointer; and blocks.validate, which only asks."""

import json

import pytest

from tests.sandbox.slack.broken_payloads import BAD_MESSAGES, BAD_VIEWS
from tests.sandbox.slack.good_payloads import GOOD_BLOCKS, GOOD_VIEWS, section

CHANNEL = "C0RELEASES"
COLOURED = {"type": "divider", "colour": "red"}
TOLD = "invalid additional property: colour [json-pointer:/blocks/0]"


@pytest.fixture
def call(slack, session):
    """Call a method with a JSON body, as slack_sdk does for chat.* and views.*."""

    async def make(method, **body):
        headers = {"Authorization": f"Bearer {slack.bot_token}"}
        url = f"{slack.api_url}{method}"
        async with session.post(url, json=body, headers=headers) as answer:
            assert answer.status == 200
            return await answer.json()

    return make


async def test_every_broken_message_is_refused_with_its_pointer(call, slack):
    for blocks, words, pointer in BAD_MESSAGES.values():
        answer = await call("chat.postMessage", channel=CHANNEL, text="x", blocks=blocks)
        (told,) = answer["errors"]

        assert (answer["ok"], answer["error"]) == (False, "invalid_blocks")
        assert words in told
        assert told.endswith(f"[json-pointer:/blocks{pointer}]")
        assert answer["response_metadata"] == {"messages": [f"[ERROR] {told}"]}
    assert slack.channel(CHANNEL).messages == []


async def test_every_broken_view_is_refused_with_its_pointer(call):
    for view, words, pointer in BAD_VIEWS.values():
        answer = await call("views.open", trigger_id="1.2.x", view=view)
        (told,) = answer["errors"]

        assert (answer["ok"], answer["error"]) == (False, "invalid_arguments")
        assert words in told
        assert told.endswith(f"[json-pointer:/view{pointer}]")


async def test_every_good_block_is_shown(call, slack):
    for name, block in GOOD_BLOCKS.items():
        answer = await call("chat.postMessage", channel=CHANNEL, text="x", blocks=[block])

        assert answer["ok"] or answer["error"] == "msg_blocks_too_long", name
    assert len(slack.channel(CHANNEL).messages) >= len(GOOD_BLOCKS) - 1


@pytest.mark.parametrize(
    ("method", "more"),
    [
        pytest.param("chat.update", {}, id="an-update"),
        pytest.param("chat.postEphemeral", {"user": "U0ANN"}, id="to-one-person"),
    ],
)
async def test_whatever_shows_blocks_refuses_them_alike(call, slack, method, more):
    ts = (await call("chat.postMessage", channel=CHANNEL, text="before"))["ts"]
    answer = await call(method, channel=CHANNEL, ts=ts, text="x", blocks=[COLOURED], **more)

    assert (answer["error"], answer["errors"]) == ("invalid_blocks", [TOLD])
    assert [message.text for message in slack.channel(CHANNEL).messages] == ["before"]


# --- blocks.validate ------------------------------------------------------------------------------


@pytest.fixture
def validate(slack, session):
    """Ask without a token, as a form: nobody needs one."""

    async def ask(**payloads):
        form = {name: json.dumps(payload) for name, payload in payloads.items()}
        async with session.post(f"{slack.api_url}blocks.validate", data=form) as answer:
            return await answer.json()

    return ask


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param({"blocks": [GOOD_BLOCKS["actions"]]}, id="blocks"),
        pytest.param({"message": {"text": "x", "blocks": [GOOD_BLOCKS["table"]]}}, id="message"),
        pytest.param({"view": GOOD_VIEWS["to-fill-in"]}, id="view"),
    ],
)
async def test_what_is_good_is_only_ok(validate, slack, payload):
    assert await validate(**payload) == {"ok": True}
    assert slack.channel(CHANNEL).messages == []


async def test_a_mistake_comes_as_an_object(validate):
    text = {"type": "invalid", "text": "x"}
    answer = await validate(blocks=[{"type": "section", "text": text}])

    assert answer == {
        "ok": False,
        "error": "invalid_blocks",
        "errors": [
            {
                "code": "failed_constraint",
                "message": "unsupported type: invalid",
                "pointer": "/0/text/type",
                "constraint": {
                    "type": "enum",
                    "expected": ["plain_text", "mrkdwn"],
                    "got": "invalid",
                },
            }
        ],
    }


async def test_a_missing_field_is_named(validate):
    answer = await validate(blocks=[{"text": "x"}])

    assert answer["errors"] == [
        {
            "code": "missing_field",
            "message": "missing required field: type",
            "field": "type",
            "pointer": "/0",
        }
    ]


@pytest.mark.parametrize(
    ("payload", "error", "pointer"),
    [
        pytest.param({"message": {"blocks": [COLOURED]}}, "invalid_message", "/blocks/0", id="mes"),
        pytest.param({"message": ["x"]}, "invalid_message", "", id="no-object"),
        pytest.param({"blocks": {"type": "divider"}}, "invalid_blocks", "", id="no-list"),
        pytest.param({"view": BAD_VIEWS["title-25"][0]}, "invalid_view", "/title/text", id="view"),
        pytest.param(
            {"view": BAD_VIEWS["table-in-modal"][0]}, "invalid_view", "/blocks/0/type", id="table"
        ),
    ],
)
async def test_the_pointer_begins_at_the_payload(validate, payload, error, pointer):
    answer = await validate(**payload)

    assert answer["error"] == error
    assert [one["pointer"] for one in answer["errors"]] == [pointer]


@pytest.mark.parametrize("payload", [{}, {"blocks": [section()], "view": GOOD_VIEWS["home"]}])
async def test_one_payload_is_asked_about_not_none_and_not_two(validate, payload):
    assert await validate(**payload) == {
        "ok": False,
        "error": "invalid_arguments",
        "response_metadata": {
            "messages": ["must provide exactly one of `blocks`, `view`, or `message`"]
        },
    }


async def test_the_client_of_slack_sdk_can_ask_too(client):
    """It sends the payload in the query."""
    assert (await client.blocks_validate(blocks=[GOOD_BLOCKS["header"]])).data == {"ok": True}
