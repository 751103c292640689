"""
The bed itself: that it is a real cluster, and that its levers move what they say.

What the controller does with releases is told by the scenarios, not here.
"""

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from tests.cluster.bed import tools
from tests.cluster.bed.api import ApiError
from tests.cluster.bed.cluster import GROUPS
from tests.cluster.bed.kube import Kube, PluginError, weights_in
from tests.cluster.bed.processes import Component, ComponentError
from tests.cluster.bed.tools import ROOT, ToolsMissingError, ensure_tools

SEED = Path(__file__).parents[1] / "manifests" / "seed.yaml"
NEXT_IMAGE = "tomozo-repo/tomozo:0.0.2"
RBAC = "rbac.authorization.k8s.io"
READER = {
    "apiVersion": f"{RBAC}/v1",
    "kind": "Role",
    "metadata": {"name": "reader"},
    "rules": [{"apiGroups": ["argoproj.io"], "resources": ["rollouts"], "verbs": ["list"]}],
}
BOT_IS_READER = {
    "apiVersion": f"{RBAC}/v1",
    "kind": "RoleBinding",
    "metadata": {"name": "bot"},
    "roleRef": {"apiGroup": RBAC, "kind": "Role", "name": "reader"},
    "subjects": [{"apiGroup": RBAC, "kind": "Group", "name": GROUPS["bot"]}],
}
ORPHANING = """
import sys, time
from pathlib import Path
from tests.cluster.bed.processes import Component
sleeper = Component("sleeper", ["sleep", "60"], Path(sys.argv[1]))
sleeper.start()
print(sleeper.pid, flush=True)
time.sleep(60)
"""


def has_phase(phase):
    """The controller has seen the newest manifest, and says this phase."""

    def holds(rollout):
        status = rollout["status"]
        is_current = status["observedGeneration"] == str(rollout["metadata"]["generation"])
        return is_current and status["phase"] == phase

    return holds


def is_running(pid):
    """Whether the process is there and not just waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def see(kube, namespace):
    """Wait until the seed's object of this kind is as wanted."""

    async def look(kind, predicate, what, within=10):
        return await kube.wait_for(
            predicate, what, within, kind=kind, name="tomozo", namespace=namespace
        )

    return look


@pytest_asyncio.fixture(loop_scope="session")
async def seed(kube, namespace, see):
    """The seed's rollout, healthy."""
    await kube.apply_file(SEED, namespace)
    return await see("rollouts", has_phase("Healthy"), "healthy")


@pytest_asyncio.fixture(loop_scope="session")
async def paused(seed, kube, namespace, see):
    """The seed's rollout at its pause."""
    await kube.set_image(namespace, "tomozo", NEXT_IMAGE)
    return await see("rollouts", has_phase("Paused"), "paused")


async def test_the_seed_becomes_healthy(seed, kube, namespace):
    """All traffic is stable, and the controller has written so on the Ingress."""
    weights = await kube.weights(namespace, "tomozo", "tomozo-stable")

    assert weights == {"tomozo-canary": 0, "tomozo-stable": 100}
    assert len(await kube.pods(namespace, seed["status"]["stableRS"])) == 4


async def test_a_new_image_waits_at_the_pause(paused, kube, namespace):
    """Step 1 is the pause after the 10 %, and the Ingress says the same as the status."""
    weights = await kube.weights(namespace, "tomozo", "tomozo-stable")

    assert paused["status"]["currentStepIndex"] == 1
    assert paused["status"]["canary"]["weights"]["canary"]["weight"] == 10
    assert weights == {"tomozo-canary": 10, "tomozo-stable": 90}


async def test_a_pod_stays_unready_until_told_otherwise(seed, kube, namespace, see):
    """The ReplicaSet counts one available pod less, and kwok does not help."""
    pod_hash = seed["status"]["stableRS"]
    replica_set = f"tomozo-{pod_hash}"
    pod = (await kube.pods(namespace, pod_hash))[0]["metadata"]["name"]

    async def available_becomes(count):
        await kube.wait_for(
            lambda found: found["status"]["availableReplicas"] == count,
            f"{count} available",
            kind="replicasets",
            name=replica_set,
            namespace=namespace,
        )

    await kube.make_pod_unready(namespace, pod)
    await available_becomes(3)
    await asyncio.sleep(1)
    await available_becomes(3)

    await kube.make_pod_ready(namespace, pod)
    await available_becomes(4)


async def test_new_pods_can_be_born_unready(seed, kube, namespace, see):
    """They get a node and stay pending, as when an image cannot be pulled, until made ready."""
    await kube.set_image(namespace, "tomozo", f"{NEXT_IMAGE}-never-ready")
    rollout = await see(
        "rollouts", lambda found: found["status"]["updatedReplicas"] == 1, "given a canary pod"
    )
    canary = rollout["status"]["currentPodHash"]
    await asyncio.sleep(1)
    pods = await kube.pods(namespace, canary)
    weights = await kube.weights(namespace, "tomozo", "tomozo-stable")

    assert [pod["status"]["phase"] for pod in pods] == ["Pending"]
    assert weights == {"tomozo-canary": 0, "tomozo-stable": 100}

    await kube.make_pod_ready(namespace, pods[0]["metadata"]["name"])
    await see("rollouts", has_phase("Paused"), "paused")


