"""Into header-only behind NGINX, where the header is Argo's."""

from dataclasses import replace

import pytest

from bot.release.actions import HeaderOnly
from bot.release.errors import NotNow
from bot.release.header_only import gate_for_git, header_for_git
from bot.release.parts import NginxRouting
from bot.release.steps import insert_gate
from tests.builders import a_look, a_rollout, a_route
from tests.release.patches import AUTHORED, SEED, enter, inserted, sent

BY_NGINX = {"alb": None, "nginx": NginxRouting(stable_ingress="tomozo")}
ALWAYS = a_route(ingress="tomozo-tomozo-canary", name="canary-by-header", value="always")


def test_behind_nginx_a_header_that_is_there_is_all_that_is_needed():
    """A gate without a route in front of the steps, or the one that they have."""
    rollout = a_rollout(**BY_NGINX)
    planned = enter(rollout, routes=(ALWAYS,))
    assert sent(planned) == inserted(rollout, insert_gate(SEED, pods=1, route=None))

    authored = a_rollout(**BY_NGINX, steps=AUTHORED, step=4)
    assert [patch.status for patch in enter(authored, routes=(ALWAYS,)).patches] == [True]


def test_behind_nginx_a_header_that_was_lost_is_waited_for():
    """The controller writes it again; nothing has to be committed."""
    lost = replace(ALWAYS, complete=False)
    with pytest.raises(NotNow, match="tomozo-tomozo-canary does not lead X-Canary to the canary"):
        enter(a_rollout(**BY_NGINX), routes=(lost,))
    assert header_for_git(HeaderOnly(), a_look(a_rollout(**BY_NGINX), routes=(lost,))) == {}


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (
            HeaderOnly(header="X-Test", value="1"),
            {"canary-by-header": "X-Test", "canary-by-header-value": "1"},
        ),
        (HeaderOnly(header="X-Test", value="always"), {"canary-by-header": "X-Test"}),
    ],
    ids=["value", "always"],
)
def test_behind_nginx_the_header_that_is_missing_is_for_git(action, expected):
    look = a_look(a_rollout(**BY_NGINX), routes=())
    assert header_for_git(action, look) == expected
    assert header_for_git(action, a_look(routes=())) == {}
    assert gate_for_git(action, look) == insert_gate(SEED, pods=1, route=None)
