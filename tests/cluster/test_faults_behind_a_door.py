"""
Faults before the real API server and the real controller: F3, F4, F12 and F14, once each.

The bot is a process of its own. A door stands between it and the API server and fails as it is
told; what was promised is judged from what passed the doors, and from a watch of our own.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from bot.sandbox.play.cast import Part
from tests.cluster.bed.api import read_yaml
from tests.cluster.bed.cluster import Bed
from tests.cluster.bed.kube import Kube
from tests.cluster.bed.seed import NAME, SEED
from tests.cluster.bed.users import HOME_NAMESPACE
from tests.faults import outages, trials
from tests.faults.cards import agrees
from tests.faults.checker import check
from tests.faults.crowd import Crowd
from tests.faults.doors import Failing
from tests.faults.history import History
from tests.faults.house import Behind, House, workspace
from tests.faults.report import explained
from tests.faults.violation import Violation
from tests.faults.witness import Witness
from tests.postgres import postgres

__all__ = ["postgres"]

_STEPS = [step for weight in range(10, 34, 2) for step in ({"setWeight": weight}, {"pause": {}})]
_LEASE = 6.0  #: seconds
_IMAGE = "tomozo-repo/tomozo:0.0.{}"


class Stage:
    """The seed's rollout on the real cluster, and a bot behind doors."""

    def __init__(self, house: House, kube: Kube, namespace: str) -> None:
        self.house, self.kube, self.namespace = house, kube, namespace
        self.part = Part(namespace=namespace, name=NAME, steps=_STEPS, tags=("1", "2"))
        self.images = 1

    @property
    def key(self) -> str:
        """The rollout."""
        return f"{self.namespace}/{NAME}"

    async def apply(self) -> None:
        """Make whatever is not there, at the first image, and wait until it is healthy."""
        for manifest in read_yaml(SEED):
            if manifest["kind"] == "Rollout":
                manifest["spec"]["strategy"]["canary"]["steps"] = _STEPS
                uid = self._uid()
            await self.kube.apply(manifest, self.namespace)
        await self.house.until(
            lambda: self._uid() != uid and self._state().phase == "Healthy", "healthy"
        )

    async def release(self) -> None:
        """Deploy the next image, and wait for its first pause."""
        self.images += 1
        before = self._state().revision
        await self.kube.set_image(self.namespace, NAME, _IMAGE.format(self.images))
        await self.pause(lambda state: state.revision != before)

    async def go_on(self) -> None:
        """Promote with kubectl, and wait for the next pause."""
        index = self._state().index
        await self.kube.plugin("promote", NAME, "-n", self.namespace)
        await self.pause(lambda state: state.index > index)

    async def make_again(self) -> None:
        """Delete the rollout, make it again, and bring it to the same step of the same image."""
        await self.kube.delete("rollouts", NAME, self.namespace)
        await self.house.until(lambda: self._state().gone, "deleted")
        image, self.images = self.images, 1
        await self.apply()
        self.images = image - 1
        await self.release()

    async def pause(self, holds) -> None:
        """Wait until it stands at a pause for which this holds."""
        await self.house.until(
            lambda: self._state().needs_person and holds(self._state()), "a pause", 60
        )

    async def card(self):
        """Wait until the card shows the present; a copy of it."""

        def is_shown() -> bool:
            card, state = self.house.card(self.part), self._state()
            if card is None or not state.needs_person:
                return False
            about = card.metadata["event_payload"]
            is_it = (about["uid"], about["revision"]) == (state.uid, state.revision)
            return is_it and agrees(card.text, state)

        await self.house.until(is_shown, "the card is true", 60)
        return self.house.card(self.part)

    async def verdict(self, more: list[Violation]) -> None:
        """Fail with everything that led to a violation, once nobody is owed anything."""
        await self.house.settled(60)
        self.house.close_books()
        found = [*check(self.house.history), *more]
        assert not found, explained(self.house.history, found)

    def _state(self):
        state = self.house.history.latest(self.key)
        assert state is not None
        return state

    def _uid(self) -> str:
        state = self.house.history.latest(self.key)
        return state.uid if state else ""


@asynccontextmanager
async def staged(
    bed: Bed, kube: Kube, namespace: str, folder: Path, *names: str, database: str = ""
) -> AsyncIterator[Stage]:
    """Give a release that waits at its first pause, and is told."""
    history, tls = History(), ssl.create_default_context(cafile=str(bed.ca_file))
    spec = {"cluster": "bed", "namespaces": [namespace]}
    if database:
        lease = {"namespace": HOME_NAMESPACE, "name": "rollout-bot", "duration": f"{_LEASE:.0f}s"}
        spec |= {"lease": lease}
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(workspace())
        place = {"namespace": namespace, "lease": f"{HOME_NAMESPACE}/rollout-bot"}
        token = bed.token("admin")
        await stack.enter_async_context(Witness(bed.api_url, token, history, tls, **place))
        house = House(folder, slack, history, Crowd(slack, history), database)
        behind = Behind(url=bed.api_url, kubeconfig=bed.kubeconfig("rollout-bot"), ssl=tls)
        for name in names:
            own = {"HOSTNAME": name} | ({"ROLLOUT_BOT_DATABASE_URL": database} if database else {})
            await house.add(name, behind, stack, configuration={"kubernetes": spec}, environ=own)
        stack.push_async_callback(house.close)
        one = Stage(house, kube, namespace)
        await one.apply()
        for replica in house.replicas.values():
            await replica.start()
            await house.ready(replica)
        await one.release()
        await one.card()
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def stage(bed: Bed, kube: Kube, namespace: str, tmp_path: Path) -> AsyncIterator[Stage]:
    """One replica."""
    async with staged(bed, kube, namespace, tmp_path, "bot") as one:
        yield one


