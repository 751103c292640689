"""Who asks for too much is told so and when to come again; an abort goes through all the same."""

import asyncio
import logging

import pytest
from slackroom import CHANNEL, SEAL, SEEN, Flows, heard

from bot.messages.blocks import Message
from bot.release.errors import NotAllowed
from bot.slack import limits as module
from bot.slack.desk import Desk
from bot.slack.limits import Kind, Limits, Rate, Rules
from bot.slack.occasions import Occasion

FEW = Rules(
    read=Rate(burst=2, a_minute=10),
    act=Rate(burst=2, a_minute=10),
    abort=Rate(burst=4, a_minute=60),
    channel=Rate(burst=3, a_minute=60),
    refusals=3,
)


class Hand:
    """A clock that is moved by hand."""

    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Hand()


@pytest.fixture
def limits(clock):
    return Limits(FEW, clock)


def test_an_allowance_is_used_up_and_fills_again(limits, clock):
    assert [limits.ask(Kind.READ, "U1", "") for _ in range(3)] == [0, 0, 6]
    clock.now += 5.9
    assert 0 < limits.ask(Kind.READ, "U1", "") < 0.2
    clock.now += 0.2
    assert limits.ask(Kind.READ, "U1", "") == 0
    assert limits.ask(Kind.READ, "U1", "") > 0
    clock.now += 3600
    assert [limits.ask(Kind.READ, "U1", "") for _ in range(3)] == [0, 0, 6], "never more than full"


def test_what_was_refused_uses_nothing_up(limits, clock):
    for _ in range(50):
        limits.ask(Kind.READ, "U1", "")
    clock.now += 6
    assert limits.ask(Kind.READ, "U1", "") == 0


def test_each_person_and_each_kind_has_its_own(limits):
    for kind in (Kind.READ, Kind.ACT):
        while not limits.ask(kind, "U1", ""):
            pass
    assert limits.ask(Kind.ABORT, "U1", "") == 0
    assert limits.ask(Kind.ACT, "U2", "") == 0


def test_questions_in_one_channel_are_limited_for_all_together_and_acts_are_not(limits):
    asked = [limits.ask(Kind.READ, f"U{n}", "C1") for n in range(5)]
    assert asked == [0, 0, 0, 1, 1]
    assert limits.ask(Kind.READ, "U9", "C2") == 0
    assert all(limits.ask(Kind.ACT, f"U{n}", "C1") == 0 for n in range(5))


def test_nobody_is_kept_for_ever(limits, monkeypatch):
    monkeypatch.setattr(module, "MOST_KEPT", 10)
    for n in range(100):
        limits.ask(Kind.READ, f"U{n}", f"C{n}")
        limits.refused(f"U{n}")
    kept = (limits._people[Kind.READ]._buckets, limits._channels._buckets, limits._refusals)

    assert [len(one) for one in kept] == [10, 10, 10]


def test_by_default_an_abort_can_be_pressed_faster_than_people_press(clock):
    limits = Limits(clock=clock)
    for _ in range(300):  # twice a second, for two and a half minutes
        assert limits.ask(Kind.ABORT, "U1", "C1") == 0
        clock.now += 0.5


def test_many_refusals_are_an_alert_and_cost_a_pause_in_which_abort_works(limits, clock, caplog):
    for _ in range(2):
        limits.refused("U1")
    assert not caplog.records
    limits.refused("U1")
    (alert,) = caplog.records

    assert (alert.levelno, alert.action, alert.user) == (logging.ERROR, "refused_often", "U1")
    assert limits.ask(Kind.ACT, "U1", "") == 30
    assert limits.ask(Kind.ABORT, "U1", "") == limits.ask(Kind.READ, "U1", "") == 0
    assert limits.ask(Kind.ACT, "U2", "") == 0
    clock.now += 31
    assert limits.ask(Kind.ACT, "U1", "") == 0


def test_refusals_now_and_then_are_none(limits, clock, caplog):
    for _ in range(20):
        limits.refused("U1")
        clock.now += 200
    assert not caplog.records


# --- on the wire ----------------------------------------------------------------------------------


@pytest.fixture
async def strict(running):
    """The app with few of everything."""
    return await running(rules=FEW)


async def test_a_command_over_the_limit_is_answered_and_asks_nobody(slack, strict, flows, ann):
    for _ in range(3):
        await ann.types("/rollout status shop/api", channel=CHANNEL)
    said = await heard(slack, ann, "Not answered: that is more at once")
    await strict.desk.finish(5)

    assert "Come again in 6 s" in said.plain
    assert "Abort works all the same" in said.plain
    assert len(flows.questions) == 2


async def test_presses_over_the_limit_are_answered_and_cost_no_record(
    slack, strict, flows, ann, shelf, posted
):
    for _ in range(4):
        await ann.presses(posted, "rollout:promote")
    await slack.until(lambda: sum("Not done: that" in m.plain for m in ann.ephemerals) == 2)
    await strict.desk.finish(5)

    assert (len(flows.requests), len(flows.refusals)) == (2, 0)
    assert not shelf.owed
    await ann.presses(posted, "rollout:abort")
    await heard(slack, ann, "abort api: heard")


