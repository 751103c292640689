"""Credentials and rights: what is renewed, what is asked, what is said."""

import asyncio
import ssl
from datetime import UTC, datetime

import aiohttp
import pytest
from aiohttp import web

from bot.cluster.connect import Connection
from bot.cluster.refusals import Ask, Denied, from_failure
from bot.cluster.rollouts import KubernetesCluster
from bot.release.errors import NotFound, Unreachable
from tests.clusterroom import faults
from tests.clusterroom.acting import PROMOTE, may
from tests.clusterroom.following import until
from tests.clusterroom.manifests import (
    a_rollout,
)


async def test_a_token_that_ran_out_is_read_anew(server, cluster, token):
    """Bound tokens live for minutes; nobody notices."""
    server.put("rollouts", a_rollout())
    server.tokens = {"Bearer first"}
    await cluster.get("shop", "checkout")
    server.asked.clear()
    token.write_text("second")
    server.tokens = {"Bearer second"}

    seen = await asyncio.gather(*(cluster.get("shop", "checkout") for _ in range(5)))

    assert {one.rollout.name for one in seen} == {"checkout"}
    refused = [a for a in server.asked if a.headers["Authorization"] == "Bearer first"]
    assert 1 <= len(refused) <= 5


async def test_a_patch_that_was_refused_so_is_sent_again(server, cluster, rollout, token):
    """401 means that it was not done."""
    token.write_text("second")
    server.tokens = {"Bearer second"}

    await cluster.apply(rollout, PROMOTE, may())

    assert [one.headers["Authorization"] for one in server.requests("patch")] == [
        "Bearer first",
        "Bearer second",
    ]


async def test_a_watch_goes_on_with_the_new_token(server, follower, cluster, token):
    await follower.until_listed()
    await until(lambda: server.watching["rollouts"], "watching")
    token.write_text("second")
    server.tokens = {"Bearer second"}
    server.end_watches("rollouts")
    server.put("rollouts", a_rollout())

    assert (await follower.one()).rollout.name == "checkout"


async def test_credentials_that_stay_refused_are_said_to_be(server, cluster):
    """So that the command line can end with 3."""
    server.tokens = {"Bearer other"}
    with pytest.raises(Denied, match="refuses my credentials"):
        await cluster.may("list", "rollouts")
    assert server.count("create", "selfsubjectaccessreviews") == 2


async def test_a_configuration_that_is_gone_when_needed_is_said_to_be(server, cluster, configured):
    server.tokens = {"Bearer other"}
    configured.unlink()
    with pytest.raises(Denied, match="new ones cannot be read"):
        await cluster.may("list", "rollouts")


async def test_what_is_under_way_is_not_cut_off_by_new_credentials(
    server, connection, follower, cluster, token
):
    """The old connection ends when its last watch does."""
    await follower.until_listed()
    await until(lambda: server.watching["rollouts"], "watching")
    session = connection._clients._reads.rest_client.pool_manager
    token.write_text("second")
    server.tokens = {"Bearer second"}
    with pytest.raises(NotFound):
        await cluster.get("shop", "checkout")
    server.put("rollouts", a_rollout())

    assert (await follower.one()).rollout.name == "checkout"
    assert server.watched["rollouts"] == 0
    assert not session.closed
    for kind in ("rollouts", "ingresses", "services", "replicasets"):
        server.end_watches(kind)
    await until(lambda: session.closed, "closed")


async def test_a_connection_that_was_never_opened_is_a_bug(configured):
    with pytest.raises(RuntimeError, match="not open"):
        await KubernetesCluster(Connection()).get("shop", "checkout")


async def test_who_starts_waits_for_a_server_that_is_away(server, cluster, clock, caplog):
    """With ever longer pauses, and one line in the log."""
    await server.stop()
    starting = asyncio.create_task(cluster.ensure_accepted())
    await until(lambda: len(clock.slept) >= 7, "tried for a while")
    assert not starting.done()
    await server.start()
    await starting

    assert clock.slept[:7] == [1, 2, 4, 8, 16, 30, 30]
    assert sum("wait for the cluster" in line for line in caplog.messages) == 1


