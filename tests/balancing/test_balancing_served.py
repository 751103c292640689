"""The rules that serve a rollout, what each is for it."""

from bot.balancing.inventory import Inventory
from bot.balancing.served import Role, neighbourhood, serving
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


def test_a_root_prefix_takes_the_requests_of_the_header_route():
    """As in the documentation of Argo Rollouts: prefixes stand before `/*`."""
    ingress = an_ingress(PLAIN | ROUTE, a_path("route"), a_path("stable", "/", "Prefix"))

    assert rows(inventory(ingress))[0] == [(1, "weighted path", None), (2, "header path", 1)]


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
