"""Rules in the controller's order, and which of them takes the requests of another."""

import json

import pytest

from bot.balancing.listeners import Listener, read_listeners
from bot.balancing.optimiser import on_listener
from bot.balancing.reach import Reach, reach_of
from bot.balancing.rules import read_rules
from bot.balancing.shadows import shadow_of
from tests.balancing.situations import PREFIX, a_path, an_ingress, the_seed

HTTP, HTTPS = Listener(port=80, protocol="HTTP"), Listener(port=443, protocol="HTTPS")
HEADER = '[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"X-Canary","values":["1"]}}]'


def rules_of(*paths, host="app.test", **annotations):
    """The rules of an Ingress with these paths; `conditions` of the backend `header`."""
    known = {f"{PREFIX}/conditions.header": HEADER}
    return read_rules(an_ingress(known | annotations, *paths, host=host), PREFIX)


def test_the_seed_redirects_on_http_and_serves_on_https():
    """Nothing says so but the redirect itself: the controller drops what it makes senseless."""
    _, ingress = the_seed()
    rules = read_rules(ingress, PREFIX)

    assert read_listeners(ingress, PREFIX) == (HTTP, HTTPS)
    assert [rule.service for rule in on_listener(rules, HTTP)] == ["ssl-redirect"]
    assert [rule.service for rule in on_listener(rules, HTTPS)] == [
        "x-canary-header",
        "tomozo-stable",
    ]


def test_exact_paths_come_first_then_the_longest_prefix_then_the_rest_as_listed():
    rules = rules_of(
        a_path("impl", "/*"),
        a_path("none", "/n", kind=""),
        a_path("short", "/a", "Prefix"),
        a_path("long", "/a/b", "Prefix"),
        a_path("exact", "/z", "Exact"),
        a_path("first", "/y", "Exact"),
    )
    assert [rule.service for rule in rules] == ["exact", "first", "long", "short", "impl", "none"]


@pytest.mark.parametrize(
    ("path", "globs"),
    [
        (a_path("a", "/a", "Exact"), ("/a",)),
        (a_path("a", "/", "Prefix"), ("/*",)),
        (a_path("a", "/foo/", "Prefix"), ("/foo", "/foo/*")),
        (a_path("a", "/"), ("/",)),
        (a_path("a", "/*"), ("/*",)),
        (a_path("a", ""), ()),
    ],
)
def test_a_path_as_patterns(path, globs):
    (rule,) = rules_of(path)
    assert rule.paths.globs == globs


def test_a_path_as_a_regular_expression_loses_its_first_letter():
    """So Argo's `/*` becomes `*`, which is none."""
    (rule,) = rules_of(a_path("a", "/*"), **{f"{PREFIX}/use-regex-path-match": "true"})
    assert (rule.paths.globs, rule.paths.regexes) == ((), ("*",))


def test_conditions_can_only_widen_host_and_path():
    """Whoever wanted to narrow them down gets all."""
    conditions = (
        '[{"field":"path-pattern","pathPatternConfig":{"values":["/canary/*"]}},'
        '{"field":"host-header","hostHeaderConfig":{"values":["b.test"]}}]'
    )
    (rule,) = rules_of(a_path("wide"), **{f"{PREFIX}/conditions.wide": conditions})

    assert rule.paths.globs == ("/*", "/canary/*")
    assert rule.hosts.globs == ("app.test", "b.test")


def test_patterns_and_regular_expressions_do_not_mix():
    conditions = '[{"field":"host-header","hostHeaderConfig":{"regexValues":["^b"]}}]'
    (rule,) = rules_of(a_path("mixed"), **{f"{PREFIX}/conditions.mixed": conditions})
    assert "both as pattern and as regular expression" in rule.broken


# shadows


def shadow(*paths, listeners=(HTTPS,)):
    """What takes the header's requests first."""
    rules = rules_of(*paths)
    (header,) = (rule for rule in rules if rule.service == "header")
    return shadow_of(header, rules, listeners, counts=lambda _, reach: reach is Reach.ALL)


@pytest.mark.parametrize(
    ("root", "shadowed_by"),
    [
        pytest.param(a_path("root", "/", "Prefix"), "Prefix / of app.test", id="#2902"),
        pytest.param(a_path("root", "/*"), "", id="correct"),
        pytest.param(a_path("root", "/"), "", id="the root serves / only"),
    ],
)
def test_a_root_path_of_the_wrong_type_hides_the_header(root, shadowed_by):
    assert shadow(a_path("header"), root) == shadowed_by


def test_exact_and_prefix_paths_take_a_part():
    rules = rules_of(a_path("header"), a_path("x", "/x", "Exact"), a_path("api", "/api", "Prefix"))
    reach = {rule.service: reach_of(rule, rules[-1]) for rule in rules[:-1]}
    assert reach == {"x": Reach.PART, "api": Reach.PART}


def condition(field, **config):
    name = {"http-header": "httpHeaderConfig", "source-ip": "sourceIPConfig"}.get(
        field, "queryStringConfig" if field == "query-string" else "httpRequestMethodConfig"
    )
    return {"field": field, name: config}


