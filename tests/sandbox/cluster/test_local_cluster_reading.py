import pytest

from bot.sandbox.cluster.kinds import ROLLOUTS
from tests.cluster.bed.api import ApiError
from tests.sandbox.cluster.manifests import config_map, pod, rollout

_PATH = "/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts"


async def test_what_is_not_there_is_not_found_in_the_real_servers_words(api):
    with pytest.raises(ApiError, match=r'404: rollouts.argoproj.io "web" not found'):
        await api.get("rollouts", "web", "shop")


async def test_pages_show_one_state_whatever_is_written_between_them(api):
    for name in ("a", "b", "c"):
        await api.create(rollout(name), "shop")
    first = await api.request("GET", _PATH, query={"limit": "2"})
    await api.create(rollout("bb"), "shop")
    await api.delete("rollouts", "c", "shop")

    rest = await api.request(
        "GET", _PATH, query={"limit": "2", "continue": first["metadata"]["continue"]}
    )

    assert first["metadata"]["remainingItemCount"] == 1
    assert [item["metadata"]["name"] for item in rest["items"]] == ["c"]
    assert rest["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]


async def test_a_page_of_a_state_that_is_forgotten_is_gone_with_a_way_to_go_on(cluster, api):
    for name in ("a", "b", "c"):
        await api.create(rollout(name), "shop")
    first = await api.request("GET", _PATH, query={"limit": "1"})
    cluster.expire(ROLLOUTS)

    query = {"continue": first["metadata"]["continue"]}
    with pytest.raises(ApiError, match="410: The provided continue parameter is too old"):
        await api.request("GET", _PATH, query=query)


@pytest.mark.parametrize(
    ("selector", "chosen"),
    [
        ("app=web", ["a"]),
        ("app!=web", ["b", "c"]),
        ("app in (web, db)", ["a", "b"]),
        ("app notin (web)", ["b", "c"]),
        ("app", ["a", "b"]),
        ("!app", ["c"]),
        ("app=web,tier=front", ["a"]),
    ],
)
async def test_label_selectors_choose(api, selector, chosen):
    await api.create(rollout("a", app="web", tier="front"), "shop")
    await api.create(rollout("b", app="db"), "shop")
    await api.create(rollout("c"), "shop")

    found = await api.list("rollouts", "shop", labels=selector)

    assert [item["metadata"]["name"] for item in found] == chosen


async def test_a_selector_that_makes_no_sense_is_refused_with_what_was_expected(api):
    with pytest.raises(ApiError, match="400: unable to parse requirement: found '!'"):
        await api.list("rollouts", "shop", labels="a=!b")


async def test_events_are_chosen_by_what_they_are_about(api):
    for name, kind in (("one", "Warning"), ("two", "Normal")):
        about = {"namespace": "shop", "name": "web", "uid": "1"}
        event = {"apiVersion": "v1", "kind": "Event", "metadata": {"name": name}, "type": kind}
        await api.create(event | {"involvedObject": about}, "shop")

    found = await api.list("events", "shop", fields="involvedObject.uid=1,type=Warning")

    assert [event["metadata"]["name"] for event in found] == ["one"]


async def test_only_fields_that_the_real_server_knows_choose(api):
    await api.create(pod(), "shop")

    assert len(await api.list("pods", "shop", fields="status.phase=Pending")) == 1
    with pytest.raises(ApiError, match=r"400: field label not supported: spec.x"):
        await api.list("rollouts", "shop", fields="spec.x=1")


async def test_nothing_is_served_under_other_paths(api):
    with pytest.raises(ApiError, match="404: the server could not find the requested resource"):
        await api.request("GET", "/apis/apps/v1/nothings")
    with pytest.raises(ApiError, match="404: 404 page not found"):
        await api.request("GET", "/apis/nobody/v1/nothings")


async def test_lists_of_all_namespaces_are_in_the_order_of_the_real_storage(api):
    for namespace in ("a-b", "a"):
        manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
        await api.create(manifest)
        await api.create(config_map(), namespace)

    found = await api.list("configmaps")

    assert [item["metadata"]["namespace"] for item in found] == ["a-b", "a"]


async def test_discovery_tells_what_is_served(api):
    groups = await api.request("GET", "/apis")
    resources = await api.request("GET", "/apis/argoproj.io/v1alpha1")

    assert "argoproj.io" in [group["name"] for group in groups["groups"]]
    assert "rollouts/status" in [one["name"] for one in resources["resources"]]
