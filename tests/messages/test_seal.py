"""A button counts only when this bot made it, and a form is no button."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.messages.seal import Seal
from bot.release.errors import Unclear
from bot.release.parts import PauseCondition
from bot.release.rollout import Sighting
from tests.builders import NOON, a_rollout
from tests.messages.reading_aloud import SEAL

SEEN = a_rollout().sighting()


def test_what_was_sealed_comes_back():
    pressed = SEAL.open(SEAL.button("promote", SEEN, reason="smoke test"))

    assert pressed.verb == "promote"
    assert pressed.sighting == SEEN
    assert pressed.reason == "smoke test"


def test_a_button_is_good_after_a_restart():
    value = Seal(b"the same key, kept on disk").button("abort", SEEN)

    assert Seal(b"the same key, kept on disk").open(value).sighting == SEEN


def test_what_an_earlier_key_sealed_is_opened_too():
    old, new = b"the key of long ago", b"the key of today, another"
    value, form = Seal(old).button("abort", SEEN), Seal(old).modal("abort", SEEN)

    seal = Seal(new, old)

    assert seal.open(value).sighting == seal.open_modal(form).sighting == SEEN
    assert Seal(new).open(seal.button("abort", SEEN)).sighting == SEEN


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param("", id="empty"),
        pytest.param("abc", id="no-signature"),
        pytest.param("….…", id="not-ascii"),
        pytest.param(Seal(b"another key altogether").button("abort", SEEN), id="another-bot"),
        pytest.param(SEAL.modal("abort", SEEN), id="a-form"),
        pytest.param(SEAL.button("abort", SEEN)[1:], id="cut"),
        pytest.param("x" + SEAL.button("abort", SEEN), id="longer"),
    ],
)
def test_a_forged_value_is_refused(forged):
    with pytest.raises(Unclear, match="did not make this button"):
        SEAL.open(forged)


@given(st.text(max_size=80))
@settings(max_examples=100)
def test_any_text_is_refused_in_words(text):
    with pytest.raises(Unclear):
        SEAL.open(text)
    with pytest.raises(Unclear):
        SEAL.open_modal(text)


def test_a_form_keeps_where_it_came_from():
    value = SEAL.modal("header-only", SEEN, channel="C0RELEASES", extra={"thread": "1.2"})
    asked = SEAL.open_modal(value)

    assert (asked.verb, asked.sighting, asked.channel) == ("header-only", SEEN, "C0RELEASES")
    assert asked.extra == {"thread": "1.2"}
    with pytest.raises(Unclear):
        SEAL.open_modal(SEAL.button("header-only", SEEN))


def test_the_longest_names_fit():
    seen = Sighting(
        namespace="n" * 63,
        name="m" * 253,
        uid="u" * 36,
        revision="r" * 20,
        step_hash="s" * 20,
        step=99,
        pause_started=NOON,
    )

    value = SEAL.button("header-only", seen, reason="why " * 500)

    assert len(value) <= 2000
    assert SEAL.open(value).sighting == seen
    assert len(SEAL.modal("header-only", seen, channel="C0RELEASES")) <= 3000


def test_a_short_name_is_of_one_sighting_only():
    later = PauseCondition(reason="x", started=NOON + timedelta(seconds=1))
    other = a_rollout(pauses=(later,)).sighting()

    assert len(SEAL.short(SEEN)) == 16
    assert SEAL.short(SEEN) == SEAL.short(a_rollout().sighting())
    assert SEAL.short(SEEN) != SEAL.short(other)


def test_a_weak_key_is_refused():
    with pytest.raises(ValueError, match="at least 16 bytes"):
        Seal(b"short")
