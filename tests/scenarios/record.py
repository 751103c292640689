"""
What happened to the objects of a scenario, in a form that two clusters can be compared in.

Each object's story is kept by itself: the order of writes to different objects depends on who was
scheduled when. Revisions have other hashes in each cluster and are called r1, r2, … by their
number. Each field has a story of its own, as which of two fields was written first is often up to
how fast pods come and go; where everything stands in the end is compared as one. Left out is what
time alone decides: how many pods were ready in between (only the turning points count), how often
the canary Service flaps after an abort, whether a run was seen before its end, and whether the
controller saw the rollout before its Service and said so.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from tests.cluster.bed.api import Manifest
from tests.cluster.bed.kube import Kube
from tests.cluster.bed.resources import BY_PLURAL
from tests.scenarios.witness import lines

KINDS = ("rollouts", "ingresses", "replicasets", "services", "analysisruns")
_HASH = "rollouts-pod-template-hash"
_REVISION = "rollout.argoproj.io/revision"
_ENDS = ("Successful", "Failed", "Error", "Inconclusive")
_QUIET, _LONGEST, _BEGUN = 0.6, 3.0, 20.0  #: seconds
#: what of an Ingress Argo writes
_WRITTEN = ("/actions.", "/conditions.", "managed-alb-annotations", "/canary")

Story = list[Any]
#: kind/name/aspect -> what was seen, one after the other
Stories = dict[str, Story]


class Recorder:
    """Keeps every version of the objects in a namespace."""

    def __init__(self, kube: Kube, namespace: str) -> None:
        self._kube, self._namespace = kube, namespace
        self._seen: dict[str, list[Manifest]] = {kind: [] for kind in KINDS}
        self._last = 0.0

    async def watch(self, kind: str, begun: asyncio.Event) -> None:
        """Watch one kind, also over a restart of the server."""
        while True:
            try:
                await self._watch(kind, begun)
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)

    async def _watch(self, kind: str, begun: asyncio.Event) -> None:
        path = BY_PLURAL[kind].path(self._namespace)
        known = self._seen[kind][-1]["metadata"]["resourceVersion"] if self._seen[kind] else ""
        if not known:
            known = (await self._kube.request("GET", path))["metadata"]["resourceVersion"]
        query = {"watch": "true", "resourceVersion": known}
        forever = aiohttp.ClientTimeout(total=None)
        session = self._kube._session
        async with session.get(path, params=query, timeout=forever) as answer:
            begun.set()
            async for event in lines(answer.content):
                if event["type"] in ("ADDED", "MODIFIED"):
                    self._seen[kind].append(event["object"])
                    self._last = asyncio.get_running_loop().time()

    async def quiet(self) -> None:
        """Wait until nothing happens any more, or not for long; a controller has begun by then."""
        loop = asyncio.get_running_loop()
        until = loop.time() + _BEGUN
        while not self._is_begun() and loop.time() < until:  # noqa: ASYNC110 - asked of what was seen
            await asyncio.sleep(0.05)
        until = loop.time() + _LONGEST
        while (wake := min(until, self._last + _QUIET)) > loop.time():  # noqa: ASYNC110 - each write puts it off
            await asyncio.sleep(wake - loop.time())

    def _is_begun(self) -> bool:
        """Whether a controller has looked at every rollout: it may take its time for the first."""
        newest = {one["metadata"]["uid"]: one for one in self._seen["rollouts"]}
        return all(one.get("status") for one in newest.values())

    def stories(self) -> Stories:
        """All that happened."""
        names = self._revisions()
        told: Stories = {}
        for one in self._seen["rollouts"]:
            moves = _moves(one, names)
            for aspect, value in moves.items():
                _tell(told, one, aspect, value)
            if moves:
                told[f"rollout/{one['metadata']['name']}/end"] = [list(moves.values())]
            _tell(told, one, "phases", (one.get("status") or {}).get("phase"))
        for one in self._seen["ingresses"]:
            notes = one["metadata"].get("annotations") or {}
            written = {k: v for k, v in notes.items() if any(word in k for word in _WRITTEN)}
            _tell(told, one, "annotations", json.dumps(written, sort_keys=True))
            _tell(told, one, "paths", json.dumps(list(_paths(one))))
        for one in self._seen["replicasets"]:
            revision = names[one["metadata"]["labels"][_HASH]]
            key = one["metadata"]["ownerReferences"][0]["name"]
            _add(told, f"replicasets/{key}-{revision}/wanted", one["spec"]["replicas"])
            available = (one.get("status") or {}).get("availableReplicas", 0)
            _add(told, f"replicasets/{key}-{revision}/available", available)
        for one in self._seen["services"]:
            chosen = one["spec"]["selector"].get(_HASH, "")
            _tell(told, one, "selects", names.get(chosen, chosen))
        self._tell_runs(told, names)
        return {key: _shortened(key, story) for key, story in told.items()}

    def _tell_runs(self, told: Stories, names: dict[str, str]) -> None:
        for one in self._seen["analysisruns"]:
            labels, rollout = one["metadata"]["labels"], one["metadata"]["ownerReferences"][0]
            kind = labels.get("rollout-type", "")
            key = f"analysisruns/{rollout['name']}-{names[labels[_HASH]]}-{kind}"
            _add(told, f"{key}/phases", (one.get("status") or {}).get("phase"))
            _add(told, f"{key}/terminated", bool(one["spec"].get("terminate")))

    def _revisions(self) -> dict[str, str]:
        """The name of each revision: the number that its ReplicaSet had at first."""
        names: dict[str, str] = {}
        for one in self._seen["replicasets"]:
            number = one["metadata"]["annotations"][_REVISION]
            names.setdefault(one["metadata"]["labels"][_HASH], f"r{number}")
        return names


@asynccontextmanager
async def recording(kube: Kube, namespace: str) -> AsyncIterator[Recorder]:
    """Watch from here on."""
    recorder, begun = Recorder(kube, namespace), {kind: asyncio.Event() for kind in KINDS}
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(recorder.watch(kind, begun[kind])) for kind in KINDS]
        for event in begun.values():
            await event.wait()
        yield recorder
        for task in tasks:
            task.cancel()


def differences(local: Stories, real: Stories) -> list[str]:
    """What differs, object by object; a story that was cut short at its end does not."""
    found = []
    for key in sorted(local.keys() | real.keys()):
        one, other = local.get(key, []), real.get(key, [])
        common = min(len(one), len(other))
        if one[:common] != other[:common] or abs(len(one) - len(other)) > _cut(key):
            found.append(f"{key}\n    local {one}\n    real  {other}")
    return found


def _cut(key: str) -> int:
    """How much of a story's end may be missing: the recording ends while pods still go."""
    return 1 if key.startswith(("replicasets", "services")) else 0


