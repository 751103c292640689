"""`rollout-bot run` and `status` as processes of their own, as an administrator starts them."""

import asyncio
import ctypes
import json
import os
import signal
import sys

import pytest_asyncio
import yaml

from tests.scenarios.stage import RELEASES

#: Put in front of a program: a thread that does nothing, and says how the system calls it.
DOZING = """
import pathlib, threading, time
thread = threading.Thread(target=time.sleep, args=(60,), daemon=True)
thread.start()
pathlib.Path(__file__).with_name("thread").write_text(str(thread.native_id))
"""


def hear_interrupts():
    """As in a terminal: in the background of a script Ctrl-C is ignored, and that is handed on."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest_asyncio.fixture(loop_scope="session")
async def program(scene, bed, tmp_path):
    """Starts the program; what still runs is killed afterwards, by its id."""
    started = []

    async def start(*arguments, user="rollout-bot", environ=None, **changes):
        file = tmp_path / "program.yaml"
        file.write_text(yaml.safe_dump(scene.config(**changes)))
        given = {
            "PATH": os.environ["PATH"],
            "KUBECONFIG": str(bed.kubeconfig(user)),
            "ROLLOUT_BOT_CONFIG": str(file),
            "ROLLOUT_BOT_STATE_DIR": str(tmp_path / "state"),
            **scene.environment,
            **(environ or {}),
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "bot", *arguments),
            env=given,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            preexec_fn=hear_interrupts,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def ended(process, within=20):
    """Its exit code, and what it said."""
    out, err = await asyncio.wait_for(process.communicate(), within)
    return process.returncode, out.decode(), err.decode()


async def test_it_runs_until_sigterm_and_tells_what_is_decided(scene, paused, program):
    process = await program("run")
    card = await scene.shows("Waiting for you", "10 %", within=20)
    await scene.slack.connected()
    await scene.ann.presses(card, "rollout:promote")
    await scene.shows("Done", "0.0.2")

    process.send_signal(signal.SIGTERM)

    code, out, err = await ended(process)
    assert (code, out) == (0, "")
    assert "stopped" in err
    assert scene.slack.bot_token not in err
    assert "Traceback" not in err


async def test_a_channel_that_does_not_exist_is_named_with_its_line(scene, program):
    process = await program("run", channels=[{"channel": RELEASES}, {"channel": "#release"}])
    code, _, err = await ended(process)
    assert code == 2
    assert "program.yaml:" in err
    assert "#release" in err


async def test_a_token_that_slack_refuses_ends_it_with_3(scene, program):
    process = await program("run", environ={"SLACK_BOT_TOKEN": "xoxb-not-ours"})
    code, _, err = await ended(process)
    assert code == 3
    assert "SLACK_BOT_TOKEN" in err
    assert "xoxb-not-ours" not in err


async def test_credentials_that_the_cluster_refuses_end_it_with_3(scene, bed, program, tmp_path):
    kubeconfig = yaml.safe_load(bed.kubeconfig("rollout-bot").read_text())
    kubeconfig["users"][0]["user"] = {"token": "nobody"}
    file = tmp_path / "kubeconfig"
    file.write_text(yaml.safe_dump(kubeconfig))
    process = await program("run", environ={"KUBECONFIG": str(file)})
    code, _, err = await ended(process)
    assert code == 3
    assert "credentials" in err


async def test_status_shows_the_card_in_a_terminal(scene, paused, program):
    code, out, _ = await ended(await program("status", "tomozo"))
    assert code == 0
    assert "Waiting for you" in out
    assert "Ingress tomozo says 10/90" in out
    assert "<" not in out

    code, out, _ = await ended(await program("status", "--output", "json"))
    (one,) = json.loads(out)
    assert (code, one["state"], one["weight"]["public"]) == (0, "waiting", 10)
    assert one["weight"]["written"] == {"tomozo": 10}


async def test_status_can_be_watched(scene, paused, program):
    process = await program("status", "tomozo", "--watch", "--output", "json")
    (first,) = json.loads(await asyncio.wait_for(process.stdout.readline(), 20))
    assert (first["state"], first["weight"]["public"]) == ("waiting", 10)

    await scene.kube.plugin("abort", "tomozo", "-n", scene.namespace)

    async def aborted():
        async for line in process.stdout:
            (one,) = json.loads(line)
            if one["state"] == "aborted" and one["weight"]["public"] == 0:
                return

    await asyncio.wait_for(aborted(), 20)
    process.send_signal(signal.SIGINT)
    code, _, err = await ended(process)
    assert code == 130
    assert "Traceback" not in err


async def test_a_watch_ends_at_an_interrupt_that_comes_while_it_sleeps(paused, program, tmp_path):
    """A thread of its own gets the signal here: the loop is not woken by that."""
    (tmp_path / "sitecustomize.py").write_text(DOZING)
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    process = await program("status", "tomozo", "--watch", environ={"PYTHONPATH": path})
    await asyncio.wait_for(process.stdout.readline(), 20)

    other = int((tmp_path / "thread").read_text())
    assert ctypes.CDLL(None).tgkill(process.pid, other, signal.SIGINT) == 0

    code, _, err = await ended(process, within=8)  # before the cluster says anything
    assert (code, err) == (130, "")


async def test_health_tells_what_is_ready(scene, seed):
    app = await scene.start()
    host, port = app.address
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b"GET /readyz HTTP/1.0\r\n\r\n")
    answer = (await reader.read()).decode()
    writer.close()
    assert "200 OK" in answer
    assert json.loads(answer.split("\r\n\r\n", 1)[1])["ready"] is True
