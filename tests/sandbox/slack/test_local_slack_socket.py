"""Socket Mode with the real handler: hello, acknowledgements, reconnects, several links."""

import asyncio

import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler

from bot.sandbox.slack import NoAck, NoApp

CHANNEL = "C0RELEASES"


@pytest.fixture
def ann(slack):
    return slack.person("U0ANN")


async def test_without_an_app_the_person_sees_an_error(slack, ann):
    with pytest.raises(NoApp):
        await ann.types("/rollout status", channel=CHANNEL)


async def test_an_app_that_is_told_to_go_comes_back(slack, connected, ann):
    """`refresh_requested`: a new link, and commands arrive on it."""
    (old,) = slack.socket.open_links
    await slack.socket.disconnect("refresh_requested")
    await slack.until(lambda: slack.socket.open_links, "a new link")

    assert old not in slack.socket.open_links
    await ann.types("/rollout status", channel=CHANNEL)
    assert len(slack.called("apps.connections.open")) == 2


async def test_an_app_comes_back_after_a_cut(slack, connected, ann):
    slack.socket.drop()
    await slack.until(lambda: not slack.socket.links, "the end of the link")
    with pytest.raises(NoApp):
        await ann.types("/rollout status", channel=CHANNEL)
    await slack.connected()

    await ann.types("/rollout status", channel=CHANNEL)


@pytest.mark.parametrize("deadline", [0.5])
async def test_an_app_notices_that_nothing_comes_through(slack, connected, ann):
    """Half-open: what is sent is lost, and after four missed pongs there is a new link."""
    slack.socket.mute()
    with pytest.raises(NoAck):
        await ann.types("/rollout status", channel=CHANNEL)
    await slack.until(
        lambda: [link for link in slack.socket.open_links if not link.mute], "a new link"
    )

    await ann.types("/rollout status", channel=CHANNEL)


async def test_two_links_share_what_comes(slack, connected, bolt, ann):
    """Each payload goes to one of them; one may go without anybody noticing."""
    second = AsyncSocketModeHandler(bolt.app, slack.app_token, ping_interval=5)
    await second.connect_async()
    await slack.connected(2)
    for _ in range(4):
        await ann.types("/rollout help", channel=CHANNEL)
    assert len(bolt.heard) == 4

    await second.close_async()
    await slack.until(lambda: len(slack.socket.links) == 1)
    await ann.types("/rollout help", channel=CHANNEL)
    assert len(bolt.heard) == 5


async def test_each_payload_goes_to_one_link_in_turn(slack, session, client, ann):
    """Seen on the bare wire, with acknowledgements by hand."""
    links = []
    for _ in range(2):
        url = (await client.apps_connections_open(app_token=slack.app_token))["url"]
        links.append(await session.ws_connect(url))
        await links[-1].receive_json()
    typing = asyncio.gather(*(ann.types(f"/rollout {n}", channel=CHANNEL) for n in range(2)))
    envelopes = [await link.receive_json() for link in links]
    for link, envelope in zip(links, envelopes, strict=True):
        await link.send_json({"envelope_id": envelope["envelope_id"]})
    deliveries = await typing

    assert sorted(e["payload"]["text"] for e in envelopes) == ["0", "1"]
    assert {e["envelope_id"] for e in envelopes} == {d.id for d in deliveries}
    assert {(e["type"], e["accepts_response_payload"]) for e in envelopes} == {
        ("slash_commands", True)
    }
    for link in links:
        await link.close()


@pytest.mark.parametrize("deadline", [30.0])  # of all together; how fast it is, is not asked
async def test_many_commands_at_once_are_all_acknowledged(slack, connected, ann):
    await asyncio.gather(*(ann.types("/rollout help", channel=CHANNEL) for _ in range(50)))

    assert all(delivery.acked for delivery in slack.deliveries)
    assert len(ann.ephemerals) == 50


@pytest.mark.parametrize("deadline", [0.5])
async def test_a_late_acknowledgement_is_still_measured(slack, bolt, connected, ann):
    """The person has seen an error, and the record tells that the app came too late."""
    release = asyncio.Event()

    async def slow(ack):
        await release.wait()
        await ack()

    bolt.app.command("/slow")(slow)
    with pytest.raises(NoAck, match=r"no acknowledgement in 0\.5 s"):
        await ann.types("/slow", channel=CHANNEL)
    assert slack.deliveries[-1].acked is None
    release.set()
    await slack.until(lambda: slack.deliveries[-1].acked, "the late acknowledgement")

    assert slack.deliveries[-1].latency > 0.5


async def test_the_wire_says_hello_once_for_each_ticket(slack, session, client):
    """A ticket opens one link; the eleventh link is sent away."""
    urls = [
        (await client.apps_connections_open(app_token=slack.app_token))["url"] for _ in range(11)
    ]
    links = [await session.ws_connect(url) for url in urls]
    first = [await link.receive_json() for link in links]

    assert [frame["type"] for frame in first] == ["hello"] * 10 + ["disconnect"]
    assert first[2]["num_connections"] == 3
    assert first[2]["debug_info"]["approximate_connection_time"] == 3600
    assert first[10]["reason"] == "too_many_websockets"
    async with session.get(urls[0].replace("ws:", "http:")) as again:
        assert again.status == 408
    for link in links:
        await link.close()
