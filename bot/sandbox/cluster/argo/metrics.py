"""
The analysis controller: AnalysisRuns from their first measurement to their phase.

Argo: analysis/analysis.go. Limits, counts and intervals as there; dry runs are not known here.
"""

import asyncio

from bot.sandbox.cluster import kinds
from bot.sandbox.cluster.argo.analysis import FINAL
from bot.sandbox.cluster.argo.hands import CONTROLLER
from bot.sandbox.cluster.argo.measuring import Measurement, measure
from bot.sandbox.cluster.argo.steps import seconds
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.managed import Writer
from bot.sandbox.cluster.objects import Manifest, at, name_of, put
from bot.sandbox.cluster.queue import Key, WorkQueue
from bot.sandbox.cluster.rules import timestamp
from bot.sandbox.cluster.shelves import Event
from bot.sandbox.cluster.store import Store

_RETRY = 10.0  #: seconds after an error
_ERRORS = 4  #: consecutive ones that are accepted
_KEPT = 10  #: measurements of a metric
#: the worst first
_SEVERITY = ("Error", "Failed", "Inconclusive", "Successful")


class AnalysisController:
    """Measures for the AnalysisRuns of a store while it runs."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queue = WorkQueue(self._sync)
        self._next: dict[tuple[Key, str], float] = {}  # when a metric is measured next
        self._tasks: dict[tuple[Key, str], asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Look at every run, then at those that change, for ever."""
        for run in self._store.all(kinds.ANALYSIS_RUNS):
            self._queue.add(name_of(run))
        try:
            with self._store.heard_by(self._hear):
                await self._queue.run()
        finally:
            for task in self._tasks.values():
                task.cancel()

    def _hear(self, kind: Kind, event: Event) -> None:
        if kind.key == kinds.ANALYSIS_RUNS.key and event.type != "DELETED":
            self._queue.add(name_of(event.object))

    def _sync(self, key: Key) -> None:
        run = self._store.find(kinds.ANALYSIS_RUNS, *key)
        if run is None or at(run, "status", "phase") in FINAL:
            self._forget(key)
            return
        if not at(run, "spec", "terminate"):
            for metric in at(run, "spec", "metrics", default=()):
                self._measure_when_due(key, run, metric)
        if any(name == key for name, _ in self._tasks):
            return  # nothing is said of a run before what is being measured is known
        phase, message = _assess(run)
        if phase != at(run, "status", "phase"):
            now = timestamp(self._store.clock())
            times = {"startedAt": at(run, "status", "startedAt", default=now)}
            times |= {"completedAt": now} if phase in FINAL else {}
            self._write(key, run, {"phase": phase, "message": message, **times})

    def _measure_when_due(self, key: Key, run: Manifest, metric: Manifest) -> None:
        name = (key, metric["name"])
        if name in self._tasks or at(_result(run, metric["name"]), "phase") in FINAL:
            return
        now = self._store.clock()
        due = self._next.setdefault(name, now + seconds(metric.get("initialDelay") or 0))
        if due > now:
            self._queue.add(key, due - now)
            return
        self._tasks[name] = asyncio.create_task(self._measure(key, metric))

    async def _measure(self, key: Key, metric: Manifest) -> None:
        begun = timestamp(self._store.clock())
        run = self._store.find(kinds.ANALYSIS_RUNS, *key)
        measured = await measure(metric, at(run, "spec", "args", default=[]))
        del self._tasks[key, metric["name"]]
        self._queue.add(key)
        now = self._store.clock()
        interval = _RETRY if measured.phase == "Error" else seconds(metric.get("interval") or 0)
        self._next[key, metric["name"]] = now + interval
        newest = self._store.find(kinds.ANALYSIS_RUNS, *key)
        if newest is None or at(newest, "status", "phase") in FINAL:
            return
        result = _counted(_result(newest, metric["name"]), metric, measured, begun, timestamp(now))
        others = [
            one
            for one in at(newest, "status", "metricResults", default=())
            if one["name"] != metric["name"]
        ]
        self._write(key, newest, {"metricResults": [*others, result]})

    def _write(self, key: Key, run: Manifest, change: Manifest) -> None:
        status = {**(run.get("status") or {}), **change}
        status = {name: value for name, value in status.items() if value != "" or name == "phase"}
        self._store.update(
            kinds.ANALYSIS_RUNS,
            *key,
            lambda one: put(one, status, "status"),
            Writer(manager=CONTROLLER),
        )

    def _forget(self, key: Key) -> None:
        for name in [name for name in self._next if name[0] == key]:
            del self._next[name]


