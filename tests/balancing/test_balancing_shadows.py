"""Verdicts on the rules of a listener: which are hidden, by whom, and that asking few is enough."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.balancing.annotations import Condition
from bot.balancing.patterns import Patterns
from bot.balancing.reach import Reach, reach_of
from bot.balancing.rules import Rule
from bot.balancing.shadows import NAMED, verdicts
from tests.tries import tries


def a_rule(host="", *paths, tests=(), regexes=(), unread=False):
    return Rule(
        entry=0,
        host=host,
        hosts=Patterns(globs=(host,) if host else ()),
        paths=Patterns(globs=paths, regexes=regexes),
        tests=tuple(tests),
        unread=unread,
    )


def header(name, *values, regexes=()):
    return Condition(field="http-header", header=name, values=values, regexes=regexes)


hosts = st.sampled_from(["", "*", "a.test", "A.test", "b.a.test", "*.test", "*.a.test", "?.test"])
paths = st.sampled_from(["/", "/*", "*", "/a", "/a/*", "/a*", "/ab", "/b/?", "/*/b", "x", "?x"])
tests = st.one_of(
    st.builds(
        lambda name, values: header(name, *values),
        st.sampled_from(["X-A", "x-a", "X-B"]),
        st.lists(st.sampled_from(["1", "2", "*", "V*", "v1"]), min_size=1, max_size=2),
    ),
    st.just(header("X-A", regexes=("1",))),
    st.sampled_from(
        [
            Condition(field="http-request-method", values=("GET",)),
            Condition(field="http-request-method", values=("GET", "PUT")),
            Condition(field="source-ip", values=("10.0.0.0/8",)),
            Condition(field="source-ip", values=("10.1.0.0/16",)),
            Condition(field="source-ip", values=("0.0.0.0/0", "::/0")),
            Condition(field="query-string", pairs=((None, "a*"),)),
            Condition(field="query-string", pairs=(("k", "ab"),)),
        ]
    ),
)
rules_of_a_listener = st.lists(
    st.builds(
        lambda host, own, regexes, asked, unread: a_rule(
            host,
            *(() if regexes else own),
            tests=asked,
            regexes=regexes,
            unread=unread and not asked,
        ),
        hosts,
        st.lists(paths, max_size=2),
        st.sampled_from([(), (), (), ("a",), ("b",)]),
        st.lists(tests, max_size=2),
        st.sampled_from([False, False, False, False, True]),
    ),
    max_size=12,
)


@tries(400)
@given(rules=rules_of_a_listener)
def test_few_are_asked_and_none_is_missed(rules):
    """The same as when each rule is compared with each before it."""
    for place, verdict in enumerate(verdicts(rules)):
        reaches = [(reach_of(earlier, rules[place]), earlier) for earlier in rules[:place]]
        cover = next((rule for reach, rule in reaches if reach is Reach.ALL), None)
        assert (verdict.rule, verdict.priority) == (rules[place], place + 1)
        assert verdict.covered_by is cover
        if cover is None:
            parts = [rule for reach, rule in reaches if reach is Reach.PART]
            unsure = [rule for reach, rule in reaches if reach is Reach.UNSURE]
            assert list(verdict.partly_by) == parts
            assert list(verdict.unsure_of) == unsure


def canaries(number):
    """A header route and a weighted rule for each of many hosts, as Argo leaves them."""
    for i in range(number // 2):
        yield a_rule(f"h{i}.test", "/*", tests=[header("X-Canary", "1")])
        yield a_rule(f"h{i}.test", "/*")


CROWDS = {
    "canaries": lambda n: list(canaries(n)),
    "paths of one host": lambda n: [a_rule("a.test", f"/p{i}", f"/p{i}/*") for i in range(n)],
    "patterns of hosts": lambda n: [a_rule(f"*.h{i}.test", "/*") for i in range(n)],
    "one path, other values": lambda n: [
        a_rule("", "/*", tests=[header("X-User", f"u{i}")]) for i in range(n)
    ],
    "regular expressions": lambda n: [a_rule("", regexes=(f"r{i}",)) for i in range(n)],
    "catch-alls after all": lambda n: [
        *(a_rule("", f"/p{i}") for i in range(n // 2)),
        *(a_rule("", "/*", tests=[header("X-User", f"u{i}")]) for i in range(n // 2)),
    ],
}


@pytest.mark.parametrize("crowd", CROWDS)
def test_five_thousand_rules_of_one_listener_keep_nobody_waiting(crowd):
    rules = CROWDS[crowd](5_000)
    began = time.process_time()
    found = verdicts(rules)
    assert time.process_time() - began < 5
    assert not any(verdict.is_dead for verdict in found)
    assert max(len(verdict.partly_by) + len(verdict.unsure_of) for verdict in found) <= NAMED


def test_a_rule_whose_conditions_cannot_be_read_hides_nothing_for_sure():
    before, after = a_rule("", "/*", unread=True), a_rule("a.test", "/x")
    (_, verdict) = verdicts([before, after])
    assert (verdict.covered_by, verdict.unsure_of) == (None, (before,))


A1, A2, A3 = header("X-A", "1"), header("X-A", "2"), header("X-A", "1", "3")
REGEX = header("X-A", regexes=("^1$",))
EVERYBODY = Condition(field="source-ip", values=("0.0.0.0/0", "::/0"))
EVERY_IPV4 = Condition(field="source-ip", values=("0.0.0.0/0",))


@pytest.mark.parametrize(
    ("asked", "said", "reach"),
    [
        pytest.param([], [A1], Reach.ALL, id="nothing asked"),
        pytest.param([A1], [], Reach.NONE, id="more is asked"),
        pytest.param([A3], [A1], Reach.ALL, id="one of the values"),
        pytest.param([A1], [A3], Reach.PART, id="some of the values"),
        pytest.param([A1], [A2], Reach.NONE, id="other values"),
        pytest.param([A1], [A3, A1], Reach.ALL, id="of two that must hold one is enough"),
        pytest.param([A1], [A3, A2], Reach.NONE, id="and one may keep all away"),
        pytest.param([REGEX], [REGEX], Reach.ALL, id="the same regular expression"),
        pytest.param([REGEX], [A1], Reach.UNSURE, id="a regular expression"),
        pytest.param([A1], [REGEX], Reach.UNSURE, id="or the other way round"),
        pytest.param([EVERYBODY], [], Reach.ALL, id="everybody is no condition"),
        pytest.param([EVERY_IPV4], [], Reach.NONE, id="half of everybody is one"),
    ],
)
def test_how_far_a_rule_reaches_into_a_later_one(asked, said, reach):
    assert reach_of(a_rule("", "/*", tests=asked), a_rule("", "/a", tests=said)) is reach


@pytest.mark.parametrize(
    ("wide", "narrow", "reach"),
    [
        pytest.param(Patterns(regexes=("^/a",)), Patterns(globs=("/a",)), Reach.UNSURE, id="regex"),
        pytest.param(Patterns(globs=("/a*",)), Patterns(regexes=("^/a",)), Reach.UNSURE, id="back"),
        pytest.param(Patterns(regexes=("a", "b")), Patterns(regexes=("b",)), Reach.ALL, id="same"),
        pytest.param(Patterns(globs=("/*",)), Patterns(regexes=("a",)), Reach.ALL, id="everything"),
        pytest.param(
            Patterns(globs=("/a", "/b")), Patterns(globs=("/b", "/c")), Reach.PART, id="1"
        ),
        pytest.param(Patterns(globs=("/a/*",)), Patterns(), Reach.PART, id="any path"),
        pytest.param(Patterns(globs=("/a",)), Patterns(globs=("/A",)), Reach.NONE, id="case"),
    ],
)
def test_how_far_paths_reach(wide, narrow, reach):
    assert reach_of(Rule(entry=0, paths=wide), Rule(entry=0, paths=narrow)) is reach


def test_in_query_strings_an_escaped_star_covers_only_a_star():
    asked = Condition(field="query-string", pairs=((None, r"a\*"),))
    said = Condition(field="query-string", pairs=(("k", "ab"),))
    assert reach_of(a_rule(tests=[asked]), a_rule(tests=[said])) is Reach.NONE
    assert reach_of(a_rule(tests=[asked]), a_rule(tests=[asked])) is Reach.ALL
