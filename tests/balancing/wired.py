"""Rollouts, Ingresses and Services tied together, and what is said about their wiring."""

from bot.balancing.inspection import inspect
from bot.balancing.inventory import Inventory
from bot.balancing.objects import Service
from tests.balancing.situations import a_rollout
from tests.balancing.test_balancing_catalogue import section


def wiring_of(report):
    """The findings of this section, without the delay after an abort that few set."""
    mine = (finding for finding in report.findings if section(finding.id) in {"WIRE", "ING"})
    return {finding.id: finding for finding in mine if finding.id != "WIRE-18"}


def look(rollout=None, *ingresses, services=(), **more):
    objects = (rollout or a_rollout(),), ingresses, services
    return inspect(
        Inventory(rollouts=objects[0], ingresses=objects[1], services=objects[2], **more)
    )


def unchecked(report):
    return {gap.id for gap in report.unchecked}


def service(name, **spec):
    spec = {"ports": [{"port": 80}], "type": "NodePort"} | spec
    return Service.model_validate({"metadata": {"namespace": "shop", "name": name}, "spec": spec})


def a_route(name="route", header="X-Canary", value="1"):
    match = [{"headerName": header, "headerValue": {"exact": value}}]
    return {"setHeaderRoute": {"name": name, "match": match}}


def with_route(**more):
    """A rollout whose steps set a header route, with two pods behind it."""
    steps = ({"setCanaryScale": {"replicas": 2}}, a_route(), {"pause": {}}, {"setWeight": 20})
    routing = {"alb": {"ingress": "app", "servicePort": 80}, "managedRoutes": [{"name": "route"}]}
    return a_rollout(**{"steps": steps, "routing": routing, "weight": None, "stableRS": ""} | more)
