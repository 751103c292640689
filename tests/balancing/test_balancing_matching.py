"""Which rule takes a request: by our reading, by a second one, and what that says of shadows."""

import random
import time
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.balancing.annotations import Condition
from bot.balancing.patterns import Patterns
from bot.balancing.rules import Rule
from bot.balancing.shadows import verdicts
from tests.balancing.examples import example, examples
from tests.balancing.matching import Request, Taken, glob_matches, matches, take
from tests.balancing.translated import chosen, pattern
from tests.tries import tries

TRIES = 10_000  #: requests that are aimed at a rule before it is believed to be hidden


def a_rule(hosts=(), paths=(), tests=(), **more):
    return Rule(
        entry=0,
        hosts=Patterns(globs=tuple(hosts)),
        paths=Patterns(globs=tuple(paths)),
        tests=tuple(tests),
        **more,
    )


def header(name, *values, regexes=()):
    return Condition(field="http-header", header=name, values=values, regexes=regexes)


def query(*pairs):
    return Condition(field="query-string", pairs=pairs)


def method(*values):
    return Condition(field="http-request-method", values=values)


def source(*values):
    return Condition(field="source-ip", values=values)


@pytest.mark.parametrize(
    ("rule", "request_", "expected"),
    [
        pytest.param(a_rule(["App.test"]), Request(host="aPP.test"), True, id="a host in any case"),
        pytest.param(a_rule(["*.test"]), Request(host="a.b.test"), True, id="a star takes dots"),
        pytest.param(a_rule(["*.test"]), Request(host=".test"), True, id="or nothing"),
        pytest.param(a_rule(["?.test"]), Request(host=".test"), False, id="a mark takes one"),
        pytest.param(a_rule([], ["/A"]), Request(path="/a"), False, id="a path in its case"),
        pytest.param(a_rule([], ["/a/*"]), Request(path="/a/b/c"), True, id="a star takes slashes"),
        pytest.param(a_rule([], ["/a/*"]), Request(path="/a"), False, id="but not the last one"),
        pytest.param(a_rule([], ["/a", "/b"]), Request(path="/b"), True, id="one of several"),
        pytest.param(a_rule(), Request(), True, id="nothing asked"),
        pytest.param(
            a_rule(tests=[header("X-A", "v*")]),
            Request(headers=(("x-a", "V1"),)),
            True,
            id="header",
        ),
        pytest.param(
            a_rule(tests=[header("X-A", "2")]),
            Request(headers=(("X-A", "1"), ("X-A", "2"))),
            True,
            id="a header that comes twice",
        ),
        pytest.param(a_rule(tests=[header("X-A", "*")]), Request(), False, id="no header at all"),
        pytest.param(
            a_rule(tests=[header("X-A", "1"), header("X-B", "1")]),
            Request(headers=(("X-A", "1"),)),
            False,
            id="all conditions must hold",
        ),
        pytest.param(
            a_rule(tests=[method("GET", "PUT")]), Request(method="PUT"), True, id="method"
        ),
        pytest.param(a_rule(tests=[method("GET")]), Request(method="get"), False, id="in its case"),
        pytest.param(
            a_rule(tests=[source("10.0.0.0/8")]), Request(source="10.9.8.7"), True, id="source"
        ),
        pytest.param(
            a_rule(tests=[source("10.0.0.0/8")]), Request(source="::1"), False, id="of another kind"
        ),
        pytest.param(
            a_rule(tests=[query(("Version", "V?"))]),
            Request(query=(("version", "v1"),)),
            True,
            id="query",
        ),
        pytest.param(
            a_rule(tests=[query((None, "v1"))]), Request(query=(("any", "v1"),)), True, id="any key"
        ),
        pytest.param(
            a_rule(tests=[query((None, r"a\*"))]),
            Request(query=(("k", "ab"),)),
            False,
            id="an escaped star is a star",
        ),
        pytest.param(
            a_rule(tests=[query((None, r"a\*"))]), Request(query=(("k", "A*"),)), True, id="indeed"
        ),
        pytest.param(
            a_rule(tests=[query((None, "a*c"))]),
            Request(query=(("k", "a*c"),)),
            True,
            id="any text",
        ),
    ],
)
def test_what_matches(rule, request_, expected):
    assert matches(rule, request_) is expected
    assert (chosen([rule], request_) is rule) is expected


