"""
What `docs/verbs.md` shows of the planning: each patch, and each refusal, from the code itself.

The rollout is shop/checkout at its pause, at 10 %, as in the demo: four stable pods of 1.4.2, one
canary pod of 1.5.0, and a header route that stands in the Ingress.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.release.actions import Action, ReturnPoint
from bot.release.offers import ACTIONS
from bot.release.ownership import Ownership, SyncPolicy
from bot.release.parts import AlbRouting, ManagedRoute, NginxRouting, PauseCondition
from bot.release.rollout import Rollout, Step
from bot.release.steps import header_route_step
from bot.release.story import Stay, Story
from bot.release.traffic import Look, Pods, Selector
from tests.builders import NEW, NOON, a_look, a_rollout, a_route, a_stay, a_story

_PAUSE: Step = {"pause": {}}
_AUTHORED: tuple[Step, ...] = (
    {"setCanaryScale": {"replicas": 1}},
    _PAUSE,
    {"setWeight": 10},
    {"setCanaryScale": {"matchTrafficWeight": True}},
    _PAUSE,
)
_ROUTED: tuple[Step, ...] = (
    _AUTHORED[0],
    header_route_step("X-Canary", "true"),
    *_AUTHORED[1:],
)
_SHOP = {
    "namespace": "shop",
    "name": "checkout",
    "uid": "0f6f",
    "stable_service": "checkout-stable",
    "canary_service": "checkout-canary",
    "alb": AlbRouting(ingress="checkout"),
}
_MOVING = {"step": 0, "pauses": (), "controller_pause": False, "phase": "Progressing"}
_ABORTED = {"aborted": True, "pauses": (), "controller_pause": False, "step": 0}
_AT_GATE = {
    "steps": _ROUTED,
    "step": 2,
    "managed_routes": (ManagedRoute(name="rollout-bot-header"),),
}
_ONE_CANARY, _NO_CANARY = Pods(desired=1, available=1), Pods(desired=1, available=0)
_SELF_HEAL = Ownership(policy=SyncPolicy.SELF_HEAL, application="shop")
_AUTOMATED = Ownership(policy=SyncPolicy.AUTOMATED, application="shop")
_UNMANAGED = Selector(service="checkout-stable", role="stable", revision="")


@dataclass(frozen=True)
class Case:
    """
    A situation in which a verb is asked for.

    Attributes:
        when: the situation in words, after "when".
        changes: what is different of the rollout.
        story: what the bot knows besides.
        traffic: what is different of the traffic.

    """

    when: str
    changes: dict[str, Any] = field(default_factory=dict)
    story: Story = field(default_factory=a_story)
    traffic: dict[str, Any] = field(default_factory=dict)

    @property
    def rollout(self) -> Rollout:
        """The rollout."""
        return a_rollout(**{**_SHOP, **self.changes})

    @property
    def look(self) -> Look:
        """The rollout with its traffic."""
        return a_look(self.rollout, **self.traffic)


def action(verb: str) -> Action:
    """What a verb asks for."""
    return ACTIONS[verb]()


def _in_header_only(**back: Any) -> Story:
    stay: Stay = a_stay(way_back=ReturnPoint(**{"step": 2, "weight": 10, "gate": 1, **back}))
    return a_story(stay=stay)


def made_stable(back: ReturnPoint) -> Rollout:
    """The same rollout, with the inserted gate in its steps, when it is through."""
    routes = (ManagedRoute(name=back.route),) if back.route else ()
    changes = {"stable": NEW, "steps": back.inserted, "managed_routes": routes, "pauses": ()}
    return Case("it is stable", changes).rollout


WITHOUT_ROUTE = Case("there is no header route either", traffic={"routes": ()})

#: by verb: what is sent, each with the situation
PATCHES: dict[str, Sequence[Case]] = {
    "promote": (Case("it stands at a pause"),),
    "header-only": (
        Case("its own steps have a gate", {"steps": _AUTHORED, "step": 4}),
        Case("they have none, and a header route stands in the Ingress"),
        WITHOUT_ROUTE,
    ),
    "resume": (
        Case(
            "header-only is on",
            {"steps": _AUTHORED, "step": 1},
            _in_header_only(),
        ),
        Case("`pause` was used", {"frozen": True}),
    ),
    "abort": (Case("a release is on its way"), Case("`pause` was used before", {"frozen": True})),
    "retry": (Case("it is aborted", _ABORTED),),
    "pause": (Case("a release is on its way"),),
    "full": (Case("a release is on its way"),),
    "route": (Case("it stands at the gate", _AT_GATE, traffic={"routes": ()}),),
}

#: what every verb is refused for; `abort` and `retry` are for an aborted rollout, too
ALL = "every verb"
#: by verb: when it is refused
REFUSALS: dict[str, Sequence[Case]] = {
    ALL: (
        Case("the rollout is a blueGreen one", {"blue_green": {}}),
        Case("it is being deleted", {"deleted_at": NOON}),
        Case("the stable version has all traffic", {"stable": NEW, "pauses": ()}),
        Case("the release was aborted", _ABORTED),
        Case("`full` was used already", {"promoting_fully": True}),
    ),
    "promote": (
        Case(
            "Argo refuses the spec",
            {"message": 'InvalidSpec: The Rollout "checkout" is invalid'},
        ),
        Case("Argo has not looked at the newest spec yet", {"generation": 3}),
        Case("header-only is on", {"steps": _AUTHORED, "step": 1}, _in_header_only()),
        Case("`pause` was used", {"frozen": True}),
        Case(
            "it waits for two things at once",
            {
                "pauses": (
                    PauseCondition(reason="CanaryPauseStep"),
                    PauseCondition(reason="InconclusiveAnalysisRun"),
                )
            },
        ),
        Case("it does not stand at a pause", _MOVING),
    ),
    "header-only": (
        Case("`pause` was used", {"frozen": True}),
        Case("it is on", story=_in_header_only()),
        Case("it stands at its gate by itself", _AT_GATE),
        Case("no Ingress carries its weight", {"alb": None}),
        Case("the stable Service selects canary pods, too", traffic={"selectors": (_UNMANAGED,)}),
        Case(
            "Argo CD would take a header route away again",
            {**_AT_GATE, "step": 5},
            a_story(ownership=_SELF_HEAL),
        ),
        Case("Argo CD would put git's steps back at once", story=a_story(ownership=_SELF_HEAL)),
        Case("Argo CD might, and nobody has accepted that", story=a_story(ownership=_AUTOMATED)),
        Case(
            "NGINX has lost the header that the rollout asks for",
            {"alb": None, "nginx": NginxRouting(stable_ingress="checkout")},
            traffic={"routes": (a_route(ingress="checkout-canary", complete=False),)},
        ),
        Case(
            "NGINX was never told of a header",
            {"alb": None, "nginx": NginxRouting(stable_ingress="checkout")},
            traffic={"routes": ()},
        ),
    ),
    "resume": (Case("there is nothing to resume"),),
    "abort": (Case("it is aborted", _ABORTED),),
    "retry": (Case("it is not aborted"),),
    "pause": (Case("it is paused so already", {"frozen": True}),),
    "full": (),
    "route": (
        Case("it does not stand at such a gate"),
        Case(
            "the route is there, and another rule takes its requests",
            _AT_GATE,
            traffic={"routes": (a_route(shadowed_by="path /* of shop/web"),)},
        ),
        Case(
            "a stable pod is missing",
            _AT_GATE,
            traffic={"routes": (), "stable": Pods(desired=4, available=3)},
        ),
        Case("no canary pod is there", _AT_GATE, traffic={"routes": (), "canary": _NO_CANARY}),
    ),
}
