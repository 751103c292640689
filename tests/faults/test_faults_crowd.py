"""What the tests of faults write down about the presses themselves."""

import asyncio

from bot.sandbox.slack import LocalSlack
from tests.faults.crowd import Crowd
from tests.faults.history import History
from tests.sandbox.page.tinyapp import TinyApp

CHANNEL = "C0RELEASES"
BUTTON = {
    "type": "button",
    "action_id": "rollout:promote",
    "text": {"type": "plain_text", "text": "Promote"},
}
CARD = {
    "text": "shop/app waits at step 1 of 4",
    "blocks": [{"type": "actions", "elements": [BUTTON]}],
    "metadata": {"event_type": "card", "event_payload": {"uid": "u1", "revision": "new"}},
}


async def test_a_press_is_not_acknowledged_by_the_next_one_of_the_same_card():
    """The bot is killed under the first one, and again when it has acknowledged the second."""
    history = History()
    async with LocalSlack(ack_deadline=0.5) as slack, TinyApp(slack) as app:
        slack.add_person("U0ANN", "ann")
        slack.add_channel(CHANNEL, "releases", members=["U0ANN"])
        await app.post(channel=CHANNEL, **CARD)
        app.silent.add("rollout:promote")
        crowd = Crowd(slack, history)
        (card,) = crowd.cards(CHANNEL)
        pressing = [asyncio.create_task(crowd.press("U0ANN", card, "promote")) for _ in range(2)]
        await asyncio.sleep(0)  # both have begun
        history.acks.add(slack.deliveries[1].id)  # as the door does; Slack never hears of it
        presses = await asyncio.gather(*pressing)
    assert [press.acked for press in presses] == [False, True]
