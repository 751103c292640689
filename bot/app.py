"""
The only wiring: puts the rooms together and keeps them running.

    environment, file ─▶ health ─▶ database ─▶ Slack ─▶ cluster ─▶ flows ─▶ leading ─▶ timetable
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
from bot.leading import LeadersChat, Leading, Standing, standing
from bot.messages.seal import Seal
from bot.recovery import recovery
from bot.reloading import Reloading, Rooms
from bot.slack.app import Settings as SlackSettings
from bot.slack.app import SlackApp
from bot.slack.calls import Calls
from bot.slack.connection import open_calls
from bot.slack.credentials import Denied, who_am_i
from bot.slack.fence import Fenced
from bot.slack.outbox import Outbox
from bot.store import Database, SqlBulletin, SqlLedger, only_one, open_for_long, seal_key
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
        following: leads or stands by; ends only when the bot cannot go on.

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
    metrics, ready = Metrics(), dict.fromkeys(("cluster", "slack", "database", "lease"), _not_yet)
    farewell = Farewell()
    async with AsyncExitStack() as stack:
        health = Health({name: partial(_ask, ready, name) for name in ready})
        listen = (config.health.listen.host, config.health.listen.port)
        address = await stack.enter_async_context(serve(listen, health, metrics))
        stack.enter_context(only_one(database_url))
        database = await open_for_long(database_url)
        stack.push_async_callback(farewell.step("The database", database.close))
        ready["database"] = lambda: database.is_well
        calls = await _open_slack(secrets, metrics, stack)
        channels = await meaning.channel_ids(config, calls)
        cluster = await open_cluster(config, stack)
        who = await standing(cluster, config.kubernetes.lease, database)
        stack.push_async_callback(farewell.step("The roll", who.leave))
        bulletin = SqlBulletin(database, now)
        journal = Journal(SqlLedger(database), who.shared_name)
        outbox = Outbox(Fenced(calls, lambda: who.leadership.room), bulletin)
        chat, seal = LeadersChat(outbox, who.leadership), await _seal(secrets, database)
        settings = meaning.settings(config, channels)
        board = Board(chat, bulletin, seal, settings, now, cluster.may_act)
        follow = _following(board, cluster, journal, metrics, who)
        flows = _flows(follow, metrics, who, config.slack.command)
        promises = Promises(bulletin, journal, who.peers)
        given = meaning.slack_settings(config, secrets)
        slack = _slack_app(given, calls, board, flows, metrics, promises)
        timetable = Timetable(
            flows.patrol, metrics.job, config.drift.every, config.digests(channels)
        )
        _count(metrics, health, outbox, board, cluster, who)
        await stack.enter_async_context(cluster.mirrored())
        ready["cluster"] = lambda: flows.follow.listed.is_set() and not cluster.unreachable_since
        ready["lease"] = lambda: who.is_heard
        memory = recovery(follow, calls, database)
        leading = Leading(who, cluster, follow, outbox, slack, timetable, memory)
        following = await stack.enter_async_context(leading.until_the_end(farewell))
        await slack.start()
        ready["slack"] = lambda: slack.is_connected
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
    settings: SlackSettings,
    calls: Calls,
    board: Board,
    flows: Flows,
    metrics: Metrics,
    promises: Promises,
) -> SlackApp:
    return SlackApp(
        settings,
        calls=calls,
        seal=board.seal,
        bulletin=board.bulletin,
        operate=flows.operate,
        answer=flows.answer,
        owed=promises.broken,
        owner=promises.peers.me,
        on_ack=metrics.acknowledged,
    )


def _count(
    metrics: Metrics,
    health: Health,
    outbox: Outbox,
    board: Board,
    cluster: KubernetesCluster,
    who: Standing,
) -> None:
    """Tell those who ask where the numbers stand, and who leads."""
    metrics.outbox(lambda: outbox.depth, lambda: outbox.age)
    metrics.lost(lambda: outbox.lost, lambda: board.telling.from_memory)
    metrics.watch(lambda: _lag(cluster), lambda: _events(cluster))
    health.leads = lambda: who.leadership.leads
    metrics.leads(health.leads)


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


def _following(
    board: Board, cluster: KubernetesCluster, journal: Journal, metrics: Metrics, who: Standing
) -> Follow:
    """Make what follows the rollouts, with what only the leader does."""
    settings, leads = board.settings, partial(_leads, who)
    stories = Stories(journal, Owners(cluster, now), recall=board.bulletin.recall)
    tidying = Tidying(journal, cluster, now, settings.cluster, settings.writes, leads)
    settling = Settling(
        journal, board, cluster, now, tidying, metrics.action, is_gone=who.peers.is_gone
    )
    return Follow(cluster, board, journal, stories, settling, now, leads)


def _leads(who: Standing) -> bool:
    return who.leadership.leads


def _flows(follow: Follow, metrics: Metrics, who: Standing, command: str) -> Flows:
    cluster, board = follow.cluster, follow.board
    journal, stories = follow.journal, follow.stories
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
        leads=follow.leads,
        look_at=follow.look_at,
    )
    releases = Operate(
        cluster,
        board,
        journal,
        stories,
        now,
        follow.refresh,
        metrics.action,
        is_present=lambda: who.peers.is_present,
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
