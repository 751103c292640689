"""From paths to what the balancer matches: the controller's own situations."""

import json

import pytest

from bot.balancing.rules import read_rules
from tests.balancing.situations import a_path
from tests.balancing.worlds import PREFIX, member

M, E, P = "ImplementationSpecific", "Exact", "Prefix"


@pytest.mark.parametrize(
    ("listed", "ordered"),
    [
        pytest.param([("", E)], [""], id="exact only"),
        pytest.param(
            [("/abc", P), ("/example", P), ("/tea", P)],
            ["/example", "/abc", "/tea"],
            id="prefixes, longest first",
        ),
        pytest.param([("", M), ("/a", M), ("/test", M)], ["", "/a", "/test"], id="as listed"),
        pytest.param(
            [("/abc", P), ("/aaa", E), ("/aaa/bbb", P), ("/abc/abc/abc", P)],
            ["/aaa", "/abc/abc/abc", "/aaa/bbb", "/abc"],
            id="exact before prefixes",
        ),
        pytest.param(
            [("/b", M), ("/ccc", M), ("/aaa", P), ("/example", P)],
            ["/example", "/aaa", "/b", "/ccc"],
            id="prefixes before the rest",
        ),
        pytest.param(
            [("/b", M), ("/ccc", ""), ("/aaa", P), ("/example", P), ("/test", E)],
            ["/test", "/example", "/aaa", "/b", "/ccc"],
            id="all, and one without a type",
        ),
        pytest.param([("/ü", P), ("/ab", P)], ["/ü", "/ab"], id="bytes are counted"),
        pytest.param([("/ab", P), ("/ü", P)], ["/ab", "/ü"], id="of equal length: as listed"),
    ],
)
def test_the_order_of_paths(listed, ordered):
    one = member("a", *(a_path("s", path, kind) for path, kind in listed))
    assert [rule.path for rule in read_rules(one, PREFIX)] == ordered


def test_a_path_of_unknown_type_is_what_the_controller_finds_first():
    rules = read_rules(
        member("a", a_path("s", "/*", E), a_path("s", "/b", P), a_path("s", "/ccc", "xyz")), PREFIX
    )
    assert rules[0].broken == "path xyz /ccc of app.test: the pathType xyz is not known"


@pytest.mark.parametrize(
    ("path", "kind", "globs"),
    [
        ("/*", "", ("/*",)),
        ("/*", M, ("/*",)),
        ("/", M, ("/",)),
        ("/?", M, ("/?",)),
        ("/abc/", "", ("/abc/",)),
        ("/abc/", M, ("/abc/",)),
        ("/abc/def/", M, ("/abc/def/",)),
        ("/", E, ("/",)),
        ("/abc/", E, ("/abc/",)),
        ("/abc/def", E, ("/abc/def",)),
        ("/", P, ("/*",)),
        ("/abc", P, ("/abc", "/abc/*")),
        ("/abc/", P, ("/abc", "/abc/*")),
        ("/abc/def/", P, ("/abc/def", "/abc/def/*")),
        ("//", P, ("/", "//*")),
    ],
)
def test_a_path_as_patterns(path, kind, globs):
    (rule,) = read_rules(member("a", a_path("s", path, kind)), PREFIX)
    assert (rule.paths.globs, rule.paths.regexes, rule.broken) == (globs, (), "")


@pytest.mark.parametrize(
    ("path", "kind"), [("/*", E), ("/?", E), ("/*", P), ("/?", P), ("/a*b", E)]
)
def test_exact_paths_and_prefixes_hold_no_wild_letters(path, kind):
    (rule,) = read_rules(member("a", a_path("s", path, kind)), PREFIX)
    assert rule.broken == (
        f"path {kind} {path} of app.test: a path of type {kind} may not hold * or ?"
    )


@pytest.mark.parametrize(
    ("flag", "path", "kind", "globs", "regexes"),
    [
        ("true", "/^/api/.+$", M, (), ("^/api/.+$",)),
        ("1", "/^api/.+$", "", (), ("^api/.+$",)),
        ("true", "/*", M, (), ("*",)),
        ("true", "/", M, (), ("",)),
        ("true", "/api", P, ("/api", "/api/*"), ()),
        ("true", "/api", E, ("/api",), ()),
        ("false", "/^api", M, ("/^api",), ()),
    ],
)
def test_paths_as_regular_expressions_lose_their_first_letter(flag, path, kind, globs, regexes):
    one = member("a", a_path("s", path, kind), said={"use-regex-path-match": flag})
    (rule,) = read_rules(one, PREFIX)
    assert (rule.paths.globs, rule.paths.regexes) == (globs, regexes)


