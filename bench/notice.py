"""
From a status change at the API server to the call of Slack, while all is quiet.

One process holds a small API server and a Slack on loopback; the other is in turns

    bot    the whole bot: what changed, who did it, ledger and memory on disk, card, buttons, outbox
    pipe   the least there could be: a watch, json.loads, chat.update with a finished card

Printed is the median time from the change to the arrival of the first call about it, and the ratio.
Between two changes everything is sent that is to be sent, and Slack's pace (one edit of a message
per second) has passed; so nothing waits for its turn.

    python bench/notice.py [--changes 20] [--rounds 3] [--at-most 2]
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import yaml

sys.path.insert(0, str(Path(__file__).parent.parent))  # the test tools live beside the bot

from bot.app import running
from bot.config import Secrets, load
from bot.messages.card import card
from bot.messages.seal import Seal
from bot.sandbox.slack import LocalSlack
from tests.builders import a_look, a_story, the_offers
from tests.clusterroom.apiserver import ApiServer

STEPS = [step for n in range(1, 90) for step in ({"setWeight": n}, {"pause": {}})]
CHANNEL = "C0RELEASES"
QUIET = 2.5  #: seconds after a change: the line in the thread is told, Slack's pace has passed


def rollout(step: int, moment: int) -> dict[str, Any]:
    """Give a rollout without a balancer that waits at this step."""
    started = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Rollout",
        "metadata": {"namespace": "shop", "name": "api", "generation": 3},
        "spec": {
            "replicas": 4,
            "template": {"spec": {"containers": [{"name": "app", "image": "shop/api:2"}]}},
            "strategy": {"canary": {"steps": STEPS}},
        },
        "status": {
            "observedGeneration": "3",
            "currentPodHash": "new",
            "stableRS": "old",
            "currentStepHash": "steps",
            "currentStepIndex": step,
            "phase": "Paused",
            "message": "CanaryPauseStep",
            "pauseConditions": [{"reason": "CanaryPauseStep", "startTime": started}],
            "controllerPause": True,
        },
    }


async def be_pipe(api: str, slack: str, token: str) -> None:
    """Post a message, then say each new step in it."""
    headers = {"Authorization": f"Bearer {token}"}
    path = f"{api}/apis/argoproj.io/v1alpha1/rollouts"
    look, now = a_look(), datetime.now(UTC)
    blocks = card(look, a_story(), the_offers(), seal=Seal(b"k" * 32), now=now, cluster="").blocks
    async with aiohttp.ClientSession(read_bufsize=2**20) as session:

        async def call(method: str, **body: Any) -> Any:
            async with session.post(f"{slack}{method}", json=body, headers=headers) as answer:
                return await answer.json()

        posted = await call("chat.postMessage", channel=CHANNEL, text="rollout_card")
        async with session.get(path) as listed:
            version = (await listed.json())["metadata"]["resourceVersion"]
        query = {"watch": "1", "resourceVersion": version}
        async with session.get(path, params=query) as stream:
            async for line in stream.content:
                step = json.loads(line)["object"]["status"]["currentStepIndex"]
                text = f"shop/api waits at step {step}"
                await call(
                    "chat.update", channel=CHANNEL, ts=posted["ts"], text=text, blocks=blocks
                )


async def be_bot(api: str, slack: str, token: str, app_token: str) -> None:
    """Run the bot until it is ended."""
    with tempfile.TemporaryDirectory() as folder:
        kubeconfig, config = Path(folder) / "kubeconfig", Path(folder) / "rollout-bot.yaml"
        cluster = {"name": "b", "cluster": {"server": api}}
        context = {"name": "b", "context": {"cluster": "b", "user": "b"}}
        known = {"clusters": [cluster], "contexts": [context], "current-context": "b"}
        users = [{"name": "b", "user": {"token": "t"}}]
        kubeconfig.write_text(
            yaml.safe_dump({"apiVersion": "v1", "kind": "Config", "users": users, **known})
        )
        channels, health = [{"channel": CHANNEL}], {"listen": "127.0.0.1:0"}
        config.write_text(yaml.safe_dump({"channels": channels, "health": health}))
        os.environ["KUBECONFIG"] = str(kubeconfig)
        environ = {
            "SLACK_BOT_TOKEN": token,
            "SLACK_APP_TOKEN": app_token,
            "SLACK_API_URL": slack,
        }
        secrets = Secrets.from_environment(environ, "socket")
        async with running(load(config), secrets, f"sqlite:///{folder}/bot.sqlite3") as app:
            await app.following


async def measure(who: str, changes: int) -> list[float]:
    """Run one of the two beside a fresh API server and a fresh Slack; seconds per change."""
    async with ApiServer() as api, LocalSlack() as slack:
        slack.add_person("U0ANN", "ann")
        slack.add_channel(CHANNEL, "releases", members=["U0ANN"])
        api.put("rollouts", rollout(1, int(time.time())))
        arguments = [who, api.url, slack.api_url, slack.bot_token, slack.app_token]
        child = await asyncio.create_subprocess_exec(sys.executable, __file__, "--be", *arguments)
        try:
            await slack.until(lambda: slack.called("chat.postMessage"), "the first post")
            await asyncio.sleep(QUIET)
            return [await once(api, slack, 2 * n + 3) for n in range(changes)]
        finally:
            child.terminate()
            await child.wait()


async def once(api: ApiServer, slack: LocalSlack, step: int) -> float:
    """Change the status; seconds until Slack is called."""
    known = len(slack.called("chat.update"))
    began = time.perf_counter()
    api.put("rollouts", rollout(step, int(time.time())))
    await slack.until(lambda: len(slack.called("chat.update")) > known, "a call")
    took = time.perf_counter() - began
    await asyncio.sleep(QUIET)
    return took


def main() -> int:
    """Measure both in turns, and compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--changes", type=int, default=15)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--at-most", type=float, default=2.0)
    parser.add_argument("--be", nargs=5, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.be:
        who, *rest = args.be
        asyncio.run(be_bot(*rest) if who == "bot" else be_pipe(*rest[:3]))
        return 0
    seconds: dict[str, list[float]] = {"bot": [], "pipe": []}
    for _ in range(args.rounds):
        for who in seconds:
            seconds[who] += asyncio.run(measure(who, args.changes))
    medians = {who: 1000 * statistics.median(found) for who, found in seconds.items()}
    ratio = medians["bot"] / medians["pipe"]
    for who, milliseconds in medians.items():
        print(f"{who:5} {milliseconds:6.2f} ms")
    print(f"ratio {ratio:6.2f} (wanted: at most {args.at_most:g})")
    return 0 if ratio <= args.at_most else 1


if __name__ == "__main__":
    sys.exit(main())
