"""Frames that no page of ours would send: each gets a clear answer, and nothing breaks."""

import json

import pytest

CHANNEL = "C0RELEASES"


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        pytest.param({"do": "dance", "ref": 1}, "dance", id="unknown-verb"),
        pytest.param({"ref": 1}, "do", id="no-verb"),
        pytest.param({"do": "type", "ref": 1, "channel": CHANNEL}, "text", id="no-text"),
        pytest.param(
            {"do": "type", "ref": 1, "channel": 7, "text": "x"}, "channel", id="wrong-type"
        ),
        pytest.param({"do": "home", "ref": 1, "colour": "red"}, "colour", id="too-much"),
        pytest.param(
            {"do": "type", "ref": 1, "channel": CHANNEL, "text": "x" * 12_001}, "text", id="long"
        ),
        pytest.param(
            {"do": "pull", "ref": 1, "lever": "x", "arguments": {"a": {}}}, "arguments", id="deep"
        ),
    ],
)
async def test_a_malformed_frame_is_answered_by_its_ref(ann, frame, words):
    await ann.say(json.dumps(frame))
    answer = await ann.answer_to(1)

    assert answer["ok"] is False
    assert answer["text"].startswith("This frame cannot be read")
    assert words in answer["text"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "null", "[]", '"x"', '{"do": "home"}', '{"do": "home", "ref": true}', "[" * 9_000],
)
async def test_what_has_no_ref_gets_an_error_frame_and_the_visit_goes_on(ann, text):
    await ann.say(text)
    error = await ann.until(lambda: next((f for f in ann.frames if f["type"] == "error"), None))

    assert error["text"].startswith("This frame")
    assert (await ann.do("type", channel=CHANNEL, text="still here"))["ok"] is True


async def test_bytes_are_not_understood(ann):
    await ann.say_bytes(b"\x00\x01")

    await ann.until(
        lambda: (
            ann.frames[-1]
            == {
                "type": "error",
                "text": "Only text is understood here.",
            }
        )
    )


async def test_a_page_gone_wild_is_held_back(app, ann):
    """Twenty presses may be under way; what comes beyond is refused, the others are done."""
    app.silent.add("/rollout")
    for ref in range(100, 125):
        frame = {"do": "type", "ref": ref, "channel": CHANNEL, "text": "/rollout"}
        await ann.say(json.dumps(frame))
    answers = [await ann.answer_to(ref) for ref in range(100, 125)]

    assert [answer["ok"] for answer in answers] == [True] * 20 + [False] * 5
    assert answers[-1]["text"].startswith("Too much at once")


async def test_a_fault_of_the_sandbox_is_told_and_logged(ann, cluster, caplog):
    async def broken(lever, arguments):
        raise RuntimeError("a bug")

    cluster.pull = broken
    answer = await ann.do("pull", lever="bot-stop")

    assert answer["text"] == "The sandbox itself failed; its log tells more."
    assert "pull of U0ANN went wrong" in caplog.text
    assert (await ann.do("type", channel=CHANNEL, text="still here"))["ok"] is True


async def test_a_cluster_that_cannot_be_read_ends_the_visit_and_is_logged(
    slack, session, cluster, caplog
):
    """The page comes back by itself; the log tells what was wrong."""

    def broken():
        raise RuntimeError("a bug")

    cluster.rollouts = broken
    async with session.ws_connect(f"{slack.url}live?as=U0ANN") as socket:
        async for _ in socket:
            pass

    assert socket.close_code == 1011
    assert "a visit of U0ANN broke off" in caplog.text
