"""What probes and Prometheus see, over real HTTP."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.health import Health, Metrics, serve


@pytest.fixture
def ready() -> dict[str, bool]:
    return {"cluster": True, "slack": True, "database": True}


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
async def http(ready: dict[str, bool], metrics: Metrics) -> AsyncIterator[aiohttp.ClientSession]:
    def check(name: str):  # type: ignore[no-untyped-def]
        return lambda: ready[name]

    health = Health({name: check(name) for name in ready})
    health.leads = lambda: True
    async with (
        serve(("127.0.0.1", 0), health, metrics) as (host, port),
        aiohttp.ClientSession(f"http://{host}:{port}") as session,
    ):
        yield session


async def samples(http: aiohttp.ClientSession) -> dict[tuple[str, str], float]:
    """All numbers of ours: by name and the values of the labels, in the order of their names."""
    async with http.get("/metrics") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"].startswith("text/plain; version=")
        text = await answer.text()
    return {
        (
            sample.name.removeprefix("rollout_bot_"),
            " ".join(value for _, value in sorted(sample.labels.items())),
        ): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name.startswith("rollout_bot_")
    }


async def test_how_late_the_loop_is(http: aiohttp.ClientSession, metrics: Metrics) -> None:
    """Something keeps the loop for a tenth of a second: that is seen."""
    feeling = asyncio.create_task(metrics.feel_loop(every=0.01))
    await asyncio.sleep(0)
    until = time.monotonic() + 0.12
    while time.monotonic() < until:
        pass
    await asyncio.sleep(0)

    found = await samples(http)
    feeling.cancel()

    assert found["loop_lag_seconds_sum", ""] > 0.1
    assert found["loop_lag_seconds_bucket", "+Inf"] > found["loop_lag_seconds_bucket", "0.1"]


async def test_it_is_alive_as_long_as_it_answers(
    http: aiohttp.ClientSession, ready: dict[str, bool]
) -> None:
    ready.update(cluster=False, slack=False, database=False)

    async with http.get("/healthz") as answer:
        assert answer.status == 200


async def test_it_is_ready_when_all_checks_pass(http: aiohttp.ClientSession) -> None:
    async with http.get("/readyz") as answer:
        assert answer.status == 200
        assert await answer.json() == {
            "ready": True,
            "leads": True,
            "checks": {"cluster": True, "slack": True, "database": True},
        }


@pytest.mark.parametrize("missing", ["cluster", "slack", "database"])
async def test_it_is_not_ready_while_any_check_fails_and_says_which(
    http: aiohttp.ClientSession, ready: dict[str, bool], missing: str
) -> None:
    ready[missing] = False

    async with http.get("/readyz") as answer:
        told = await answer.json()

    assert answer.status == 503
    assert told["ready"] is False
    assert [name for name, passes in told["checks"].items() if not passes] == [missing]


async def test_a_check_that_raises_fails_and_is_logged_once(
    http: aiohttp.ClientSession, ready: dict[str, bool], caplog: pytest.LogCaptureFixture
) -> None:
    del ready["slack"]

    for _ in range(2):
        async with http.get("/readyz") as answer:
            assert answer.status == 503

    errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert [record.action for record in errors] == ["check_failed"]


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_nothing_can_be_done_by_http(http: aiohttp.ClientSession, method: str) -> None:
    async with http.request(method, "/healthz") as answer:
        assert answer.status == 405


async def test_what_was_counted_is_told_to_prometheus(
    http: aiohttp.ClientSession, metrics: Metrics
) -> None:
    metrics.slack_call("chat.update", "ok")
    metrics.slack_call("chat.update", "ok")
    metrics.slack_call("chat.update", "ratelimited")
    metrics.action("promote", "done")
    metrics.action("abort", "refused:not-allowed")
    metrics.job("drift", "ok")
    metrics.leads(lambda: True)
    metrics.acknowledged(0.02)

    found = await samples(http)

    assert found["slack_calls_total", "chat.update ok"] == 2
    assert found["slack_calls_total", "chat.update ratelimited"] == 1
    assert found["actions_total", "done promote"] == 1
    assert found["actions_total", "refused:not-allowed abort"] == 1
    assert found["jobs_total", "drift ok"] == 1
    assert found["leader", ""] == 1
    assert found["clicks_to_ack_seconds_bucket", "0.01"] == 0
    assert found["clicks_to_ack_seconds_bucket", "0.025"] == 1
    assert found["clicks_to_ack_seconds_sum", ""] == pytest.approx(0.02)


async def test_no_label_has_a_name_that_prometheus_gives_itself(metrics: Metrics) -> None:
    """`job` and `instance` are the target's: a label of that name comes out as `exported_job`."""
    metrics.job("drift", "ok")
    metrics.slack_call("chat.update", "ok")
    labels = {
        label
        for family in metrics.registry.collect()
        for sample in family.samples
        for label in sample.labels
    }

    assert {"name", "method"} <= labels
    assert not labels & {"job", "instance"}


