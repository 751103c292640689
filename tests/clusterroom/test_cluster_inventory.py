"""What `rules` and `lint` read of a cluster: all of it, page by page; what is missing is told."""

import argparse
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.balancing.inventory import Controller
from bot.cluster.connect import Connection
from bot.cluster.inventory import read_inventory
from bot.cluster.refusals import Denied
from bot.inspecting import lint, rules
from bot.release.errors import Unreachable
from tests.clusterroom.apiserver import ApiServer
from tests.clusterroom.faults import forbids, says
from tests.clusterroom.manifests import a_class, a_rollout, a_service, an_ingress, class_params


@pytest.fixture
def filled(server: ApiServer) -> ApiServer:
    """One release, with the class of its Ingress."""
    server.put("rollouts", a_rollout())
    server.put("ingresses", an_ingress())
    server.put("services", a_service("checkout-stable"))
    server.put("services", a_service("checkout-canary"))
    server.put("ingressclasses", a_class())
    server.put("ingressclassparams", class_params())
    return server


async def test_everything_is_read_and_then_the_inventory_is_whole(
    filled: ApiServer, connection: Connection
) -> None:
    stock = await read_inventory(connection, controller=Controller(ingress_class="own"))
    found = stock.inventory
    assert [one.key for one in found.rollouts] == ["shop/checkout"]
    assert [one.key for one in found.ingresses] == ["shop/checkout"]
    assert [one.name for one in found.services] == ["checkout-canary", "checkout-stable"]
    assert [one.controller for one in found.classes] == ["ingress.k8s.aws/alb"]
    assert [one.group for one in found.params] == ["shared"]
    assert (found.is_whole, stock.missing) == (True, ())
    assert found.controller.ingress_class == "own"
    assert {asked.verb for asked in filled.asked} == {"list"}


async def test_long_lists_are_read_page_by_page(server: ApiServer, connection: Connection) -> None:
    for number in range(600):
        server.put("services", a_service(f"s{number:03}"))
    stock = await read_inventory(connection)
    assert len(stock.inventory.services) == 600
    assert server.count("list", "services") == 3


async def test_a_list_that_grew_too_old_is_read_from_its_beginning(
    filled: ApiServer, connection: Connection
) -> None:
    filled.once("list", "services", says(410, "too old"))
    stock = await read_inventory(connection)
    assert (len(stock.inventory.services), stock.missing) == (2, ())


async def test_what_may_not_be_read_is_told_and_counts_as_unknown(
    filled: ApiServer, connection: Connection
) -> None:
    filled.always("list", "services", forbids("list", "services"))
    stock = await read_inventory(connection)
    assert not stock.inventory.is_whole
    assert not stock.inventory.knows_services("shop")
    (sentence,) = stock.missing
    assert sentence.startswith("My account may not list services in all namespaces. ")


async def test_a_kind_that_is_not_installed_has_no_objects(
    filled: ApiServer, connection: Connection
) -> None:
    filled.always("list", "ingressclassparams", says(404, "not found"))
    stock = await read_inventory(connection)
    assert (stock.inventory.params, stock.inventory.is_whole, stock.missing) == ((), True, ())


async def test_an_object_that_cannot_be_read_is_told(
    filled: ApiServer, connection: Connection
) -> None:
    filled.put(
        "ingresses", {"metadata": {"namespace": "shop", "name": "odd"}, "spec": {"rules": 7}}
    )
    stock = await read_inventory(connection)
    assert [one.name for one in stock.inventory.ingresses] == ["checkout"]
    assert not stock.inventory.is_whole
    assert "ingresses: shop/odd (spec.rules" in stock.missing[0]


async def test_of_some_namespaces_only_these_are_read_and_nothing_elsewhere_counts_as_absent(
    filled: ApiServer, connection: Connection
) -> None:
    filled.put("services", a_service("other", "blog"))
    stock = await read_inventory(connection, namespaces=["shop"])
    assert {one.namespace for one in stock.inventory.services} == {"shop"}
    assert not stock.inventory.is_whole
    paths = {asked.path for asked in filled.asked if asked.kind == "ingressclasses"}
    assert paths == {"/apis/networking.k8s.io/v1/ingressclasses"}


async def test_refused_credentials_and_a_server_that_fails_are_no_empty_cluster(
    filled: ApiServer, connection: Connection
) -> None:
    filled.once("list", "rollouts", says(500, "etcd"))
    with pytest.raises(Unreachable):
        await read_inventory(connection)
    filled.tokens = {"Bearer other"}
    with pytest.raises(Denied):
        await read_inventory(connection)


def arguments(**changes: object) -> argparse.Namespace:
    given = {
        "cluster": True,
        "paths": [],
        "namespace": "",
        "config": None,
        "output": "json",
        "fail_on": "high",
        "controller": None,
        "ingress_class": "alb",
        "default_target_type": "instance",
        "tolerate_non_existent_backend_action": True,
        "tolerate_non_existent_backend_service": True,
    }
    return argparse.Namespace(**given | changes)


@pytest.mark.usefixtures("configured")
async def test_rules_of_a_cluster(filled: ApiServer, capsys: pytest.CaptureFixture[str]) -> None:
    """The class decides who looks at the Ingress, and its parameters name the group."""
    assert await rules(arguments(), {}) == 0
    assert json.loads(capsys.readouterr().out)["groups"][0]["group"] == "shared"


@pytest.mark.usefixtures("configured")
async def test_lint_of_a_cluster_says_what_it_may_not_read(
    filled: ApiServer, capsys: pytest.CaptureFixture[str]
) -> None:
    filled.always("list", "services", forbids("list", "services"))
    await lint(arguments(output="text"), {})
    told = capsys.readouterr().out
    assert "NOT CHECKED" in told
    assert "My account may not list services in all namespaces." in told
    await lint(arguments(), {})
    (first, *_) = json.loads(capsys.readouterr().out)["unchecked"]
    assert first["object"] is None
    assert "may not list services" in first["reason"]


@pytest.mark.usefixtures("configured")
async def test_a_cluster_that_does_not_answer_is_exit_code_2(
    filled: ApiServer, capsys: pytest.CaptureFixture[str]
) -> None:
    filled.always("list", "rollouts", says(503, "away"))
    assert await lint(arguments(), {}) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "The cluster cannot be reached: it answers 503.\n"


@pytest.mark.usefixtures("configured", "filled")
@pytest.mark.parametrize("command", [rules, lint])
async def test_a_namespace_without_anything_is_no_healthy_one(
    command: Callable[..., Awaitable[int]], capsys: pytest.CaptureFixture[str]
) -> None:
    """It may be misspelt: that nothing is found there must not look like "no findings"."""
    assert await command(arguments(namespace="nope", output="text"), {}) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == "There is nothing in namespace nope: does it exist?\n"


@pytest.mark.usefixtures("configured", "filled")
async def test_of_several_namespaces_an_empty_one_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "rollout-bot.yaml"
    channels = "channels: [{channel: '#releases'}]"
    access = "access: [{allow: [promote], users: [U0ANN]}]"
    file.write_text(f"{channels}\n{access}\nkubernetes: {{namespaces: [shop, nope]}}\n")
    assert await lint(arguments(config=str(file), output="text"), {}) != 2
    printed = capsys.readouterr()
    assert printed.err == "There is nothing in namespace nope: does it exist?\n"
    assert "namespace shop, nope" in " ".join(printed.out.split())
