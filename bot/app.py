"""
The only wiring: puts the rooms together and keeps them running.

    environment, file ─▶ database ─▶ cluster ─▶ Slack ─▶ flows ─▶ schedule ─▶ health
"""

import asyncio
import hmac
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from bot import meaning
from bot.cluster import refusals as cluster_refusals
from bot.cluster.connect import Connection
from bot.cluster.rollouts import KubernetesCluster
from bot.config import Config, Secrets, Sources
from bot.farewell import Farewell
from bot.flows.answer import Answer
from bot.flows.board import Board
from bot.flows.follow import Follow
from bot.flows.journal import Journal
from bot.flows.muting import Muting, Reception
from bot.flows.operate import Operate
from bot.flows.owners import Owners
from bot.flows.patrol import Patrol
from bot.flows.promises import Promises
from bot.flows.settling import Settling
from bot.flows.stories import Stories
from bot.flows.tidying import Tidying
from bot.health import Health, Metrics, serve
from bot.messages.seal import Seal
from bot.reloading import Reloading, Rooms
from bot.slack.app import Settings as SlackSettings
from bot.slack.app import SlackApp
from bot.slack.calls import Calls
from bot.slack.connection import open_calls
from bot.slack.credentials import Denied, who_am_i
from bot.slack.outbox import Outbox
from bot.store import Database, SqlBulletin, SqlLedger, open_for_long, seal_key
from bot.timetable import Timetable

#: Slack or the cluster does not take our credentials, or there are none
NOT_ACCEPTED = (cluster_refusals.Denied, cluster_refusals.Misconfigured, Denied)


