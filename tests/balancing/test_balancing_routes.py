"""Header routes on an ALB Ingress: whole or not, and what takes their requests."""

import pytest

from bot.balancing.weights import read_traffic
from bot.release.traffic import HeaderRoute
from tests.balancing.situations import (
    PREFIX,
    ROOT,
    ROUTE,
    WRITTEN,
    a_path,
    a_rollout,
    an_ingress,
    forward,
    the_seed,
)

ALB = {"ingress": "app", "servicePort": 80}
MANAGED = {"alb": ALB, "managedRoutes": [{"name": "route"}]}


def routes(*paths, rollout=None, host="app.test", without=(), **annotations):
    """The routes of an Ingress with Argo's annotations for `route`, some left out, some changed."""
    known = {ROOT: WRITTEN} | ROUTE
    changed = {f"{PREFIX}/{key.replace('_', '.')}": value for key, value in annotations.items()}
    keys = {
        key: value for key, value in (known | changed).items() if key.split("/")[1] not in without
    }
    ingress = an_ingress(keys, *paths, host=host)
    return read_traffic(rollout or a_rollout(routing=MANAGED), [ingress], (), ()).routes


def test_the_static_route_of_the_seed_leads_to_the_canary():
    """Behind the redirect, before the root: whole, and nobody takes its requests."""
    rollout, ingress = the_seed()
    assert read_traffic(rollout, [ingress], (), ()).routes == (
        HeaderRoute(
            ingress="tomozo",
            name="x-canary-header",
            header="X-Canary",
            value="true",
            managed=False,
            hosts=("tomozo.tokyo",),
        ),
    )


def test_the_route_that_argo_wrote():
    assert routes(a_path("route"), a_path("stable")) == (
        HeaderRoute(
            ingress="app", name="route", header="X-Canary", value="1", managed=True,
            hosts=("app.test",),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("left", "words"),
    [
        pytest.param(["path"], "X-Canary", id="the path is gone"),
        pytest.param(["actions.route"], "X-Canary", id="the action is gone"),
        pytest.param(["conditions.route"], "", id="the condition is gone"),
        pytest.param(["path", "actions.route"], "X-Canary", id="only the condition is left"),
    ],
)
def test_half_a_managed_route_is_told_as_such(left, words):
    """GitOps takes parts of it away."""
    paths = () if "path" in left else (a_path("route"),)

    (route,) = routes(*paths, a_path("stable"), without=left)

    assert (route.name, route.header, route.complete) == ("route", words, False)


def test_what_the_steps_ask_for_names_a_route_whose_condition_is_gone():
    match = [{"headerName": "X-Canary", "headerValue": {"exact": "1"}}]
    steps = [{"setHeaderRoute": {"name": "route", "match": match}}, {"pause": {}}]
    rollout = a_rollout(routing=MANAGED, steps=steps)

    (route,) = routes(
        a_path("route"), a_path("stable"), rollout=rollout, without=["conditions.route"]
    )

    assert (route.header, route.value, route.complete) == ("X-Canary", "1", False)


def test_a_route_that_is_gone_altogether_is_not_there():
    gone = [key.split("/")[1] for key in ROUTE]
    assert routes(a_path("stable"), without=gone) == ()


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"actions_route": "{"}, id="an action that cannot be read"),
        pytest.param({"conditions_route": "{}"}, id="a condition that cannot be read"),
        pytest.param({"actions_route": WRITTEN}, id="a part of it goes to stable"),
        pytest.param(
            {"conditions_route": ROUTE[f"{PREFIX}/conditions.route"].replace("http-", "htp-")},
            id="a misspelt field: everybody",
        ),
    ],
)
def test_a_managed_route_that_does_not_do_its_work_is_not_whole(broken):
    (route,) = routes(a_path("route"), a_path("stable"), **broken)
    assert not route.complete


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"actions_route": WRITTEN}, id="also to stable"),
        pytest.param({"actions_route": "{"}, id="unreadable"),
        pytest.param({"conditions_route": "[]"}, id="no header"),
    ],
)
def test_other_paths_of_the_ingress_are_no_routes(changed):
    """Without a managed name only what leads to the canary by a header counts."""
    assert routes(a_path("route"), a_path("stable"), rollout=a_rollout(), **changed) == ()


