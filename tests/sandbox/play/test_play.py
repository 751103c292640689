"""What the page shows of the cluster, and what its levers do: no bot, no browser."""

import json
from itertools import pairwise

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.sandbox.cluster import kinds
from bot.sandbox.cluster.control import Controllers
from bot.sandbox.cluster.errors import Refused
from bot.sandbox.cluster.managed import Writer
from bot.sandbox.cluster.objects import at, merged
from bot.sandbox.cluster.store import Store
from bot.sandbox.play import cast, deeds
from bot.sandbox.play.history import History
from bot.sandbox.play.truth import rollout_as_json
from bot.sandbox.play.verdicts import Verdicts
from tests.cluster.bed.waiting import holds_within

WRITER = Writer(manager="test")
BY_KIND = {kind.kind: kind for kind in kinds.BUILT_IN}


class Play:
    """One rollout of the cast on a store whose controllers run."""

    def __init__(self, store: Store, part: cast.Part) -> None:
        self.store, self.part, self.history = store, part, History(store)

    async def deploy(self, measure: str = "http://127.0.0.1:9") -> None:
        self.store.create(kinds.NAMESPACES, {"metadata": {"name": self.part.namespace}}, WRITER)
        for manifest in cast.manifests(self.part, measure):
            self.store.create(BY_KIND[manifest["kind"]], manifest, WRITER)
        await self.phase("Healthy")

    async def release(self) -> None:
        patch = cast.image_patch(self.part, self.part.tags[1])
        where = (self.part.namespace, self.part.name)
        self.store.update(kinds.ROLLOUTS, *where, lambda one: merged(one, patch), WRITER)

    @property
    def rollout(self):
        return self.store.get(kinds.ROLLOUTS, self.part.namespace, self.part.name)

    def shown(self):
        return rollout_as_json(self.store, self.rollout, self.history.of(self.rollout))

    async def phase(self, phase: str) -> None:
        await self.until(lambda: at(self.rollout, "status", "phase") == phase, phase)

    async def until(self, holds, what: str) -> None:
        async def looks():
            return holds()

        assert await holds_within(10, looks), f"never {what}: {self.rollout}"


@pytest.fixture
async def store():
    store = Store()
    async with Controllers(store):
        yield store


@pytest.fixture
async def checkout(store):
    play = Play(store, cast.CHECKOUT)
    await play.deploy()
    await play.release()
    await play.phase("Paused")
    return play


async def test_a_waiting_rollout_is_shown_with_all_that_belongs_to_it(checkout):
    shown = checkout.shown()

    assert (shown["namespace"], shown["name"], shown["phase"]) == ("shop", "checkout", "Paused")
    assert shown["weights"] == {"canary": 10, "stable": 90}
    assert shown["images"] == {"canary": "shop/checkout:1.5.0", "stable": "shop/checkout:1.4.2"}
    assert shown["steps"] == [
        {"text": "setWeight: 10", "state": "done"},
        {"text": "pause", "state": "now"},
    ]
    assert [pod["role"] for pod in shown["pods"]] == ["canary", *["stable"] * 4]
    assert all(pod["ready"] for pod in shown["pods"])
    assert {one["name"]: one["selects"] for one in shown["services"]} == {
        "checkout-stable": "stable",
        "checkout-canary": "canary",
    }
    (ingress,) = shown["ingresses"]
    assert (ingress["canary"], ingress["writer"]) == (10, "rollouts-controller")
    assert ingress["paths"][-1] == "/* → checkout-stable"
    assert json.loads(ingress["annotation"])["Type"] == "forward"


async def test_the_history_has_every_weight_once(checkout):
    history = checkout.shown()["history"]
    points = [(point["canary"], point["ingress"], point["step"]) for point in history]

    assert points[-1] == (10, 10, 1)
    assert all(one != other for one, other in pairwise(points))
    assert [point["at"] for point in history] == sorted(point["at"] for point in history)
    deeds.write_weight(checkout.store, "shop", "checkout", "checkout", 77)
    await checkout.until(
        lambda: (10, 77) in [(p["canary"], p["ingress"]) for p in checkout.shown()["history"]],
        "seen as different",
    )


async def test_a_hand_edit_names_its_writer_and_is_put_back(checkout):
    said = deeds.write_weight(checkout.store, "shop", "checkout", "checkout", 77)

    assert said == "Ingress checkout gives the canary 77 % now, written by kubectl-edit."
    assert checkout.shown()["ingresses"][0]["writer"] == "kubectl-edit"
    await checkout.until(lambda: checkout.shown()["ingresses"][0]["canary"] == 10, "put back")