def test_what_is_no_net_has_nobody_in_it():
    assert matches(a_rule(tests=[source("banana")]), Request()) is False


def test_the_first_that_matches_takes_it():
    first, second = a_rule([], ["/a*"]), a_rule([], ["/*"])
    assert take([first, second], Request(path="/ab")) == Taken(rule=first)
    assert take([first, second], Request(path="/b")) == Taken(rule=second)
    assert take([first], Request(path="/b")) == Taken()


@pytest.mark.parametrize(
    ("regex", "path", "expected"),
    [
        pytest.param("^/api/.+$", "/api/x", True, id="all of it"),
        pytest.param("^/api/.+$", "/other", False, id="nothing of it"),
        pytest.param("api", "/api/x", None, id="a part: nobody knows"),
        pytest.param("/API", "/api", None, id="in another case: nobody knows"),
        pytest.param("*", "/api", None, id="no regular expression"),
        pytest.param("(a+)+$", "/" + "a" * 50, None, id="too tangled"),
        pytest.param("(?=a)", "/a", None, id="not of that dialect"),
        pytest.param("a{1,99999999999}", "/a", None, id="too many"),
    ],
)
def test_regular_expressions_are_answered_where_all_readings_agree(regex, path, expected):
    rule = Rule(entry=0, paths=Patterns(regexes=(regex,)))
    began = time.process_time()
    assert matches(rule, Request(path=path)) is expected
    assert time.process_time() - began < 1


def test_behind_a_rule_of_which_nobody_can_tell_nothing_is_said():
    unsure = Rule(entry=0, paths=Patterns(regexes=("api",)))
    unread = a_rule(unread=True)
    rest = a_rule()
    assert take([unsure, rest], Request(path="/api/x")) == Taken(unsure=unsure)
    assert take([unsure, rest], Request(path="/other")) == Taken(rule=rest)
    assert take([unread, rest], Request()) == Taken(unsure=unread)


@tries(300)
@given(glob=st.text("ab*?", max_size=6), text=st.text("ab*?", max_size=6))
def test_a_pattern_and_its_translation_match_the_same(glob, text):
    assert glob_matches(glob, text) is bool(pattern(glob).fullmatch(text))


def test_a_long_pattern_keeps_nobody_waiting():
    began = time.process_time()
    assert not glob_matches("*a" * 64 + "b", "a" * 5_000)
    assert time.process_time() - began < 2


HOSTS = ["a.test", "A.test", "b.a.test", "*.test", "*.a.test", "?.test", "*"]
PATHS = ["/", "/*", "/a", "/a/*", "/a*", "/ab", "/b/?", "/*/b", "*b"]
TEXTS = ["1", "2", "*", "v*", "V1", "?"]
TESTS = [
    *(header(name, *values) for name in ("X-A", "x-a", "X-B") for values in (("1",), ("V*", "2"))),
    *(header("X-A", text) for text in TEXTS),
    *(query((key, text)) for key in (None, "k", "K") for text in (*TEXTS, r"\*", r"v\?")),
    method("GET"),
    method("GET", "PUT"),
    source("10.0.0.0/8"),
    source("10.1.0.0/16", "::/0"),
    source("0.0.0.0/0", "::/0"),
]
rules = st.builds(
    a_rule,
    st.lists(st.sampled_from(HOSTS), max_size=2),
    st.lists(st.sampled_from(PATHS), max_size=2),
    st.lists(st.sampled_from(TESTS), max_size=2),
)
listeners = st.lists(rules, min_size=1, max_size=8)
SOURCES = ["10.1.2.3", "10.2.0.1", "192.0.2.1", "2001:db8::1"]
requests = st.builds(
    Request,
    host=st.sampled_from(["a.test", "A.TEST", "b.a.test", "c.test", "other", ""]),
    path=st.sampled_from(["/", "/a", "/a/", "/a/b", "/ab", "/b/x", "/x/b", "/B"]),
    method=st.sampled_from(["GET", "PUT", "POST"]),
    headers=st.lists(
        st.tuples(st.sampled_from(["X-A", "x-a", "x-b"]), st.sampled_from(["1", "2", "v1", ""])),
        max_size=2,
    ).map(tuple),
    query=st.lists(
        st.tuples(st.sampled_from(["k", "K", "j"]), st.sampled_from(["1", "v1", "V?", "*", ""])),
        max_size=2,
    ).map(tuple),
    source=st.sampled_from(SOURCES),
)