async def test_who_starts_with_refused_credentials_does_not_wait(server, cluster, clock):
    """Waiting would not make them better."""
    server.tokens = {"Bearer other"}
    with pytest.raises(Denied, match="refuses my credentials"):
        await cluster.ensure_accepted()
    assert clock.slept == []


async def test_who_starts_without_any_credentials_is_told_so(server, cluster):
    """Where anonymous requests are let in, they may do nothing."""
    words = 'User "system:anonymous" cannot create resource "selfsubjectaccessreviews"'
    server.always("create", "selfsubjectaccessreviews", faults.says(403, words))
    with pytest.raises(Denied, match="no valid credentials"):
        await cluster.ensure_accepted()


async def test_an_account_that_may_not_ask_for_its_rights_is_known_all_the_same(server, cluster):
    forbidden = faults.forbids("create", "selfsubjectaccessreviews")
    server.always("create", "selfsubjectaccessreviews", forbidden)
    await cluster.ensure_accepted()


def rights(**allowed):
    """Grant rights: the subresource decides."""

    async def answer(request):
        asked = (await request.json())["spec"]["resourceAttributes"]
        may = allowed[asked["subresource"] or "rollouts"]
        return web.json_response({"status": {"allowed": may}})

    return answer


@pytest.mark.parametrize(
    ("granted", "expected"),
    [
        pytest.param({"rollouts": True, "status": True}, True, id="both"),
        pytest.param({"rollouts": True, "status": False}, False, id="only the spec"),
        pytest.param({"rollouts": False, "status": True}, False, id="only the status"),
        pytest.param({"rollouts": False, "status": False}, False, id="reads only"),
    ],
)
async def test_it_may_act_when_it_may_patch_both_parts(server, cluster, granted, expected):
    """Otherwise half of the buttons would fail."""
    server.always("create", "selfsubjectaccessreviews", rights(**granted))
    assert await cluster.may_act("shop") is expected


async def test_whether_it_may_act_is_remembered_for_five_minutes(server, cluster, clock):
    """Each card asks; a role that is changed counts soon enough."""
    kind = "selfsubjectaccessreviews"
    server.always("create", kind, rights(rollouts=True, status=True))
    assert [await cluster.may_act("shop") for _ in range(3)] == [True] * 3
    assert server.count("create", kind) == 2
    server.always("create", kind, rights(rollouts=False, status=False))
    assert await cluster.may_act("pay") is False
    assert await cluster.may_act("shop") is True

    clock.now += 301
    assert await cluster.may_act("shop") is False


async def test_while_the_server_is_away_its_last_word_counts(server, cluster, clock):
    """Without any, nobody knows."""
    server.always("create", "selfsubjectaccessreviews", rights(rollouts=True, status=True))
    await cluster.may_act("shop")
    clock.now += 301
    await server.stop()

    assert await cluster.may_act("shop") is True
    with pytest.raises(Unreachable):
        await cluster.may_act("pay")


async def test_who_is_set_to_read_only_may_not_act_whatever_the_role(server, connection):
    cluster = KubernetesCluster(connection, writes=False)
    assert await cluster.may_act("shop") is False
    assert server.asked == []


def test_a_server_with_a_strange_certificate_is_named_as_that():
    """Waiting will not help: somebody has to look at the configuration."""
    error = aiohttp.ClientConnectorCertificateError(
        None, ssl.SSLCertVerificationError("unknown CA")
    )
    ask = Ask(verb="get", resource="rollouts", namespace="shop", name="checkout")

    refusal = from_failure(error, ask, datetime(2026, 11, 24, 3, tzinfo=UTC))

    assert refusal.text == (
        "The cluster cannot be reached since 03:00:00 UTC. "
        "I do not trust its certificate: an administrator must look at my configuration."
    )
