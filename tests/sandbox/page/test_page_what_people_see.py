"""Each person sees their own Slack, and is told what changes in it and nothing else."""

import pytest

CHANNEL = "C0RELEASES"
HOME = {"type": "home", "blocks": [{"type": "divider"}]}


async def test_who_arrives_is_told_who_they_are_and_all_that_is_there(app, arrive):
    await app.post("shop/api waits")
    ann = await arrive("U0ANN")

    hello, snapshot = ann.frames[:2]
    assert hello["you"] == "U0ANN"
    assert hello["command"] == "/rollout"
    assert hello["verbs"] == {"promote": "goes on"}
    assert {lever["id"] for lever in hello["levers"]} >= {"new-image", "bot-restart"}
    assert snapshot["type"] == "snapshot"
    assert [one["text"] for one in snapshot["messages"]] == ["shop/api waits"]
    assert snapshot["directory"]["people"]["U0ANN"]["role"] == "on call"
    assert snapshot["directory"]["groups"] == {"S0ONCALL": "oncall"}


async def test_nobody_sees_a_channel_they_are_not_in(app, arrive, ann):
    """Gus is in no channel; he has the direct messages with the app, as everybody."""
    await app.post("for all")
    await app.post("for payments", channel="C0PAYMENTS")
    await ann.sees("for payments")
    gus = await arrive("U0GUS")
    ben = await arrive("U0BEN")

    assert [one["id"] for one in gus.told["channels"]] == ["D0GUS"]
    assert gus.messages == {}
    assert [one["text"] for one in ben.messages.values()] == ["for all"]


async def test_an_ephemeral_message_is_seen_by_one(app, ann, ben):
    await app.call("chat.postEphemeral", channel=CHANNEL, user="U0ANN", text="psst")
    await app.post("hear")
    await ann.sees("hear")
    await ben.sees("hear")

    assert (await ann.sees("psst"))["ephemeral"] is True
    assert [one["text"] for one in ben.messages.values()] == ["hear"]


async def test_only_what_changed_is_told(app, ann):
    """An update of one message of three is one message in the frame."""
    first = await app.post("one")
    for text in ("two", "three"):
        await app.post(text)
    await ann.sees("three")
    before = len(ann.frames)

    await app.call("chat.update", channel=CHANNEL, ts=first, text="one, edited")
    changed = await ann.sees("one, edited")

    told = [m for frame in ann.frames[before:] for m in frame.get("messages", ())]
    assert [one["ts"] for one in told] == [first]
    assert changed["edited"] is True
    assert changed["version"] == 2
    assert all("channels" not in frame for frame in ann.frames[before:])


async def test_a_reply_changes_its_parent_too(app, ann):
    parent = await app.post("card")
    reply = await app.post("step 1", thread_ts=parent)
    shown = await ann.until(lambda: ann.messages.get(parent, {}).get("replies") == 1)

    assert shown
    assert ann.messages[parent]["last_reply"] == reply
    assert ann.messages[parent]["repliers"] == ["U0BOT"]
    assert ann.messages[reply]["thread"] == parent


async def test_a_broadcast_reply_is_marked(app, ann):
    parent = await app.post("card")
    await app.post("done", thread_ts=parent, reply_broadcast=True)

    assert (await ann.sees("done"))["broadcast"] is True


async def test_a_deleted_message_goes_and_one_with_replies_leaves_a_stone(app, ann):
    alone, parent = await app.post("alone"), await app.post("parent")
    await app.post("reply", thread_ts=parent)
    await ann.sees("reply")
    await app.call("chat.delete", channel=CHANNEL, ts=alone)
    await app.call("chat.delete", channel=CHANNEL, ts=parent)
    await ann.until(lambda: ann.messages[parent]["deleted"])

    assert alone not in ann.messages
    assert ann.messages[parent]["blocks"] == []


async def test_a_home_tab_is_ones_own(app, ann, ben):
    async def publish(payload):
        await app.call("views.publish", user_id=payload["event"]["user"], view=HOME)

    app.answers["app_home_opened"] = publish
    assert (await ann.do("home"))["ok"]
    home = await ann.until(lambda: ann.told["home"])
    await app.post("a later word")
    await ben.sees("a later word")

    assert [block["type"] for block in home["blocks"]] == ["divider"]
    assert ben.told["home"] is None


async def test_a_person_who_joins_later_is_told_to_all(slack, ann):
    slack.add_person("U0EVE", "eve", is_restricted=True)

    await ann.until(lambda: "U0EVE" in ann.told["directory"]["people"])
    assert ann.told["directory"]["people"]["U0EVE"]["guest"] is True


async def test_who_comes_back_is_told_everything_again(app, arrive, ann):
    await app.post("before")
    await ann.sees("before")
    await ann.leave()
    await app.post("meanwhile")
    again = await arrive("U0ANN")

    assert [one["text"] for one in again.messages.values()] == ["before", "meanwhile"]


async def test_many_updates_reach_a_slow_page_as_few(app, ann, slack):
    """Nothing is queued: 300 updates within one turn of the loop are at most a handful frames."""
    ts = await app.post("0")
    await ann.sees("0")
    before = ann.count("changes")
    message = slack.channel(CHANNEL).message(ts)
    for number in range(1, 301):
        content = type(message)(channel=CHANNEL, ts=ts, user="", text=f"state {number}")
        message = slack.workspace.update(message, content)
    shown = await ann.sees("state 300")

    assert shown["version"] == 301
    assert ann.count("changes") - before <= 3


async def test_somebody_unknown_is_told_who_there_is(slack, session):
    """A browser cannot read a refused handshake, so it is opened and told."""
    async with session.ws_connect(f"{slack.url}live?as=U0NOBODY") as socket:
        told = await socket.receive_json()
        end = await socket.receive()

    assert told["type"] == "nobody"
    assert "U0NOBODY" in told["text"]
    assert told["people"] == {"U0ANN": "ann", "U0BEN": "ben", "U0GUS": "gus"}
    assert end.data == 4004


async def test_without_a_name_one_is_the_first_person(slack, session):
    async with session.ws_connect(f"{slack.url}live") as socket:
        assert (await socket.receive_json())["you"] == "U0ANN"


@pytest.mark.parametrize("who", ["U0BOT", "USLACKBOT"])
async def test_nobody_can_be_the_app(slack, session, who):
    async with session.ws_connect(f"{slack.url}live?as={who}") as socket:
        assert (await socket.receive_json())["type"] == "nobody"