@tries(300)
@given(listener=listeners, asked=st.lists(requests, min_size=1, max_size=10))
def test_two_readings_of_the_balancer_agree(listener, asked):
    for request_ in asked:
        assert take(listener, request_).rule is chosen(listener, request_)


def aimed(rule, good, luck):
    """A request that a rule matches as far as one can aim, the rest by chance."""
    made = luck.choice(good)
    fill = "".join(luck.choices("ab1v/.-", k=luck.randrange(4)))
    hosts = [glob.replace("*", fill).replace("?", "a") for glob in rule.hosts.globs]
    paths = [glob.replace("*", fill).replace("?", "b") for glob in rule.paths.globs]
    return Request(
        host=luck.choice(hosts or ["a.test", "b.a.test", fill]),
        path="/" + luck.choice(paths or ["", "a", fill]).removeprefix("/"),
        method=luck.choice([made.method, "GET", "PUT"]),
        headers=made.headers
        + tuple(luck.choices([("X-A", "1"), ("x-b", "2")], k=luck.randrange(2))),
        query=made.query + tuple(luck.choices([("k", "1"), ("j", fill)], k=luck.randrange(2))),
        source=luck.choice([made.source, *SOURCES]),
    )


@tries(60)
@given(listener=listeners, seed=st.integers(0, 2**32))
def test_a_rule_that_is_called_hidden_gets_none_of_many_requests(listener, seed):
    """And it is the rule that is named, or one before it, that gets them."""
    luck = random.Random(seed)
    for verdict in verdicts(listener):
        if verdict.is_dead:
            place = verdict.priority - 1
            good = list(islice(examples(verdict.rule), 40)) or [Request()]
            for _ in range(100):
                request_ = aimed(verdict.rule, good, luck)
                if matches(verdict.rule, request_):
                    assert matches(verdict.covered_by, request_)
                    assert chosen(listener[: place + 1], request_) is not listener[place]


@pytest.mark.parametrize(
    "listener",
    [
        pytest.param([a_rule([], ["/*"]), a_rule([], ["/*"], [header("X-A", "1")])], id="#2902"),
        pytest.param([a_rule(["*"], ["/a*"]), a_rule(["a.test"], ["/ab/?", "/a"])], id="patterns"),
        pytest.param(
            [
                a_rule([], [], [query((None, "v*")), source("10.0.0.0/8")]),
                a_rule(["a.test"], [], [query(("k", "v1")), source("10.1.0.0/16"), method("GET")]),
            ],
            id="conditions",
        ),
    ],
)
def test_not_one_of_ten_thousand_requests_reaches_a_hidden_rule(listener):
    luck = random.Random(len(listener[1].tests))
    hidden = verdicts(listener)[-1].rule
    assert verdicts(listener)[-1].is_dead
    hits, good = 0, list(examples(hidden))
    for _ in range(TRIES):
        request_ = aimed(hidden, good, luck)
        hits += bool(matches(hidden, request_))
        assert take(listener, request_).rule is not hidden
        assert chosen(listener, request_) is not hidden
    assert hits > TRIES / 50  # they were well aimed


@tries(150)
@given(listener=listeners)
def test_a_rule_that_is_called_free_is_reached_by_a_request_made_for_it(listener):
    """Unless nothing passes its own conditions, or others that ask for more leave it nothing."""
    for verdict in verdicts(listener):
        place = verdict.priority - 1
        made = None if verdict.is_dead else example(listener, place)
        if made is not None:
            assert chosen(listener, made) is listener[place]
        elif not (verdict.is_dead or verdict.partly_by or verdict.unsure_of):
            asking_more = listener[:place]
            assert all(any(matches(r, one) for r in asking_more) for one in examples(verdict.rule))


def test_the_canary_and_the_root_are_both_reached():
    listener = [a_rule(["a.test"], ["/*"], [header("X-Canary", "1")]), a_rule(["a.test"], ["/*"])]
    canary, root = (example(listener, place) for place in range(2))
    assert (canary.headers, root.headers) == ((("X-Canary", "1"),), ())
    assert example(listener[::-1], 1) is None
