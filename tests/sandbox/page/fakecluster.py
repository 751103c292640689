"""A cluster made of plain dicts, to play with the page: what the levers say is done at once."""

import asyncio
import copy
import json
import time
from typing import Any

from bot.sandbox.page import LeverError

Json = dict[str, Any]


def annotation(canary: int) -> str:
    """The forward action as the controller writes it."""
    groups = [
        {"serviceName": "tomozo-canary", "servicePort": "80", "weight": canary},
        {"serviceName": "tomozo-stable", "servicePort": "80", "weight": 100 - canary},
    ]
    return json.dumps({"type": "forward", "forwardConfig": {"targetGroups": groups}})


def a_pod(name: str, role: str = "stable", tag: str = "0.0.1", **more: Any) -> Json:
    """A ready pod."""
    image = f"tomozo-repo/tomozo:{tag}"
    return {
        "name": name,
        "role": role,
        "ready": True,
        "phase": "Running",
        "image": image,
        **more,
    }


def a_history(*points: tuple[float, int, int | None]) -> list[Json]:
    """Weights over time: (seconds ago, canary, ingress)."""
    now = time.time()
    return [
        {"at": now - ago, "canary": canary, "ingress": ingress, "step": 0}
        for ago, canary, ingress in points
    ]


def a_rollout(**more: Any) -> Json:
    """tomozo/tomozo waits at 10 %."""
    return {
        "namespace": "tomozo",
        "name": "tomozo",
        "phase": "Paused",
        "message": "CanaryPauseStep",
        "revision": "2",
        "images": {"canary": "tomozo-repo/tomozo:0.0.2", "stable": "tomozo-repo/tomozo:0.0.1"},
        "steps": [{"text": "weight 10 %", "state": "done"}, {"text": "pause", "state": "now"}],
        "index": 1,
        "weights": {"canary": 10, "stable": 90},
        "paused": True,
        "aborted": False,
        "pods": [
            a_pod("tomozo-7c9f4d8b6-x2k7p", "canary", "0.0.2"),
            *(a_pod(f"tomozo-5d8b9c7f4-{tail}") for tail in ("b4mzt", "c9w2n", "h7qrs", "z5xvl")),
        ],
        "services": [
            {"name": "tomozo-stable", "selects": "stable"},
            {"name": "tomozo-canary", "selects": "canary"},
        ],
        "ingresses": [
            {
                "name": "tomozo",
                "canary": 10,
                "annotation": annotation(10),
                "paths": ["/*"],
                "writer": "rollouts-controller",
            }
        ],
        "history": a_history((240, 0, 0), (180, 10, 0), (178, 10, 10), (0, 10, 10)),
        **more,
    }


class FakeCluster:
    """Rollouts that only move when a lever is pulled; *pulled* tells what was."""

    def __init__(self, *rollouts: Json) -> None:
        self._rollouts = list(rollouts or [a_rollout()])
        self._system = {"bot": True, "slack": True, "api": True, "controller": True}
        self._bell = asyncio.Event()
        self.pulled: list[tuple[str, Json]] = []

    def rollouts(self) -> list[Json]:
        return copy.deepcopy(self._rollouts)

    def system(self) -> Json:
        return dict(self._system)

    async def changed(self) -> None:
        await self._bell.wait()

    def put(self, rollout: Json) -> None:
        """Let a rollout look like this from now on."""
        for place, one in enumerate(self._rollouts):
            if (one["namespace"], one["name"]) == (rollout["namespace"], rollout["name"]):
                self._rollouts[place] = rollout
                break
        else:
            self._rollouts.append(rollout)
        self._ring()

    def take_away(self, name: str) -> None:
        """Delete a rollout."""
        self._rollouts = [one for one in self._rollouts if one["name"] != name]
        self._ring()

    def _ring(self) -> None:
        self._bell.set()
        self._bell = asyncio.Event()

    async def pull(self, lever: str, arguments: Json) -> str:
        self.pulled.append((lever, arguments))
        part, _, how = lever.partition("-")
        if part in self._system:
            self._system[part] = how in ("start", "mend", "restart")
            self._ring()
            return f"{part.title()}: {how} done."
        rollout = self._named(arguments)
        match lever:
            case "edit-annotation":
                self._write(rollout, arguments["ingress"], arguments["weight"])
                return f"{arguments['weight']} % is written on Ingress {arguments['ingress']}."
            case "break-pod" | "mend-pod":
                for pod in rollout["pods"]:
                    pod["ready"] = (
                        pod["ready"] if pod["name"] != arguments["pod"] else (lever == "mend-pod")
                    )
                self._ring()
                return f"{arguments['pod']} is {'ready' if lever == 'mend-pod' else 'broken'}."
            case "analysis":
                raise LeverError("No analysis is running.")
            case _:
                self._ring()
                return f"{lever} done."

    def _named(self, arguments: Json) -> Json:
        for one in self._rollouts:
            if (one["namespace"], one["name"]) == (arguments["namespace"], arguments["name"]):
                return one
        raise LeverError(f"There is no rollout {arguments['namespace']}/{arguments['name']}.")

    def _write(self, rollout: Json, name: str, weight: int) -> None:
        for ingress in rollout["ingresses"]:
            if ingress["name"] == name:
                ingress |= {
                    "canary": weight,
                    "annotation": annotation(weight),
                    "writer": "kubectl-edit",
                }
        point = {"at": time.time(), "canary": 10, "ingress": weight, "step": 1}
        rollout["history"].append(point)
        self._ring()
