"""The small parts: whatever goes in, what comes out is short, one line, and no markup."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.messages.blocks import (
    bare,
    clock,
    code,
    cut,
    date,
    duration,
    fitting,
    paragraphs,
    plain,
    safe,
    section,
)
from bot.sandbox.slack.judge import judge_message
from tests.builders import NOON
from tests.messages.reading_aloud import is_harmless

NASTY = st.text(
    st.sampled_from("<>&`*_~@!#|^ \n\r\t\u202e\u200b\ud800aé漢🙂channelhere"), max_size=200
)


@pytest.mark.parametrize(
    ("foreign", "shown"),
    [
        pytest.param("<!channel>", "&lt;!channel&gt;", id="mention"),
        pytest.param("<https://x|y>", "&lt;https://x|y&gt;", id="link"),
        pytest.param("a & b", "a &amp; b", id="ampersand"),
        pytest.param("@here", "@\u2060here", id="bare-mention"),
        pytest.param("`code`", "'code'", id="backticks"),
        pytest.param("one\n\ntwo", "one two", id="lines"),
        pytest.param("a\u202eb", "a b", id="right-to-left"),
        pytest.param("", "–", id="nothing"),
    ],
)
def test_foreign_text_is_shown_as_it_is(foreign, shown):
    assert safe(foreign) == shown


@given(NASTY, st.integers(5, 60))
@settings(max_examples=150)
def test_nothing_in_foreign_text_is_markup(foreign, limit):
    text = safe(foreign, limit)

    assert 0 < len(text) <= limit
    assert is_harmless(text)
    assert "`" not in text
    assert "\n" not in text
    text.encode()


@given(NASTY, st.integers(1, 60))
@settings(max_examples=100)
def test_plain_text_is_short_and_never_empty(foreign, limit):
    assert 0 < len(plain(foreign, limit)) <= limit


@given(NASTY)
@settings(max_examples=100)
def test_a_block_of_code_cannot_be_left(foreign):
    text = code(foreign, 100)

    assert len(text) <= 110
    assert text.count("```") == 2
    assert is_harmless(text)


def test_a_cut_leaves_no_half_mention():
    assert cut("see <@U0ANN> there", 8) == "see …"
    assert cut("a &amp; b", 5) == "a …"


def test_times_are_in_the_readers_own_zone():
    assert clock(NOON) == "<!date^1795521600^{time}|12:00 UTC>"
    assert date(NOON).endswith("|2026-11-24 12:00 UTC>")
    assert bare(f"*since* {clock(NOON)}") == "since 12:00 UTC"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (0.3, "under 1 s"),
        (2.1, "2 s"),
        (180, "3 min"),
        (41 * 60 + 59, "41 min"),
        (3600, "1 h"),
        (5400, "1 h 30 min"),
        (3 * 86400, "3 d"),
        (-5, "0 s"),
    ],
)
def test_durations(seconds, said):
    assert duration(timedelta(seconds=seconds)) == said


def test_what_does_not_fit_is_said_and_buttons_stay():
    row = {"type": "actions", "block_id": "x", "elements": []}
    shown = fitting([*(section("x" * 2000) for _ in range(9)), row])

    assert shown[-2] == row
    assert "more than fits" in shown[-1]["elements"][0]["text"]
    assert len(fitting([section("x")] * 70)) == 50


def test_many_lines_become_few_sections():
    made = paragraphs([f"line {n} {'x' * 100}" for n in range(60)])

    assert judge_message(made) == []
    assert len(made) == 3
