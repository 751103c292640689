"""
Thousands of rollouts behind load balancers, moved by hand: what the controller writes, no more.

Each walks weights and pauses: 10 % until a person decides, 30 % for a while, 60 % until a person
decides, done. A stop is reached by four writes, as the controller makes them: ReplicaSet, status
at its next weight, Ingress, status at its pause.
"""

import asyncio
import copy
import json
import time
from dataclasses import dataclass, field
from typing import Any

from means.api import Api, Manifest

from bot.sandbox.play.cast import Part, manifests

_HASH = "rollouts-pod-template-hash"
_ACTION = "alb.ingress.kubernetes.io/actions"
STEPS: list[Manifest] = [
    {"setWeight": 10},
    {"pause": {}},
    {"setWeight": 30},
    {"pause": {"duration": "20s"}},
    {"setWeight": 60},
    {"pause": {}},
]
_SIZE = 4
_PAUSES = (1, 3, 5)
_BETWEEN = 0.02  #: seconds between two writes of the controller


@dataclass
class Life:
    """
    One rollout.

    Attributes:
        number: of its revision.
        index: of the step at which it stands; the number of steps: nothing is on its way.
        since: when it reached that, monotonic seconds.
        moves: it is on its way to the next stop.

    """

    part: Part
    number: int = 1
    index: int = len(STEPS)
    since: float = 0.0
    moves: bool = False
    aborted: bool = False

    @property
    def uid(self) -> str:
        """Its identity."""
        return f"uid-{self.part.name}"

    def revision(self, back: int = 0) -> str:
        """Hash of the pods of its newest revision, or of one before."""
        return f"{self.part.name.removeprefix('app-')}x{self.number - back}"


@dataclass
class Reached:
    """A stop that was reached: `index` is that of a pause, or -1 for the end."""

    uid: str
    revision: str
    index: int
    at: float