def _result(run: Manifest, name: str) -> Manifest:
    results = at(run, "status", "metricResults", default=())
    return next((one for one in results if one["name"] == name), {"name": name})


def _counted(
    result: Manifest, metric: Manifest, measured: Measurement, begun: str, ended: str
) -> Manifest:
    """The result with one measurement more."""
    counter = {"Successful": "successful", "Failed": "failed", "Inconclusive": "inconclusive"}.get(
        measured.phase, "error"
    )
    measurement = {"phase": measured.phase, "startedAt": begun, "finishedAt": ended}
    measurement |= {"value": measured.value} if measured.value else {}
    measurement |= {"message": measured.message} if measured.message else {}
    after = {
        **result,
        counter: result.get(counter, 0) + 1,
        "consecutiveError": result.get("consecutiveError", 0) + 1 if counter == "error" else 0,
        "measurements": [*result.get("measurements", ()), measurement][-_KEPT:],
    }
    if counter != "error":
        after["count"] = result.get("count", 0) + 1
    if measured.message:
        after["message"] = measured.message
    phase, _ = _broken(metric, after)
    wanted = _wanted(metric)
    if not phase and wanted is not None and after.get("count", 0) >= wanted:
        phase = "Successful"
    return {**after, "phase": phase or "Running"}


def _wanted(metric: Manifest) -> int | None:
    """How many measurements there shall be; None: until the run is ended."""
    if metric.get("count") is not None:
        return int(metric["count"])
    return None if metric.get("interval") else 1


def _broken(metric: Manifest, result: Manifest) -> tuple[str, str]:
    """The limit that is exceeded, and how; the last one counts."""
    limits = (
        ("Failed", "failed", "failureLimit", 0, "failed"),
        ("Inconclusive", "inconclusive", "inconclusiveLimit", 0, "inconclusive"),
        ("Error", "consecutiveError", "consecutiveErrorLimit", _ERRORS, "consecutiveErrors"),
    )
    phase = words = ""
    for verdict, counter, key, default, called in limits:
        limit, count = int(metric.get(key, default)), result.get(counter, 0)
        if limit >= 0 and count > limit:
            phase, words = verdict, f"{called} ({count}) > {key} ({limit})"
    return phase, words


def _assess(run: Manifest) -> tuple[str, str]:
    """The phase of the whole run, and why."""
    metrics = at(run, "spec", "metrics", default=())
    results = [(metric, _result(run, metric["name"])) for metric in metrics]
    final = [(m, r) for m, r in results if r.get("phase") in FINAL]
    worst = min(final, key=lambda one: _SEVERITY.index(one[1]["phase"]), default=None)
    terminated = bool(at(run, "spec", "terminate"))
    if worst is None:
        return ("Successful", "Run Terminated") if terminated else ("Running", "")
    if not terminated and len(final) < len(results):
        return "Running", ""
    metric, result = worst
    _, why = _broken(metric, result)
    if not why:
        return str(result["phase"]), "Run Terminated" if terminated else ""
    words = f'Metric "{metric["name"]}" assessed {result["phase"]} due to {why}'
    if result.get("message"):
        words += f': "Error Message: {result["message"]}"'
    return str(result["phase"]), words
