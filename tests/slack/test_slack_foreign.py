"""What comes from elsewhere, or is no text that anybody would type."""

import pytest
from slackroom import CHANNEL, SEEN, heard

from bot.release.access import Standing


async def test_people_of_another_workspace_get_no_answers(slack, app, flows, ann, posted):
    """Not by command, not by a press, not on the Home tab: they would read all that is released."""
    slack.workspace.id = "T0OTHER"
    await ann.types("/rollout list", channel=CHANNEL)
    await heard(slack, ann, "People of other workspaces get no answers")
    await ann.presses(posted, "rollout:more", option="steps")
    await ann.opens_home()
    await app.desk.finish(5)

    assert len(ann.ephemerals) == 2
    assert not flows.questions
    assert ann.home is None


@pytest.mark.parametrize(
    "details",
    [
        pytest.param({"is_stranger": True}, id="stranger"),
        pytest.param({"team_id": "T0OTHER"}, id="of-another-team"),
        pytest.param({"deleted": True}, id="gone"),
    ],
)
async def test_nor_do_strangers_in_a_shared_channel(slack, app, flows, details):
    """The payload says our workspace; who they are says Slack."""
    eve = slack.add_person("U0EVE", "eve", **details)
    slack.channel(CHANNEL).channel.members.append("U0EVE")
    await eve.types("/rollout list", channel=CHANNEL)
    await heard(slack, eve, "People of other workspaces get no answers")
    await eve.types("/rollout abort shop/api", channel=CHANNEL)
    await slack.until(lambda: flows.requests)

    assert not flows.questions
    assert flows.requests[0].actor.standing is Standing.STRANGER, "the policy refuses them"


async def test_while_slack_does_not_tell_who_somebody_is_they_may_read(slack, app, flows, ann):
    slack.fail_next("users.info", error="fatal_error", times=9)
    await ann.types("/rollout status shop/api", channel=CHANNEL)

    await heard(slack, ann, "status shop/api: heard")


@pytest.mark.parametrize("way", ["socket", "http"])
async def test_a_payload_for_another_app_or_none_is_refused(slack, running, flows, ann, way):
    await running(mode=way)
    for app_id in ("A0OTHER", ""):
        object.__setattr__(slack.workspace.app, "id", app_id)
        with pytest.raises(Exception, match=r"no acknowledgement|HTTP 403"):
            await ann.types("/rollout abort shop/api", channel=CHANNEL)

    assert not flows.requests


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("x" * 100_000, id="100-kB"),
        pytest.param(" ".join(["a"] * 10_000), id="10,000-words"),
        pytest.param("--reason " * 2_000, id="options"),
        pytest.param("9" * 5_000, id="number"),
        pytest.param("'" * 3_000, id="quotes"),
        pytest.param('"\\' * 1_500, id="escapes"),
    ],
)
async def test_too_much_is_answered_in_few_words(slack, app, flows, ann, words):
    await ann.types(f"/rollout abort shop/api {words}", channel=CHANNEL)
    said = await heard(slack, ann, "not done")

    assert len(said.plain) < 400
    assert not flows.requests


@pytest.mark.parametrize("said", ["a\0b", "a\u202eb", "<!channel> @here", "`x` *y* _z_"])
async def test_a_reason_is_kept_as_text(slack, app, flows, ann, said):
    """What is shown of it is escaped where it is shown; NUL would be refused by databases."""
    await ann.types(f'/rollout abort shop/api --reason "{said}"', channel=CHANNEL)
    await slack.until(lambda: flows.requests)

    assert "\0" not in flows.requests[0].reason
    assert flows.requests[0].target == "shop/api"


async def test_what_the_message_says_of_itself_is_a_name_or_nothing(
    slack, app, flows, ann, calls, shelf, posted
):
    """A menu that is too old is read by the message's metadata: no path may come of that."""
    shelf.sightings.clear()
    posted.metadata["event_payload"] = {"namespace": "../../secrets", "name": "x?watch=1"}
    await ann.presses(posted, "rollout:more", option="steps")
    await slack.until(lambda: flows.refusals)

    assert not flows.questions
    assert SEEN.name not in str(flows.refusals[0][2])
