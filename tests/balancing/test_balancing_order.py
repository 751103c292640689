"""What is said about the order of rules: when, of whom, how often, and what is left out."""

import json

import pytest

from bot.balancing.inspection import inspect
from tests.balancing.loading import take_in
from tests.balancing.ordering import a_release, an_ingress, entry, other, root
from tests.balancing.situations import a_path, forward

WEB = a_release()
QUIET = a_release(steps=[{"setWeight": 10}, {"pause": {}}])
GROUP = {"group.name": "shared"}
HTTP, BOTH = '[{"HTTP": 80}]', '[{"HTTP": 80}, {"HTTPS": 443}]'
TO_HTTPS = {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"}
REDIRECT = {"actions.go": json.dumps({"type": "redirect", "redirectConfig": TO_HTTPS})}
HEADER = {"httpHeaderName": "X-Canary", "values": ["1"]}
ROUTE = {
    "actions.header": forward(("web-canary", 100)),
    "conditions.header": json.dumps(
        [
            {
                "field": "http-header",
                "httpHeaderConfig": {"httpHeaderName": "X-Canary", "values": ["1"]},
            }
        ]
    ),
}


def found(*documents, rollout=WEB):
    return [f for f in inspect(take_in(*documents, rollout)).findings if f.id.startswith("ORD")]


def ids(*documents, rollout=WEB):
    return [finding.id for finding in found(*documents, rollout=rollout)]


def hosts(field, **config):
    return json.dumps([{"field": field, "hostHeaderConfig": config}])


@pytest.mark.parametrize(
    ("paths", "annotations", "words"),
    [
        pytest.param(
            [], {}, "will not reach the canary: the header route header will be", id="a step's"
        ),
        pytest.param(
            [a_path("header")],
            ROUTE,
            "do not reach the canary: the header route header is",
            id="there",
        ),
    ],
)
def test_a_route_that_is_there_is_shadowed_and_one_of_a_step_will_be(paths, annotations, words):
    (finding,) = found(an_ingress(entry(*paths, root("/", "Prefix")), **annotations))

    assert (
        finding.message
        == f"Requests with X-Canary: 1 {words} shadowed by `/` Prefix of default/web."
    )
    assert "1: app.test /* → web-canary 0, web-stable 100" in finding.evidence
    assert "2: app.test /* X-Canary: 1 → web-canary 100" in finding.evidence


def test_one_finding_for_all_listeners_and_hosts_that_show_it():
    site = an_ingress(
        entry(other("site", "/", "Prefix"), host=""), name="a", **GROUP, **{"listen-ports": BOTH}
    )
    web = an_ingress(entry(root()), entry(root(), host="b.test"), **GROUP, **{"listen-ports": BOTH})

    weights, tie = found(site, web)

    assert (weights.id, tie.id) == ("ORD-03", "ORD-05")
    assert "group.order" in weights.fix
    assert weights.evidence.startswith("HTTP 80, HTTPS 443:")
    assert "b.test" in weights.evidence


def test_what_takes_the_weights_and_the_header_route_is_told_once_with_both():
    site = an_ingress(entry(other("site", "/", "Prefix"), host=""), name="a", **GROUP)

    weights, _ = found(site, an_ingress(entry(root()), **GROUP))

    assert weights.id == "ORD-03"
    assert "those with X-Canary: 1 too" in weights.message
    assert "X-Canary: 1 → web-canary 100" in weights.evidence


@pytest.mark.parametrize(
    "redirects",
    [
        pytest.param({"host": "*.test"}, id="a pattern, so that the rules are made all the same"),
        pytest.param({"host": "app.test"}, id="the same host, so that they are not even made"),
    ],
)
def test_what_http_sends_to_https_is_served_there(redirects):
    go = entry(a_path("go"), **redirects)
    assert ids(an_ingress(go, entry(root()), **REDIRECT, **{"listen-ports": BOTH})) == []


def test_without_https_a_redirect_to_it_takes_everything():
    """The redirect is a pattern: the rules are made, and never get a request."""
    go = entry(a_path("go"), host="*.test")
    web = an_ingress(go, entry(root()), **REDIRECT, **{"listen-ports": HTTP})
    assert ids(web, rollout=QUIET) == ["ORD-03"]


def test_two_ingresses_of_a_rollout_in_one_group_follow_the_same_weights():
    rollout = a_release(steps=[{"setWeight": 10}])
    alb = rollout["spec"]["strategy"]["canary"]["trafficRouting"]["alb"]
    alb |= {"ingress": "", "ingresses": ["web", "web-2"]}
    both = [an_ingress(entry(root()), name=name, **GROUP) for name in ("web", "web-2")]
    assert ids(*both, rollout=rollout) == []


def test_a_service_of_the_same_name_in_another_namespace_is_another_one():
    theirs = an_ingress(entry(other("web-canary", "/", "Prefix"), host=""), name="a", **GROUP)
    theirs["metadata"]["namespace"] = "a"

    (weights, *_) = found(theirs, an_ingress(entry(root()), **GROUP))

    assert "those with X-Canary: 1 too" in weights.message


def test_a_route_behind_another_route_to_the_same_canary_is_none_the_worse():
    mine = {
        "conditions.mine": ROUTE["conditions.header"].replace('"1"', '"*"'),
        "actions.mine": ROUTE["actions.header"],
    }
    assert ids(an_ingress(entry(a_path("mine"), root()), **mine)) == []


def test_the_same_header_for_something_else_is_told_as_the_rollouts_loss():
    """Without the header these requests are this rollout's: not a path of others."""
    team = {"conditions.api": ROUTE["conditions.header"]}
    theirs = an_ingress(
        entry(other("api", "/api/*", "ImplementationSpecific"), host=""), name="a", **GROUP, **team
    )

    (finding,) = found(theirs, an_ingress(entry(root()), **GROUP))

    assert (finding.id, finding.severity) == ("ORD-02", "high")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        pytest.param({"regexValues": ["^app.*$"]}, ["ORD-01", "ORD-03"], id="nobody can tell"),
        pytest.param({"values": ["docs.test"]}, [], id="another host"),
    ],
)
def test_where_a_regular_expression_decides_nothing_is_claimed(host, expected):
    site = an_ingress(
        entry(other("site", "/*", "ImplementationSpecific"), host=""),
        name="a",
        **GROUP,
        **{"conditions.site": hosts("host-header", **host)},
    )
    report = inspect(take_in(site, an_ingress(entry(root()), **GROUP), WEB))

    assert [f.id for f in report.findings if f.id.startswith("ORD")] == []
    assert sorted(gap.id for gap in report.unchecked if gap.id.startswith("ORD")) == expected


