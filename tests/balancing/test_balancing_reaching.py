"""Whether a request with a header would reach the canary: by a route that stands, or a new one."""

import json
from dataclasses import replace

import pytest

from bot.balancing.finding import Severity
from bot.balancing.reaching import header_reaches_canary
from tests.balancing.loading import take_in
from tests.balancing.ordering import a_release, an_ingress, asks_for, entry, other, root
from tests.balancing.situations import a_path, forward, the_seed

QUIET = [{"setWeight": 10}, {"pause": {}}]
WEB = a_release(steps=QUIET)
HTTP, BOTH = '[{"HTTP": 80}]', '[{"HTTP": 80}, {"HTTPS": 443}]'
CANARY = forward(("web-canary", 1))
TO_HTTPS = json.dumps(
    {
        "type": "redirect",
        "redirectConfig": {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"},
    }
)


def ids(*documents, header="X-Canary", value="1", rollout=None):
    inventory = take_in(*documents, rollout or WEB)
    return [f.id for f in header_reaches_canary(inventory, inventory.rollouts[0], header, value)]


def a_service(name):
    spec = {"type": "NodePort", "ports": [{"port": 80}]}
    return {"kind": "Service", "metadata": {"name": name}, "spec": spec}


STATIC = {"actions.mine": CANARY, "conditions.mine": asks_for("1,2")}
GROUP = {"group.name": "shared"}
SITE = other("site", "/", "Prefix")


@pytest.mark.parametrize(
    "documents",
    [
        pytest.param([an_ingress(entry(root()))], id="a route is put in front"),
        pytest.param(
            [an_ingress(entry(root(), other("blog", "/blog", "Prefix")))],
            id="paths of others were never meant",
        ),
        pytest.param(
            [an_ingress(entry(root()), entry(SITE, host="docs.test"))], id="nor hosts of others"
        ),
        pytest.param(
            [
                an_ingress(
                    entry(a_path("go"), root()),
                    **{"actions.go": TO_HTTPS, "listen-ports": BOTH},
                )
            ],
            id="HTTP is sent to HTTPS, where the route stands",
        ),
        pytest.param(
            [an_ingress(entry(a_path("mine"), root()), **STATIC)], id="a static route in front"
        ),
        pytest.param(
            [
                an_ingress(
                    entry(a_path("theirs", "/*"), host=""),
                    name="a",
                    **GROUP,
                    **{"conditions.theirs": asks_for("1", header="X-Team")},
                ),
                an_ingress(entry(root()), **GROUP),
            ],
            id="another header goes elsewhere",
        ),
    ],
)
def test_the_header_reaches_the_canary(documents):
    assert ids(*documents) == []


def test_without_an_alb_nothing_is_said():
    rollout = a_release(steps=QUIET)
    rollout["spec"]["strategy"]["canary"]["trafficRouting"] = {}
    assert ids(rollout=rollout) == []


def test_the_seed_has_its_route():
    rollout, ingress = the_seed()
    inventory = replace(take_in(), rollouts=(rollout,), ingresses=(ingress,))
    assert header_reaches_canary(inventory, rollout, "X-Canary", "true") == ()


MANY = [other("api", f"/{n}", "Exact") for n in range(99)]


@pytest.mark.parametrize(
    ("documents", "expected"),
    [
        pytest.param([an_ingress(entry(root("/", "Prefix")))], ["ORD-01"], id="behind the weights"),
        pytest.param(
            [an_ingress(entry(root(), a_path("mine")), **STATIC)],
            ["ORD-01"],
            id="a static route behind the weights",
        ),
        pytest.param(
            [an_ingress(entry(root(), root("/api", "Prefix")))], ["ORD-02"], id="own paths"
        ),
        pytest.param(
            [
                an_ingress(entry(SITE, host=""), name="a", **GROUP),
                an_ingress(entry(root()), **GROUP),
            ],
            ["ORD-01"],
            id="another Ingress of the group takes everything",
        ),
        pytest.param(
            [
                an_ingress(
                    entry(other("theirs", "/api/*", "ImplementationSpecific"), host=""),
                    name="a",
                    **GROUP,
                    **{"conditions.theirs": asks_for("1")},
                ),
                an_ingress(entry(root()), **GROUP),
            ],
            ["ORD-02"],
            id="the same header leads elsewhere on some paths",
        ),
        pytest.param([], ["ING-01"], id="no such Ingress"),
        pytest.param(
            [an_ingress(entry(root()), **{"group.name": "Bad_Name"})], ["ORD-12"], id="no group"
        ),
        pytest.param(
            [an_ingress(entry(root()), **GROUP, **{"group.order": "first"})],
            ["ORD-11"],
            id="the group stands still",
        ),
        pytest.param(
            [
                an_ingress(
                    entry(a_path("x"), host="b.test"), name="z", **GROUP, **{"actions.x": "{"}
                ),
                an_ingress(entry(root()), **GROUP),
            ],
            ["ANN-01"],
            id="for the sake of another member",
        ),
        pytest.param(
            [
                an_ingress(
                    entry(root()),
                    **{"kubernetes.io/ingress.class": "nginx"},
                )
            ],
            ["WIRE-15"],
            id="no ALB controller looks at it",
        ),
        pytest.param(
            [an_ingress(entry(root())), a_service("web-stable")],
            ["WIRE-05"],
            id="the canary Service does not exist",
        ),
        pytest.param(
            [an_ingress(entry(root()), **{"use-regex-path-match": "true"})],
            ["ANN-16"],
            id="paths are regular expressions",
        ),
        pytest.param(
            [
                an_ingress(
                    entry(SITE, host="site.test"),
                    name="site",
                    **GROUP,
                    **{"listen-ports": BOTH, "ssl-redirect": "443"},
                ),
                an_ingress(entry(root()), **GROUP, **{"listen-ports": HTTP}),
            ],
            ["ORD-09"],
            id="all of HTTP is redirected",
        ),
        pytest.param([an_ingress(entry(*MANY, root()))], ["ORD-13"], id="no room for the rule"),
        pytest.param(
            [
                an_ingress(
                    entry(a_path("go"), a_path("mine"), root()),
                    **STATIC,
                    **{"actions.go": TO_HTTPS, "listen-ports": HTTP},
                )
            ],
            ["ORD-07"],
            id="a redirect leaves it out",
        ),
    ],
)
def test_what_keeps_it_away_is_told(documents, expected):
    assert sorted(set(ids(*documents))) == expected


def test_a_prefix_that_no_controller_reads():
    rollout = a_release(steps=QUIET, annotationPrefix="custom.example.com")
    assert ids(an_ingress(entry(root())), rollout=rollout) == ["WIRE-04"]


@pytest.mark.parametrize("value", ["1", "2", "1 or 2"])
def test_a_static_route_is_known_by_its_own_words(value):
    """Where it does not stand in front, no new route would help: what is said is about it."""
    static = an_ingress(
        entry(a_path("mine"), root(), host="a.test"), entry(root("/", "Prefix")), **STATIC
    )
    assert ids(static, value=value) == []
    assert ids(static, value="3") == ["ORD-01"]


def test_each_ingress_of_the_rollout_is_looked_at():
    rollout = a_release(steps=QUIET)
    alb = rollout["spec"]["strategy"]["canary"]["trafficRouting"]["alb"]
    alb |= {"ingress": "", "ingresses": ["web", "web-2"]}
    documents = (
        an_ingress(entry(root())),
        an_ingress(entry(root("/", "Prefix")), name="web-2"),
    )
    inventory = take_in(*documents, rollout)

    (finding,) = header_reaches_canary(inventory, inventory.rollouts[0], "X-Canary", "1")

    assert (finding.id, finding.name) == ("ORD-01", "web-2")
    assert "Requests with X-Canary: 1 will not reach the canary" in finding.message


def test_notes_do_not_refuse():
    """The modal refuses with what is given here: nothing in it is only worth knowing."""
    inventory = take_in(an_ingress(entry(root(), root("/api", "Prefix"), SITE)), WEB)
    found = header_reaches_canary(inventory, inventory.rollouts[0], "X-Canary", "1")
    assert {f.severity for f in found} <= {Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM}
