"""
Rollouts, Looks and Stories as tests need them: only what matters is named.

Without arguments everything is the rollout of the seed, tomozo/tomozo, at its pause: 10 % of the
public reach 0.0.2, four stable pods run 0.0.1.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.release.access import Actor, Standing
from bot.release.actions import Offer, ReturnPoint
from bot.release.ledger import By, Entry
from bot.release.parts import AlbRouting, Container, Destination, PauseCondition
from bot.release.rollout import Rollout, Step
from bot.release.steps import weight_at
from bot.release.story import Ending, Stay, Story
from bot.release.traffic import HeaderRoute, Look, Pods, Selector, Traffic, Written

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
OLD, NEW = "5d8b", "7c9f"

ANN = Actor(user="U0ANN", name="Ann", standing=Standing.MEMBER)
BEN = Actor(user="U0BEN", name="Ben", standing=Standing.MEMBER)
BY_ANN = By(kind="slack", id="U0ANN", name="Ann")
BY_BEN = By(kind="slack", id="U0BEN", name="Ben")
BY_PLUGIN = By(kind="cluster", id="kubectl-argo-rollouts")
BY_CLOCK = By(kind="schedule", id="schedule")


def a_rollout(**changes: Any) -> Rollout:
    """tomozo/tomozo waits at 10 %."""
    fields: dict[str, Any] = {
        "namespace": "tomozo",
        "name": "tomozo",
        "uid": "u1",
        "resource_version": "1",
        "generation": 2,
        "observed_generation": "2",
        "number": "2",
        "replicas": 4,
        "containers": (Container(name="tomozo", image="tomozo-repo/tomozo:0.0.2"),),
        "steps": ({"setWeight": 10}, {"pause": {}}),
        "stable_service": "tomozo-stable",
        "canary_service": "tomozo-canary",
        "alb": AlbRouting(ingress="tomozo"),
        "revision": NEW,
        "stable": OLD,
        "step_hash": "6f",
        "step": 1,
        "pauses": (PauseCondition(reason="CanaryPauseStep", started=NOON - timedelta(minutes=3)),),
        "controller_pause": True,
        "phase": "Paused",
        "message": "CanaryPauseStep",
        "canary_weight": Destination(weight=10, revision=NEW),
        "started_at": NOON - timedelta(minutes=4),
    }
    return Rollout(**{**fields, **changes})


def a_traffic(rollout: Rollout | None = None, **changes: Any) -> Traffic:
    """Say the same from every source: what the step asks for."""
    rollout = rollout or a_rollout()
    weight = 0
    if rollout.is_releasing and not rollout.aborted:
        weight = weight_at(rollout.steps, rollout.step)
    releasing = rollout.is_releasing
    canary = rollout.revision if releasing else rollout.stable
    fields: dict[str, Any] = {
        "asked": weight,
        "reported": weight,
        "written": (a_written(weight),),
        "routes": (a_route(),),
        "selectors": (
            Selector(service="tomozo-stable", role="stable", revision=rollout.stable),
            Selector(service="tomozo-canary", role="canary", revision=canary),
        ),
        "canary": Pods(desired=1, available=1) if releasing else Pods(),
        "stable": Pods(desired=rollout.replicas, available=rollout.replicas),
        "stable_image": "tomozo-repo/tomozo:0.0.1" if releasing else "tomozo-repo/tomozo:0.0.2",
        "canary_image": "tomozo-repo/tomozo:0.0.2" if releasing else "",
    }
    return Traffic(**{**fields, **changes})


def a_written(canary: int | None = 10, ingress: str = "tomozo", **changes: Any) -> Written:
    """Tell what stands on an Ingress."""
    stable = None if canary is None else 100 - canary
    return Written(**{"ingress": ingress, "canary": canary, "stable": stable, **changes})


def a_route(**changes: Any) -> HeaderRoute:
    """X-Canary: true leads to the canary, by a route in the Ingress itself."""
    fields: dict[str, Any] = {
        "ingress": "tomozo",
        "name": "x-canary-header",
        "header": "X-Canary",
        "value": "true",
        "managed": False,
    }
    return HeaderRoute(**{**fields, **changes})


def a_look(rollout: Rollout | None = None, **traffic: Any) -> Look:
    """Look at a rollout; by default every source agrees."""
    rollout = rollout or a_rollout()
    return Look(rollout=rollout, traffic=a_traffic(rollout, **traffic))


def an_aborted(**changes: Any) -> Rollout:
    """The release was called off a moment ago."""
    fields: dict[str, Any] = {
        "aborted": True,
        "aborted_at": NOON - timedelta(seconds=2),
        "pauses": (),
        "controller_pause": False,
        "step": 0,
        "phase": "Degraded",
        "message": "RolloutAborted: Rollout aborted update to revision 2",
    }
    return a_rollout(**{**fields, **changes})


def a_stable(**changes: Any) -> Rollout:
    """0.0.2 is stable, nothing is on its way."""
    fields: dict[str, Any] = {
        "stable": NEW,
        "step": 2,
        "pauses": (),
        "controller_pause": False,
        "phase": "Healthy",
        "message": "",
    }
    return a_rollout(**{**fields, **changes})


def a_moving(**changes: Any) -> Rollout:
    """On its way to 10 %."""
    fields: dict[str, Any] = {
        "step": 0,
        "pauses": (),
        "controller_pause": False,
        "phase": "Progressing",
        "message": "more replicas need to be updated",
    }
    return a_rollout(**{**fields, **changes})


def at_a_gate(**changes: Any) -> Rollout:
    """Stands at an authored gate: weight 0, one canary pod."""
    steps: tuple[Step, ...] = (
        {"setCanaryScale": {"replicas": 1}},
        {"pause": {}},
        {"setWeight": 10},
        {"pause": {}},
    )
    return a_rollout(**{"steps": steps, "step": 1, **changes})


def a_stay(**changes: Any) -> Stay:
    """Header-only since five past two, by Ann: "smoke test"."""
    fields: dict[str, Any] = {
        "by": BY_ANN,
        "since": NOON - timedelta(minutes=5),
        "reason": "smoke test",
        "way_back": ReturnPoint(step=2, weight=10),
    }
    return Stay(**{**fields, **changes})


def a_story(**changes: Any) -> Story:
    """What the bot knows about the revision: nothing special."""
    return replace(Story(started=NOON - timedelta(minutes=4)), **changes)


def an_ending(how: str = "done", **changes: Any) -> Ending:
    """Tell how it ended."""
    return Ending(**{"how": how, "at": NOON, **changes})


def an_offer(verb: str, label: str = "", rollout: Rollout | None = None, **changes: Any) -> Offer:
    """Something that may be pressed."""
    seen = (rollout or a_rollout()).sighting()
    fields: dict[str, Any] = {"label": label or verb.capitalize(), "seen": seen, "primary": True}
    return Offer(**{"verb": verb, **fields, **changes})


def the_offers(rollout: Rollout | None = None) -> tuple[Offer, ...]:
    """What may be pressed at the seed's pause."""
    return (
        an_offer("promote", "Promote → 100 %", rollout, effect="All of the public get 0.0.2."),
        an_offer("header-only", "Header-only, 0 %", rollout),
        an_offer("abort", "Abort → 0 %", rollout, effect="No one gets 0.0.2.", danger=True),
        an_offer("full", "Promote fully", rollout, effect="Skips all.", primary=False),
        an_offer("pause", "Freeze", rollout, effect="Nothing goes on.", primary=False),
    )


def an_entry(verb: str = "promote", outcome: str = "done", **changes: Any) -> Entry:
    """One line of the ledger: Ann did it."""
    fields: dict[str, Any] = {
        "id": f"{verb}-1",
        "at": NOON - timedelta(minutes=1),
        "actor": BY_ANN,
        "channel": "C0RELEASES",
        "cluster": "test",
        "namespace": "tomozo",
        "name": "tomozo",
        "uid": "u1",
        "revision": NEW,
        "step": 1,
    }
    return Entry(**{**fields, "verb": verb, "outcome": outcome, **changes})