def test_no_patch_is_claimed_where_it_would_give_paths_to_others():
    """As ImplementationSpecific, /a/b would stand behind `/a` Prefix of another application."""
    web = an_ingress(entry(root(), root("/a/b", "Prefix"), other("a", "/a", "Prefix")))
    own = next(finding for finding in found(web) if finding.severity == "high")
    assert (own.id, own.patch) == ("ORD-02", "")


def test_the_lowest_order_is_undercut_by_raising_the_other_one():
    site = an_ingress(
        entry(other("site", "/", "Prefix"), host=""), name="a", **GROUP, **{"group.order": "-1000"}
    )
    (finding,) = found(site, an_ingress(entry(root()), **GROUP), rollout=QUIET)

    assert "name: a\n" in finding.patch
    assert "group.order: '1'" in finding.patch


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        pytest.param(79, [], id="79"),
        pytest.param(80, [("ORD-13", "medium")], id="80"),
        pytest.param(100, [("ORD-13", "medium")], id="100"),
        pytest.param(101, [("ORD-13", "high")], id="101"),
    ],
)
def test_rules_are_counted_with_the_room_that_is_left(paths, expected):
    many = [other("api", f"/{n}", "Exact") for n in range(paths - 1)]
    web = an_ingress(entry(*many, root()))
    assert [(f.id, f.severity) for f in found(web, rollout=QUIET)] == expected


