"""What a page sends becomes what Slack would tell the app; what goes wrong is told the person."""

import json

import pytest

CHANNEL = "C0RELEASES"


def plain(text):
    return {"type": "plain_text", "text": text}


def option(value):
    return {"text": plain(value), "value": value}


CARD = [
    {
        "type": "actions",
        "block_id": "controls",
        "elements": [
            {
                "type": "button",
                "action_id": "promote",
                "text": plain("Promote"),
                "value": "sealed 1",
            },
            {"type": "overflow", "action_id": "more", "options": [option("steps k"), option("st")]},
        ],
    }
]


def press(message, action="promote", **more):
    """The frame of a bare press."""
    where = {"channel": message["channel"], "ts": message["ts"], "version": message["version"]}
    return {**where, "block": "controls", "action": action, **more}


@pytest.fixture
async def card(app, ann):
    await app.post("card", blocks=CARD)
    return await ann.sees("Promote")


# --- typing ---------------------------------------------------------------------------------------


async def test_a_command_arrives_as_slack_tells_it(app, ann):
    answer = await ann.do("type", channel=CHANNEL, text="  /rollout   status @ben ")

    assert answer["ok"] is True
    (heard,) = app.heard
    assert heard["command"] == "/rollout"
    assert heard["text"] == "status <@U0BEN|ben>"
    assert (heard["user_id"], heard["channel_id"]) == ("U0ANN", CHANNEL)


async def test_a_command_that_nobody_answers_is_told_by_slackbot(app, ann, ben):
    app.silent.add("/rollout")
    answer = await ann.do("type", channel=CHANNEL, text="/rollout status")
    told = await ann.sees("did not respond")
    await app.post("later")
    await ben.sees("later")

    assert answer["ok"] is True
    assert told["text"] == "`/rollout` failed: the app did not respond."
    assert (told["user"], told["ephemeral"], told["channel"]) == ("USLACKBOT", True, CHANNEL)
    assert [one["text"] for one in ben.messages.values()] == ["later"]


async def test_an_answer_that_slack_cannot_show_is_told_by_slackbot(app, ann):
    async def wrong(_payload):
        return {"text": "x", "blocks": [{"type": "marquee"}]}

    app.answers["/rollout"] = wrong
    await ann.do("type", channel=CHANNEL, text="/rollout status")

    told = await ann.sees("cannot show")
    assert "invalid_blocks" in told["text"]


async def test_a_notice_is_still_there_after_a_reload(app, ann, arrive):
    app.silent.add("/rollout")
    await ann.do("type", channel=CHANNEL, text="/rollout")
    await ann.sees("did not respond")
    again = await arrive("U0ANN")

    assert await again.sees("did not respond")


async def test_another_command_is_not_brought_to_the_app(app, ann):
    await ann.do("type", channel=CHANNEL, text="/rollback now")

    assert await ann.sees("`/rollback` is not a valid command.")
    assert app.heard == []


async def test_commands_do_not_work_in_threads(app, ann, card):
    """As in Slack; the notice stands in the thread."""
    await ann.do("type", channel=CHANNEL, thread=card["ts"], text="/rollout list")
    told = await ann.sees("not supported in threads")

    assert told["thread"] == card["ts"]
    assert app.heard == []


async def test_words_become_a_message_and_names_become_mentions(app, ann, ben):
    await ann.do("type", channel=CHANNEL, text="is <this> ok & sure, @ben? @nobody")
    said = await ben.sees("sure")

    assert said["text"] == "is &lt;this&gt; ok &amp; sure, <@U0BEN>? @nobody"
    assert said["user"] == "U0ANN"
    assert app.heard == []


async def test_the_app_hears_when_it_is_mentioned_in_a_thread(app, ann, card):
    await ann.do("type", channel=CHANNEL, thread=card["ts"], text="@rollouts help")
    (heard,) = app.heard

    assert heard["event"]["type"] == "app_mention"
    assert heard["event"]["thread_ts"] == card["ts"]


@pytest.mark.parametrize("channel", ["C0PAYMENTS", "C0NOWHERE"])
async def test_nobody_writes_where_they_are_not(ben, channel):
    answer = await ben.do("type", channel=channel, text="hello")

    assert (answer["ok"], answer["text"]) == (False, "You are not in this channel.")