async def test_a_form_over_the_limit_says_so_in_the_form(slack, strict, flows, ann, posted):
    await ann.presses(posted, "rollout:header-only")
    form = await slack.until(lambda: ann.modal, "the form")
    await ann.presses(posted, "rollout:promote")
    await ann.submits(form, {"reason": "x", "accept": "yes"})

    assert "more at once than I take" in str(ann.modal.body)
    assert [request.verb for request in flows.requests] == ["promote"]


async def test_whoever_tries_what_they_may_not_is_told_to_wait(slack, running, flows, ann, caplog):
    """Only what the policy refused counts, and not where Slack does not tell who they are."""
    rules = Rules(refusals=3)
    await running(rules=rules)

    async def refuse(asked):
        flows.requests.append(asked)
        return Message(text="You may not.", refused=NotAllowed.why)

    flows.__class__ = type("Refusing", (Flows,), {"__call__": lambda _, asked: refuse(asked)})
    slack.fail_next("usergroups.users.list", error="fatal_error", times=5)
    for n in range(8):
        await ann.types("/rollout promote shop/api", channel=CHANNEL)
        await slack.until(lambda n=n: len(ann.ephemerals) == n + 1)
    assert len(flows.requests) == 8, "the first five have done nothing wrong"
    await ann.types("/rollout promote shop/api", channel=CHANNEL)
    said = await heard(slack, ann, "Not done: I had to refuse you many times")

    assert "30 s" in said.plain
    assert [r.user for r in caplog.records if getattr(r, "action", "") == "refused_often"] == [
        "U0ANN"
    ]


async def test_forged_values_count_as_refusals(slack, strict, flows, ann, posted, caplog):
    for _ in range(3):
        await ann.presses(posted, "rollout:abort", value="forged")
    await slack.until(lambda: len(flows.refusals) == 3)
    await ann.presses(posted, "rollout:promote")

    await heard(slack, ann, "Not done: I had to refuse you many times")
    assert not flows.requests


# --- too much for everybody -----------------------------------------------------------------------


class Silent:
    """A voice that keeps what it was to tell."""

    def __init__(self):
        self.told = []

    async def tell(self, occasion, message):
        self.told.append(message.text)


@pytest.fixture
def desk(shelf, flows):
    class Nobody:
        pass

    return Desk(Nobody(), flows, flows, Silent(), shelf)


async def test_a_thousand_questions_do_not_hold_up_an_abort(desk):
    gate, done = asyncio.Event(), asyncio.Event()

    async def question():
        await gate.wait()

    async def abort():
        done.set()

    refused = 0
    for n in range(1000):
        there = Occasion(user=f"U{n}", team="")
        if desk.admit(there, Kind.READ):
            refused += 1
        else:
            desk.take(there, question)
            await asyncio.sleep(0)
    there = Occasion(user="U0ANN", team="")
    assert desk.admit(there, Kind.ABORT) is None
    desk.take(there, abort, kind=Kind.ABORT)
    await asyncio.wait_for(done.wait(), 5)

    assert refused == 1000 - 232
    gate.set()
    await desk.finish(5)


async def test_the_same_press_is_done_once_also_after_a_restart(desk, shelf, flows):
    """What was done is known to the database: another process, another replica knows it too."""
    done = []

    async def work():
        done.append(1)
        return Message(text="done")

    there = Occasion(user="U0ANN", team="", key="12.34.ab")
    again = Desk(desk.people, flows, flows, Silent(), shelf)
    for one in (desk, again, again):
        one.take(there, work, await one.promise(there, "promote"), Kind.ACT)
        await one.finish(5)

    assert done == [1]
    assert (desk.voice.told, again.voice.told) == (["done"], [])
    assert not shelf.owed


# --- what was made for one person -----------------------------------------------------------------


async def test_a_form_is_good_for_the_person_for_whom_it_was_opened(
    slack, app, flows, ann, calls, posted
):
    await ann.presses(posted, "rollout:header-only")
    form = await slack.until(lambda: ann.modal, "the form")
    stolen = {**form.body, "private_metadata": form.body["private_metadata"]}
    ben = slack.person("U0BEN")
    trigger = slack.workspace.screens.trigger("U0BEN")
    await calls("views.open", trigger_id=trigger, view=stolen)
    await ben.submits(ben.modal, {"reason": "x", "accept": "yes"})
    await slack.until(lambda: flows.refusals)

    assert "for somebody else" in flows.refusals[0][1].text
    assert not flows.requests


async def test_a_choice_is_good_for_the_person_who_was_asked(slack, app, flows, ann, posted):
    value = SEAL.button("promote", SEEN, reason="ann's", person="U0ANN")
    await slack.person("U0BEN").presses(posted, "rollout:choose:1", value=value)
    await slack.until(lambda: flows.refusals)
    assert not flows.requests
    await ann.presses(posted, "rollout:choose:1", value=value)
    await heard(slack, ann, "promote api: heard")


async def test_a_menu_stands_for_what_it_offered_and_no_other_verb(slack, app, flows, ann, posted):
    value = SEAL.option("steps", SEEN).replace("steps", "full")
    option = {"text": {"type": "plain_text", "text": "x"}, "value": value}
    posted.blocks[0]["elements"][4]["options"].append(option)
    await ann.presses(posted, "rollout:more", option="full")
    await heard(slack, ann, "not done: I did not make this menu")

    assert not flows.requests
    assert not flows.proposals
