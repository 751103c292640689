"""What is not kept of a cluster, and what objects share: thousands of rollouts fit into memory."""

from copy import deepcopy

from bot.balancing.objects import Ingress, Service
from bot.cluster.slim import Slimmer
from bot.release.rollout import Rollout
from tests.clusterroom.manifests import a_replica_set, a_rollout, an_ingress

REDIRECT = '{"Type": "redirect", "RedirectConfig": {"StatusCode": "HTTP_302"}}'


def empty(owner: str, revision: str):
    """A ReplicaSet without pods, as Argo keeps ten of them."""
    replica_set = a_replica_set(owner, revision, available=0)
    replica_set["spec"]["replicas"] = 0
    return replica_set


async def test_replica_sets_that_are_only_history_are_not_kept(server, follower):
    """Those of the two revisions that matter are, also without pods."""
    uid = server.put("rollouts", a_rollout())["metadata"]["uid"]
    for revision in ("older", "oldest", "old"):
        server.put("replicasets", empty(uid, revision))
    server.put("replicasets", a_replica_set(uid, "new"))

    (told,) = await follower.until_listed()

    assert [one.revision for one in told.replica_sets] == ["new", "old"]


async def test_a_replica_set_of_the_past_is_known_again_when_it_gets_pods(server, follower):
    """Somebody goes back to it."""
    uid = server.put("rollouts", a_rollout())["metadata"]["uid"]
    server.put("replicasets", empty(uid, "older"))
    await follower.until_listed()

    server.put("replicasets", a_replica_set(uid, "older", available=1))

    told = await follower.one()
    assert [one.revision for one in told.replica_sets] == ["older"]


async def test_a_replica_set_becomes_history_when_the_rollout_goes_on(server, follower):
    uid = server.put("rollouts", a_rollout())["metadata"]["uid"]
    server.put("replicasets", empty(uid, "old"))
    (told,) = await follower.until_listed()
    assert [one.revision for one in told.replica_sets] == ["old"]

    server.put("rollouts", a_rollout(status={"stableRS": "new"}))

    assert (await follower.one()).replica_sets == ()


def an_app(name: str) -> Ingress:
    backend = {"service": {"name": "ssl-redirect", "port": {"name": "use-annotation"}}}
    own = {"service": {"name": f"{name}-stable", "port": {"name": "use-annotation"}}}
    ingress = an_ingress(name, redirect=REDIRECT, weights=f"{name}-canary")
    paths = [{"path": "/*", "backend": backend}, {"path": "/*", "backend": own}]
    ingress["spec"]["rules"] = [{"host": f"{name}.example", "http": {"paths": paths}}]
    ingress["metadata"]["uid"] = name
    return Ingress.model_validate(ingress)


def a_service() -> Service:
    metadata = {"namespace": "shop", "name": "one", "uid": "s"}
    return Service.model_validate({"metadata": metadata, "spec": {"selector": {"app": "one"}}})


def test_what_ingresses_have_in_common_they_share():
    """The redirect is one object for all of them; what names the app is its own."""
    slimmer, one, two = Slimmer(), an_app("one"), an_app("two")
    before = deepcopy(one)

    slimmer.slim(one)
    slimmer.slim(two)

    assert one == before
    first, second = (app.rules[0]["http"]["paths"] for app in (one, two))
    assert first[0] is second[0]
    assert first[1] != second[1]
    assert one.annotations["redirect"] is two.annotations["redirect"]


def test_rollouts_of_one_template_share_their_steps():
    slimmer = Slimmer()
    one, two = (
        Rollout.model_validate(a_rollout(name, metadata={"uid": name})) for name in ("one", "two")
    )

    slimmer.slim(one)
    slimmer.slim(two)

    assert one.steps is two.steps


def test_no_object_has_a_dict_of_its_own():
    """Neither a rollout nor what is in it: thousands of dicts would be as large as all the rest."""
    rollout = Rollout.model_validate(
        a_rollout(
            metadata={"uid": "one"},
            status={
                "canary": {"weights": {"canary": {"weight": 10}}},
                "pauseConditions": [{"reason": "CanaryPauseStep"}],
            },
        )
    )
    parts = [rollout.alb, rollout.canary_weight, *rollout.containers, *rollout.pauses]
    assert all(parts)
    for part in [rollout, an_app("one"), a_service(), *parts]:
        assert not hasattr(part, "__dict__")


def test_what_is_made_smaller_stays_equal_to_itself():
    objects = [an_app("one"), a_service(), Rollout.model_validate(a_rollout(metadata={"uid": "a"}))]
    before = deepcopy(objects)

    for one in objects:
        Slimmer().slim(one)

    assert objects == before


def test_one_text_is_kept_of_all_that_lead_to_a_service():
    """In rules, whose shape is not read, each is a text of its own at first."""
    one, two = an_app("one"), an_app("one")
    for app in (one, two):
        Slimmer().slim(app)

    own, same = (app.rules[0]["http"]["paths"][1]["backend"]["service"] for app in (one, two))
    assert own is not same
    assert own["name"] is same["name"]
    assert [id(key) for key in own] == [id(key) for key in same]


def test_services_without_annotations_share_that_they_have_none():
    one, two = a_service(), a_service()
    for service in (one, two):
        Slimmer().slim(service)

    assert one.annotations == {}
    assert one.annotations is two.annotations
