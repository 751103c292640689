"""
One of several replicas leads, whatever the API server, the clocks and the Lease do.

Two electors on one clock that stands until it is moved, and the Lease in the local cluster. What
tests/faults does to the leader, without the processes.
"""

import asyncio
import json
import logging
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from bot.cluster.connect import Connection
from bot.cluster.lease import Elector
from bot.flows.leadership import Term
from bot.sandbox.cluster import kinds
from bot.sandbox.cluster.managed import Writer
from bot.sandbox.cluster.server import LocalCluster

TERM = Term()
SOMEBODY = Writer(manager="kubectl")
PATH = "/apis/coordination.k8s.io/v1/namespaces/default/leases"


class Clock:
    """Stands until it is moved."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def move(self, seconds: float) -> None:
        self.seconds += seconds


class Ballot:
    """Electors of one Lease."""

    def __init__(self, cluster: LocalCluster, connection: Connection) -> None:
        self.cluster, self.connection, self.clock = cluster, connection, Clock()

    def stands(self, identity: str, **more) -> Elector:
        """One more that stands for election."""
        given = {"namespace": "default", "name": "bot", "clock": self.clock, **more}
        return Elector(self.connection, identity=identity, **given)

    @property
    def lease(self) -> dict:
        """The Lease as it stands."""
        return self.cluster.store.get(kinds.LEASES, "default", "bot")

    @property
    def holder(self) -> str:
        """Who stands in it."""
        return self.lease["spec"].get("holderIdentity", "")

    def edit(self, **spec) -> None:
        """Somebody edits it by hand."""
        change = lambda one: {**one, "spec": {**one["spec"], **spec}}  # noqa: E731
        self.cluster.store.update(kinds.LEASES, "default", "bot", change, SOMEBODY)

    def answer(self, status: int, *, times: int = 1, verb: str = "", after: float = 0) -> None:
        """Let the server answer that to the next requests, or those of one verb, so much later."""

        async def fault(request: web.BaseRequest) -> web.StreamResponse | None:
            self.clock.move(after)
            if verb and request.method != verb:
                self.cluster.faults.insert(0, fault)
                return None
            return web.json_response({"kind": "Status", "message": "so it is"}, status=status)

        self.cluster.faults += [fault] * times


@pytest.fixture
async def ballot(tmp_path, monkeypatch):
    async with AsyncExitStack() as stack:
        cluster = await stack.enter_async_context(LocalCluster())
        file = cluster.kubeconfig("admin", tmp_path / "kubeconfig")
        monkeypatch.setenv("KUBECONFIG", str(file))
        connection = await stack.enter_async_context(Connection())
        yield Ballot(cluster, connection)


async def elected(ballot: Ballot) -> tuple[Elector, Elector]:
    """The first of two leads, and the other has seen it."""
    one, two = ballot.stands("one"), ballot.stands("two")
    await one.turn()
    await two.turn()
    assert one.leads
    assert not two.leads
    return one, two


# --- election -------------------------------------------------------------------------------------


async def test_the_first_makes_the_lease_and_leads(ballot):
    one = ballot.stands("one", now=lambda: datetime(2026, 3, 1, 9, tzinfo=UTC))
    await one.turn()

    assert one.leads
    assert ballot.lease["spec"] == {
        "holderIdentity": "one",
        "leaseDurationSeconds": 15,
        "acquireTime": "2026-03-01T09:00:00.000000Z",
        "renewTime": "2026-03-01T09:00:00.000000Z",
        "leaseTransitions": 0,
    }


async def test_of_two_that_make_the_lease_at_once_one_leads(ballot):
    for _ in range(20):
        electors = [ballot.stands("one"), ballot.stands("two")]
        await asyncio.gather(*(elector.turn() for elector in electors))
        assert [e.identity for e in electors if e.leads] == [ballot.holder]
        ballot.cluster.store.delete(kinds.LEASES, "default", "bot")


async def test_of_two_that_take_a_lease_that_is_over_one_leads(ballot):
    await ballot.stands("gone").turn()
    for _ in range(20):
        electors = [ballot.stands("one"), ballot.stands("two")]
        for elector in electors:
            await elector.turn()
        ballot.clock.move(TERM.lease)
        await asyncio.gather(*(elector.turn() for elector in electors))
        assert [e.identity for e in electors if e.leads] == [ballot.holder]


async def test_who_renews_leads_on(ballot):
    one, two = await elected(ballot)
    for _ in range(50):
        ballot.clock.move(TERM.retry)
        await one.turn()
        await two.turn()
        assert one.leads
        assert not two.leads
    assert ballot.lease["spec"]["leaseTransitions"] == 0


async def test_what_is_asked_again_and_again_keeps_no_connection_open(ballot):
    """A connection that lay idle may be dead, and an election cannot wait for it."""
    ports: list[int] = []

    async def listen(request: web.BaseRequest) -> None:
        ports.append(request.transport.get_extra_info("peername")[1])
        ballot.cluster.faults.append(listen)

    ballot.cluster.faults.append(listen)
    one, two = await elected(ballot)
    for _ in range(4):
        await one.turn()
        await two.turn()

    assert len(ports) == len(set(ports)) > 12


async def test_a_lease_that_is_not_renewed_is_taken_when_it_is_over_and_not_before(ballot):
    one, two = await elected(ballot)
    ballot.clock.move(TERM.lease - 0.01)
    await two.turn()
    assert not two.leads

    ballot.clock.move(0.01)
    await two.turn()
    assert two.leads
    assert (ballot.holder, ballot.lease["spec"]["leaseTransitions"]) == ("two", 1)
    await one.turn()
    assert not one.leads


async def test_a_lease_that_is_given_back_is_taken_at_once(ballot):
    one, two = await elected(ballot)
    await one.resign()
    assert not one.leads
    assert ballot.holder == ""

    await two.turn()
    assert two.leads


async def test_only_what_is_ours_is_given_back(ballot):
    one, two = await elected(ballot)
    ballot.clock.move(TERM.lease)
    await two.turn()
    await one.resign()
    await two.resign()
    await ballot.stands("three").turn()
    await two.resign()
    assert ballot.holder == "three"


async def test_the_same_name_after_a_restart_is_somebody_else(ballot):
    """An identity is of a process: the one before may still have a call under way."""
    await ballot.stands("pod_1").turn()
    again = ballot.stands("pod_2")
    await again.turn()
    assert not again.leads


async def test_who_waits_hears_that_it_leads_and_that_it_does_not(ballot):
    term = Term.of(1.0)
    one = ballot.stands("one", term=term, clock=asyncio.get_running_loop().time)
    rise = asyncio.create_task(one.rise())
    await asyncio.sleep(0)
    assert not rise.done()
    await one.turn()
    await rise
    began = asyncio.get_running_loop().time()
    await one.fall()  # nobody renews
    assert asyncio.get_running_loop().time() - began <= term.deadline + 0.3


# --- no two at once -------------------------------------------------------------------------------


@pytest.mark.parametrize("lease", [5.0, 15.0, 60.0])
def test_what_a_leader_begins_ends_before_anybody_else_can_lead(lease):
    """See `Term`: the last call begins before the deadline, and takes so long at most."""
    term = Term.of(lease)
    assert term.deadline + term.call < term.lease
    assert (term.lease - term.deadline - term.call) / term.lease > 0.05  # clocks that differ by 5 %


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"deadline": 12.0}, id="a-call-outlasts-the-lease"),
        pytest.param({"call": 6.0}, id="exactly-as-long"),
        pytest.param({"retry": 9.0}, id="renewed-too-seldom"),
        pytest.param({"retry": 0.0}, id="without-a-pause"),
    ],
)
def test_a_term_that_proves_nothing_is_refused(wrong):
    with pytest.raises(ValueError, match="must hold"):
        Term(**wrong)


async def test_a_leader_that_is_not_heard_stops_before_the_lease_is_over(ballot):
    """The API server answers nobody: at every moment at most one leads, and has room to post."""
    one, two = await elected(ballot)
    ballot.answer(503, times=1000)
    for _ in range(40):
        ballot.clock.move(0.5)
        await one.turn()
        await two.turn()
        assert not two.leads
    assert not one.leads
    assert one.room == 0


async def test_the_last_call_of_the_old_leader_is_over_when_the_next_one_leads(ballot):
    """Moment by moment: what begins at the last moment has ended before the other may begin."""
    one, two = await elected(ballot)
    under_way_until = 0.0
    for _ in range(1000):
        ballot.clock.move(0.05)
        if one.leads:
            under_way_until = ballot.clock() + one.room
        await two.turn()
        if two.leads:
            break
    assert two.leads
    assert 0 < under_way_until < ballot.clock()


async def test_the_lease_counts_from_the_beginning_of_its_renewal(ballot):
    """An answer that took long does not make it longer: the server wrote it at the beginning."""
    one = ballot.stands("one")

    async def slow(_: web.BaseRequest) -> None:
        ballot.clock.move(8.0)

    ballot.cluster.faults.append(slow)
    await one.turn()
    assert one.seconds_left == pytest.approx(TERM.deadline - 8.0)


async def test_a_server_that_hangs_for_longer_than_the_lease_ends_leadership(ballot):
    """Nothing is answered at all, in real time; no call of the elector outlasts the deadline."""
    term, clock = Term.of(0.9), asyncio.get_running_loop().time
    one = ballot.stands("one", term=term, clock=clock)
    await one.turn()
    since, hung = clock(), asyncio.Event()

    async def hang(_: web.BaseRequest) -> None:
        await hung.wait()

    ballot.cluster.faults += [hang] * 100
    running = asyncio.create_task(one.run())
    await one.fall()
    assert clock() - since < term.lease
    running.cancel()
    hung.set()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_process_that_was_stopped_does_not_lead_when_it_wakes_up(ballot):
    """Before it has done or asked anything."""
    one, _ = await elected(ballot)
    ballot.clock.move(30.0)
    assert not one.leads
    assert one.room == 0


async def test_one_lost_renewal_costs_nothing(ballot):
    one, _ = await elected(ballot)
    ballot.clock.move(TERM.retry)
    ballot.answer(503, after=TERM.deadline / 3)
    await one.turn()
    assert one.leads
    ballot.clock.move(TERM.retry)
    await one.turn()
    assert one.seconds_left > 0


@pytest.mark.parametrize("hours", [-1, 1])
async def test_the_time_of_day_of_a_machine_does_not_matter(ballot, hours):
    """It is written for people; the leader's jumps, and the other's is wrong from the start."""
    wall = [datetime(2026, 3, 1, 9, tzinfo=UTC)]
    one = ballot.stands("one", now=lambda: wall[0])
    two = ballot.stands("two", now=lambda: wall[0] + timedelta(hours=5 * hours))
    await one.turn()
    for number in range(20):
        ballot.clock.move(TERM.retry)
        wall[0] += timedelta(hours=hours if number % 4 == 0 else 0)
        await one.turn()
        await two.turn()
        assert one.leads
        assert not two.leads
    ballot.clock.move(TERM.lease)
    await two.turn()
    assert two.leads


# --- what the Lease and the server do -------------------------------------------------------------


async def test_a_storm_of_conflicts_ends_leadership_at_the_deadline_and_not_before(ballot):
    one, two = await elected(ballot)
    ballot.answer(409, times=1000, verb="PUT")
    while one.leads:
        ballot.clock.move(0.5)
        await one.turn()
        assert not two.leads
    assert ballot.clock() - 1000.0 == pytest.approx(TERM.deadline)
    ballot.cluster.faults.clear()
    await one.turn()
    assert one.leads


async def test_two_in_a_storm_of_conflicts_never_lead_together(ballot):
    one, two = await elected(ballot)
    ballot.answer(409, times=1000, verb="PUT")
    for moment in range(120):
        if moment == 80:
            ballot.cluster.faults.clear()
        ballot.clock.move(0.5)
        await asyncio.gather(one.turn(), two.turn())
        assert not (one.leads and two.leads)
    assert one.leads != two.leads


async def test_who_renews_more_slowly_than_the_deadline_does_not_lead_between(ballot):
    one, two = await elected(ballot)
    ballot.clock.move(TERM.deadline)
    assert not one.leads
    await one.turn()  # nobody has taken it
    assert one.leads
    await two.turn()
    assert not two.leads


async def test_a_lease_without_duration_lasts_as_long_as_ours(ballot):
    await elected(ballot)
    two = ballot.stands("two")
    ballot.edit(holderIdentity="a stranger", leaseDurationSeconds=None)
    await two.turn()
    ballot.clock.move(TERM.lease - 0.01)
    await two.turn()
    assert not two.leads
    ballot.clock.move(0.01)
    await two.turn()
    assert two.leads


async def test_a_lease_of_a_longer_term_is_waited_for(ballot):
    """While a new configuration is rolled out, terms differ."""
    old = ballot.stands("old", term=Term.of(60.0))
    await old.turn()
    new = ballot.stands("new")
    await new.turn()
    ballot.clock.move(59.0)
    await new.turn()
    assert not new.leads
    ballot.clock.move(1.0)
    await new.turn()
    assert new.leads


async def test_a_duration_that_nobody_can_have_meant_counts_as_ours(ballot):
    await elected(ballot)
    ballot.edit(holderIdentity="a stranger", leaseDurationSeconds=2_000_000_000)
    two = ballot.stands("two")
    await two.turn()
    ballot.clock.move(TERM.lease)
    await two.turn()
    assert two.leads


async def test_a_lease_that_somebody_made_by_hand_is_taken(ballot):
    """Without a spec, as `kubectl create` makes it."""
    lease = {"apiVersion": "coordination.k8s.io/v1", "kind": "Lease"}
    ballot.cluster.store.create(
        kinds.LEASES, lease | {"metadata": {"name": "bot", "namespace": "default"}}, SOMEBODY
    )
    one = ballot.stands("one")
    await one.turn()
    assert one.leads
    assert ballot.holder == "one"


async def test_who_edits_the_lease_does_not_end_leadership(ballot):
    """A label is no renewal by another, and no loss."""
    one, two = await elected(ballot)
    ballot.clock.move(TERM.retry)
    ballot.edit(renewTime=None)
    await one.turn()
    await two.turn()
    assert (one.leads, two.leads) == (True, False)


async def test_a_lease_that_vanishes_is_not_free_for_others(ballot):
    """Who held it still leads; and makes it anew."""
    one, two = await elected(ballot)
    ballot.cluster.store.delete(kinds.LEASES, "default", "bot")
    await two.turn()
    assert not two.leads
    ballot.clock.move(TERM.retry)
    await one.turn()
    assert one.leads
    ballot.cluster.store.delete(kinds.LEASES, "default", "bot")
    await two.turn()
    ballot.clock.move(TERM.lease)
    await two.turn()
    assert two.leads


@pytest.mark.parametrize(
    "junk",
    [
        pytest.param("<html>a proxy</html>", id="html"),
        pytest.param("[]", id="a-list"),
        pytest.param('{"spec": "none"}', id="a-spec-that-is-none"),
        pytest.param("null", id="nothing"),
        pytest.param('{"spec": {"leaseTransitions": "many"}, "metadata": {}}', id="words"),
        pytest.param('{"spec": {"holderIdentity": ["x"]}}', id="a-holder-that-is-none"),
    ],
)
async def test_what_is_no_lease_ends_nothing_and_is_said_once(ballot, junk, caplog):
    one, _ = await elected(ballot)

    async def answer(_: web.BaseRequest) -> web.Response:
        return web.Response(text=junk, content_type="application/json")

    ballot.cluster.faults += [answer] * 3
    for _ in range(3):
        await one.turn()
    assert one.leads
    assert sum(r.levelno == logging.ERROR for r in caplog.records) == 1
    assert not one.is_heard
    await one.turn()
    assert one.is_heard
    assert json.dumps(ballot.lease)


async def test_a_right_that_is_missing_is_named_once(ballot, caplog):
    one = ballot.stands("one")
    message = 'leases "bot" is forbidden: User "x" cannot get resource "leases" in API group'

    async def forbid(_: web.BaseRequest) -> web.Response:
        return web.json_response({"kind": "Status", "message": message}, status=403)

    ballot.cluster.faults += [forbid] * 3
    for _ in range(3):
        await one.turn()
    (error,) = [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR]
    assert error == (
        "I cannot hold the Lease default/bot, and who does not lead posts nothing: My account may "
        "not get leases in default. An administrator must grant that right."
    )
    assert not one.leads
