"""A rollout with every kind of field filled in, so that what is lost on the way shows."""

from typing import Any

from bot.release.parts import (
    AlbRouting,
    Container,
    Destination,
    ManagedRoute,
    PauseCondition,
    PingPong,
)
from bot.release.rollout import Rollout
from tests.store.conftest import NOON


def a_rollout(**changes: Any) -> Rollout:
    """shop/checkout waits at 10 %."""
    fields: dict[str, Any] = {
        "namespace": "shop",
        "name": "checkout",
        "uid": "u1",
        "resource_version": "4711",
        "generation": 3,
        "observed_generation": "3",
        "replicas": 4,
        "containers": (Container(name="web", image="shop/checkout:0.0.2"),),
        "steps": ({"setWeight": 10}, {"pause": {}}, {"pause": {"duration": "10m"}}),
        "alb": AlbRouting(ingresses=("checkout", "second"), root_service="root"),
        "managed_routes": (ManagedRoute(name="h"),),
        "ping_pong": PingPong(ping="a", pong="b"),
        "revision": "7c9f",
        "stable": "5d8b",
        "step_hash": "6f",
        "step": 1,
        "pauses": (PauseCondition(reason="CanaryPauseStep", started=NOON),),
        "controller_pause": True,
        "phase": "Paused",
        "canary_weight": Destination(weight=10, revision="7c9f"),
        "started_at": NOON,
    }
    return Rollout(**(fields | changes))
