"""What somebody has to commit before header-only can be had."""

import yaml

from bot.flows.for_git import to_commit
from bot.release.actions import HeaderOnly
from bot.release.ownership import Ownership, SyncPolicy
from bot.release.parts import NginxRouting
from bot.release.steps import insert_gate
from tests.builders import a_look, a_rollout

HEADER = {"canary-by-header": "X-Canary", "canary-by-header-value": "true"}
ROUTING = {"nginx": {"additionalIngressAnnotations": HEADER}}
SELF_HEAL = Ownership(policy=SyncPolicy.SELF_HEAL, application="web")


def needed(owner, **changes):
    """The YAML that people are told, read again."""
    look = a_look(a_rollout(**changes), routes=())
    return yaml.safe_load(to_commit(HeaderOnly(), look, owner))


def test_behind_nginx_the_header_alone_where_the_bot_may_edit_the_steps():
    nginx = {"alb": None, "nginx": NginxRouting(stable_ingress="tomozo")}
    assert needed(Ownership(), **nginx) == {"trafficRouting": ROUTING}


def test_behind_nginx_both_where_it_may_not():
    rollout = a_rollout(alb=None, nginx=NginxRouting(stable_ingress="tomozo"))
    steps = list(insert_gate(rollout.steps, pods=1, route=None))
    nginx = {"alb": None, "nginx": rollout.nginx}
    assert needed(SELF_HEAL, **nginx) == {"trafficRouting": ROUTING, "steps": steps}


def test_behind_an_alb_the_steps_bring_the_header_along():
    (_, route, *_) = needed(SELF_HEAL)["steps"]
    (match,) = route["setHeaderRoute"]["match"]
    assert match == {"headerName": "X-Canary", "headerValue": {"exact": "true"}}
