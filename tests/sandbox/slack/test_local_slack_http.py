"""HTTP mode: the same people, the app behind a signed URL."""

import time

import pytest
from aiohttp import web

from bot.sandbox.slack import NoAck, NoApp
from bot.sandbox.slack.http_mode import signed

CHANNEL = "C0RELEASES"


@pytest.fixture
async def url(bolt):
    """The Bolt app behind a plain web server."""
    from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request

    async def events(request: web.Request) -> web.Response:
        answer = await bolt.app.async_dispatch(await to_bolt_request(request))
        return await to_aiohttp_response(answer)

    served = web.Application()
    served.router.add_post("/slack/events", events)
    runner = web.AppRunner(served)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    await runner.cleanup()


@pytest.fixture
def ann(slack, url):
    slack.use_http(url)
    return slack.person("U0ANN")


async def test_the_same_talk_goes_over_http(slack, ann):
    """Command, card, modal with an error, Home tab: nobody notices the difference."""
    await ann.types("/rollout promote", channel=CHANNEL)
    card = await slack.until(lambda: slack.channel(CHANNEL).find("waits"), "a card")
    await ann.presses(card, "rollout:header-only")
    modal = await slack.until(lambda: ann.modal, "a modal")
    await ann.submits(modal, {"reason": "no"})

    assert ann.errors == {"reason": "say more"}
    assert slack.deliveries[-1].status == 200
    await ann.opens_home()
    await slack.until(lambda: ann.home, "a Home tab")


async def test_an_answer_may_be_the_body(ann):
    await ann.types("/rollout help", channel=CHANNEL)

    assert ann.ephemerals[-1].plain == "verbs: promote"


async def test_a_wrong_secret_is_no_acknowledgement(slack, url):
    slack.use_http(url, "another secret")
    with pytest.raises(NoAck, match="HTTP 401"):
        await slack.person("U0ANN").types("/rollout help", channel=CHANNEL)


async def test_nobody_there_is_no_app(slack):
    slack.use_http("http://127.0.0.1:9/slack/events")
    with pytest.raises(NoApp):
        await slack.person("U0ANN").types("/rollout help", channel=CHANNEL)


async def test_requests_may_be_forged(slack, url):
    """Whatever is answered is kept: an old signature, a replayed one, the challenge."""
    challenge = {"type": "url_verification", "challenge": "abc", "token": "t"}
    good = await slack.post_to(url, slack.signing_secret, "events_api", challenge)
    old = signed(slack.signing_secret, b"other body", at=time.time() - 400)
    bad = await slack.post_to(url, slack.signing_secret, "events_api", challenge, headers=old)

    assert (good.status, good.answer) == (200, {"challenge": "abc"})
    assert bad.status == 401
