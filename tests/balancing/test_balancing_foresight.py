"""What stands on an Ingress once Argo has written it."""

import json

import pytest

from bot.balancing.argo import MANAGED
from bot.balancing.foresight import Unwritten, drop_routes, foresee, set_weight, with_routes
from bot.balancing.inventory import Inventory
from bot.balancing.objects import Ingress
from tests.balancing.situations import PREFIX, ROOT, ROUTE, a_path, a_rollout, an_ingress

HEADER = {"headerName": "X-Canary", "headerValue": {"exact": "1"}}


def _routed(*names: str, match=(HEADER,)):
    routing = {
        "alb": {"ingress": "app", "servicePort": 80},
        "managedRoutes": [{"name": name} for name in names],
    }
    steps = [{"setHeaderRoute": {"name": name, "match": list(match)}} for name in reversed(names)]
    return a_rollout(routing=routing, steps=steps)


def _backends(ingress: Ingress) -> list[str]:
    return [p["backend"]["service"]["name"] for p in ingress.rules[0]["http"]["paths"]]


def test_weights_that_are_missing_are_foreseen():
    """At first nothing goes to the canary."""
    ingress = an_ingress({})
    after = foresee(Inventory(rollouts=(a_rollout(),), ingresses=(ingress,)))
    targets = json.loads(after.ingresses[0].annotations[ROOT])["ForwardConfig"]["TargetGroups"]
    assert [(t["ServiceName"], t["Weight"]) for t in targets] == [("canary", 0), ("stable", 100)]


def test_weights_that_are_there_stay():
    ingress = an_ingress({ROOT: "{}"})
    after = foresee(Inventory(rollouts=(a_rollout(),), ingresses=(ingress,)))
    assert after.ingresses == (ingress,)


def test_a_header_route_is_written_as_the_controller_does():
    after = with_routes(_routed("route"), an_ingress({}))
    assert {key: after.annotations.get(key) for key in ROUTE} == ROUTE
    assert _backends(after)[0] == "route"


def test_several_routes_stand_in_the_order_of_managed_routes():
    """Whatever the order of their steps."""
    after = with_routes(_routed("first", "second"), an_ingress({}))
    assert _backends(after)[:2] == ["first", "second"]


def test_values_of_one_header_are_alternatives():
    match = [HEADER, {**HEADER, "headerValue": {"exact": "<2>"}}]
    after = with_routes(_routed("route", match=match), an_ingress({}))
    assert after.annotations[f"{PREFIX}/conditions.route"].endswith(r'["1","\u003c2\u003e"]}}]')


def test_a_route_that_is_not_managed_is_not_written():
    """Argo refuses such a rollout."""
    steps = [{"setHeaderRoute": {"name": "route", "match": [HEADER]}}]
    ingress = an_ingress({})
    assert with_routes(a_rollout(steps=steps), ingress) is ingress


def test_the_path_is_added_to_every_host_unless_one_has_it():
    """Other applications' hosts too."""
    other = {"host": "other.test", "http": {"paths": [a_path("other", "/", "Prefix", "http")]}}
    bare = an_ingress({})
    two = bare.model_copy(update={"rules": (*bare.rules, other)})
    after = with_routes(_routed("route"), two)
    assert [rule["http"]["paths"][0] for rule in after.rules] == [a_path("route")] * 2

    there = an_ingress({}, a_path("stable"), a_path("route"))
    two = there.model_copy(update={"rules": (*there.rules, other)})
    after = with_routes(_routed("route"), two)
    assert _backends(after) == ["route", "stable"]
    assert after.rules[1] == other


def test_the_book_lists_what_each_rollout_writes():
    """In the order in which it was first written; other rollouts' lists stay."""
    ingress = an_ingress({MANAGED: '{"zoo":["b","a"],"ant":null}'})
    weighed = set_weight(_routed("route"), ingress, 20)
    after = set_weight(_routed("route"), with_routes(_routed("route"), weighed), 0)
    keys = ",".join(f'"{key}"' for key in (ROOT, *ROUTE))
    assert after.annotations[MANAGED] == f'{{"ant":null,"app":[{keys}],"zoo":["b","a"]}}'
    emptied = drop_routes(_routed("route"), after)
    assert emptied.annotations == weighed.annotations | {ROOT: after.annotations[ROOT]}
    assert emptied.rules == ingress.rules


def test_without_managed_routes_nothing_is_dropped():
    ingress = an_ingress({})
    assert drop_routes(a_rollout(), ingress) is ingress


NO_PATHS = {"host": "bare.test"}
TO_A_BUCKET = {"http": {"paths": [{"path": "/", "backend": {"resource": {"kind": "Bucket"}}}]}}
STICKY = {"enabled": True, "durationSeconds": 604_801}


@pytest.mark.parametrize(
    ("rollout", "ingress", "words"),
    [
        pytest.param(a_rollout(), an_ingress({MANAGED: "{"}), "this is not JSON", id="book"),
        pytest.param(a_rollout(), an_ingress({MANAGED: "null"}), "null stops", id="null-book"),
        pytest.param(
            a_rollout(),
            an_ingress({}, a_path("other")),
            "no path with the backend stable",
            id="root",
        ),
        pytest.param(
            a_rollout(),
            an_ingress({}).model_copy(update={"rules": (NO_PATHS,)}),
            "an entry without paths",
            id="no-paths",
        ),
        pytest.param(
            a_rollout(),
            an_ingress({}).model_copy(update={"rules": (TO_A_BUCKET,)}),
            "leads to no Service",
            id="no-service",
        ),
        pytest.param(
            a_rollout(routing={"alb": {"ingress": "app", "stickinessConfig": STICKY}}),
            an_ingress({}),
            "durationSeconds 604801 is refused",
            id="sticky",
        ),
    ],
)
def test_where_the_controller_fails_nothing_is_foreseen(rollout, ingress, words):
    """It writes nothing at all then."""
    with pytest.raises(Unwritten, match=words):
        set_weight(rollout, ingress, 20)
    after = foresee(Inventory(rollouts=(rollout,), ingresses=(ingress,)))
    assert after.ingresses == (ingress,)