@pytest.mark.parametrize("flag", ["foo", "yes", "", " true"])
def test_a_flag_that_is_no_truth_value_stops_the_group_where_it_is_asked_for(flag):
    """Exact paths and prefixes never ask."""
    asks = member("a", a_path("s", "/b", M), said={"use-regex-path-match": flag})
    never = member("a", a_path("s", "/b", P), said={"use-regex-path-match": flag})
    (rule,) = read_rules(asks, PREFIX)
    assert rule.broken == f"{PREFIX}/use-regex-path-match: must be true or false, not {flag!r}"
    assert not read_rules(never, PREFIX)[0].broken


def conditions(*found):
    return json.dumps([{"field": field, config: values} for field, config, values in found])


HOST, PATH = ("host-header", "hostHeaderConfig"), ("path-pattern", "pathPatternConfig")
HEADER = ("http-header", "httpHeaderConfig", {"httpHeaderName": "X-A", "values": ["1"]})


@pytest.mark.parametrize(
    ("host", "path", "asked", "hosts", "paths"),
    [
        pytest.param("example.com", "", (), ("example.com",), (), id="a host"),
        pytest.param("*.example.com", "", (), ("*.example.com",), (), id="a pattern of hosts"),
        pytest.param("", "/exact", (), (), ("/exact",), id="a path"),
        pytest.param("example.com", "/path", (), ("example.com",), ("/path",), id="both"),
        pytest.param("", "", (), (), ("/*",), id="neither"),
        pytest.param("", "", (HEADER,), (), (), id="a header is enough"),
        pytest.param(
            "example.com",
            "",
            ((*HOST, {"values": ["another.com"]}),),
            ("example.com", "another.com"),
            (),
            id="a condition widens the host",
        ),
        pytest.param(
            "",
            "/api",
            ((*PATH, {"values": ["/other/*"]}), (*PATH, {"values": ["/third"]})),
            (),
            ("/api", "/other/*", "/third"),
            id="and two widen the path",
        ),
    ],
)
def test_conditions_of_a_rule(host, path, asked, hosts, paths):
    one = member(
        "a",
        a_path("s", path),
        host=host,
        said={"conditions.s": conditions(*asked)} if asked else {},
    )
    (rule,) = read_rules(one, PREFIX)
    assert (rule.hosts.globs, rule.paths.globs, rule.broken) == (hosts, paths, "")


def test_regular_expressions_of_conditions_stand_beside_those_of_paths():
    asked = conditions((*PATH, {"regexValues": [r"^/another\-api/.+$"]}))
    said = {"conditions.s": asked, "use-regex-path-match": "true"}
    (rule,) = read_rules(member("a", a_path("s", "/^api/.+$"), host="", said=said), PREFIX)
    assert rule.paths.regexes == ("^api/.+$", r"^/another\-api/.+$")


@pytest.mark.parametrize(
    ("host", "path", "asked", "flag", "what"),
    [
        ("example.com", "", (*HOST, {"regexValues": ["^a$"]}), "false", "host"),
        ("", "/^api", (*PATH, {"values": ["/b/*"]}), "true", "path"),
        ("", "/api", (*PATH, {"regexValues": ["^/b"]}), "false", "path"),
    ],
)
def test_patterns_and_regular_expressions_do_not_mix(host, path, asked, flag, what):
    said = {"conditions.s": conditions(asked), "use-regex-path-match": flag}
    (rule,) = read_rules(member("a", a_path("s", path), host=host, said=said), PREFIX)
    assert rule.failure.id == "ANN-15"
    assert f"the {what} is given both as pattern and as regular expression" in rule.broken


def test_entries_with_one_host_are_not_merged_and_no_host_is_more_special():
    """The first entry's prefix stands before the second one's exact path."""
    entries = [
        {"http": {"paths": [a_path("anywhere", "/", P)]}},
        {"host": "a.test", "http": {"paths": [a_path("first", "/", P)]}},
        {"host": "b.test"},
        {"host": "a.test", "http": {"paths": [a_path("second", "/x", E)]}},
    ]
    rules = read_rules(member("a", rules=entries), PREFIX)
    assert [(rule.service, rule.entry) for rule in rules] == [
        ("anywhere", 0),
        ("first", 1),
        ("second", 3),
    ]


def test_where_conditions_cannot_be_read_nobody_knows_what_the_rule_takes():
    one = member("a", a_path("s", "/b"), said={"conditions.s": "[{]"})
    (rule,) = read_rules(one, PREFIX)
    assert (rule.unread, rule.failure.offset) == (True, 2)
    assert "alb.ingress.kubernetes.io/conditions.s: this is not JSON" in rule.broken
