"""A finding is muted by somebody who may, with a reason and an end; then it is quiet."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.balancing.finding import Severity
from bot.messages import replies
from bot.release.access import AccessPolicy, Permission, Rule
from bot.release.errors import NotAllowed, NotNow
from bot.release.routing import Route, Routing
from tests.builders import ANN, BEN, NOON
from tests.flows.room import RELEASES, a_question, a_request, on_disk
from tests.flows.wired import SHADOWED, finding, found, message_of, patrol, posted, wire
from tests.messages.reading_aloud import SEAL, buttons, read, read_view

OTHER = finding("ORD-03", message="The weighted rule is shadowed.")
BUT_MUTE = frozenset(Permission) - {Permission.MUTE}


def mute(room, which=SHADOWED, until="8h", actor=ANN, reason="migration on Monday", **changes):
    """What comes of the form."""
    words = (which.fingerprint, until)
    return a_request(
        "mute", actor, **{"seen": room.seen(), "reason": reason, "words": words, **changes}
    )


def unmute(room, which=SHADOWED, actor=ANN):
    return a_request("unmute", actor, seen=room.seen(), words=(which.fingerprint,))


@pytest.fixture
async def told(room, bot):
    """The finding was told, and its message has a thread."""
    await found(room, bot, SHADOWED)
    await posted(bot)
    return bot


async def test_the_form_asks_for_how_long_and_why(room, told):
    pressed = SEAL.open(buttons(message_of(told)[1])["rollout:mute"]["value"])
    assert (pressed.verb, pressed.about) == ("mute", SHADOWED.fingerprint)

    request = a_request("mute", seen=pressed.sighting, words=(pressed.about,))
    form = await told.operate.propose(request)

    said = read_view(form)
    assert SHADOWED.message in said
    assert "1 hour" in said
    assert "7 days" in said
    assert "No message and no reminder of it until then." in said
    assert "and in drift, and I tell it" in said, "a hint is plain text: signs would be seen"
    asked = SEAL.open_modal(form["private_metadata"])
    assert (asked.verb, asked.extra) == ("mute", {"finding": SHADOWED.fingerprint})
    reason = next(b for b in form["blocks"] if b.get("block_id") == "reason")
    assert reason["optional"] is False


async def test_from_the_menu_of_the_card_one_of_several_is_chosen(room, bot):
    await found(room, bot, SHADOWED, OTHER)

    form = await bot.operate.propose(a_request("mute", seen=room.seen()))

    select = next(b["element"] for b in form["blocks"] if b.get("block_id") == "finding")
    assert [option["value"] for option in select["options"]] == [
        SHADOWED.fingerprint,
        OTHER.fingerprint,
    ]
    assert SEAL.open_modal(form["private_metadata"]).extra == {}


async def test_somebody_who_was_second_hears_that_it_is_muted_by_whom_and_until_when(room, told):
    await told.operate(mute(room))
    pressed = a_request("mute", BEN, seen=room.seen(), words=(SHADOWED.fingerprint,))
    with pytest.raises(NotNow) as refused:
        await told.operate.propose(pressed)

    assert read(replies.refused(refused.value)) == (
        'Not done: it is muted until 20:00 UTC by @U0ANN: "migration on Monday". '
        "`drift tomozo/tomozo` can end that."
    )


@on_disk
async def test_what_is_muted_is_quiet_until_its_end(room, told):
    answer = await told.operate(mute(room))

    assert "Done: tomozo/tomozo. Muted until" in answer.text
    assert 'by <@U0ANN>: "migration on Monday"' in answer.text
    for _ in range(7):
        await patrol(room, told, hours=1)
    assert len(told.chat.posts) == 1, "neither told again nor reminded of"

    await patrol(room, told, hours=1)
    assert "still there" in told.chat.posts[1]
    assert "The mute by @U0ANN has ended" in read(told.chat.posted[1][1])
    assert "Muted" not in read(message_of(told)[1])
    assert await told.bulletin.mutes() == []
    await patrol(room, told, hours=1)
    assert len(told.chat.posts) == 2


async def test_it_is_told_once_in_the_thread_and_shown_on_the_message(room, told):
    await told.operate(mute(room))

    slot, message = message_of(told)
    assert 'Muted until 20:00 UTC by @U0ANN: "migration on Monday"' in read(message)
    assert "rollout:unmute" in buttons(message)
    ((to, line, _, loud),) = [t for t in told.chat.told if t[0] == slot]
    assert (to, loud) == (slot, False)
    assert "Until then I say nothing more of it here." in read(line)


async def test_what_was_told_among_others_is_muted_by_a_line_in_the_channel(room, bot):
    """Of six at once none has a message of its own."""
    many = [finding(f"ORD-{n:02}", message=f"Fault {n}.") for n in range(1, 7)]
    await found(room, bot, *many)
    await bot.operate(mute(room, many[0]))

    assert bot.chat.posts[1].startswith("tomozo/tomozo: Muted until")
    assert bot.chat.posted[1][0] == RELEASES


async def test_the_ledger_knows_who_what_why_and_until_when(room, told):
    await told.operate(mute(room, until="1d"))

    (entry,) = await told.entries("mute")
    assert (entry.actor.id, entry.reason) == ("U0ANN", "migration on Monday")
    assert (entry.outcome, entry.namespace, entry.name) == ("done", "tomozo", "tomozo")
    assert entry.detail["key"] == SHADOWED.key
    assert entry.detail["until"] == (room.clock() + timedelta(days=1)).isoformat()
    said = read(await told.answer(a_question("history")))
    assert "mute of ORD-01 by @U0ANN" in said


async def test_who_asks_sees_it_with_its_end_and_its_reason(room, told):
    await told.operate(mute(room))
    answer = await told.answer(a_question("drift"))

    assert "nothing new; 1 muted." in answer.text
    said = read(answer)
    assert "Muted until 20:00 UTC by @U0ANN" in said
    assert "migration on Monday" in said
    assert "rollout:unmute" in buttons(answer)
    summary = await told.patrol.sum_up(RELEASES, since=NOON)
    assert (summary.concerns, summary.muted) == ((), 1)
    assert "(ORD-01)" in read(told.card), "the card tells the truth all the same"


async def test_that_it_is_gone_is_told_once_then_it_may_come_and_go(room, told):
    await told.operate(mute(room))
    for _ in range(3):
        wire(told)
        await patrol(room, told, minutes=1)
        await found(room, told, SHADOWED)

    assert [post.partition(": ")[2][:4] for post in told.chat.posts[1:]] == ["gone"]
    assert "Gone after" in read(message_of(told)[1])


async def test_what_comes_back_and_stays_is_told_when_the_mute_ends(room, told):
    await told.operate(mute(room, until="1h"))
    wire(told)
    await patrol(room, told, minutes=1)
    await found(room, told, SHADOWED)
    assert len(told.chat.posts) == 2

    await patrol(room, told, hours=1)
    assert told.chat.posts[2] == f"tomozo/tomozo: {SHADOWED.message}"


async def test_what_gets_graver_is_told(room, bot):
    high = replace(SHADOWED, severity=Severity.HIGH)
    await found(room, bot, high)
    await posted(bot, high)
    await bot.operate(mute(room, high, until="7d"))
    await found(room, bot, SHADOWED)

    assert "still there" in bot.chat.posts[1]
    said = read(bot.chat.posted[1][1])
    assert "It was high when it was muted by @U0ANN; now it is critical" in said
    assert await bot.bulletin.mutes() == []


async def test_a_mute_can_be_ended_by_hand(room, told):
    await told.operate(mute(room))
    answer = await told.operate(unmute(room, actor=BEN))

    assert "Done: no longer muted" in answer.text
    assert await told.bulletin.mutes() == []
    assert "rollout:mute" in buttons(message_of(told)[1])
    assert "the mute was ended by <@U0BEN>" in told.chat.lines[-1]
    await patrol(room, told, hours=5)
    assert "still there" in told.chat.posts[1]
    assert "not muted any more" in (await told.operate(unmute(room))).text


@on_disk
async def test_a_restart_forgets_no_mute(room, told):
    await told.operate(mute(room))
    await told.stop()

    other = await room.start()
    await found(room, other, SHADOWED)
    await patrol(room, other, hours=5)

    assert other.chat.posts == []
    assert "Muted until" in read(await other.answer(a_question("drift")))


async def test_a_button_is_good_after_a_restart_before_anything_was_looked_for(room, told):
    await told.stop()
    other = await room.start()

    assert "Muted until" in (await other.operate(mute(room))).text


async def test_only_who_may_mute_mutes(room):
    policy = AccessPolicy((Rule(allow=BUT_MUTE, users=frozenset({"U0ANN"})),))
    bot = await room.start(policy=policy)
    await found(room, bot, SHADOWED)

    with pytest.raises(NotAllowed, match="You may not mute in tomozo"):
        await bot.operate.propose(a_request("mute", seen=room.seen()))
    answer = await bot.operate(mute(room))

    assert "You may not mute in tomozo" in answer.text
    assert await bot.bulletin.mutes() == []
    assert [e.outcome for e in await bot.entries("mute")] == ["refused:not-allowed"]
    assert bot.outcomes[-1] == ("mute", "refused")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        pytest.param({"reason": ""}, "Say why", id="no-reason"),
        pytest.param({"until": "9y"}, "For how long?", id="no-end"),
        pytest.param({"which": OTHER}, "gone already", id="gone"),
        pytest.param({"seen": None}, "with the button", id="typed"),
    ],
)
async def test_what_makes_no_sense_is_refused_on_record(room, told, changes, why):
    answer = await told.operate(mute(room, **changes))

    assert why in answer.text
    assert await told.bulletin.mutes() == []
    assert len(await told.entries("mute")) == 1


async def test_a_form_for_what_is_gone_is_refused(room, told):
    wire(told)
    await patrol(room, told, minutes=1)

    with pytest.raises(NotNow, match="gone already"):
        await told.operate.propose(
            a_request("mute", seen=room.seen(), words=(SHADOWED.fingerprint,))
        )


async def test_every_channel_that_was_told_hears_of_the_mute(room):
    bot = await room.start(routing=Routing((Route(channel="C1"), Route(channel="C2"))))
    await found(room, bot, SHADOWED)
    await bot.operate(mute(room))

    told = [channel for channel, message, _ in bot.chat.posted if "Muted until" in message.text]
    assert sorted(told) == ["C1", "C2"]
