"""Operations as the domain page writes them, for rollouts of `tests/builders.py`."""

from typing import Any

from bot.release.actions import HeaderOnly, Plan
from bot.release.plans import plan
from tests.builders import NEW, OLD, a_look, a_story

PAUSE_BEGAN = "2026-11-24T11:57:00Z"  #: of the seed's pause

PAUSE, FOLLOW = {"pause": {}}, {"setCanaryScale": {"matchTrafficWeight": True}}
SEED = ({"setWeight": 10}, PAUSE)
AUTHORED = ({"setCanaryScale": {"replicas": 1}}, PAUSE, {"setWeight": 10}, FOLLOW, PAUSE)


def check(path: str, value: Any) -> dict[str, Any]:
    return {"op": "test", "path": path, "value": value}


def add(path: str, value: Any) -> dict[str, Any]:
    return {"op": "add", "path": path, "value": value}


def remove(path: str) -> dict[str, Any]:
    return {"op": "remove", "path": path}


UID = check("/metadata/uid", "u1")
REVISION = (UID, check("/status/currentPodHash", NEW))
STABLE = check("/status/stableRS", OLD)
PAUSES = "/status/pauseConditions"
STEPS = "/spec/strategy/canary/steps"
ROUTES = "/spec/strategy/canary/trafficRouting/managedRoutes"


def head(index: int = 1) -> tuple[dict[str, Any], ...]:
    """What each patch tests first, with this index."""
    return (
        *REVISION,
        check("/status/currentStepHash", "6f"),
        check("/status/currentStepIndex", index),
    )


def this_pause(reason: str = "CanaryPauseStep") -> tuple[dict[str, Any], ...]:
    """The start tells one pause from the next."""
    return (check(f"{PAUSES}/0/reason", reason), check(f"{PAUSES}/0/startTime", PAUSE_BEGAN))


def moved(index: int) -> tuple[dict[str, Any], ...]:
    """Both fields are cleared, then the index is set."""
    return (
        remove(PAUSES),
        add("/status/controllerPause", value=False),
        add("/status/currentStepIndex", index),
    )


def sent(planned: Plan) -> list[tuple[str, list[dict[str, Any]]]]:
    """Which part each patch is for, and its operations."""
    return [("status" if p.status else "spec", list(p.operations)) for p in planned.patches]


def enter(rollout, story=None, action=None, **traffic) -> Plan:
    """Plan the way into header-only."""
    return plan(action or HeaderOnly(), a_look(rollout, **traffic), story or a_story())


def inserted(rollout, steps, *more):
    """Way 2 as one patch of the spec."""
    return [
        (
            "spec",
            [
                *head(rollout.step),
                check(STEPS, list(rollout.steps)),
                add(STEPS, list(steps)),
                *more,
            ],
        )
    ]
