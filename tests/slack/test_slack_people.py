"""Who somebody is, and which channels there are."""

import pytest

from bot.release.access import Standing
from bot.slack.channels import UnknownChannel, resolve
from bot.slack.credentials import Denied, who_am_i
from bot.slack.people import People


class Clock:
    """A clock that only moves when told."""

    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def people(slack, calls, clock):
    slack.add_group("S0DBA", "dba", ["U0BEN", "U0ANN"])
    return People(calls, ["S0ONCALL", "S0DBA"], lambda: slack.workspace.id, clock=clock)


@pytest.mark.parametrize(
    ("details", "standing"),
    [
        pytest.param({}, Standing.MEMBER, id="member"),
        pytest.param({"is_restricted": True}, Standing.GUEST, id="guest"),
        pytest.param({"is_ultra_restricted": True}, Standing.GUEST, id="single-channel-guest"),
        pytest.param({"is_bot": True}, Standing.BOT, id="bot"),
        pytest.param({"is_stranger": True}, Standing.STRANGER, id="stranger"),
        pytest.param({"team_id": "T0OTHER"}, Standing.STRANGER, id="other-team"),
        pytest.param({"deleted": True}, Standing.STRANGER, id="deleted"),
    ],
)
async def test_standing(slack, people, details, standing):
    slack.add_person("U0EVE", "eve", **details)

    assert (await people.actor("U0EVE")).standing is standing


async def test_somebody_whom_slack_does_not_know(people):
    assert (await people.actor("U0NOBODY")).standing is Standing.STRANGER


async def test_groups_are_those_of_the_policy(slack, people):
    slack.add_group("S0OTHER", "other", ["U0ANN"])
    ann, ben = await people.actor("U0ANN"), await people.actor("U0BEN")

    assert (ann.groups, ben.groups) == ({"S0ONCALL", "S0DBA"}, {"S0DBA"})
    assert not ann.groups_unknown
    assert len(slack.called("usergroups.users.list")) == 2, "asked once for both"


async def test_what_slack_said_is_good_for_a_minute(slack, people, clock):
    await people.actor("U0ANN")
    slack.add_group("S0ONCALL", "oncall", [])
    clock.now = 59
    assert "S0ONCALL" in (await people.actor("U0ANN")).groups
    clock.now = 60
    assert "S0ONCALL" not in (await people.actor("U0ANN")).groups
    assert len(slack.called("users.info")) == 2


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"http_status": 429, "retry_after": "30"}, id="rate-limit"),
        pytest.param({"http_status": 500}, id="500"),
        pytest.param({"drop": "before", "times": 9}, id="drop"),  # aiohttp repeats a GET
        pytest.param({"error": "missing_scope"}, id="missing-scope"),
    ],
)
async def test_what_slack_does_not_tell_is_unknown(slack, people, clock, fault):
    """Whoever is unknown cannot act; what was known a minute ago does not count any more."""
    await people.actor("U0ANN")
    clock.now = 61
    slack.fail_next("users.info", **fault)
    slack.fail_next("usergroups.users.list", **({"times": 2} | fault))
    ann = await people.actor("U0ANN")

    assert (ann.standing, ann.groups, ann.groups_unknown) == (Standing.UNKNOWN, set(), True)


async def test_a_failure_is_not_remembered(slack, people):
    slack.fail_next("users.info", http_status=500)
    slack.fail_next("usergroups.users.list", http_status=500)
    assert (await people.actor("U0ANN")).groups_unknown
    ann = await people.actor("U0ANN")

    assert (ann.standing, ann.groups_unknown) == (Standing.MEMBER, False)


async def test_a_group_that_does_not_exist_has_no_members(slack, calls, caplog):
    people = People(calls, ["S0GONE"], lambda: slack.workspace.id)
    ann = await people.actor("U0ANN")
    await people.actor("U0BEN")

    assert (ann.groups, ann.groups_unknown) == (set(), False)
    assert caplog.text.count("S0GONE") == 1


# --- channels -------------------------------------------------------------------------------------


async def test_channels_are_found_by_name_and_id(slack, calls):
    for n in range(250):
        slack.add_channel(f"C0MANY{n:03}", f"many-{n}")
    slack.add_channel("C0SECRET01", "secret", is_private=True)
    found = await resolve(calls, ["#releases", "C0RELEASES", "many-249", "#secret", "C0SECRET01"])

    assert found == {
        "#releases": "C0RELEASES",
        "C0RELEASES": "C0RELEASES",
        "many-249": "C0MANY249",
        "#secret": "C0SECRET01",
        "C0SECRET01": "C0SECRET01",
    }


async def test_unknown_channels_are_named_all_at_once(slack, calls):
    slack.add_channel("C0HIDDEN01", "hidden", is_private=True, with_app=False)
    with pytest.raises(UnknownChannel) as unknown:
        await resolve(calls, ["#relases", "C0NOWHERE1", "#hidden", "#releases"])

    assert unknown.value.names == ("#relases", "C0NOWHERE1", "#hidden")
    assert "no channel #relases in this workspace (did you mean #releases?)" in str(unknown.value)


async def test_ids_alone_need_no_list(slack, calls):
    assert await resolve(calls, ["C0RELEASES"])
    assert not slack.called("conversations.list")


async def test_a_busy_slack_is_waited_for(slack, calls):
    slack.fail_next("conversations.list", http_status=429, retry_after="1")
    slack.fail_next("conversations.list", drop="before", times=2)

    assert await resolve(calls, ["#releases"]) == {"#releases": "C0RELEASES"}


async def test_without_the_scope_it_says_which(slack, calls):
    slack.workspace.scopes -= {"channels:read", "groups:read"}
    with pytest.raises(Denied, match="one of these scopes is missing: channels:read, groups:read"):
        await resolve(calls, ["#releases"])


async def test_public_channels_are_found_without_the_scope_for_private_ones(slack, calls):
    """Slack refuses the whole list where one of the types that are asked for may not be seen."""
    slack.workspace.scopes.discard("groups:read")
    await who_am_i(calls)  # that is when Slack tells the scopes

    assert await resolve(calls, ["#releases"]) == {"#releases": "C0RELEASES"}


async def test_a_channel_without_us_is_warned_about(slack, calls, caplog):
    slack.add_channel("C0PUBLIC01", "public", with_app=False)
    slack.add_channel("C0OLD00001", "old").archive()
    await resolve(calls, ["#public", "C0OLD00001"])

    assert "The channel public does not have me as a member" in caplog.text
    assert "The channel old is archived" in caplog.text
