"""What is wired wrong: told to whom it concerns, once; on the card before a release goes on."""

import pytest

from bot.balancing.finding import Severity
from bot.release.routing import Route, Routing
from tests.builders import NOON
from tests.flows.room import RELEASES, a_question, a_request, on_disk
from tests.flows.test_header_reaches import shadow
from tests.flows.test_patrol import write
from tests.flows.wired import SHADOWED, finding, found, missing, patrol, wire
from tests.messages.reading_aloud import buttons, read

GROUP = "alb.ingress.kubernetes.io/group.name"
MEDIUM = finding("WIRE-18", severity=Severity.MEDIUM, message="The canary Service flaps.")


async def test_it_is_told_once_it_is_certain_and_once_when_it_is_gone(room, bot):
    wire(bot, SHADOWED)
    await patrol(room, bot)
    assert bot.chat.posts == [], "seen once"

    await patrol(room, bot, seconds=1)
    (post,) = bot.chat.posts
    assert post == f"tomozo/tomozo: {SHADOWED.message}"
    said = read(bot.chat.posted[0][1])
    assert "(ORD-01, critical, first seen 1 s ago)" in said
    assert "Evidence: rule 1 takes all requests of rule 2" in said
    assert "Make the root path /*" in said
    assert "put it back" not in said, "there is nothing to put back"
    assert "Mute…" in said

    await patrol(room, bot, minutes=5)
    wire(bot)
    await patrol(room, bot, minutes=1)
    await patrol(room, bot, minutes=1)
    assert [p.split(": ")[1] for p in bot.chat.posts[1:]] == ["gone after 6 min"]


async def test_where_the_comparison_sees_the_same_it_counts(room, bot):
    """It knows who wrote it, and whether the controller will put it back."""
    write(room, 50)
    same = finding("WIRE-08", message="Another weight.", severity=Severity.HIGH)
    for _ in range(3):
        await found(room, bot, same)

    (post,) = bot.chat.posts
    assert "gives the canary 50 %" in post
    assert [f.message for f in bot.patrol.findings("tomozo-uid")] == [
        "Ingress tomozo gives the canary 50 %, the controller wrote 10 %."
    ]


async def test_what_depends_on_the_moment_waits_while_the_controller_is_on_its_way(room, bot):
    """Called off: the weights on the Ingress go back, and are nobody's fault."""
    room.cluster.manifest("rollouts")["status"]["abort"] = True
    late = finding("WIRE-09", message="The Ingresses differ.", severity=Severity.HIGH)
    await found(room, bot, late)
    assert bot.chat.posts == []

    del room.cluster.manifest("rollouts")["status"]["abort"]
    await found(room, bot, late)
    assert len(bot.chat.posts) == 1


@pytest.mark.parametrize(
    ("group", "told"), [pytest.param("web", 1, id="shared"), pytest.param("", 0, id="elsewhere")]
)
async def test_another_ingress_of_the_group_is_told_where_the_group_is_heard_of(
    room, bot, group, told
):
    room.cluster.manifest("ingresses")["metadata"]["annotations"][GROUP] = "web"
    other = {
        "metadata": {"namespace": "shop", "name": "cart", "annotations": {}},
        "spec": {"rules": []},
    }
    other["metadata"]["annotations"] = {"kubernetes.io/ingress.class": "alb"}
    if group:
        other["metadata"]["annotations"][GROUP] = group
    room.cluster.put("ingresses", other)
    wrong = finding("ORD-11", namespace="shop", rollout="", name="cart", message="No order.")

    await found(room, bot, wrong)

    assert [post for post in bot.chat.posts if post == "Ingress shop/cart: No order."] == [
        "Ingress shop/cart: No order."
    ] * told
    assert len(bot.chat.posts) == told
    assert [f.id for f in bot.patrol.findings("tomozo-uid")] == ["ORD-11"] * told


