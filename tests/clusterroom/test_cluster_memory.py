"""What is not kept of a cluster, and what objects share: thousands of rollouts fit into memory."""

from bot.balancing.objects import Ingress
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


def test_what_ingresses_have_in_common_they_share():
    """The redirect is one object for all of them; what names the app is its own."""
    slimmer, one, two = Slimmer(), an_app("one"), an_app("two")
    before = one.model_copy(deep=True)

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


def test_nothing_remembers_which_fields_were_given():
    """The fields of a rollout, and those of what is in it."""
    rollout = Rollout.model_validate(
        a_rollout(
            metadata={"uid": "one"},
            status={
                "canary": {"weights": {"canary": {"weight": 10}}},
                "pauseConditions": [{"reason": "CanaryPauseStep"}],
            },
        )
    )
    parts = [rollout, rollout.alb, rollout.canary_weight, *rollout.containers, *rollout.pauses]
    assert all(part.model_fields_set for part in parts)
    before = rollout.model_copy(deep=True)

    Slimmer().slim(rollout)

    assert rollout == before
    assert not any(part.model_fields_set for part in parts)