@pytest.mark.timeout(300)
async def test_f3_the_api_server_is_away(stage: Stage):
    """Refused, 500s, silent, cut in mid-line: what happened meanwhile is told afterwards."""
    house, late = stage.house, []
    for kind, seconds in {
        "refused for a moment": 5.0,
        "500s": 3.0,
        "hangs": 7.0,
        "cut in mid-line": 0.0,
    }.items():
        began = house.history.note(kind)
        async with outages.RESTARTS[kind][0](house, seconds):
            await house.crowd.press("U0ANN", house.card(stage.part), "promote")
            await stage.go_on()
        healed = house.history.note("it is back")
        late += await outages.watched_again(house, healed)
        assert await trials.come_to_rest(house) < trials.TRUTH
        late += outages.hot(house.history, began)
    await stage.verdict(late)


@pytest.mark.timeout(300)
async def test_f4_the_version_is_too_old(stage: Stage):
    """410 in all four ways: one list for each, and what was missed is told."""
    house, odd = stage.house, []
    door = house.cluster_door
    for way in ("on connect", "in the stream", "twice in a row"):
        forget, lists = outages.FORGOTTEN[way]
        began = house.history.note(f"410 {way}")
        for stream in door.watches():
            stream.mute = True
        await stage.go_on()
        await forget(house)
        await house.until(lambda: door.is_watched(began), way, 60)  # noqa: B023 - awaited here
        await trials.come_to_rest(house)
        odd += outages.listed_otherwise(house.history, way, began, lists)
        door.heal()
        await stage.go_on()  # heard by the watch: the next 410 is not one more failure of it
        await stage.card()
    assert await trials.come_to_rest(house) < trials.TRUTH
    await stage.verdict(odd)


@pytest.mark.timeout(300)
async def test_f12_a_stale_button_does_nothing(stage: Stage):
    """Late by a step, a revision or a life, or overtaken on its way: refused, and told why."""
    house = stage.house
    for way in (stage.go_on, stage.release, stage.make_again):
        old = await stage.card()
        await way()
        sent = len(house.history.writes)
        await house.crowd.press("U0ANN", old, "promote")
        await _hears(house, "U0ANN", "Not done")
        assert not [w for w in house.history.writes[sent:] if w.is_action]
    for way in (stage.go_on, stage.release, stage.make_again):
        card = await stage.card()
        arrived, hold = asyncio.Event(), asyncio.Event()
        house.cluster_door.fail(
            Failing(
                where=lambda name, _: name.startswith("PATCH") and "/rollouts/" in name,
                hold=hold,
                on_arrival=arrived.set,
            )
        )
        pressing = asyncio.create_task(house.crowd.press("U0BEN", card, "promote"))
        await house.until(arrived.is_set, "a patch arrives")
        await way()
        hold.set()
        await pressing
        await _hears(house, "U0BEN", "Not done")
    await trials.come_to_rest(house)
    await stage.verdict([])


async def _hears(house: House, person: str, words: str) -> None:
    """Wait until each press of somebody was answered, and find these words in the last answer."""

    def heard() -> list[str]:
        return [a.text for a in house.crowd.answers() if a.person == person]

    count = sum(press.person == person for press in house.history.presses)
    await house.until(lambda: len(heard()) >= count, f"{person} hears of it")
    assert words in heard()[-1]


@pytest.mark.timeout(300)
async def test_f14_the_leader_loses_the_api_server(bed, kube, namespace, tmp_path, postgres):
    """Another replica takes over in time and tells; the one that was cut off posts nothing."""
    database = postgres.new_database()
    async with staged(bed, kube, namespace, tmp_path, "one", "two", database=database) as stage:
        house = stage.house
        leader = _leader(house)
        (other,) = set(house.replicas) - {leader}
        house.history.note(f"{leader} hears nothing of its API server")
        house.cluster_doors[leader].fall_silent()
        seconds = await house.until(lambda: _leader(house) == other, f"{other} leads", 60)
        assert seconds <= _LEASE + 5
        await stage.go_on()
        card = await stage.card()
        house.cluster_doors[leader].speak_again()
        await house.crowd.press("U0ANN", card, "promote")
        await _hears(house, "U0ANN", "Done")
        await trials.come_to_rest(house)
        await stage.verdict([])
        told = [call for call in house.history.calls if call.replica == other and call.done]
        assert any(call.method == "chat.update" for call in told)


def _leader(house: House) -> str:
    """Name the replica that holds the lease."""
    holder = house.history.holdings[-1].holder if house.history.holdings else ""
    return next((name for name in house.replicas if name in holder), "")