async def test_what_is_less_grave_is_shown_to_who_asks(room, bot):
    await found(room, bot, MEDIUM)

    assert bot.chat.posts == []
    answer = read(await bot.answer(a_question("drift")))
    assert "1 open finding." in answer
    assert "The canary Service flaps. (WIRE-18, medium" in answer
    summary = await bot.patrol.sum_up(RELEASES, since=NOON)
    assert (summary.concerns, summary.lesser, summary.muted) == ((), 1, 0)
    assert "1 open finding (`drift`)." in read(
        await bot.answer(a_question("digest", target="", words=("1h",)))
    )


async def test_how_grave_it_must_be_can_be_configured(room):
    bot = await room.start(drift_severity=Severity.MEDIUM)
    await found(room, bot, MEDIUM, finding("ANN-08", severity=Severity.LOW))

    assert bot.chat.posts == ["tomozo/tomozo: The canary Service flaps."]


async def test_many_at_once_are_one_message(room, bot):
    many = [finding(f"ORD-{n:02}", message=f"Fault {n}.") for n in range(1, 9)]
    await found(room, bot, *many)
    (post,) = bot.chat.posts
    assert post.startswith("8 findings found. tomozo/tomozo: Fault 1.")
    assert "`/rollout drift` shows all of them" in read(bot.chat.posted[0][1])

    await patrol(room, bot, minutes=1)
    assert len(bot.chat.posts) == 1
    wire(bot)
    await patrol(room, bot, minutes=1)
    assert bot.chat.posts[1].startswith("8 findings gone.")


async def test_what_cannot_be_looked_for_any_more_is_not_gone(room, bot):
    await found(room, bot, SHADOWED)
    wire(bot, missing("ORD-01"))
    await patrol(room, bot, minutes=1)
    assert len(bot.chat.posts) == 1

    answer = read(await bot.answer(a_question("drift")))
    assert "Not checked: 1 check was not possible (ORD-01): no right." in answer
    assert "Not checked" in read(await bot.answer(a_question("drift", target="")))


async def test_before_anything_was_looked_at_nothing_is_said_to_be_well(room, bot):
    for target in ("tomozo", ""):
        answer = await bot.answer(a_question("drift", target=target))
        assert "I have not looked yet since I was started." in answer.text

    await patrol(room, bot)
    answer = await bot.answer(a_question("drift"))
    assert "tomozo/tomozo: No drift" in answer.text
    assert "Looked" in read(answer)


@on_disk
async def test_a_restart_repeats_nothing(room, bot):
    await found(room, bot, SHADOWED)
    await bot.stop()

    other = await room.start()
    await found(room, other, SHADOWED)
    assert other.chat.posts == []
    wire(other)
    await patrol(room, other, minutes=1)
    assert len(other.chat.posts) == 1


async def test_each_channel_hears_of_its_own_rollouts(room):
    routes = (Route(channel="C1", namespaces=("shop",)), Route(channel="C2"))
    bot = await room.start(routing=Routing(routes))
    await found(room, bot, SHADOWED)

    assert [channel for channel, *_ in bot.chat.posted] == ["C2"]


async def test_what_was_found_is_not_called_unchecked(room, bot):
    """The comparison knows that the Ingress is gone where the inspection cannot be sure."""
    del room.cluster.objects["ingresses", "tomozo", "tomozo"]
    await found(room, bot, missing("ING-01"), missing("WIRE-01"))
    said = read(await bot.answer(a_question("drift")))

    assert "(ING-01, " in said
    assert "Not checked: 1 check was not possible (WIRE-01)" in said


# --- the card -------------------------------------------------------------------------------------


async def test_the_card_tells_it_and_is_right_when_it_is_gone(room, bot):
    assert "ORD-01" not in read(bot.card)
    await found(room, bot, MEDIUM, SHADOWED, finding("ORD-03"), finding("ORD-05"))
    await room.settled()

    line = f"⚠ {SHADOWED.message.rstrip('.')} (ORD-01) and 2 more"
    assert line in read(bot.card)
    assert line in read(await bot.answer(a_question("status")))
    pressed = buttons(bot.card)
    assert pressed["rollout:drift"]["text"]["text"] == "Details"
    assert "mute" in [o["value"].split()[0] for o in pressed["rollout:more"]["options"]]

    wire(bot)
    await patrol(room, bot, minutes=1)
    await room.settled()
    assert "ORD-01" not in read(bot.card)
    assert "rollout:drift" not in buttons(bot.card)


