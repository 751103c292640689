"""Which rules the controller leaves out of a listener: its own situations, and recorded ones."""

import time

import pytest

from bot.balancing.annotations import Condition, FixedResponse, Redirect
from bot.balancing.listeners import Listener
from bot.balancing.optimiser import leads_back, optimise
from bot.balancing.patterns import Patterns
from bot.balancing.rules import Rule

HTTPS = Listener(port=443, protocol="HTTPS")
A = ("a.example.com",)
ANSWER = FixedResponse(status="200")


def to(**parts):
    return Redirect(status="HTTP_301", **parts)


def a_rule(action, hosts=(), paths=(), regexes=(), host_regexes=(), tests=()):
    return Rule(
        entry=0,
        hosts=Patterns(globs=hosts, regexes=host_regexes),
        paths=Patterns(globs=paths, regexes=regexes),
        tests=tests,
        action=action,
    )


def query(value):
    return Condition(field="query-string", pairs=(("version", value),))


GET = Condition(field="http-request-method", values=("GET",))
POST = Condition(field="http-request-method", values=("POST",))
INSIDE = Condition(field="source-ip", values=("10.0.0.0/8",))
VPN = Condition(field="source-ip", values=("192.168.0.0/16",))
HEADER = Condition(field="http-header", header="X-A", values=("1",))
ELSEWHERE = to(host="b.example.com", path="/#{path}")
BUTTON = "^/(sos/packages/embed-button)/.*$"


@pytest.mark.parametrize(
    ("rules", "kept"),
    [
        pytest.param(
            [
                a_rule(to(path="/app"), paths=("/www",)),
                a_rule(to(), paths=("/*",)),
                a_rule(ANSWER, paths=("/app",)),
            ],
            [0, 2],
            id="what leads back is left out",
        ),
        pytest.param(
            [
                a_rule(to(path="/app"), paths=("/www",)),
                a_rule(to(host="home.example.com"), paths=("/*",)),
                a_rule(ANSWER, paths=("/app",)),
            ],
            [0, 1],
            id="and so is what stands behind a redirect of everything",
        ),
        pytest.param(
            [
                a_rule(ELSEWHERE, hosts=A, regexes=("^/.*$",)),
                a_rule(ANSWER, hosts=A, regexes=("^/api/.*",)),
            ],
            [0, 1],
            id="a regular expression for everything is not known as such",
        ),
        pytest.param(
            [
                a_rule(ELSEWHERE, hosts=A, regexes=(BUTTON,)),
                a_rule(ANSWER, hosts=A, regexes=(BUTTON,)),
            ],
            [0],
            id="an equal regular expression is",
        ),
        pytest.param(
            [
                a_rule(ELSEWHERE, hosts=A, regexes=("^/w/(a|b)/?$",)),
                a_rule(ELSEWHERE, hosts=A, regexes=("^/(w/(a|b)|c)/.*",)),
            ],
            [0, 1],
            id="two redirects by regular expressions",
        ),
        pytest.param(
            [
                a_rule(to(host="v1"), hosts=A, paths=("/api",), tests=(query("v1"),)),
                a_rule(to(host="v2"), hosts=A, paths=("/api",), tests=(query("v2"),)),
            ],
            [0, 1],
            id="other queries",
        ),
        pytest.param(
            [
                a_rule(to(host="r"), hosts=A, paths=("/api",), tests=(GET,)),
                a_rule(to(host="w"), hosts=A, paths=("/api",), tests=(POST,)),
            ],
            [0, 1],
            id="other methods",
        ),
        pytest.param(
            [
                a_rule(to(host="i"), hosts=A, paths=("/admin",), tests=(INSIDE,)),
                a_rule(to(host="v"), hosts=A, paths=("/admin",), tests=(VPN,)),
            ],
            [0, 1],
            id="other sources",
        ),
        pytest.param(
            [
                a_rule(to(host="u"), hosts=A, regexes=("^/api/v[1-2]/users.*",), tests=(GET,)),
                a_rule(to(host="b"), hosts=A, regexes=("^/api/v3/.*",), tests=(query("true"),)),
            ],
            [0, 1],
            id="all sorts of conditions",
        ),
        pytest.param(
            [a_rule(ANSWER, paths=("/*",)), a_rule(ANSWER, paths=("/app",))],
            [0, 1],
            id="only redirects take rules away",
        ),
        pytest.param(
            [
                a_rule(to(host="n"), hosts=("a", "b"), paths=("/x", "/y")),
                a_rule(ANSWER, hosts=("b",), paths=("/y",)),
                a_rule(ANSWER, hosts=("b", "c"), paths=("/y",)),
                a_rule(ANSWER, paths=("/y",)),
            ],
            [0, 2, 3],
            id="sets within sets",
        ),
        pytest.param(
            [
                a_rule(to(host="n"), host_regexes=("^a",), paths=("/*",)),
                a_rule(ANSWER, hosts=("zzz",), paths=("/x",)),
            ],
            [0],
            id="regular expressions of hosts are forgotten: any host",
        ),
        pytest.param(
            [
                a_rule(to(host="n"), paths=("/*",), tests=(HEADER,)),
                a_rule(ANSWER, paths=("/x",), tests=(HEADER,)),
            ],
            [0, 1],
            id="a redirect for a header takes nothing away",
        ),
        pytest.param(
            [
                a_rule(to(host="n"), paths=("/a*",)),
                a_rule(ANSWER, paths=("/ab",)),
            ],
            [0, 1],
            id="patterns are compared as they are written",
        ),
    ],
)
def test_which_rules_stay(rules, kept):
    found, omitted = optimise(rules, HTTPS)
    assert [rules.index(rule) for rule in found] == kept
    assert len(found) + len(omitted) == len(rules)