@dataclass
class Puppets:
    """All rollouts of a cluster."""

    api: Api
    lives: dict[tuple[str, str], Life] = field(default_factory=dict)
    reached: list[Reached] = field(default_factory=list)
    _walks: set["asyncio.Task[None]"] = field(default_factory=set)

    def deploy(self, count: int, history: int) -> None:
        """
        Make so many rollouts, a hundred to a namespace; each with so many ReplicaSets.

        They are healthy, with the weights that Argo writes before the first release: without them
        each would be a critical finding.
        """
        for number in range(count):
            part = Part(
                namespace=f"team-{number // 100}",
                name=f"app-{number}",
                steps=STEPS,
                tags=("1", "2"),
                replicas=_SIZE,
            )
            life = Life(part, number=history)
            self.lives[part.namespace, part.name] = life
            for one in manifests(part, "http://127.0.0.1:9/none"):
                plural = f"{one['kind'].lower()}s".replace("ingresss", "ingresses")
                identified = {"uid": f"uid-{one['metadata']['name']}", "generation": 1}
                one["metadata"] = identified | one["metadata"]
                if plural == "rollouts":
                    one["status"] = {"stableRS": life.revision()}
                    one["metadata"]["annotations"] = {"rollout.argoproj.io/revision": str(history)}
                self.api.put(plural, one)
            for back in range(history):
                self._scale(life, life.revision(back), 0 if back else _SIZE)
            self._status(life, len(STEPS), 0)
            self._balance(life, 0)

    # --- what happens ---------------------------------------------------------------------------

    def release(self, life: Life) -> None:
        """Write another image, and go to the first pause."""
        life.number += 1
        life.aborted, life.index = False, 0
        rollout = copy.deepcopy(self._rollout(life))
        container = rollout["spec"]["template"]["spec"]["containers"][0]
        container["image"] = f"{life.part.image}:{life.number}"
        rollout["metadata"]["generation"] += 1
        rollout["metadata"]["annotations"]["rollout.argoproj.io/revision"] = str(life.number)
        self.api.put("rollouts", rollout)
        self.walk(life)

    def walk(self, life: Life) -> None:
        """Go to the next stop."""
        life.moves = True
        task = asyncio.create_task(self._walk(life))
        self._walks.add(task)
        task.add_done_callback(self._walks.discard)

    def patched(self, namespace: str, name: str) -> None:
        """React to what somebody patched: go on, or back."""
        life = self.lives[namespace, name]
        status = self._rollout(life)["status"]
        if life.moves or life.index >= len(STEPS):
            return
        if status.get("abort"):
            life.aborted = True
            self.walk(life)
        elif not status.get("pauseConditions"):
            self.walk(life)

    async def _walk(self, life: Life) -> None:
        await asyncio.sleep(_BETWEEN)
        stop = next((at for at in _PAUSES if at > life.index), len(STEPS))
        if life.aborted:
            stop = 0
        weight = STEPS[stop - 1]["setWeight"] if 0 < stop < len(STEPS) else 0
        self._scale(life, life.revision(), _SIZE * weight // 100 or 1)
        self._status(life, min(stop, len(STEPS) - 1), weight, is_on_its_way=True)
        await asyncio.sleep(_BETWEEN)
        self._balance(life, weight)
        await asyncio.sleep(_BETWEEN)
        if stop == len(STEPS):
            self._scale(life, life.revision(1), 0)
        self._status(life, stop, weight)
        life.index, life.since, life.moves = stop, time.monotonic(), False
        index = -1 if stop == len(STEPS) else stop
        self.reached.append(Reached(life.uid, life.revision(), index, life.since))
        if life.aborted:
            life.index = len(STEPS)

    # --- what is written ------------------------------------------------------------------------

    def _rollout(self, life: Life) -> Manifest:
        return self.api.get("rollouts", life.part.namespace, life.part.name)

    def _status(self, life: Life, index: int, weight: int, *, is_on_its_way: bool = False) -> None:
        rollout = self._rollout(life)
        is_over, now = index == len(STEPS), _now()
        revision, before = life.revision(), rollout["status"]
        status: dict[str, Any] = {
            "observedGeneration": str(rollout["metadata"]["generation"]),
            "currentPodHash": revision,
            "stableRS": revision if is_over else before["stableRS"],
            "currentStepHash": "steps",
            "currentStepIndex": index,
            "replicas": _SIZE,
            "availableReplicas": _SIZE,
            "canary": {"weights": {"canary": {"weight": weight, "podTemplateHash": revision}}},
            "conditions": _conditions(now),
            "phase": "Healthy" if is_over else "Progressing",
            "selector": f"app={life.part.name}",
        }
        if life.aborted:
            status |= {"abort": True, "abortedAt": before.get("abortedAt", now)}
            status |= {"phase": "Degraded", "message": "RolloutAborted: Rollout aborted update"}
        elif not is_over and not is_on_its_way:
            pause = {"reason": "CanaryPauseStep", "startTime": now}
            status |= {"pauseConditions": [pause], "controllerPause": True}
            status |= {"phase": "Paused", "message": "CanaryPauseStep"}
        self.api.put("rollouts", {**rollout, "status": status})

    def _balance(self, life: Life, weight: int) -> None:
        space, name = life.part.namespace, life.part.name
        ingress = self.api.get("ingresses", space, name)
        groups = [
            {"ServiceName": f"{name}-{role}", "ServicePort": "8080", "Weight": share}
            for role, share in (("canary", weight), ("stable", 100 - weight))
        ]
        action = json.dumps({"Type": "forward", "ForwardConfig": {"TargetGroups": groups}})
        notes = ingress["metadata"]["annotations"] | {f"{_ACTION}.{name}-stable": action}
        metadata = {**ingress["metadata"], "annotations": notes}
        self.api.put("ingresses", {**ingress, "metadata": metadata})
        stable = self._rollout(life)["status"]["stableRS"]
        for role, revision in (("canary", life.revision()), ("stable", stable)):
            service = self.api.get("services", space, f"{name}-{role}")
            selector = service["spec"]["selector"] | {_HASH: revision}
            if selector != service["spec"]["selector"]:
                spec = {**service["spec"], "selector": selector}
                self.api.put("services", {**service, "spec": spec})

    def _scale(self, life: Life, revision: str, pods: int) -> None:
        rollout = self._rollout(life)
        labels = {"app": life.part.name, _HASH: revision}
        owner = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "uid": life.uid}
        metadata = {
            "namespace": life.part.namespace,
            "name": f"{life.part.name}-{revision}",
            "uid": f"uid-rs-{revision}",
            "labels": labels,
            "annotations": {"rollout.argoproj.io/desired-replicas": str(_SIZE)},
            "ownerReferences": [{**owner, "name": life.part.name, "controller": True}],
        }
        spec = {"replicas": pods, "template": rollout["spec"]["template"]}
        status = {"replicas": pods, "availableReplicas": pods, "readyReplicas": pods}
        self.api.put("replicasets", {"metadata": metadata, "spec": spec, "status": status})


def _conditions(now: str) -> list[Manifest]:
    return [
        {"type": kind, "status": "True", "lastUpdateTime": now, "lastTransitionTime": now}
        for kind in ("Progressing", "Available", "Healthy", "Completed", "Paused")
    ]


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