async def test_what_stands_elsewhere_is_read_when_prometheus_asks(
    http: aiohttp.ClientSession, metrics: Metrics
) -> None:
    queue = ["one message"]
    metrics.outbox(depth=lambda: len(queue), age=lambda: 1.5 * len(queue))
    metrics.watch(lag=lambda: {"rollouts": 0.5}, events=lambda: {"rollouts": 7, "ingresses": 2})
    await samples(http)
    queue.append("another")

    found = await samples(http)

    assert found["outbox_depth", ""] == 2
    assert found["outbox_age_seconds", ""] == 3
    assert found["watch_lag_seconds", "rollouts"] == 0.5
    assert found["events_total", "rollouts"] == 7
    assert found["events_total", "ingresses"] == 2


async def test_what_was_given_up_is_counted_by_reason(
    http: aiohttp.ClientSession, metrics: Metrics
) -> None:
    lost = {"too_old": 2}
    metrics.lost(lambda: lost, lambda: 5)

    found = await samples(http)

    assert found["outbox_lost_total", "too_old"] == 2
    assert found["outbox_unstored_total", ""] == 5


async def test_a_finding_that_is_gone_counts_as_none(
    http: aiohttp.ClientSession, metrics: Metrics
) -> None:
    metrics.findings({"ORD-01": 2, "WGT-01": 1})
    metrics.findings({"WGT-01": 3})

    found = await samples(http)

    assert found["findings", "ORD-01"] == 0
    assert found["findings", "WGT-01"] == 3


async def test_everything_that_is_promised_has_a_name_from_the_beginning(
    http: aiohttp.ClientSession,
) -> None:
    async with http.get("/metrics") as answer:
        text = await answer.text()
    names = {family.name for family in text_string_to_metric_families(text)}

    assert {
        "rollout_bot_watch_lag_seconds",
        "rollout_bot_events",
        "rollout_bot_slack_calls",
        "rollout_bot_outbox_depth",
        "rollout_bot_outbox_age_seconds",
        "rollout_bot_outbox_lost",
        "rollout_bot_outbox_unstored",
        "rollout_bot_actions",
        "rollout_bot_findings",
        "rollout_bot_leader",
        "rollout_bot_clicks_to_ack_seconds",
    } <= names


async def test_two_bots_in_one_process_count_apart() -> None:
    one, other = Metrics(), Metrics()
    one.action("promote", "done")

    assert one.registry.get_sample_value(
        "rollout_bot_actions_total", {"verb": "promote", "outcome": "done"}
    )
    assert not other.registry.get_sample_value(
        "rollout_bot_actions_total", {"verb": "promote", "outcome": "done"}
    )


async def test_an_address_that_is_taken_is_an_error_at_once(metrics: Metrics) -> None:
    async with serve(("127.0.0.1", 0), Health({}), metrics) as address:
        with pytest.raises(OSError, match="address already in use"):
            async with serve(address, Health({}), metrics):
                pytest.fail("both listen")