def _moves(rollout: Manifest, names: dict[str, str]) -> dict[str, Any]:
    """Where a rollout is; nothing before its first status."""
    status = rollout.get("status") or {}
    if "currentPodHash" not in status:
        return {}
    weights = (status.get("canary") or {}).get("weights") or {}
    return {
        "index": status.get("currentStepIndex") or 0,
        "pauses": [one["reason"] for one in status.get("pauseConditions") or ()],
        "weights": [_destination(weights[part], names) for part in ("canary", "stable") if weights],
        "aborted": bool(status.get("abort")),
        "canary": names.get(status["currentPodHash"], "?"),
        "stable": names.get(status.get("stableRS", ""), ""),
    }


def _destination(weight: Manifest, names: dict[str, str]) -> str:
    revision = names.get(weight.get("podTemplateHash", ""), "")
    return f"{weight.get('serviceName', '')} {weight['weight']} {revision}"


def _paths(ingress: Manifest) -> Iterable[str]:
    for rule in ingress["spec"].get("rules") or ():
        for path in (rule.get("http") or {}).get("paths") or ():
            yield f"{rule.get('host', '')}{path.get('path', '')} {path['pathType']} " + str(
                path["backend"]["service"]["name"]
            )


def _tell(told: Stories, thing: Manifest, aspect: str, value: Any) -> None:
    kind = thing["kind"].lower()
    if value is not None:
        _add(told, f"{kind}/{thing['metadata']['name']}/{aspect}", value)


def _add(told: Stories, key: str, value: Any) -> None:
    """Keep a value, unless it is the one before."""
    story = told.setdefault(key, [])
    if not story or story[-1] != value:
        story.append(value)


def _shortened(key: str, story: Story) -> Story:
    if key.endswith("/available"):
        return _turning_points(story)
    if key.endswith("/selects"):
        return _without_flaps(story)
    if key.startswith("analysisruns") and story[-1] in _ENDS:
        return [phase for phase in story if phase != "Running"]
    if key.endswith("/phases") and story[:1] == ["Degraded"] and len(story) > 1:
        return story[1:]
    return story


def _turning_points(numbers: list[int]) -> list[int]:
    """Leave out what lies between: 0, 1, 3, 4, 2 becomes 0, 4, 2."""
    kept: list[int] = []
    for number in numbers:
        rises: Callable[[int, int], bool] = int.__lt__
        if len(kept) > 1 and rises(kept[-2], kept[-1]) == rises(kept[-1], number):
            kept.pop()
        kept.append(number)
    return kept


def _without_flaps(chosen: list[str]) -> list[str]:
    """A, B, A and so on becomes A, B, flaps."""
    kept = list(chosen)
    for first in range(len(kept) - 2):
        one, other = kept[first : first + 2]
        last = first
        while last < len(kept) and kept[last] == (one, other)[(last - first) % 2]:
            last += 1
        if last - first > 2:
            return [*kept[:first], one, other, "flaps", *_without_flaps(kept[last:])]
    return kept
