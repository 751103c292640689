"""Puts everything together, and brings the rollouts to where the curtain rises."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

import yaml

from bot.demo import tell
from bot.demo.actor import Actor
from bot.demo.folder import Folder, look_around, own_folder
from bot.messages import helps
from bot.sandbox.cluster import kinds, programs
from bot.sandbox.cluster.control import Controllers
from bot.sandbox.cluster.managed import Writer
from bot.sandbox.cluster.nodes.kubelet import between
from bot.sandbox.cluster.objects import Manifest, at, merged
from bot.sandbox.cluster.server import LocalCluster
from bot.sandbox.cluster.store import Store
from bot.sandbox.page.page import Page
from bot.sandbox.play import cast, deeds
from bot.sandbox.play.panel import Panel
from bot.sandbox.play.verdicts import Verdicts
from bot.sandbox.slack import LocalSlack

_HOST = "127.0.0.1"
_PORTS = 20  #: how many are tried
_LAST_PORT = 65_535
_PATIENCE = 30.0  #: seconds until something is wrong
_GIT = Writer(manager="argocd-controller")
#: what the box of the page completes
_VERBS = {
    verb: f"{after} · {does}".strip(" ·")
    for verb, (after, does, _) in (helps.READING | helps.ACTING).items()
}
_BY_KIND = {kind.kind: kind for kind in kinds.BUILT_IN}


class CannotPlay(Exception):  # noqa: N818 - the sentence is for the person
    """The demo cannot go on; the text says why, and what next."""


class Pods:
    """How long pods take: no time while everything is set up, a few seconds when people watch."""

    def __init__(self) -> None:
        self.start: Callable[[], float] = between(0.02, 0.08)

    def __call__(self) -> float:
        """Seconds until the next pod is ready."""
        return self.start()

    def take_their_time(self) -> None:
        """Let people see how they come up."""
        self.start = between(1.0, 4.0)


async def perform(port: int, *, browser: bool = True) -> None:
    """
    Play until cancelled.

    Args:
        port: where the page shall be; if it is taken, the next free one.
        browser: open it.

    Raises:
        CannotPlay: no port is free, or something did not come up.

    """
    neighbours = look_around()
    if neighbours.swept:
        tell.say("Removed what a killed demo had left behind.")
    for address in neighbours.running:
        tell.say(f"Another demo is running at {address}; this one has a state of its own.")
    with own_folder() as folder:
        async with stage(folder, _free_port(port)) as here:
            url = here.page.url(cast.ANN)
            folder.tell_address(url)
            tell.invite(url, folder.kubeconfig)
            if browser:
                await asyncio.to_thread(tell.open_browser, url)
            await asyncio.Event().wait()


@dataclass(frozen=True)
class Stage:
    """All that plays a part."""

    slack: LocalSlack
    cluster: LocalCluster
    page: Page
    actor: Actor
    pods: Pods


@asynccontextmanager
async def stage(folder: Folder, port: int) -> AsyncIterator[Stage]:
    """
    Set everything up, in the order in which one thing needs the other.

    Raises:
        CannotPlay: something did not come up.
        OSError: the port is taken.

    """
    async with AsyncExitStack() as stack:
        pods, verdicts = Pods(), Verdicts()
        with tell.step("a local cluster"):
            cluster = await stack.enter_async_context(LocalCluster())
            controllers = await stack.enter_async_context(
                Controllers(cluster.store, pods_start=pods)
            )
            cluster.kubeconfig("admin", folder.kubeconfig_of_the_bot)
            cluster.kubeconfig("admin", folder.kubeconfig, for_kubectl=True)
        with tell.step("a local Slack"):
            slack = LocalSlack(port=port, limits=True)
            cast.invite(slack)
            folder.configuration.write_text(yaml.safe_dump(cast.configuration()))
            verdicts.add_to(slack.web)
            actor = Actor(folder, slack)
            panel = Panel(slack, cluster, controllers, verdicts, actor)
            page = Page(slack, panel, verbs=_VERBS, roles=cast.ROLES)
            await stack.enter_async_context(slack)
            stack.push_async_callback(actor.leave)  # before Slack is gone
        with tell.step("three rollouts"):
            await _deploy(cluster.store, f"{slack.url}measure")
        with tell.step("the bot"):
            await actor.start()
        with tell.step("their releases: one waits, one moves, one drifts"):
            await _release(cluster.store, slack)
        pods.take_their_time()
        yield Stage(slack, cluster, page, actor, pods)


async def _deploy(store: Store, measure: str) -> None:
    for part in cast.PARTS:
        if store.find(kinds.NAMESPACES, "", part.namespace) is None:
            programs.create(store, kinds.NAMESPACES, {"metadata": {"name": part.namespace}}, _GIT)
        for manifest in cast.manifests(part, measure):
            metadata = manifest["metadata"]
            kind = _BY_KIND[manifest["kind"]]
            if store.find(kind, metadata["namespace"], metadata["name"]) is None:
                programs.create(store, kind, manifest, _GIT)
    for part in cast.PARTS:
        await _until(store, part, lambda rollout: at(rollout, "status", "phase") == "Healthy")


async def _release(store: Store, slack: LocalSlack) -> None:
    """Begin the releases; the one that waits is told last, so that people see it first."""
    for part, channel, words in (
        (cast.SEARCH, cast.RELEASES, "shop/search"),
        (cast.INVOICES, cast.PAYMENTS, "waits at 25 %"),
        (cast.CHECKOUT, cast.RELEASES, "Waiting for you"),
    ):
        change = partial(merged, change=cast.image_patch(part, part.tags[1]))
        store.update(kinds.ROLLOUTS, part.namespace, part.name, change, _GIT)
        told = partial(slack.channel(channel).find, words)
        await slack.until(told, f"{words} in {channel}", timeout=_PATIENCE)
        for ingress, weight in part.edited.items():
            deeds.write_weight(store, part.namespace, part.name, ingress, weight)


async def _until(store: Store, part: cast.Part, holds: Callable[[Manifest], bool]) -> None:
    """Wait until a rollout is as wanted. Raises CannotPlay."""
    try:
        async with asyncio.timeout(_PATIENCE):
            while not holds(store.get(kinds.ROLLOUTS, part.namespace, part.name)):
                await store.shelf(kinds.ROLLOUTS).bell.wait()
    except TimeoutError:
        now = store.get(kinds.ROLLOUTS, part.namespace, part.name).get("status", {})
        raise CannotPlay(
            f"{part.namespace}/{part.name} did not come up in {_PATIENCE:.0f} s: "
            f"{now.get('phase')}, {now.get('message')}"
        ) from None


def _free_port(wanted: int) -> int:
    """Give the wanted port, or the next free one. Raises CannotPlay."""
    if not 0 <= wanted <= _LAST_PORT:
        raise CannotPlay(f"There is no port {wanted}: they go from 0 to {_LAST_PORT}.")
    last = min(wanted + _PORTS - 1, _LAST_PORT)
    for port in range(wanted, last + 1):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((_HOST, port))
            except OSError:
                continue
        if port != wanted:
            tell.say(f"Port {wanted} is taken; using {port}.")
        return port
    raise CannotPlay(f"The ports {wanted} to {last} are all taken. Choose one with --port.")