async def test_nobody_writes_in_an_archived_channel(slack, ann):
    slack.channel(CHANNEL).archive()
    await ann.until(lambda: ann.told["channels"][0]["archived"])
    answer = await ann.do("type", channel=CHANNEL, text="hello")

    assert "archived" in answer["text"]


# --- pressing -------------------------------------------------------------------------------------


async def test_a_bare_press_becomes_slacks_whole_payload(app, ann, card):
    answer = await ann.do("press", **press(card))
    (heard,) = app.heard

    assert answer["ok"] is True
    assert heard["type"] == "block_actions"
    assert heard["user"]["id"] == "U0ANN"
    assert heard["container"]["message_ts"] == card["ts"]
    assert heard["message"]["text"] == "card"
    assert heard["trigger_id"]
    assert heard["response_url"]
    assert heard["actions"][0]["value"] == "sealed 1"
    assert heard["actions"][0]["block_id"] == "controls"


async def test_an_option_of_a_menu_is_told_by_its_value(app, ann, card):
    await ann.do("press", **press(card, "more", option="steps k"))

    assert app.heard[0]["actions"][0]["selected_option"]["value"] == "steps k"


async def test_an_option_that_begins_like_another_is_not_pressed_for_it(app, ann, card):
    """`Person` finds options by how they begin: "st" would be taken for "steps k"."""
    answer = await ann.do("press", **press(card, "more", option="st"))

    assert answer["ok"] is False
    assert app.heard == []


async def test_an_old_button_is_pressed_as_it_was_seen(app, ann, card):
    """Between the look and the press the card has moved on: the app gets the old value."""
    newer = [{**CARD[0], "elements": [{**CARD[0]["elements"][0], "value": "sealed 2"}]}]
    await app.call("chat.update", channel=CHANNEL, ts=card["ts"], text="moved", blocks=newer)
    moved = await ann.sees("moved")
    await ann.do("press", **press(card))
    await ann.do("press", **press(moved))

    assert [heard["actions"][0]["value"] for heard in app.heard] == ["sealed 1", "sealed 2"]


async def test_a_press_that_nobody_answers_is_told_beside_it(app, ann, card):
    app.silent.add("promote")
    answer = await ann.do("press", **press(card))

    assert (answer["ok"], answer["text"]) == (False, "The app did not respond.")


async def test_without_an_app_nothing_is_pressed(app, ann, card):
    await app.leave()
    answer = await ann.do("press", **press(card))

    assert answer["text"] == "The app did not respond."


async def test_what_one_does_not_see_cannot_be_pressed(app, ann, ben):
    """Neither another's ephemeral message, nor one of a channel one is not in."""
    await app.call("chat.postEphemeral", channel=CHANNEL, user="U0ANN", text="pick", blocks=CARD)
    await app.post("secret", channel="C0PAYMENTS", blocks=CARD)
    own, secret = await ann.sees("pick"), await ann.sees("secret")

    assert (await ben.do("press", **press(own)))["text"] == "This message is gone."
    assert (await ben.do("press", **press(secret)))["text"] == "You are not in this channel."
    assert (await ann.do("press", **press(own)))["ok"] is True
    assert [heard["container"]["is_ephemeral"] for heard in app.heard] == [True]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"action": "nothing"}, id="action"),
        pytest.param({"ts": "1.000001"}, id="message"),
        pytest.param({"channel": "C0NOWHERE"}, id="channel"),
        pytest.param({"version": 7}, id="version"),
        pytest.param({"block": "elsewhere"}, id="block"),
    ],
)
async def test_what_is_not_there_cannot_be_pressed(app, ann, card, wrong):
    answer = await ann.do("press", **{**press(card), **wrong})

    assert answer["ok"] is False
    assert answer["text"]
    assert app.heard == []


async def test_a_slow_press_does_not_hold_up_the_next_one(app, ann, card):
    """The app takes its time over the first; the second is answered before it."""
    app.silent.add("promote")
    await ann.say(json.dumps({"do": "press", "ref": 90, **press(card)}))
    await ann.do("type", channel=CHANNEL, text="meanwhile")
    await ann.answer_to(90)

    refs = [frame["ref"] for frame in ann.frames if frame["type"] == "answer"]
    assert refs[-1] == 90