def test_what_was_left_out_says_behind_what():
    redirect, rest = a_rule(to(host="n"), paths=("/*",)), a_rule(ANSWER, paths=("/x",))
    loop = a_rule(to(), paths=("/y",))
    _, omitted = optimise([loop, redirect, rest], HTTPS)
    assert [(one.rule, one.by) for one in omitted] == [(loop, None), (rest, redirect)]


HOSTS, PATHS = ("www.example.com", "app.example.com"), ("/www", "/app")
ALL_AS_ASKED = {
    "host": "#{host}",
    "path": "/#{path}",
    "port": "#{port}",
    "protocol": "#{protocol}",
    "query": "#{query}",
}


@pytest.mark.parametrize(
    ("parts", "is_loop"),
    [
        pytest.param({}, True, id="nothing changes"),
        pytest.param(ALL_AS_ASKED, True, id="nothing changes, in words"),
        pytest.param({"host": "app.example.com"}, True, id="one of its hosts"),
        pytest.param({"host": "home.example.com"}, False, id="another host"),
        pytest.param({"path": "/app"}, True, id="one of its paths"),
        pytest.param({"path": "/home"}, False, id="another path"),
        pytest.param({"port": "443"}, True, id="the same port"),
        pytest.param({"port": "80"}, False, id="another port"),
        pytest.param({"protocol": "HTTPS"}, True, id="the same protocol"),
        pytest.param({"protocol": "HTTP"}, False, id="another protocol"),
        pytest.param({"query": "#{query}"}, True, id="the same query"),
        pytest.param({"query": "a=b"}, False, id="another query"),
    ],
)
def test_a_redirect_leads_back_when_every_part_does(parts, is_loop):
    assert leads_back(a_rule(to(**parts), hosts=HOSTS, paths=PATHS), HTTPS) is is_loop


def test_with_regular_expressions_of_paths_nothing_leads_back():
    assert not leads_back(a_rule(to(), hosts=HOSTS, regexes=("^/specific/path$",)), HTTPS)


def test_a_header_is_not_looked_at():
    """So a redirect for one header to HTTPS vanishes from 443, and its requests go on."""
    rule = a_rule(to(protocol="HTTPS", port="443"), paths=("/*",), tests=(HEADER,))
    assert optimise([rule], HTTPS)[0] == ()


def test_what_serves_never_leads_back():
    assert not leads_back(a_rule(ANSWER, paths=("/*",)), HTTPS)


def test_many_redirects_keep_nobody_waiting():
    rules = [a_rule(to(host=f"h{i}"), hosts=(f"a{i}",), paths=("/*",)) for i in range(2_500)]
    rules += [a_rule(ANSWER, hosts=(f"a{i}",), paths=("/x",)) for i in range(2_500)]
    began = time.process_time()
    kept, omitted = optimise(rules, HTTPS)
    assert time.process_time() - began < 2
    assert (len(kept), len(omitted)) == (2_500, 2_500)
