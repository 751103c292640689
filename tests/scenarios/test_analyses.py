"""An analysis step of the controller: passed, failed, undecided, broken, ended."""

import asyncio
from contextlib import asynccontextmanager

import pytest_asyncio
from aiohttp import web

STEPS = [
    {"setWeight": 20},
    {"analysis": {"templates": [{"templateName": "verdict"}]}},
    {"setWeight": 60},
    {"pause": {}},
]


class Oracle:
    """What the metric measures."""

    def __init__(self) -> None:
        self.url = ""
        self.verdict = asyncio.get_running_loop().create_future()

    async def answer(self, _: web.Request) -> web.Response:
        return web.json_response({"verdict": await self.verdict})


@asynccontextmanager
async def oracle():
    one, app = Oracle(), web.Application()
    app.router.add_get("/", one.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    one.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    yield one
    one.verdict.cancel()
    await runner.cleanup()


@pytest_asyncio.fixture(loop_scope="session")
async def measured(operator):
    """The rollout at its analysis; what decides it."""
    async with oracle() as one:
        await operator.apply(_template(one.url))
        await operator.deploy(steps=STEPS, canary={"abortScaleDownDelaySeconds": 1})
        await operator.release()
        await operator.until(_has_run, "measuring")
        yield one


def _template(url, **metric):
    web_metric = {"url": url, "jsonPath": "{$.verdict}", "timeoutSeconds": 60}
    metric = {
        "name": "verdict",
        "provider": {"web": web_metric},
        "successCondition": 'result == "pass"',
        "failureCondition": 'result == "fail"',
        **metric,
    }
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AnalysisTemplate",
        "metadata": {"name": "verdict"},
        "spec": {"metrics": [metric]},
    }


def _has_run(rollout):
    return bool(rollout["status"]["canary"]["currentStepAnalysisRunStatus"]["name"])


def _run_status(wanted):
    def holds(rollout):
        return rollout["status"]["canary"]["currentStepAnalysisRunStatus"]["status"] == wanted

    return holds


async def test_a_good_analysis_lets_the_release_go_on(operator, measured):
    measured.verdict.set_result("pass")
    await operator.waits_at(3)


async def test_a_bad_analysis_aborts(operator, measured):
    measured.verdict.set_result("fail")
    rollout = await operator.phase("Degraded")
    assert (
        'Metric "verdict" assessed Failed due to failed (1) > failureLimit (0)'
        in (rollout["status"]["message"])
    )
    await operator.weighs(0)


async def test_an_undecided_analysis_waits_for_a_person(operator, measured):
    measured.verdict.set_result("hm")
    await operator.waits_at(1, "InconclusiveAnalysisRun")
    await operator.plugin("promote")
    await operator.waits_at(3)


async def test_a_run_that_somebody_ends_passes_without_a_measurement(operator):
    await operator.apply(_template("http://127.0.0.1:9/", initialDelay="1h"))
    await operator.deploy(steps=STEPS)
    await operator.release()
    await operator.until(_run_status("Running"), "waiting to measure")
    (run,) = await operator.kube.list("analysisruns", operator.namespace)
    await operator.kube.patch(
        "analysisruns", run["metadata"]["name"], operator.namespace, {"spec": {"terminate": True}}
    )
    await operator.waits_at(3)


async def test_an_abort_ends_the_run(operator, measured):
    await operator.plugin("abort")
    await operator.phase("Degraded")
    await operator.kube.wait_for(
        lambda runs: runs[0]["spec"].get("terminate"),
        "ended",
        kind="analysisruns",
        namespace=operator.namespace,
    )


async def test_a_metric_that_cannot_be_measured_aborts(operator):
    await operator.apply(_template("http://127.0.0.1:9/", consecutiveErrorLimit=0))
    await operator.deploy(steps=STEPS)
    await operator.release()
    await operator.phase("Degraded")
    await operator.weighs(0)
