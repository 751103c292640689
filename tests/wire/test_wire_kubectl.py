"""The real kubectl, with the local server on the other side."""

import asyncio
import os
from asyncio.subprocess import PIPE, STDOUT

import pytest
import pytest_asyncio

from bot.sandbox.cluster.server import LocalCluster
from tests.cluster.bed.seed import SEED
from tests.cluster.bed.tools import ensure_tools

pytestmark = pytest.mark.cluster

_NAMESPACE = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"


@pytest_asyncio.fixture(loop_scope="session")
async def kubectl(tmp_path):
    """Run kubectl as the administrator, in the namespace `shop`; give what it printed."""
    async with LocalCluster() as cluster:
        config = cluster.kubeconfig("admin", tmp_path / "kubeconfig", for_kubectl=True)
        environment = {**os.environ, "KUBECONFIG": str(config), "HOME": str(tmp_path)}
        program = str(ensure_tools().binary("kubectl"))

        async def run(*arguments, stdin=""):
            process = await asyncio.create_subprocess_exec(
                program,
                "--namespace=shop",
                *arguments,
                env=environment,
                stdin=PIPE,
                stdout=PIPE,
                stderr=STDOUT,
            )
            output, _ = await process.communicate(stdin.encode())
            return output.decode().strip()

        await run("apply", "-f", "-", stdin=_NAMESPACE)
        yield run


async def test_it_applies_changes_and_deletes_the_seed(kubectl):
    applied = await kubectl("apply", "-f", str(SEED))
    again = await kubectl("apply", "-f", str(SEED))
    patched = await kubectl("patch", "rollout", "tomozo", "--type=merge", "-p", _FIVE)
    found = await kubectl("get", "rollout", "tomozo", "-o", "jsonpath={.spec.replicas}")
    deleted = await kubectl("delete", "-f", str(SEED))

    assert applied.count("created") == 4
    assert again.count("unchanged") == 4
    assert patched == "rollout.argoproj.io/tomozo patched"
    assert found == "5"
    assert deleted.count("deleted") == 4


async def test_it_applies_on_the_servers_side_and_hears_of_conflicts(kubectl):
    await kubectl("apply", "-f", str(SEED))
    await kubectl("patch", "rollout", "tomozo", "--type=merge", "-p", _FIVE)

    refused = await kubectl("apply", "--server-side", "-f", str(SEED))
    forced = await kubectl("apply", "--server-side", "--force-conflicts", "-f", str(SEED))

    assert 'conflict with "kubectl-patch"' in refused
    assert ".spec.replicas" in refused
    assert forced.count("serverside-applied") == 4


async def test_it_follows_a_rollout(kubectl):
    await kubectl("apply", "-f", str(SEED))
    following = asyncio.create_task(
        kubectl("get", "rollouts", "--watch", "--request-timeout=3s", "-o", "name")
    )
    await asyncio.sleep(1)
    await kubectl("annotate", "rollout", "tomozo", "seen=yes")

    assert (await following).count("rollout.argoproj.io/tomozo") == 2


async def test_it_is_told_of_a_typo(kubectl):
    typo = SEED.read_text().replace("replicas: 4", "replica: 4")

    answer = await kubectl("apply", "-f", "-", stdin=typo)

    assert 'unknown field "spec.replica"' in answer


_FIVE = '{"spec":{"replicas":5}}'
