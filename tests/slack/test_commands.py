"""What people type: every line is understood, or refused with what would have been."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.release.errors import Unclear
from bot.slack.commands import Command, parse, verb_of

NEEDS_ME = Command(verb="list", words=("needs-me",))


@pytest.mark.parametrize(
    ("line", "understood"),
    [
        pytest.param("", NEEDS_ME, id="nothing"),
        pytest.param("   ", NEEDS_ME, id="blanks"),
        pytest.param("needs-me", NEEDS_ME, id="needs-me"),
        pytest.param("list needs-me", NEEDS_ME, id="list-needs-me"),
        pytest.param("list", Command(verb="list"), id="list"),
        pytest.param("list shop", Command(verb="list", words=("shop",)), id="list-namespace"),
        pytest.param(
            "status shop/api", Command(verb="status", target="shop/api"), id="namespace-and-name"
        ),
        pytest.param("steps api", Command(verb="steps", target="api"), id="name"),
        pytest.param("status `api`", Command(verb="status", target="api"), id="copied-formatted"),
        pytest.param("status api.v2", Command(verb="status", target="api.v2"), id="dots"),
        pytest.param(
            "status <http://api.io|api.io>",
            Command(verb="status", target="api.io"),
            id="slack-took-it-for-a-link",
        ),
        pytest.param("drift", Command(verb="drift"), id="drift-everywhere"),
        pytest.param(
            "history api 7d", Command(verb="history", target="api", words=("7d",)), id="more-words"
        ),
        pytest.param("digest 24h", Command(verb="digest", words=("24h",)), id="digest"),
        pytest.param("help Promote", Command(verb="help", words=("Promote",)), id="help-about"),
        pytest.param("who <@U0ANN|ann>", Command(verb="who", words=("<@U0ANN>",)), id="who-is-ann"),
        pytest.param("who shop/api", Command(verb="who", target="shop/api"), id="who-may"),
        pytest.param("PROMOTE api", Command(verb="promote", target="api"), id="shouted"),
        pytest.param("Advance api", Command(verb="promote", target="api"), id="advance"),
        pytest.param("next api", Command(verb="promote", target="api"), id="next"),
        pytest.param("Header_Only api", Command(verb="header-only", target="api"), id="underscore"),
        pytest.param("rules", Command(verb="rules"), id="rules-everywhere"),
        pytest.param("route api", Command(verb="route", target="api"), id="route"),
        pytest.param("undo api", Command(verb="undo", target="api"), id="undo"),
        pytest.param(
            "undo api 3", Command(verb="undo", target="api", words=("3",)), id="undo-to-revision"
        ),
        pytest.param(
            "set-image api app=<http://reg.io/app:2|reg.io/app:2>",
            Command(verb="set-image", target="api", words=("app=reg.io/app:2",)),
            id="set-image",
        ),
        pytest.param(
            "abort\u00a0shop/api", Command(verb="abort", target="shop/api"), id="no-break-space"
        ),
        pytest.param("abort ap\u200bi", Command(verb="abort", target="api"), id="zero-width"),
    ],
)
def test_lines_that_are_understood(line, understood):
    assert parse(line) == understood


@pytest.mark.parametrize(
    ("option", "reason"),
    [
        pytest.param('--reason "smoke test"', "smoke test", id="quotes"),
        pytest.param("--reason='smoke test'", "smoke test", id="single-after-equals"),
        pytest.param("--reason “smoke test”", "smoke test", id="smart-quotes"),
        pytest.param("--reason „smoke test“", "smoke test", id="german-quotes"),
        pytest.param("--reason ‘smoke test’", "smoke test", id="smart-single"),
        pytest.param("—reason “smoke test”", "smoke test", id="phone-made-a-dash"),
        pytest.param("--Reason=smoke", "smoke", id="any-case"),
        pytest.param('--reason "don\'t wait"', "don't wait", id="apostrophe-inside"),
        pytest.param("--reason 'don't wait'", "don't wait", id="apostrophe-inside-single"),
        pytest.param("--reason don’t", "don’t", id="apostrophe-in-a-word"),
        pytest.param(r'--reason "say \"go\""', 'say "go"', id="escaped-quotes"),
        pytest.param('--reason "a &amp;&lt; b"', "a &< b", id="entities"),
        pytest.param('--reason "two\n lines"', "two lines", id="one-line"),
        pytest.param(
            '--reason "as <@U0BEN|ben> said in <#C0|releases>"',
            "as @ben said in #releases",
            id="people-by-name",
        ),
        pytest.param("--reason=<https://x.io/1|ticket>", "ticket", id="link"),
        pytest.param('--reason "--force"', "--force", id="looks-like-an-option"),
        pytest.param('--reason ""', "", id="empty"),
    ],
)
def test_reasons_as_people_type_them(option, reason):
    after, before = parse(f"promote shop/api {option}"), parse(f"promote {option} shop/api")

    assert after == before == Command(verb="promote", target="shop/api", reason=reason)


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        pytest.param("promot api", "`promot`. Did you mean `promote`?", id="typo"),
        pytest.param("headeronly api", "Did you mean `header-only`?", id="without-hyphen"),
        pytest.param("frobnicate", "`help` lists what I understand", id="nothing-near"),
        pytest.param("shop/api abort", "The verb comes first: `abort shop/api`", id="swapped"),
        pytest.param("set-image api", "NAME CONTAINER=IMAGE", id="no-image"),
        pytest.param("undo api 3 4", "NAME [REVISION]", id="two-revisions"),
        pytest.param("promote", "Promote which rollout? `promote [NAMESPACE/]NAME`", id="no-name"),
        pytest.param("status", "Status which rollout?", id="status-of-nothing"),
        pytest.param("abort <@U0ANN|ann>", "After `abort` comes a rollout", id="a-person"),
        pytest.param("promote Shop/API", "Did you mean `shop/api`?", id="capitals"),
        pytest.param("promote shop_eu/api", "cannot be the namespace", id="underscore"),
        pytest.param("promote a/b/c", "cannot be the namespace of anything", id="two-slashes"),
        pytest.param("promote -api", "`-api` cannot be the name", id="hyphen-first"),
        pytest.param(f"promote {'a' * 64}", "cannot be the name", id="label-too-long"),
        pytest.param(f"promote {'a.' * 126}aa", "too long", id="name-too-long"),
        pytest.param("promote api please", '`--reason "please"`', id="bare-reason"),
        pytest.param(
            "promote api --reason smoke test", "The reason belongs in quotes", id="no-quotes"
        ),
        pytest.param('promote api --reason "smoke', "not closed", id="quote-left-open"),
        pytest.param("promote api --reason", "needs a text", id="reason-of-nothing"),
        pytest.param("promote api --reason a --reason b", "more than one", id="two-reasons"),
        pytest.param("promote api --force", "`--force`. The only option", id="option"),
        pytest.param('status api --reason "x"', "`status` changes nothing", id="reason-to-read"),
        pytest.param("list Shop", "Did you mean `shop`?", id="list-capitals"),
        pytest.param("list a b", "`list [NAMESPACE|needs-me]`", id="list-two"),
    ],
)
def test_lines_that_are_refused(line, hint):
    """The refusal names what was not understood, and what would have been."""
    with pytest.raises(Unclear) as refused:
        parse(line)

    assert hint in refused.value.text


@pytest.mark.parametrize("verb", ["mute", "unmute"])
def test_who_types_what_only_a_button_does_is_told_where_it_is(verb):
    with pytest.raises(Unclear) as refused:
        parse(f"{verb} shop/api")

    assert refused.value.text == (
        f"`{verb}` is a button: on the finding, in `drift NAME`, in the card's menu."
    )


def test_nothing_typed_comes_back_as_markup():
    """Mentions and code marks in a typo are shown, not obeyed."""
    with pytest.raises(Unclear) as refused:
        parse("`x`<!channel>&lt;!here&gt; api")

    assert "<!" not in refused.value.text
    assert "`'x'<!channel>" not in refused.value.text


@pytest.mark.parametrize(
    ("line", "verb"),
    [("abort", "abort"), ("next A_B", "promote"), ("frobnicate", ""), ("", "")],
)
def test_the_verb_of_a_line_whose_rest_is_nonsense(line, verb):
    assert verb_of(line) == verb


@given(st.text(max_size=80))
def test_any_text_is_a_command_or_a_refusal(text):
    """Nothing that can be typed breaks the parser, and no name gets through that cannot be one."""
    understood = Command(verb="help")
    with contextlib.suppress(Unclear):
        understood = parse(text)

    assert set(understood.target) <= set("abcdefghijklmnopqrstuvwxyz0123456789-./")
