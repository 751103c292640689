"""What stands on an Ingress once Argo has written it."""

import json

from bot.balancing.foresight import foresee, with_routes
from bot.balancing.inventory import Inventory
from bot.balancing.objects import Ingress
from tests.balancing.situations import PREFIX, ROOT, ROUTE, a_rollout, an_ingress

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