async def test_objects_outlive_the_api_server(paused, bed, kube, namespace, see):
    """Same address, same certificate, same objects; and the controllers find their way back."""
    await bed.stop_api_server()
    with pytest.raises(aiohttp.ClientConnectionError):
        await kube.get("rollouts", "tomozo", namespace)
    await bed.start_api_server()

    again = await kube.get("rollouts", "tomozo", namespace)
    assert again["metadata"]["uid"] == paused["metadata"]["uid"]

    await kube.set_image(namespace, "tomozo", "tomozo-repo/tomozo:0.0.3")
    await see("rollouts", has_phase("Paused"), "paused with a third image", within=30)


async def test_a_controller_that_was_away_catches_up(seed, bed, kube, namespace, see):
    """Nothing moves without it; after its start the new image is rolled out."""
    await bed.stop_controller()
    await kube.set_image(namespace, "tomozo", NEXT_IMAGE)
    await asyncio.sleep(1)
    left_alone = await kube.get("rollouts", "tomozo", namespace)
    await bed.start_controller()

    assert left_alone["status"]["currentPodHash"] == seed["status"]["currentPodHash"]
    await see("rollouts", has_phase("Paused"), "paused")


async def test_broken_ingress_writes_are_told_as_an_event(seed, kube, namespace, see):
    """As with a load balancer controller whose webhook is away; mended, the weight is written."""
    await kube.break_ingress_writes(namespace)
    await kube.set_image(namespace, "tomozo", NEXT_IMAGE)
    events = await kube.wait_for(
        lambda found: [each for each in found if each["reason"] == "TrafficRoutingError"],
        "holding a TrafficRoutingError",
        kind="events",
        namespace=namespace,
    )
    weights = await kube.weights(namespace, "tomozo", "tomozo-stable")
    await kube.mend_ingress_writes(namespace)

    assert any("failed calling webhook" in each["message"] for each in events)
    assert weights == {"tomozo-canary": 0, "tomozo-stable": 100}
    await see(
        "ingresses",
        lambda found: weights_in(found, "tomozo-stable")["tomozo-canary"] == 10,
        "at 10 %",
        within=30,
    )


async def test_the_plugin_aborts(paused, kube, namespace, see):
    """The people's own tool works on the bed, and says what went wrong when it does not."""
    said = await kube.plugin("abort", "tomozo", f"--namespace={namespace}")
    with pytest.raises(PluginError, match="not found"):
        await kube.plugin("abort", "no-such", f"--namespace={namespace}")

    assert "aborted" in said
    await see("rollouts", has_phase("Degraded"), "degraded")
    await see(
        "ingresses",
        lambda found: weights_in(found, "tomozo-stable")["tomozo-canary"] == 0,
        "at 0 %",
    )


async def test_other_users_have_no_rights_until_somebody_grants_them(bed, kube, namespace):
    """So that a right which the bot's chart forgets is found."""
    async with Kube(bed, "bot") as bot:
        with pytest.raises(ApiError, match='User "bot" cannot list') as refused:
            await bot.list("rollouts", namespace)
        await kube.apply(READER, namespace)
        await kube.apply(BOT_IS_READER, namespace)
        await bot.wait_until_allowed("list", "rollouts", namespace)

        assert refused.value.status == 403
        assert await bot.list("rollouts", namespace) == []


async def test_a_vain_wait_shows_what_was_there(kube, namespace):
    """The last thing seen is in the message, as YAML."""
    with pytest.raises(AssertionError, match=r"(?s)not paused within 0.1 s.*phase: Active"):
        await kube.wait_for(
            lambda found: found["status"]["phase"] == "Paused",
            "paused",
            0.1,
            kind="namespaces",
            name=namespace,
        )


def test_nothing_is_built_twice(capsys, monkeypatch):
    """A later run needs no Go, and says nothing."""
    built = ensure_tools()
    monkeypatch.setenv("PATH", "")

    assert ensure_tools() == built
    assert capsys.readouterr().err == ""
    assert built.binary("kube-apiserver").exists()


@pytest.mark.parametrize(
    ("go", "complaint"),
    [
        pytest.param(None, "Go is not installed", id="absent"),
        pytest.param("go1.20.1", "and this is go1.20.1", id="old"),
    ],
)
def test_without_the_right_go_it_says_which_is_needed(tmp_path, monkeypatch, go, complaint):
    """Before minutes are spent, and in our words."""
    if go:
        (tmp_path / "go").write_text(f"#!/bin/sh\necho {go}\n")
        (tmp_path / "go").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(tools, "HOME", tmp_path)

    with pytest.raises(ToolsMissingError, match=complaint):
        ensure_tools()


async def test_a_component_that_ends_shows_the_end_of_its_log(tmp_path):
    """Whoever waits for it is told at once, not when the time is over."""
    broken = Component("broken", ["sh", "-c", "echo no such flag; exit 1"], tmp_path / "log")
    broken.start()

    with pytest.raises(ComponentError, match=r"(?s)broken ended before .*no such flag"):
        await broken.wait_until_it_says("ready", 10)


def test_no_component_outlives_a_killed_test_run(tmp_path):
    """`kill -9` leaves no time to clean up; the kernel does it."""
    parent = subprocess.Popen(
        [sys.executable, "-c", ORPHANING, str(tmp_path / "log")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    child = int(parent.stdout.readline())
    assert is_running(child)
    parent.kill()
    parent.communicate()

    deadline = time.monotonic() + 5
    while is_running(child):
        assert time.monotonic() < deadline
        time.sleep(0.01)
