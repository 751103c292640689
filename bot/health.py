"""
What other programs may ask: /healthz, /readyz, /metrics.

    /healthz   200: the loop lives. It asks nobody, because a restart mends neither Slack nor the
               cluster.
    /readyz    200 or 503, and as JSON which of the checks fails, and whether this process leads.
    /metrics   Prometheus; names are the public face.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager

from aiohttp import web
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from bot.gate import Gate, Patience

log = logging.getLogger(__name__)

_LARGEST_BODY = 1_024  #: nobody has anything to send here

#: Slack waits for 3 s; we mean to answer within 300 ms
_ACK_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 3.0)

#: nobody's press should wait for longer than 10 ms because of others
_LAG_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
_FEEL = 0.1  #: seconds between two measurements of the loop

#: By resource, such as `rollouts`.
Amounts = Callable[[], Mapping[str, float]]


class Health:
    """
    Whether the bot can do its work: each check by name, asked anew each time.

    Attributes:
        leads: whether this process leads; that is no condition: the others answer people.

    """

    def __init__(self, checks: Mapping[str, Callable[[], bool]]) -> None:
        self.leads: Callable[[], bool] = lambda: False
        self._checks = dict(checks)
        self._failing: set[str] = set()

    def results(self) -> dict[str, bool]:
        """Ask all checks; one that raises counts as failed."""
        return {name: self._passes(name, check) for name, check in self._checks.items()}

    def _passes(self, name: str, check: Callable[[], bool]) -> bool:
        try:
            passes = bool(check())
        except Exception:
            if name not in self._failing:  # once, not at every probe
                log.exception("The check %s failed", name, extra={"action": "check_failed"})
            self._failing.add(name)
            return False
        self._failing.discard(name)
        return passes


class Metrics:
    """
    What is counted. Other rooms get its methods as plain callables.

    What somebody counts already is not counted again: *watch* and *outbox* take the places where
    the numbers stand, and they are read when Prometheus asks.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._standing = _Standing()
        self.registry.register(self._standing)
        self._calls = self._counter("slack_calls", "Calls of Slack's Web API", "method", "result")
        self._actions = self._counter("actions", "What people asked for", "verb", "outcome")
        self._jobs = self._counter("jobs", "Runs of what is scheduled", "name", "result")
        self._findings = Gauge(
            "rollout_bot_findings", "Findings that are open", ["id"], registry=self.registry
        )
        self._leader = Gauge("rollout_bot_leader", "1: this process leads", registry=self.registry)
        self._config = Gauge(
            "rollout_bot_config_valid",
            "1: what stands in the configuration and the secrets' files is in force",
            registry=self.registry,
        )
        self._config.set(1)
        self._tasks = Gauge(
            "rollout_bot_tasks", "What the loop carries at once", registry=self.registry
        )
        self._acks = Histogram(
            "rollout_bot_clicks_to_ack_seconds",
            "From the arrival of a click or command to its acknowledgement",
            buckets=_ACK_BUCKETS,
            registry=self.registry,
        )
        self._lags = Histogram(
            "rollout_bot_loop_lag_seconds",
            "How much later than it was due something came to its turn",
            buckets=_LAG_BUCKETS,
            registry=self.registry,
        )
        self._found: set[str] = set()

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"rollout_bot_{name}", what, labels, registry=self.registry)

    def watch(self, lag: Amounts, events: Amounts) -> None:
        """Say where the watches' numbers stand: seconds since the last byte; events so far."""
        self._standing.lag, self._standing.events = lag, events

    def outbox(self, depth: Callable[[], float], age: Callable[[], float]) -> None:
        """Say where the outbox's numbers stand: messages not sent yet; age of the oldest."""
        self._standing.depth, self._standing.age = depth, age

    def lost(self, given_up: Amounts, unstored: Callable[[], float]) -> None:
        """Say where it stands what was given up, by reason, and what was told from memory."""
        self._standing.given_up, self._standing.unstored = given_up, unstored

    def slack_call(self, method: str, result: str) -> None:
        """Count a call of Slack; *result* is `ok` or one of few words for what went wrong."""
        self._calls.labels(method, result).inc()

    def action(self, verb: str, outcome: str) -> None:
        """Count what a person asked for; *outcome* as in the ledger."""
        self._actions.labels(verb, outcome).inc()

    def job(self, name: str, result: str) -> None:
        """Count a run of what is scheduled: ok, failed, missed, skipped."""
        self._jobs.labels(name, result).inc()

    def findings(self, open_by_id: Mapping[str, int]) -> None:
        """Say how many findings of each id are open now; those not named are none."""
        self._found |= open_by_id.keys()
        for one in self._found:
            self._findings.labels(one).set(open_by_id.get(one, 0))

    def leads(self, leads: Callable[[], bool]) -> None:
        """Say where it stands whether this process leads."""
        self._leader.set_function(lambda: float(leads()))

    def config(self, is_valid: bool) -> None:  # noqa: FBT001 - what is told is a yes or a no
        """Say whether what stands in the configuration and the secrets' files is in force."""
        self._config.set(is_valid)

    def carries(self, tasks: int) -> None:
        """Say how many tasks the loop has."""
        self._tasks.set(tasks)

    def acknowledged(self, seconds: float) -> None:
        """Tell how long a click or command waited for its acknowledgement."""
        self._acks.observe(seconds)

    async def feel_loop(self, every: float = _FEEL) -> None:
        """Measure again and again how late the loop is, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + every
            await asyncio.sleep(every)
            self._lags.observe(max(0.0, loop.time() - due))


class _Standing(Collector):
    """Reads the numbers that stand elsewhere."""

    lag: Amounts = staticmethod(dict)
    events: Amounts = staticmethod(dict)
    depth: Callable[[], float] = staticmethod(float)
    age: Callable[[], float] = staticmethod(float)
    given_up: Amounts = staticmethod(dict)
    unstored: Callable[[], float] = staticmethod(float)

    def collect(self) -> Iterator[Metric]:
        """Give them to Prometheus."""
        lag = GaugeMetricFamily(
            "rollout_bot_watch_lag_seconds",
            "Seconds since the cluster last said anything",
            labels=["resource"],
        )
        for resource, seconds in self.lag().items():
            lag.add_metric([resource], seconds)
        yield lag
        events = CounterMetricFamily(
            "rollout_bot_events", "Events read from the cluster", labels=["resource"]
        )
        for resource, count in self.events().items():
            events.add_metric([resource], count)
        yield events
        yield GaugeMetricFamily(
            "rollout_bot_outbox_depth", "Messages not sent to Slack yet", value=self.depth()
        )
        yield GaugeMetricFamily(
            "rollout_bot_outbox_age_seconds", "Age of the oldest of them", value=self.age()
        )
        lost = CounterMetricFamily(
            "rollout_bot_outbox_lost", "Messages that were given up", labels=["reason"]
        )
        for reason, count in self.given_up().items():
            lost.add_metric([reason], count)
        yield lost
        yield CounterMetricFamily(
            "rollout_bot_outbox_unstored",
            "Messages told from memory while the database failed",
            value=self.unstored(),
        )


@asynccontextmanager
async def serve(
    listen: tuple[str, int],
    health: Health,
    metrics: Metrics,
    patience: Patience | None = None,
) -> AsyncIterator[tuple[str, int]]:
    """
    Answer while the context is open; it gives the address, with the port that was chosen for 0.

    Raises:
        OSError: the address cannot be listened on.

    """

    async def healthz(_: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def readyz(_: web.Request) -> web.Response:
        checks = health.results()
        ready = all(checks.values())
        told = {"ready": ready, "leads": health.leads(), "checks": checks}
        return web.json_response(told, status=200 if ready else 503)

    async def exposition(_: web.Request) -> web.Response:
        metrics.carries(len(asyncio.all_tasks()))
        body = generate_latest(metrics.registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})

    gate = Gate(patience or Patience(connections=50))
    app = web.Application(client_max_size=_LARGEST_BODY, middlewares=[gate.middleware])
    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", exposition)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1, lingering_time=1)
    await runner.setup()
    feeling = asyncio.create_task(metrics.feel_loop(), name="loop-lag")
    try:
        yield await gate.open(runner, *listen)
    finally:
        feeling.cancel()
        gate.close()
        await runner.cleanup()
