"""The rules that serve a rollout, what each is for it, and whether the header would work."""

from dataclasses import replace

import pytest

from bot.balancing.finding import Severity
from bot.balancing.inventory import Inventory
from bot.balancing.objects import Service
from bot.balancing.reaching import obstacles
from bot.balancing.served import Role, neighbourhood, serving
from bot.release.steps import header_route_step
from tests.balancing.situations import (
    PREFIX,
    ROOT,
    ROUTE,
    WRITTEN,
    a_path,
    a_rollout,
    an_ingress,
    the_seed,
)

NEW_ROUTE = header_route_step("X-Test", "1")["setHeaderRoute"]
PLAIN = {ROOT: WRITTEN}
GROUP = {f"{PREFIX}/group.name": "web"}


def inventory(*ingresses, rollout=None):
    return Inventory(rollouts=(rollout or a_rollout(),), ingresses=ingresses)


def rows(things):
    """Priority, role and who covers it, on each listener."""
    (balancer,) = serving(things, things.rollouts[0])
    return [
        [(row.priority, str(row.role), row.covered_by) for row in floor.rows]
        for floor in balancer.floors
    ]


def named(ingress, name, **changes):
    return ingress.model_copy(update={"name": name, **changes})


def test_the_seed_redirects_on_http_and_serves_on_https():
    rollout, ingress = the_seed()
    things = inventory(ingress, rollout=rollout)

    assert rows(things) == [[(1, "", None)], [(1, "header path", None), (2, "weighted path", None)]]
    assert obstacles(things, rollout) == ()


def test_a_root_prefix_takes_the_requests_of_the_header_route():
    """As in the documentation of Argo Rollouts: prefixes stand before `/*`."""
    ingress = an_ingress(PLAIN | ROUTE, a_path("route"), a_path("stable", "/", "Prefix"))

    assert rows(inventory(ingress))[0] == [(1, "weighted path", None), (2, "header path", 1)]


@pytest.mark.parametrize(
    ("ingresses", "routes", "found"),
    [
        pytest.param(
            [an_ingress(PLAIN | ROUTE, a_path("route"), a_path("stable", "/", "Prefix"))],
            [],
            ["ORD-01"],
            id="a-route-that-is-there",
        ),
        pytest.param(
            [an_ingress(PLAIN, a_path("stable", "/", "Prefix"))],
            [NEW_ROUTE],
            ["ORD-01"],
            id="a-route-that-argo-will-write",
        ),
        pytest.param([an_ingress(PLAIN, a_path("stable"))], [NEW_ROUTE], [], id="in-front-of-it"),
        pytest.param(
            [an_ingress(PLAIN | ROUTE, a_path("route"), a_path("stable"))], [], [], id="whole"
        ),
        pytest.param(
            [
                an_ingress(PLAIN | GROUP, a_path("stable"), host=""),
                named(an_ingress(GROUP, a_path("cart", "/*", port={"number": 80})), "aaa"),
            ],
            [NEW_ROUTE],
            [],
            id="another-member-takes-one-host-only",
        ),
        pytest.param(
            [
                an_ingress(PLAIN | GROUP, a_path("stable")),
                named(an_ingress(GROUP, a_path("cart", port={"number": 80}), host=""), "aaa"),
            ],
            [NEW_ROUTE],
            ["ORD-01"],
            id="another-member-takes-everything",
        ),
        pytest.param(
            [
                an_ingress(PLAIN | GROUP, a_path("stable")),
                named(an_ingress(GROUP | {f"{PREFIX}/group.order": "x"}, a_path("cart")), "zzz"),
            ],
            [NEW_ROUTE],
            ["ORD-11"],
            id="the-group-is-frozen",
        ),
    ],
)
def test_what_would_keep_the_header_from_the_canary(ingresses, routes, found):
    things = inventory(*ingresses)

    assert [one.id for one in obstacles(things, things.rollouts[0], routes)] == found
    for one in obstacles(things, things.rollouts[0], routes):
        assert one.severity is Severity.CRITICAL


def test_what_depends_on_flags_of_the_controller_is_less_grave():
    """With `--default-target-type=ip` a Service without node ports is well."""
    service = Service.model_validate(
        {"metadata": {"namespace": "shop", "name": "canary"}, "spec": {"ports": [{"port": 80}]}}
    )
    stable = service.model_copy(update={"name": "stable"})
    things = replace(inventory(an_ingress(PLAIN, a_path("stable"))), services=(service, stable))
    (found,) = obstacles(things, things.rollouts[0], [NEW_ROUTE])

    assert (found.id, found.severity) == ("WIRE-07", Severity.HIGH)


def test_who_takes_the_requests_is_named_with_its_namespace():
    other = named(an_ingress(GROUP, a_path("cart", port={"number": 80}), host=""), "aaa")
    things = inventory(an_ingress(PLAIN | GROUP, a_path("stable")), other)
    (found,) = obstacles(things, things.rollouts[0], [NEW_ROUTE])

    assert "ImplementationSpecific /* of shop/aaa takes its requests first" in found.message
    assert "on HTTP 80 rule 1 takes all requests of rule 2" in found.evidence


def test_only_what_decides_is_looked_at():
    near = neighbourhood(
        inventory(
            an_ingress(PLAIN | GROUP, a_path("stable")),
            named(an_ingress(GROUP, a_path("cart")), "same"),
            named(an_ingress({}, a_path("cart")), "alone"),
        ),
        a_rollout(),
    )

    assert [one.name for one in near.ingresses] == ["app", "same"]


def test_a_rollout_without_an_alb_is_served_by_none():
    rollout = a_rollout(routing={"nginx": {"stableIngress": "app"}})

    assert serving(inventory(rollout=rollout), rollout) == ()
    assert Role.OTHER == ""
