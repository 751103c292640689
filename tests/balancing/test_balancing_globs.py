"""Patterns against each other: checked by trying texts."""

import time
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.balancing.globs import LONGEST, covers, meet
from tests.tries import tries

patterns = st.text(alphabet="ab*?", max_size=5)
TEXTS = ["".join(letters) for size in range(6) for letters in product("abc", repeat=size)]


def matches(pattern, text):
    """Whether a pattern matches, decided in the most obvious way."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(matches(pattern[1:], text[i:]) for i in range(len(text) + 1))
    return bool(text) and pattern[0] in {"?", text[0]} and matches(pattern[1:], text[1:])


@tries(150)
@given(wide=patterns, narrow=patterns)
def test_covered_means_that_every_text_is(wide, narrow):
    expected = all(matches(wide, text) for text in TEXTS if matches(narrow, text))
    if covers(wide, narrow):
        assert expected
    else:  # a longer text may tell them apart
        assert not expected or "*" in wide + narrow


@tries(150)
@given(one=patterns, other=patterns)
def test_they_meet_when_some_text_matches_both(one, other):
    tried = any(matches(one, text) and matches(other, text) for text in TEXTS)
    assert meet(one, other) is tried or (meet(one, other) and "*" in one + other)


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        ("/*", "/api/*", True),
        ("/api*", "/api", True),
        ("/api/*", "/api", False),
        ("*?", "?*", True),
        ("a*b", "a?b", True),
        ("a?b", "a*b", False),
        ("*.test", "a.b.test", True),
        ("*", "", True),
        ("", "*", False),
    ],
)
def test_what_covers_what(wide, narrow, expected):
    assert covers(wide, narrow) is expected


def test_patterns_that_aws_refuses_are_compared_as_they_are():
    """Longer than a condition value may be."""
    long = "a" * LONGEST
    assert covers(long + "*", long + "*")
    assert not covers(long + "*", long + "a")
    assert meet(long + "*", long + "*")
    assert not meet(long + "*", long + "a")
    assert covers("*", long + "a")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("*a" + "?" * 100, "*a*abcdefghijklmnopqrstuvwxyz" + "?" * 80),
        ("*a" * 5_000, "*b" * 5_000),
        ("*" * 100_000 + "a", "*" * 100_000 + "b"),
    ],
)
def test_tangled_patterns_keep_nobody_waiting(one, other):
    """Anybody who may write an Ingress may write them."""
    began = time.process_time()
    covers(one, other)
    meet(one, other)
    assert time.process_time() - began < 2