async def test_what_was_found_before_the_release_is_on_its_first_card(room):
    bot = await room.start()
    await found(room, bot, SHADOWED)
    room.release()
    await room.quiet()

    assert "(ORD-01)" in read(bot.card)


@on_disk
@pytest.mark.parametrize("is_mended", [False, True])
async def test_after_a_restart_the_card_is_right_before_and_after_the_first_look(
    room, bot, is_mended
):
    await found(room, bot, SHADOWED)
    await bot.stop()

    other = await room.start()
    assert "(ORD-01)" in read(other.card)
    assert "(ORD-01)" in read(await other.answer(a_question("status")))
    wire(other, *([] if is_mended else [SHADOWED]))
    await patrol(room, other, minutes=1)

    assert ("(ORD-01)" in read(other.card)) is not is_mended
    assert [f.id for f in other.patrol.findings("tomozo-uid")] == ["ORD-01"] * (not is_mended)
    assert len(other.chat.posts) == is_mended


async def test_the_first_look_leaves_cards_alone_of_which_nothing_was_and_is_told(room, bot):
    """After a start with thousands on their way each of them would be composed at once."""
    wire(bot)
    shown = len(bot.chat.shown)
    await patrol(room, bot, minutes=1)

    assert bot.chat.shown[shown:] == []


@on_disk
async def test_who_takes_over_knows_at_once_what_another_replica_has_told(room, bot):
    other = await room.start()
    await other.stop()
    assert "(ORD-01)" not in read(await other.answer(a_question("status")))

    await found(room, bot, SHADOWED)
    await bot.stop()
    other.lead()
    await other.follow.is_through.wait()
    await room.quiet()
    assert "(ORD-01)" in read(other.card)


async def test_what_the_numbers_show_is_not_said_twice(room, bot):
    write(room, 50)
    room.cluster.announce()
    await found(room, bot)

    assert read(bot.card).count("gives the canary 50 %") == 1
    assert "WIRE-08" not in read(bot.card)


@on_disk
async def test_of_what_the_numbers_show_the_card_has_details_and_a_mute(room, bot):
    mend = write(room, 50)
    room.cluster.announce()
    await found(room, bot)
    await room.settled()

    def offered(card):
        pressed = buttons(card)
        menu = [o["value"].split()[0] for o in pressed["rollout:more"]["options"]]
        return "rollout:drift" in pressed, "mute" in menu

    assert offered(bot.card) == (True, True)
    await bot.stop()
    other = await room.start()
    assert offered(other.card) == (True, True), "also before the first look after a start"

    mend()
    room.cluster.announce()
    await found(room, other)
    await room.settled()
    assert offered(other.card) == (False, False)


# --- the thread -----------------------------------------------------------------------------------


@pytest.fixture
async def shadowed(room, bot):
    """During header-only somebody makes the root path a prefix, which stands before `/*`."""
    await bot.operate(a_request("header-only"))
    await room.settled()
    shadow(room)
    room.cluster.announce()
    await room.settled()
    return bot


def alarmed(bot):
    return [line for line in bot.chat.lines if "route shadowed by" in line]


async def test_a_shadowed_route_is_told_as_a_finding_and_not_once_more(room, shadowed):
    await found(room, shadowed, SHADOWED)
    await room.settled()

    assert len(shadowed.chat.posts) == 1
    assert alarmed(shadowed) == []
    assert "reach stable: route shadowed by" in read(shadowed.card), "the card's own line stays"


async def test_a_shadow_that_no_finding_tells_is_told_in_the_thread(room, shadowed):
    await found(room, shadowed)
    await room.settled()

    assert len(alarmed(shadowed)) == 1