def test_a_header_route_costs_a_rule_for_each_entry_and_listener():
    many = [other("api", f"/{n}", "Exact") for n in range(48)]
    web = an_ingress(entry(*many, host="b.test"), entry(root()), **{"listen-ports": BOTH})
    crowded = next(f for f in found(web) if f.id == "ORD-13")
    assert crowded.message.endswith("has 98 rules, and with the header routes 102: AWS takes 100.")


def test_a_redirect_from_http_in_an_entry_of_its_own_is_no_clash_of_entries():
    web = an_ingress(entry(a_path("go")), entry(root()), **REDIRECT, **{"listen-ports": BOTH})
    assert ids(web, rollout=QUIET) == []


def test_a_group_named_by_its_class_is_told_where_the_name_stands():
    classes = [
        {
            "kind": "IngressClass",
            "metadata": {"name": "alb"},
            "spec": {
                "controller": "ingress.k8s.aws/alb",
                "parameters": {
                    "apiGroup": "elbv2.k8s.aws",
                    "kind": "IngressClassParams",
                    "name": "params",
                },
            },
        },
        {
            "kind": "IngressClassParams",
            "metadata": {"name": "params"},
            "spec": {"group": {"name": "Shop"}},
        },
    ]
    (finding,) = found(*classes, an_ingress(entry(root())))
    assert (finding.id, finding.patch) == ("ORD-12", "")
    assert finding.evidence == "the group's name 'Shop' in IngressClassParams params"


def test_each_member_with_an_impossible_order_is_told_and_whose_weights_stand_still():
    orders = {name: {"group.order": order} for name, order in (("a", "x"), ("web", "99999"))}
    documents = [an_ingress(entry(root()), name=name, **GROUP, **o) for name, o in orders.items()]

    first, second = (f for f in found(*documents, rollout=QUIET) if f.id == "ORD-11")

    assert (first.name, second.name) == ("a", "web")
    assert first.message.startswith("No change of default/web reaches the balancer: default/a has")


@pytest.mark.parametrize(
    ("rollout", "expected"),
    [
        pytest.param(WEB, {"ORD-01", "ORD-02"}, id="with a header route"),
        pytest.param(QUIET, set(), id="without"),
    ],
)
def test_without_the_ingress_it_is_said_what_was_not_looked_for(rollout, expected):
    report = inspect(take_in(rollout))
    gaps = {gap.id for gap in report.unchecked if gap.id.startswith("ORD")}
    assert gaps == expected | {"ORD-03", "ORD-04", "ORD-07", "ORD-09", "ORD-12"}


def test_in_a_cluster_an_ingress_that_is_not_there_leaves_nothing_unsaid():
    report = inspect(take_in(WEB, is_whole=True))
    assert not [gap for gap in report.unchecked if gap.id.startswith("ORD")]


def test_a_route_that_is_behind_another_rollouts_only_while_both_test_is_no_outage():
    routes = [{"name": "api-header"}]
    api = a_release("api", root="api-root", ingress="web")
    canary = api["spec"]["strategy"]["canary"]
    canary["trafficRouting"]["managedRoutes"] = routes
    route = {**canary["steps"][1]["setHeaderRoute"], **routes[0]}
    canary["steps"] = [{"setHeaderRoute": route}, {"pause": {}}]
    web = an_ingress(entry(a_path("api-root", "/api/*"), root()))

    (finding,) = found(web, api)

    assert (finding.id, finding.severity) == ("ORD-01", "medium")
    assert finding.message.startswith("While web tests as well, requests with X-Canary: 1 do not")