@pytest.mark.parametrize(
    ("wide", "narrow", "covered"),
    [
        pytest.param([], [condition("source-ip", values=["10.0.0.0/8"])], True, id="none is wide"),
        pytest.param([condition("source-ip", values=["10.0.0.0/8"])], [], False, id="but not back"),
        pytest.param(
            [condition("http-header", httpHeaderName="X-A", values=["V*"])],
            [condition("http-header", httpHeaderName="x-a", values=["v1", "v2?"])],
            True,
            id="a header, whatever its case",
        ),
        pytest.param(
            [condition("http-header", httpHeaderName="X-A", values=["1"])],
            [condition("http-header", httpHeaderName="X-A", values=["1", "2"])],
            False,
            id="one of two values",
        ),
        pytest.param(
            [condition("http-header", httpHeaderName="X-A", values=["1"])],
            [condition("http-header", httpHeaderName="X-B", values=["1"])],
            False,
            id="another header",
        ),
        pytest.param(
            [condition("source-ip", values=["10.0.0.0/8"])],
            [condition("source-ip", values=["10.1.0.0/16"])],
            True,
            id="a net within",
        ),
        pytest.param(
            [condition("source-ip", values=["10.0.0.0/8"])],
            [condition("source-ip", values=["::/0"])],
            False,
            id="another kind of net",
        ),
        pytest.param(
            [condition("source-ip", values=["banana"])],
            [condition("source-ip", values=["banana"])],
            True,
            id="no net at all",
        ),
        pytest.param(
            [condition("query-string", values=[{"value": "a*"}])],
            [condition("query-string", values=[{"key": "k", "value": "AB"}])],
            True,
            id="any key",
        ),
        pytest.param(
            [condition("query-string", values=[{"key": "k", "value": "a"}])],
            [condition("query-string", values=[{"value": "a"}])],
            False,
            id="one key only",
        ),
        pytest.param(
            [condition("http-request-method", values=["GET", "PUT"])],
            [condition("http-request-method", values=["GET"])],
            True,
            id="a method",
        ),
    ],
)
def test_which_conditions_cover_which(wide, narrow, covered):
    earlier, later = rules_of(
        a_path("wide"),
        a_path("narrow"),
        **{
            f"{PREFIX}/conditions.wide": json.dumps(wide),
            f"{PREFIX}/conditions.narrow": json.dumps(narrow),
        },
    )
    assert (reach_of(earlier, later) is Reach.ALL) is covered


def test_another_host_hides_nothing_and_no_host_hides_all():
    entries = {
        host: read_rules(an_ingress({}, a_path("a", "/", "Prefix"), host=host), PREFIX)[0]
        for host in ("app.test", "APP.test", "b.test", "*.test", "")
    }
    reach = {host: reach_of(rule, entries["app.test"]) for host, rule in entries.items()}

    assert reach == {
        "app.test": Reach.ALL,
        "APP.test": Reach.ALL,
        "b.test": Reach.NONE,
        "*.test": Reach.ALL,
        "": Reach.ALL,
    }
    assert reach_of(entries["app.test"], entries["*.test"]) is Reach.PART


def test_a_rule_without_any_condition_takes_everything():
    (rule,) = rules_of(a_path("a", ""), host="")
    (other,) = rules_of(a_path("b", "/x", "Exact"))
    assert rule.paths.globs == ("/*",)
    assert reach_of(rule, other) is Reach.ALL


# listeners


@pytest.mark.parametrize(
    ("annotations", "listeners"),
    [
        pytest.param({}, (HTTP, HTTPS), id="not said: either"),
        pytest.param({"listen-ports": '[{"HTTP":80}]'}, (HTTP,), id="one"),
        pytest.param(
            {"listen-ports": '[{"HTTPS":8443,"HTTP":80},{"HTTPS":80}]'},
            (Listener(port=80, protocol="HTTPS"), Listener(port=8443, protocol="HTTPS")),
            id="the last of a port",
        ),
        pytest.param(
            {"listen-ports": '[{"HTTP":80},{"HTTPS":443}]', "ssl-redirect": "443"},
            (HTTPS,),
            id="with ssl-redirect no rules stand on HTTP",
        ),
    ],
)
def test_the_listeners_of_an_ingress(annotations, listeners):
    keys = {f"{PREFIX}/{key}": value for key, value in annotations.items()}
    assert read_listeners(an_ingress(keys), PREFIX) == listeners


REDIRECT = '{"type":"redirect","redirectConfig":{"statusCode":"HTTP_301"%s}}'


@pytest.mark.parametrize(
    ("config", "stays"),
    [
        pytest.param(',"protocol":"HTTPS","port":"443"', [True, False], id="to HTTPS"),
        pytest.param("", [False, False], id="to itself"),
        pytest.param(',"host":"#{host}","path":"/#{path}"', [False, False], id="in other words"),
        pytest.param(',"host":"new.test"', [True, True], id="to another host"),
        pytest.param(',"query":"x=1"', [True, True], id="with another query"),
    ],
)
def test_a_redirect_that_leads_back_is_not_made(config, stays):
    rules = rules_of(a_path("r"), **{f"{PREFIX}/actions.r": REDIRECT % config})
    assert [bool(on_listener(rules, one)) for one in (HTTP, HTTPS)] == stays


def test_what_a_redirect_keeps_away_everywhere_is_shadowed_by_it():
    rules = rules_of(
        a_path("r"), a_path("header"), **{f"{PREFIX}/actions.r": REDIRECT % ',"host":"new.test"'}
    )
    found = shadow_of(rules[1], rules, (HTTP, HTTPS), counts=lambda *_: True)
    assert found == "ImplementationSpecific /* of app.test"
