"""The program as the chart's Deployment starts it: its arguments, environment, files and probes."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest_asyncio

from tests.cluster.bed.charts import account_of, of_kind, rendered
from tests.cluster.bed.ports import Port
from tests.cluster.bed.waiting import holds_within
from tests.scenarios.stage import OTHER, RELEASES, stage


class Pod:
    """A folder with what the kubelet mounts, and the process with what it is told."""

    def __init__(self, folder: Path, manifests) -> None:
        self.folder = folder
        self.spec = of_kind(manifests, "Deployment")["spec"]["template"]["spec"]
        [self.container] = self.spec["containers"]
        self._mounts = {each["name"]: each["mountPath"] for each in self.container["volumeMounts"]}
        for path in self._mounts.values():
            (folder / path.lstrip("/")).mkdir(parents=True)
        self._turn = 0

    def mount(self, volume: str, files: dict[str, str]) -> None:
        """Show these files in a volume, all at once, as the kubelet does: a link is swapped."""
        assert volume in self._mounts
        there = self.folder / self._mounts[volume].lstrip("/")
        self._turn += 1
        version = there / f"..version-{self._turn}"
        version.mkdir()
        for name, text in files.items():
            (version / name).write_text(text)
            if not (there / name).is_symlink():
                (there / name).symlink_to(Path("..data") / name)
        (there / "..new").symlink_to(version.name)
        (there / "..new").rename(there / "..data")

    @property
    def environment(self) -> dict[str, str]:
        """What the container is told, with its folders in ours."""
        return {
            each["name"]: f"{self.folder}{each['value']}"
            if each["value"].startswith("/")
            else each["value"]
            for each in self.container["env"]
        }

    def probe(self, which: str) -> str:
        """The address that the kubelet asks."""
        asked = self.container[f"{which}Probe"]["httpGet"]
        ports = {each["name"]: each["containerPort"] for each in self.container["ports"]}
        return f"http://127.0.0.1:{ports[asked['port']]}{asked['path']}"


@asynccontextmanager
async def started(pod: Pod, **environ: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run the container's program; what still runs at the end is killed, by its id."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", *pod.container["args"]),
        env={"PATH": os.environ["PATH"], **pod.environment, **environ},
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest_asyncio.fixture(loop_scope="session")
async def scene(bed, kube, namespace, tmp_path):
    """People, channels and the cluster."""
    async with stage(bed, kube, namespace, tmp_path) as one:
        yield one


def values_for(scene, port, *channels):
    """Give the values of a chart that serves this scene."""
    return {
        "config": {
            "kubernetes": {"namespaces": [scene.namespace]},
            "channels": [{"channel": channel} for channel in channels],
            "health": {"listen": f"0.0.0.0:{port.number}"},
        }
    }


async def test_the_pods_program_gets_ready_and_takes_over_what_changes(
    scene, bed, kube, paused, tmp_path
):
    """A new ConfigMap needs no new pod; SIGTERM ends it in the time that Kubernetes gives."""
    port = Port()
    values = values_for(scene, port, RELEASES)
    async with account_of(kube, bed, scene.namespace, values) as account:
        pod = Pod(tmp_path / "pod", account.manifests)
        pod.mount("config", of_kind(account.manifests, "ConfigMap")["data"])
        pod.mount("slack", secret_for(scene, pod))
        environ = {
            "KUBECONFIG": str(bed.kubeconfig(account.user)),
            "SLACK_API_URL": scene.slack.api_url,
        }
        async with started(pod, **environ) as process, aiohttp.ClientSession() as session:
            assert await holds_within(20, lambda: is_ok(session, pod.probe("liveness")))
            assert await holds_within(20, lambda: is_ok(session, pod.probe("readiness")))
            await scene.shows("Waiting for you", "10 %")
            assert not scene.cards(OTHER)

            more = await rendered(bed, scene.namespace, values_for(scene, port, RELEASES, OTHER))
            pod.mount("config", of_kind(more, "ConfigMap")["data"])
            await scene.slack.until(
                lambda: scene.cards(OTHER), "a card in the new channel", timeout=15
            )

            process.send_signal(signal.SIGTERM)
            grace = pod.spec["terminationGracePeriodSeconds"]
            _, said = await asyncio.wait_for(process.communicate(), grace)
    port.release()

    assert process.returncode == 0
    assert b'"action"' in said  # the log is JSON, as the values say
    assert b"Traceback" not in said


def secret_for(scene, pod):
    """The files that the Secret's keys become."""
    [volume] = [each for each in pod.spec["volumes"] if each["name"] == "slack"]
    tokens = {"bot-token": scene.slack.bot_token, "app-token": scene.slack.app_token}
    return {item["path"]: tokens[item["key"]] for item in volume["secret"]["items"]}


async def is_ok(session, address):
    """Whether a probe succeeds."""
    try:
        async with session.get(address) as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False