def test_a_path_to_the_canary_service_itself_can_be_a_route():
    """Then it needs no action."""
    conditions = ROUTE[f"{PREFIX}/conditions.route"]
    (route,) = routes(
        a_path("canary", port={"number": 80}),
        a_path("stable"),
        rollout=a_rollout(),
        without=[key.split("/")[1] for key in ROUTE],
        conditions_canary=conditions,
    )
    assert (route.name, route.complete, route.managed) == ("canary", True, False)


def test_several_values_and_several_headers():
    """Values are alternatives, headers must all be there."""
    conditions = (
        '[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"A","values":["1","2"]}},'
        '{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"B","regexValues":["x+"]}}]'
    )
    (route,) = routes(a_path("route"), a_path("stable"), conditions_route=conditions)
    assert (route.header, route.value) == ("A", "1 or 2 and B: /x+/")


@pytest.mark.parametrize(
    ("paths", "shadowed_by"),
    [
        pytest.param([a_path("route"), a_path("stable")], "", id="argo-rollouts puts it first"),
        pytest.param(
            [a_path("route"), a_path("stable", "/", "Prefix")],
            "Prefix / of app.test",
            id="the root is a Prefix (#2902)",
        ),
        pytest.param(
            [a_path("stable"), a_path("route")],
            "ImplementationSpecific /* of app.test",
            id="the root stands first",
        ),
        pytest.param(
            [a_path("route"), a_path("stable"), a_path("stable", "/api", "Prefix")],
            "Prefix /api of app.test",
            id="a part of the rollout's own paths",
        ),
        pytest.param(
            [a_path("route"), a_path("stable"), a_path("docs", "/docs", "Prefix")],
            "",
            id="another application's paths",
        ),
        pytest.param(
            [a_path("docs"), a_path("route"), a_path("stable")],
            "ImplementationSpecific /* of app.test",
            id="another application takes all",
        ),
        pytest.param(
            [a_path("canary", "/x", "Exact", {"number": 80}), a_path("route"), a_path("stable")],
            "",
            id="a path that leads to the canary too",
        ),
    ],
)
def test_what_takes_the_requests_of_a_route(paths, shadowed_by):
    (route,) = routes(*paths, actions_docs=forward(("docs", 100)))
    assert (route.complete, route.shadowed_by) == (True, shadowed_by)


def test_what_stands_behind_another_route_to_the_canary_takes_nothing_more():
    """Its requests reach the canary by the first route; the root comes too late to take them."""
    again = {key.replace("route", "again"): text for key, text in ROUTE.items()}
    ingress = an_ingress(
        {ROOT: WRITTEN} | ROUTE | again, a_path("route"), a_path("stable"), a_path("again")
    )
    found = read_traffic(a_rollout(routing=MANAGED), [ingress], (), ()).routes
    assert [(route.name, route.shadowed_by) for route in found] == [("route", ""), ("again", "")]


def test_a_route_on_all_hosts_is_told_once_with_them():
    """Argo puts it into every rule of the Ingress, also into those of others."""
    ingress = an_ingress({ROOT: WRITTEN} | ROUTE, a_path("route"), a_path("stable"))
    other = {"host": "other.test", "http": {"paths": [a_path("route"), a_path("other")]}}
    both = ingress.model_copy(update={"rules": (*ingress.rules, other)})

    (route,) = read_traffic(a_rollout(routing=MANAGED), [both], (), ()).routes

    assert route.hosts == ("app.test", "other.test")
    assert route.shadowed_by == ""


def test_listeners_that_cannot_be_read_do_not_hide_the_route():
    (route,) = routes(a_path("route"), a_path("stable"), **{"listen-ports": "x"})
    assert (route.complete, route.shadowed_by) == (True, "")


def test_an_ingress_that_is_missing_has_no_routes():
    assert read_traffic(a_rollout(routing=MANAGED), (), (), ()).routes == ()


@pytest.mark.parametrize(
    ("action", "found"),
    [
        pytest.param(ROUTE[f"{PREFIX}/actions.route"], ["route"], id="to the canary"),
        pytest.param(WRITTEN, [], id="also to stable"),
        pytest.param("{", [], id="unreadable"),
    ],
)
def test_a_static_route_whose_path_is_gone_is_told_as_half(action, found):
    """Its annotations are left; nobody reads them."""
    left = routes(a_path("stable"), rollout=a_rollout(), actions_route=action)
    assert [(r.name, r.complete) for r in left] == [(name, False) for name in found]