def now() -> datetime:
    """Tell the time, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Flows:
    """All flows of the running bot."""

    follow: Follow
    operate: Reception
    answer: Answer
    patrol: Patrol


@dataclass(frozen=True)
class Application:
    """
    The running bot.

    Attributes:
        address: where health is served.
        following: ends only when the bot cannot go on.

    """

    slack: SlackApp
    outbox: Outbox
    flows: Flows
    cluster: KubernetesCluster
    journal: Journal
    address: tuple[str, int]
    following: asyncio.Task[None]
    reloading: Reloading

    async def ended(self) -> None:
        """Wait until the bot cannot go on. Whoever stops waiting does not end it by that."""
        await asyncio.shield(self.following)


@asynccontextmanager
async def running(
    config: Config, secrets: Secrets, database_url: str, sources: Sources | None = None
) -> AsyncIterator[Application]:
    """
    Run the bot while the context is open.

    Args:
        config, secrets: with which it starts.
        sources: where they came from: what changes there takes effect.

    Raises:
        Unusable: the database cannot be used.
        Misconfigured, cluster.Denied: the cluster's configuration, or our credentials there.
        slack.Denied: a token.
        ConfigError: a channel that does not exist.
        OSError: an address cannot be listened on.

    """
    metrics, ready = Metrics(), dict.fromkeys(("cluster", "slack", "database"), _not_yet)
    farewell = Farewell()
    async with AsyncExitStack() as stack:
        health = Health({name: partial(_ask, ready, name) for name in ready})
        listen = (config.health.listen.host, config.health.listen.port)
        address = await stack.enter_async_context(serve(listen, health, metrics))
        database = await open_for_long(database_url)
        stack.push_async_callback(farewell.step("The database", database.close))
        ready["database"] = lambda: database.is_well
        calls = await _open_slack(secrets, metrics, stack)
        channels = await meaning.channel_ids(config, calls)
        cluster = await open_cluster(config, stack)
        bulletin, journal = SqlBulletin(database, now), Journal(SqlLedger(database))
        outbox, seal = Outbox(calls, bulletin), await _seal(secrets, database)
        board = Board(
            outbox, bulletin, seal, meaning.settings(config, channels), now, cluster.may_act
        )
        flows = _flows(board, cluster, journal, metrics, config.slack.command)
        slack = _slack_app(meaning.slack_settings(config, secrets), calls, board, flows, metrics)
        _count(metrics, outbox, board, cluster)
        outbox.start()
        stack.push_async_callback(lambda: outbox.drain(farewell.left()))
        following = _keep(flows.follow, stack, farewell)
        ready["cluster"] = lambda: flows.follow.listed.is_set() and not cluster.unreachable_since
        stack.push_async_callback(farewell.step("What people asked for", slack.stop))
        await slack.start()
        ready["slack"] = lambda: slack.is_connected
        timetable = Timetable(
            flows.patrol, metrics.job, config.drift.every, config.digests(channels)
        )
        await stack.enter_async_context(timetable.running())
        rooms = Rooms(calls, slack, outbox, board, flows.follow, cluster, timetable)
        reloading = Reloading(config, channels, secrets, rooms, metrics.config)
        if sources:
            await stack.enter_async_context(reloading.running(sources))
        yield Application(slack, outbox, flows, cluster, journal, address, following, reloading)


async def _open_slack(secrets: Secrets, metrics: Metrics, stack: AsyncExitStack) -> Calls:
    """Open the way to Slack."""
    token = secrets.bot_token.get_secret_value()
    calls = open_calls(token, secrets.api_url, on_call=metrics.slack_call)
    stack.push_async_callback(calls.close)
    await who_am_i(calls)
    return calls


def _slack_app(
    settings: SlackSettings, calls: Calls, board: Board, flows: Flows, metrics: Metrics
) -> SlackApp:
    promises = Promises(board.bulletin, flows.patrol.journal)
    return SlackApp(
        settings,
        calls=calls,
        seal=board.seal,
        bulletin=board.bulletin,
        operate=flows.operate,
        answer=flows.answer,
        owed=promises.broken,
        on_ack=metrics.acknowledged,
    )


def _count(metrics: Metrics, outbox: Outbox, board: Board, cluster: KubernetesCluster) -> None:
    """Tell the metrics where their numbers stand."""
    metrics.outbox(lambda: outbox.depth, lambda: outbox.age)
    metrics.lost(lambda: outbox.lost, lambda: board.telling.from_memory)
    metrics.watch(lambda: _lag(cluster), lambda: _events(cluster))
    metrics.leads(is_leader=True)


def _not_yet() -> bool:
    return False


def _ask(ready: Mapping[str, Callable[[], bool]], name: str) -> bool:
    return ready[name]()


async def open_cluster(config: Config, stack: AsyncExitStack) -> KubernetesCluster:
    """Connect to the cluster that the environment names. Raises Misconfigured, Denied."""
    connection = await stack.enter_async_context(Connection())
    spec = config.kubernetes
    cluster = KubernetesCluster(
        connection,
        name=spec.cluster,
        namespaces=spec.namespaces,
        selector=spec.selector,
        writes=spec.writes,
    )
    await cluster.ensure_accepted()
    return cluster


def _flows(
    board: Board, cluster: KubernetesCluster, journal: Journal, metrics: Metrics, command: str
) -> Flows:
    settings = board.settings
    stories = Stories(journal, Owners(cluster, now))
    tidying = Tidying(journal, cluster, now, name=settings.cluster, writes=settings.writes)
    settling = Settling(journal, board, cluster, now, tidying, on_outcome=metrics.action)
    follow = Follow(cluster, board, journal, stories, settling, now)
    patrol = Patrol(
        cluster,
        board,
        journal,
        stories,
        now,
        on_findings=metrics.findings,
        listed=follow.listed,
        refresh=follow.refresh,
        command=command,
    )
    releases = Operate(
        cluster, board, journal, stories, now, follow.refresh, on_outcome=metrics.action
    )
    muting = Muting(
        cluster, board, journal, board.watchlist, patrol.herald, now, on_outcome=metrics.action
    )
    answer = Answer(cluster, board, journal, stories, patrol, now, command)
    return Flows(follow, Reception(releases, muting), answer, patrol)


async def _seal(secrets: Secrets, database: Database) -> Seal:
    """
    Make the seal: its key is made of the token of the first start, and kept.

    So buttons outlive another token; and, with the same token, a database that is lost.
    """
    token = secrets.bot_token.get_secret_value().encode()
    made = hmac.digest(token, b"rollout-bot: buttons", "sha256")
    kept = await seal_key(database, made)
    return Seal(kept, made)


def _keep(follow: Follow, stack: AsyncExitStack, farewell: Farewell) -> asyncio.Task[None]:
    """Follow in a task of its own, until the end."""
    task = asyncio.create_task(follow.run(), name="follow")

    async def end() -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    stack.push_async_callback(farewell.step("Following", end))
    return task


def _lag(cluster: KubernetesCluster) -> dict[str, float]:
    moment = asyncio.get_running_loop().time()
    heard = {w.kind.plural: w.last_heard for w in cluster.watches}
    return {kind: moment - at for kind, at in heard.items() if at is not None}


def _events(cluster: KubernetesCluster) -> dict[str, float]:
    counted: dict[str, float] = {}
    for watch in cluster.watches:
        name = watch.kind.plural
        counted[name] = counted.get(name, 0) + watch.counters.events
    return counted
