"""
A puppet of the Argo Rollouts controller, for tests without a cluster.

It does what the real one does, at once and for canaries on one ALB: steps, pauses, abort, retry,
full promotion, freezing, edited steps, weight, route, selectors. What is subtle in the real one is
tested on the real one.
"""

import hashlib
import json
from copy import deepcopy
from math import ceil
from typing import Any

from tests.fakes import FakeCluster, HandClock, Manifest

PREFIX = "alb.ingress.kubernetes.io"
HASH = "rollouts-pod-template-hash"


def digest(value: Any) -> str:
    """Name a template or a list of steps."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:6]


class Argo:
    """Call it with a rollout to let it act once; `is_away` to let it do nothing."""

    def __init__(self, cluster: FakeCluster, clock: HandClock) -> None:
        self._cluster, self._clock = cluster, clock
        self._templates: dict[str, Manifest] = {}
        self.is_away = False
        self.stable_available: int | None = None  #: fewer pods than wanted
        self.canary_available: int | None = None

    def __call__(self, namespace: str, name: str) -> None:
        if self.is_away:
            return
        rollout = deepcopy(self._cluster.manifest("rollouts", name, namespace))
        spec, status = rollout["spec"], rollout.setdefault("status", {})
        self._templates.setdefault(digest(spec["template"]), deepcopy(spec["template"]))
        self._notice_edits(spec, status)
        status["observedGeneration"] = str(rollout["metadata"]["generation"])
        steps = spec["strategy"]["canary"]["steps"]
        if status["currentPodHash"] == status["stableRS"]:
            weight = 0
        elif status.get("abort"):
            status.setdefault("abortedAt", self._now)
            self._clear(status, index=0)
            weight = 0
        else:
            status.pop("abortedAt", None)
            self._walk(rollout)
            weight = _weight(steps, status["currentStepIndex"])
        if status["currentPodHash"] == status["stableRS"]:
            self._clear(status, index=len(steps))
            status.pop("abort", None)
            status.pop("promoteFull", None)
            weight = 0
        self._scale(rollout)
        self._balance(rollout, weight)
        _name_phase(spec, status)
        self._cluster.put("rollouts", rollout)

    def _notice_edits(self, spec: Manifest, status: Manifest) -> None:
        pods, steps = digest(spec["template"]), digest(spec["strategy"]["canary"]["steps"])
        status.setdefault("stableRS", pods)
        if (status.get("currentPodHash"), status.get("currentStepHash")) != (pods, steps):
            self._clear(status, index=0)
            status.pop("abort", None)
        status["currentPodHash"], status["currentStepHash"] = pods, steps

    def _clear(self, status: Manifest, *, index: int) -> None:
        status.pop("pauseConditions", None)
        status.pop("controllerPause", None)
        status["currentStepIndex"] = index

    def _walk(self, rollout: Manifest) -> None:
        """Go on to the next step that has to be waited for."""
        spec, status = rollout["spec"], rollout["status"]
        steps = spec["strategy"]["canary"]["steps"]
        if status.get("promoteFull"):
            status["stableRS"] = status["currentPodHash"]
            return
        while status["currentStepIndex"] < len(steps):
            step = steps[status["currentStepIndex"]]
            if spec.get("paused"):
                return
            if step.get("setHeaderRoute"):
                self._route(rollout, step["setHeaderRoute"])
            if "analysis" in step:
                return
            if "pause" in step:
                if status.get("pauseConditions"):
                    return
                if not status.get("controllerPause"):
                    pause = {"reason": "CanaryPauseStep", "startTime": self._now}
                    status |= {"pauseConditions": [pause], "controllerPause": True}
                    return
            status.pop("controllerPause", None)
            status["currentStepIndex"] += 1
        status["stableRS"] = status["currentPodHash"]

    def _ingress(self, rollout: Manifest) -> Manifest:
        metadata = rollout["metadata"]
        return deepcopy(
            self._cluster.manifest("ingresses", metadata["name"], metadata["namespace"])
        )

    def _route(self, rollout: Manifest, route: Manifest) -> None:
        ingress = self._ingress(rollout)
        canary = rollout["spec"]["strategy"]["canary"]["canaryService"]
        name, match = route["name"], route["match"][0]
        condition = {
            "field": "http-header",
            "httpHeaderConfig": {
                "httpHeaderName": match["headerName"],
                "values": [match["headerValue"]["exact"]],
            },
        }
        ingress["metadata"]["annotations"] |= {
            f"{PREFIX}/conditions.{name}": json.dumps([condition]),
            f"{PREFIX}/actions.{name}": _forward((canary, 100)),
        }
        backend = {"service": {"name": name, "port": {"name": "use-annotation"}}}
        path = {"path": "/*", "pathType": "ImplementationSpecific", "backend": backend}
        paths = ingress["spec"]["rules"][0]["http"]["paths"]
        if path not in paths:
            paths.insert(1, path)  # behind ssl-redirect
        self._cluster.put("ingresses", ingress)

    def _unroute(self, rollout: Manifest) -> None:
        ingress = self._ingress(rollout)
        paths = ingress["spec"]["rules"][0]["http"]["paths"]
        for route in rollout["spec"]["strategy"]["canary"]["trafficRouting"].get(
            "managedRoutes", []
        ):
            name = route["name"]
            for part in ("actions", "conditions"):
                ingress["metadata"]["annotations"].pop(f"{PREFIX}/{part}.{name}", None)
            paths[:] = [p for p in paths if p["backend"]["service"]["name"] != name]
        self._cluster.put("ingresses", ingress)

    def _scale(self, rollout: Manifest) -> None:
        spec, status = rollout["spec"], rollout["status"]
        canary, stable, size = status["currentPodHash"], status["stableRS"], spec["replicas"]
        wanted = 0 if status.get("abort") else _pods(spec, status["currentStepIndex"])
        sets = {stable: (size, self.stable_available)}
        if canary != stable:
            sets[canary] = (wanted, self.canary_available)
        for revision, (desired, available) in sets.items():
            self._cluster.put(
                "replicasets", self._replica_set(rollout, revision, desired, available)
            )

    def _replica_set(
        self, rollout: Manifest, revision: str, desired: int, available: int | None
    ) -> Manifest:
        metadata = rollout["metadata"]
        ready = desired if available is None else min(available, desired)
        return {
            "metadata": {
                "namespace": metadata["namespace"],
                "name": f"{metadata['name']}-{revision}",
                "uid": f"rs-{revision}",
                "labels": {HASH: revision},
                "annotations": {
                    "rollout.argoproj.io/desired-replicas": str(rollout["spec"]["replicas"])
                },
                "ownerReferences": [{"kind": "Rollout", "uid": metadata["uid"]}],
            },
            "spec": {"replicas": desired, "template": self._templates[revision]},
            "status": {"availableReplicas": ready},
        }

    def _balance(self, rollout: Manifest, weight: int) -> None:
        metadata, spec, status = (rollout[part] for part in ("metadata", "spec", "status"))
        canary, stable = status["currentPodHash"], status["stableRS"]
        names = {r: spec["strategy"]["canary"][f"{r}Service"] for r in ("stable", "canary")}
        for role, name in names.items():
            service = deepcopy(self._cluster.manifest("services", name, metadata["namespace"]))
            is_canary = role == "canary" and not status.get("abort")
            service["spec"]["selector"][HASH] = canary if is_canary else stable
            self._cluster.put("services", service)
        ready = self.stable_available
        if weight == 0 and ready is not None and ready < spec["replicas"]:
            return  # the stable gate: nothing is written, not even the status
        if canary == stable or status.get("abort"):
            self._unroute(rollout)
        ingress = self._ingress(rollout)
        ingress["metadata"]["annotations"][f"{PREFIX}/actions.{names['stable']}"] = _forward(
            (names["canary"], weight), (names["stable"], 100 - weight)
        )
        self._cluster.put("ingresses", ingress)
        status["canary"] = {"weights": {"canary": {"weight": weight, "podTemplateHash": canary}}}

    @property
    def _now(self) -> str:
        return self._clock().strftime("%Y-%m-%dT%H:%M:%SZ")


def _forward(*targets: tuple[str, int]) -> str:
    groups = [{"ServiceName": s, "ServicePort": "8080", "Weight": w} for s, w in targets]
    return json.dumps({"Type": "forward", "ForwardConfig": {"TargetGroups": groups}})


def _weight(steps: list[Manifest], index: int) -> int:
    weights = [step["setWeight"] for step in steps[: index + 1] if "setWeight" in step]
    return weights[-1] if weights else 0


def _pods(spec: Manifest, index: int) -> int:
    steps = spec["strategy"]["canary"]["steps"]
    scales = [step["setCanaryScale"] for step in steps[: index + 1] if "setCanaryScale" in step]
    if scales and "replicas" in scales[-1]:
        return scales[-1]["replicas"]
    return ceil(spec["replicas"] * _weight(steps, index) / 100)


def _name_phase(spec: Manifest, status: Manifest) -> None:
    phase, message = "Progressing", "more replicas need to be updated"
    if status["currentPodHash"] == status["stableRS"]:
        phase, message = "Healthy", ""
    elif status.get("abort"):
        phase, message = "Degraded", "RolloutAborted: Rollout aborted update to revision 2"
    elif spec.get("paused"):
        phase, message = "Paused", "manually paused"
    elif status.get("pauseConditions"):
        phase, message = "Paused", status["pauseConditions"][0]["reason"]
    status |= {"phase": phase, "message": message}