async def test_a_hand_edit_is_put_back_unless_the_controller_is_away():
    store = Store()
    async with Controllers(store) as controllers:
        play = Play(store, cast.CHECKOUT)
        await play.deploy()
        await play.release()
        await play.phase("Paused")
        edit = (store, "shop", "checkout", "checkout", 77)
        deeds.write_weight(*edit)
        assert await deeds.is_put_back(*edit)

        await controllers.stop_argo()
        deeds.write_weight(*edit)
        assert not await deeds.is_put_back(*edit)


async def test_a_hand_edit_of_the_second_ingress_stays(store):
    play = Play(store, cast.INVOICES)
    await play.deploy()
    await play.release()
    await play.phase("Paused")

    deeds.write_weight(store, "pay", "invoices", "invoices-2", 60)
    deeds.set_image(store, "pay", "invoices", "2026.48")  # the controller looks at it again

    await play.until(lambda: play.shown()["revision"] == "3", "the third revision")
    assert play.shown()["ingresses"][1]["canary"] == 60


async def test_a_broken_pod_stays_broken_until_it_is_mended(checkout):
    pod = checkout.shown()["pods"][0]["name"]
    deeds.set_ready(checkout.store, "shop", pod, ready=False)
    await checkout.until(lambda: checkout.shown()["weights"]["canary"] == 0, "without a canary")
    assert not checkout.shown()["pods"][0]["ready"]

    deeds.set_ready(checkout.store, "shop", pod, ready=True)
    await checkout.until(lambda: checkout.shown()["weights"]["canary"] == 10, "at 10 % again")


async def test_the_plugin_promotes_and_leaves_no_name(checkout):
    await deeds.use_plugin(checkout.store, "promote", "shop", "checkout")

    await checkout.phase("Healthy")
    managers = [one["manager"] for one in checkout.rollout["metadata"]["managedFields"]]
    assert "kubectl-argo-rollouts" not in managers


async def test_the_plugin_aborts_and_leaves_its_name(checkout):
    await deeds.use_plugin(checkout.store, "abort", "shop", "checkout")

    await checkout.phase("Degraded")
    assert checkout.shown()["aborted"]
    managers = [one["manager"] for one in checkout.rollout["metadata"]["managedFields"]]
    assert "kubectl-argo-rollouts" in managers


@pytest.mark.parametrize("tag", ["", "  ", "two words", "new\nline"])
async def test_a_tag_is_one_word(checkout, tag):
    with pytest.raises(deeds.Impossible, match="A tag is one word"):
        deeds.set_image(checkout.store, "shop", "checkout", tag)


async def test_what_is_not_there_is_refused_in_words(checkout):
    with pytest.raises(Refused, match='pods "no-such" not found'):
        deeds.set_ready(checkout.store, "shop", "no-such", ready=True)


@pytest.mark.parametrize(
    ("verdict", "phase"),
    [("pass", "Successful"), ("fail", "Failed"), ("undecided", "Inconclusive")],
)
async def test_the_analysis_of_search_ends_by_the_lever(store, verdict, phase):
    verdicts, app = Verdicts(patience=60), web.Application()
    verdicts.add_to(app)
    play = Play(store, cast.SEARCH)
    async with TestClient(TestServer(app)) as client:
        await play.deploy(str(client.make_url("/measure")))
        await play.release()
        await play.phase("Paused")
        await deeds.use_plugin(store, "promote", "shop", "search")
        await play.until(lambda: verdicts.give("shop", "search", verdict), "measured")

        def ended():
            runs = list(store.all(kinds.ANALYSIS_RUNS, "shop"))
            return runs and at(runs[0], "status", "phase") == phase

        await play.until(ended, phase)


async def test_an_analysis_passes_by_itself_after_a_while():
    verdicts, app = Verdicts(patience=0.05), web.Application()
    verdicts.add_to(app)
    async with TestClient(TestServer(app)) as client:
        answer = await client.get("/measure/shop/search")
        assert await answer.json() == {"verdict": "pass"}
    assert not verdicts.give("shop", "search", "fail")


async def test_controllers_end_and_begin_again():
    store = Store()
    async with Controllers(store) as controllers:
        play = Play(store, cast.CHECKOUT)
        await play.deploy()
        await controllers.stop_argo()
        assert not controllers.argo_runs
        await play.release()

        async def moves():
            return at(play.rollout, "status", "phase") != "Healthy"

        assert not await holds_within(0.3, moves)

        controllers.start_argo()
        await play.phase("Paused")
        assert controllers.failure() is None
