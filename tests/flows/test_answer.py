"""People ask: the answer is theirs alone, of what is known now."""

from dataclasses import replace

import pytest

from bot.release.errors import NotFound, Unclear
from tests.builders import ANN, BEN
from tests.flows.room import a_question, a_request
from tests.messages.reading_aloud import read, read_view

ABOUT_ONE = {
    "status": "⏸ Waiting for you",
    "steps": "weight 10 %",
    "drift": "tomozo/tomozo",
    "history": "tomozo/tomozo",
    "who": "<@U0ANN>",
}
ABOUT_ALL = {
    "help": "/rollout",
    "digest": "tomozo/tomozo",
    "needs-me": "tomozo/tomozo",
    "list": "tomozo/tomozo",
    "who": "<@U0ANN>",
    "drift": "",
    "history": "",
}


@pytest.mark.parametrize(("verb", "says"), ABOUT_ONE.items())
async def test_about_one_rollout(bot, verb, says):
    answer = await bot.answer(a_question(verb))

    assert says in f"{answer.text}\n{read(answer)}\n{answer.blocks}"


@pytest.mark.parametrize(("verb", "says"), ABOUT_ALL.items())
async def test_about_all(bot, verb, says):
    answer = await bot.answer(a_question(verb, target=""))

    assert says in f"{answer.text}\n{read(answer)}"


async def test_reading_changes_nothing_and_asks_the_server_for_nothing(room, bot):
    for verb in ABOUT_ONE:
        await bot.answer(a_question(verb))
    for verb in ABOUT_ALL:
        await bot.answer(a_question(verb, target=""))

    assert room.cluster.asked["get"] == 0
    assert room.cluster.sent == []
    assert await bot.entries() == []


async def test_history_tells_who_did_what(room, bot):
    await bot.operate(a_request("pause", BEN, reason="lunch"))
    await bot.operate(a_request("promote"))

    said = read(await bot.answer(a_question("history")))

    assert "lunch" in said
    assert "not done" in said
    assert read(await bot.answer(a_question("history", target=""))).count("lunch") == 1


async def test_a_list_may_be_of_one_namespace(bot):
    here = await bot.answer(a_question("list", target="", words=("tomozo",)))
    elsewhere = await bot.answer(a_question("list", target="", words=("shop",)))
    needs = await bot.answer(a_question("list", target="", words=("needs-me",)))

    assert "tomozo/tomozo" in read(here)
    assert "tomozo/tomozo" not in read(elsewhere)
    assert "tomozo/tomozo" in read(needs)


async def test_help_about_a_verb(bot):
    assert "promote" in read(await bot.answer(a_question("help", target="", words=("promote",))))


async def test_what_is_known_may_be_old(room, bot):
    room.cluster.unreachable_since = room.clock()
    room.clock.move(minutes=5)

    answer = await bot.answer(a_question("status"))
    assert "5 min" in answer.text
    assert "waits at 10 %" in answer.text
    assert "5 min" not in (await bot.answer(a_question("help", target=""))).text


async def test_a_button_asks_about_what_it_showed(room, bot):
    seen = room.seen()
    assert "weight 10 %" in read(await bot.answer(a_question("steps", target="", seen=seen)))

    room.cluster.delete()
    await room.quiet()
    with pytest.raises(NotFound, match="tomozo/tomozo does not exist any more"):
        await bot.answer(a_question("steps", target="", seen=seen))


async def test_unknown_things_are_refused(bot):
    with pytest.raises(NotFound, match="Do you mean `tomozo/tomozo`"):
        await bot.answer(a_question("status", target="tomzo"))
    with pytest.raises(Unclear, match="Which rollout"):
        await bot.answer(a_question("status", target=""))
    with pytest.raises(Unclear, match="not something I can show"):
        await bot.answer(a_question("dance"))


async def test_one_of_several_is_chosen(room, bot):
    other = dict(room.cluster.manifest("rollouts"))
    other["metadata"] = {**other["metadata"], "namespace": "shop", "uid": "other"}
    room.cluster.put("rollouts", other)

    answer = await bot.answer(a_question("status"))

    assert "Which one? 2 rollouts have that name." in answer.text
    assert "waits" in (await bot.answer(a_question("status", target="tomozo/tomozo"))).text


async def test_home_shows_what_somebody_may_do(bot):
    ann = read_view(await bot.answer.home(ANN))
    eve = read_view(await bot.answer.home(replace(ANN, user="U0EVE")))

    assert "tomozo/tomozo" in ann
    assert "promote" in ann
    assert ann != eve


async def test_a_digest_looks_back_as_far_as_one_says(room, bot):
    await bot.operate(a_request("promote"))
    await room.settled()
    room.clock.move(hours=3)

    async def digest(*words):
        return read(await bot.answer(a_question("digest", target="", words=words)))

    assert "tomozo/tomozo" in await digest("4h")
    assert "tomozo/tomozo" not in await digest("1h")
    with pytest.raises(Unclear, match="24h"):
        await digest("soon")


async def test_who_may_do_what_of_one_person(bot):
    async def who(*words):
        return read(await bot.answer(a_question("who", target="", words=words)))

    assert "promote" in await who("<@U0ANN>")
    assert "nothing may be done by @U0STRANGER" in await who("<@U0STRANGER>")


async def test_a_bot_that_only_reads_says_so_and_tells_who_may_mute(room):
    """No act is shown that would be refused; a mute patches nothing, and stays possible."""
    bot = await room.start(writes=False)

    for target, words in (("", ()), ("", ("<@U0ANN>",)), ("tomozo", ())):
        said = read(await bot.answer(a_question("who", target=target, words=words)))
        assert "nothing may be done to rollouts" in said
        assert "`kubernetes.writes: false`" in said
        assert "mute: @U0ANN" in said
        assert "promote" not in said
    assert "You may mute." in read_view(await bot.answer.home(ANN))
    assert "abort" not in read(await bot.answer(a_question("help", target="", words=("x",))))
