"""The cards in a terminal: what `rollout-bot status` prints."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from datetime import datetime
from typing import Any

from bot.cluster.rollouts import KubernetesCluster
from bot.flows import targets
from bot.flows.follower import look_at
from bot.flows.ports import Listed
from bot.messages import reports
from bot.release.errors import NotFound
from bot.release.story import Story
from bot.release.traffic import Look

_DATE = re.compile(r"<!date\^[^|>]*\|([^>]*)>")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


async def observe(
    cluster: KubernetesCluster, target: str, *, watch: bool
) -> AsyncIterator[list[Look]]:
    """Give the rollouts that are meant; with *watch* again at every change, for ever."""
    is_listed = False
    async with aclosing(cluster.watch()) as events:
        async for event in events:
            is_listed = is_listed or isinstance(event, Listed)
            if not is_listed:
                continue
            yield list(_looks(cluster, target))
            if not watch:
                return


def _looks(cluster: KubernetesCluster, target: str) -> Iterator[Look]:
    try:
        chosen = targets.find(cluster, target) if target else cluster.known()
    except NotFound:
        return
    for rollout in sorted(chosen, key=lambda rollout: rollout.key):
        observed = cluster.seen(rollout.namespace, rollout.name)
        if observed:
            yield look_at(observed)


def as_lines(look: Look, now: datetime) -> Iterator[str]:
    """Write one card as plain lines."""
    for block in reports.status(look, Story(), now=now).blocks:
        for part in (block.get("text"), *block.get("elements", ()), *block.get("fields", ())):
            if isinstance(part, dict):
                yield from _plain(str(part.get("text", ""))).splitlines()


def _plain(markup: str) -> str:
    text = _DATE.sub(r"\1", markup)
    text = re.sub(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])", r"\1", text).replace("`", "")
    for entity, sign in _ENTITIES:
        text = text.replace(entity, sign)
    return text


def as_data(look: Look) -> dict[str, Any]:
    """Write one card as data."""
    rollout, traffic = look.rollout, look.traffic
    return {
        "namespace": rollout.namespace,
        "name": rollout.name,
        "uid": rollout.uid,
        "revision": rollout.revision,
        "state": rollout.state.value,
        "step": rollout.step,
        "steps": len(rollout.steps),
        "message": rollout.message,
        "weight": {
            "asked": traffic.asked,
            "reported": traffic.reported,
            "written": {w.ingress: w.canary for w in traffic.written},
            "public": look.public_share,
        },
        "pods": {
            "canary": {"desired": traffic.canary.desired, "available": traffic.canary.available},
            "stable": {"desired": traffic.stable.desired, "available": traffic.stable.available},
        },
        "images": {"canary": traffic.canary_image, "stable": traffic.stable_image},
        "headers": [f"{route.header}: {route.value}" for route in look.routes_to_canary],
    }
