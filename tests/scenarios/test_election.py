"""One of several replicas leads, with the rights of the bot's own charts, on a real Lease."""

import asyncio
from contextlib import AsyncExitStack, suppress

import pytest_asyncio

from bot.cluster.configuration import load_configuration
from bot.cluster.connect import Connection
from bot.cluster.lease import Elector
from bot.flows.leadership import Term
from tests.cluster.bed.api import ApiError
from tests.cluster.bed.users import HOME_NAMESPACE

TERM = Term.of(3.0)


@pytest_asyncio.fixture(loop_scope="session", params=["rollout-bot", "rollout-bot-reader"])
async def ballot(bed, request, monkeypatch):
    """Make electors by the Lease that an account's Role names; each has a connection of its own."""
    account = request.param
    monkeypatch.setenv("KUBECONFIG", str(bed.kubeconfig(account)))
    async with bed.api() as admin:
        with suppress(ApiError):  # there is none yet
            await admin.delete("leases", account, HOME_NAMESPACE)
    async with AsyncExitStack() as stack:

        async def stands(identity: str, name: str = account) -> Elector:
            connection = await stack.enter_async_context(Connection(load_configuration))
            return Elector(connection, HOME_NAMESPACE, name, identity, TERM)

        yield stands


async def test_election_renewal_and_take_over(ballot):
    one, two = await ballot("one"), await ballot("two")
    await asyncio.gather(one.turn(), two.turn())
    assert one.leads != two.leads
    leader, other = (one, two) if one.leads else (two, one)

    for _ in range(3):
        await leader.turn()
        await other.turn()
    assert leader.leads
    assert not other.leads

    waiting = asyncio.create_task(other.run())
    await leader.fall()  # nobody renews it any more
    await asyncio.wait_for(other.rise(), TERM.lease + 5)
    assert not leader.leads
    await leader.turn()
    assert not leader.leads
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)


async def test_what_is_given_back_is_taken_at_once(ballot):
    one, two = await ballot("one"), await ballot("two")
    await one.turn()
    await two.turn()
    await one.resign()
    await two.turn()
    assert (one.leads, two.leads) == (False, True)


async def test_no_other_lease_may_be_touched(ballot):
    stranger = await ballot("one", "kube-controller-manager")
    await stranger.turn()
    assert not stranger.leads
    assert not stranger.is_heard
