"""
Two API servers without anybody who writes besides the test.

The real one has no controllers, and the local one does not clear up: what they would do is not the
wire's, and comes at times of its own. The real server itself has a loop that looks after addresses
of Services (`ipallocator-repair-controller`): when it hears of a Service before it hears of the
address that this Service was given, it tells an Event. Whether it does is a race that the server
runs with itself, so its Events, of an API that no test asks for, are not let in.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from bot.sandbox.cluster.server import LocalCluster
from tests.cluster.bed.api import Api, ApiError
from tests.cluster.bed.cluster import Bed
from tests.cluster.bed.waiting import holds_within
from tests.conftest import Run
from tests.wire.runner import Runner, asking

_EVENTS_API = {"apiGroups": ["events.k8s.io"], "apiVersions": ["*"], "resources": ["events"]}
_REFUSED = "the server keeps to itself what it does by itself"


class QuietBed(Bed):
    """A real API server, alone."""

    async def _start_controllers(self) -> None:
        """Start none; and keep the server from telling Events of its own."""
        async with self.api() as api:
            for manifest in _silence():
                await api.apply(manifest)
            assert await holds_within(10, lambda: _is_silent(api))


def _silence() -> list[dict[str, Any]]:
    """Refuse all Events of the newer API, and no others."""
    common = {"apiVersion": "admissionregistration.k8s.io/v1", "metadata": {"name": "silence"}}
    policy = {
        "failurePolicy": "Fail",
        "matchConstraints": {
            "matchPolicy": "Exact",
            "resourceRules": [{**_EVENTS_API, "operations": ["*"]}],
        },
        "validations": [{"expression": "false", "message": _REFUSED}],
    }
    binding = {"policyName": "silence", "validationActions": ["Deny"]}
    return [
        {**common, "kind": "ValidatingAdmissionPolicy", "spec": policy},
        {**common, "kind": "ValidatingAdmissionPolicyBinding", "spec": binding},
    ]


async def _is_silent(api: Api) -> bool:
    """Whether the policy is in force yet."""
    path = "/apis/events.k8s.io/v1/namespaces/default/events"
    event = {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "metadata": {"generateName": "silence-"},
        "eventTime": "2026-01-01T00:00:00.000000Z",
        "reportingController": "silence",
        "reportingInstance": "silence",
        "action": "Ask",
        "reason": "Asked",
        "type": "Normal",
    }
    try:
        await api.request("POST", path, body=event, query={"dryRun": "All"})
    except ApiError as error:
        return _REFUSED in str(error)
    return False


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def quiet_bed(cluster_run: Run, _ended_in_order: None) -> AsyncIterator[QuietBed]:
    async with QuietBed(logs=cluster_run.logs / "quiet") as bed:
        yield bed


@pytest_asyncio.fixture(loop_scope="session")
async def real(quiet_bed: QuietBed) -> AsyncIterator[Runner]:
    """The real API server, asked as its administrator."""
    async with asking(quiet_bed.api_url, quiet_bed.token("admin"), quiet_bed.ca_file) as runner:
        yield runner


@pytest_asyncio.fixture(loop_scope="session")
async def local() -> AsyncIterator[Runner]:
    """The local one."""
    async with LocalCluster(keeps_house=False) as cluster:
        token = cluster.people.token("admin")
        async with asking(cluster.url, token, None) as runner:
            yield runner
