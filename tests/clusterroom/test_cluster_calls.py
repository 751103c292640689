"""Single questions and patches: what is sent, and what a person is told when it goes wrong."""

import asyncio
import json
import re
from datetime import UTC, datetime

import pytest

from bot.cluster.connect import Connection
from bot.cluster.refusals import Denied, Forbidden, Unanswered, plain
from bot.cluster.rollouts import KubernetesCluster
from bot.flows.ports import Trouble, Unreadable, Writer
from bot.release.access import Actor, Allowed, Permission
from bot.release.actions import Patch
from bot.release.errors import NotAllowed, NotFound, OutOfDate, Unreachable
from tests.clusterroom import faults
from tests.clusterroom.following import until
from tests.clusterroom.manifests import (
    a_replica_set,
    a_rollout,
    a_service,
    an_ingress,
    managed,
)

PROMOTE = Patch(
    status=True,
    operations=(
        {"op": "test", "path": "/metadata/uid", "value": "uid-1"},
        {"op": "test", "path": "/status/currentStepIndex", "value": 1},
        {"op": "remove", "path": "/status/pauseConditions"},
    ),
)
PAUSE = Patch(status=False, operations=({"op": "add", "path": "/spec/paused", "value": True},))
CAUSE = {"details": {"causes": [{"field": "spec.paused", "message": "not a boolean"}]}}


def may(uid="uid-1"):
    """Ann was allowed it."""
    return Allowed(Actor(user="U0ANN"), Permission.PROMOTE, uid)


@pytest.fixture
async def rollout(server, cluster):
    """The rollout shop/checkout, as the bot reads it."""
    server.put("rollouts", a_rollout(step=1))
    return (await cluster.get("shop", "checkout")).rollout


class TestReading:
    async def test_a_rollout_is_read_with_what_belongs_to_it(self, server, cluster):
        """Ingresses, Services and ReplicaSets that it names or owns, and no others."""
        uid = server.put("rollouts", a_rollout())["metadata"]["uid"]
        server.put("ingresses", an_ingress())
        server.put("services", a_service("checkout-stable"))
        server.put("services", a_service("somebody-else"))
        server.put("replicasets", a_replica_set(uid, "new"))
        server.put("replicasets", a_replica_set(uid, "experiment", kind="Experiment"))
        server.put("replicasets", a_replica_set("another"))

        seen = await cluster.get("shop", "checkout")

        assert seen.rollout.uid == uid
        assert [ingress.name for ingress in seen.ingresses] == ["checkout"]
        assert [service.name for service in seen.services] == ["checkout-stable"]
        assert [one.revision for one in seen.replica_sets] == ["new"]

    async def test_only_its_own_pods_are_asked_for(self, server, cluster):
        """By its labels; what is not plainly a label never gets into a selector."""
        odd = a_rollout()
        labels = {"app": "checkout", "tier/x": "a.b_c", "odd": "a,b!=c", "empty": ""}
        odd["spec"]["selector"] = {"matchLabels": labels}
        server.put("rollouts", odd)

        await cluster.get("shop", "checkout")

        (asked,) = server.requests("list", "replicasets")
        assert asked.path == "/apis/apps/v1/namespaces/shop/replicasets"
        assert asked.query["labelSelector"] == (
            "rollouts-pod-template-hash,app=checkout,tier/x=a.b_c"
        )

    async def test_a_referenced_deployment_leaves_no_labels(self, server, cluster):
        """`workloadRef`: the selector is not in the manifest; the owner decides anyway."""
        bare = a_rollout()
        del bare["spec"]["selector"], bare["spec"]["template"]
        uid = server.put("rollouts", bare)["metadata"]["uid"]
        server.put("replicasets", a_replica_set(uid))

        assert len((await cluster.get("shop", "checkout")).replica_sets) == 1

    async def test_a_rollout_that_is_not_there_is_said_in_words(self, cluster):
        with pytest.raises(NotFound, match="There is no rollout shop/cart"):
            await cluster.get("shop", "cart")

    @pytest.mark.parametrize(
        ("namespace", "name"),
        [("shop", "../secrets"), ("shop/x", "a"), ("shop", "A"), ("", "a/b"), ("<!here>", "x")],
    )
    async def test_what_cannot_be_a_name_never_reaches_the_server(
        self, server, cluster, namespace, name
    ):
        """Names come from people."""
        with pytest.raises(NotFound) as refused:
            await cluster.get(namespace, name)

        assert server.asked == []
        assert "<" not in refused.value.text

    async def test_what_may_not_be_read_is_left_out_and_said(self, server, cluster):
        """Half an answer is better than none, if we know that it is half."""
        server.put("rollouts", a_rollout())
        server.put("ingresses", an_ingress())
        server.always("get", "ingresses", faults.forbids("get", "ingresses"))

        seen = await cluster.get("shop", "checkout")

        assert seen.ingresses == ()
        (sentence,) = cluster.missing_rights
        assert "may not get ingresses in shop" in sentence

        server.always("get", "ingresses", None)
        await cluster.get("shop", "checkout")
        assert cluster.missing_rights == ()

    async def test_a_rollout_that_makes_no_sense_is_not_guessed_at(self, server, cluster):
        server.put("rollouts", a_rollout(status={"currentStepIndex": "second"}))

        with pytest.raises(Unreachable, match=re.escape("status.currentStepIndex")):
            await cluster.get("shop", "checkout")

    async def test_a_failure_of_one_part_is_a_failure_of_all(self, server, cluster):
        """An Ingress that could not be read must not look like one that does not exist."""
        server.put("rollouts", a_rollout())
        server.always("get", "ingresses", faults.says(500))

        with pytest.raises(Unreachable, match="it answers 500"):
            await cluster.get("shop", "checkout")

    async def test_a_read_whose_connection_broke_is_sent_once_more(self, server, cluster):
        server.put("rollouts", a_rollout())
        server.once("get", "rollouts", faults.drops)

        assert (await cluster.get("shop", "checkout")).rollout.name == "checkout"
        assert cluster.unreachable_since is None

    async def test_no_answer_is_said_with_the_time_since_when(self, server, connection):
        """The first failure counts, not the last."""
        cluster = KubernetesCluster(connection)
        connection.now = lambda: datetime(2026, 11, 24, 3, 12, 44, tzinfo=UTC)
        await server.stop()
        with pytest.raises(Unreachable):
            await cluster.get("shop", "checkout")
        connection.now = lambda: datetime(2026, 11, 24, 3, 20, tzinfo=UTC)
        with pytest.raises(Unreachable) as refused:
            await cluster.get("shop", "checkout")

        assert refused.value.text == "The cluster cannot be reached since 03:12:44 UTC."
        assert cluster.unreachable_since == datetime(2026, 11, 24, 3, 12, 44, tzinfo=UTC)
        await server.start()
        with pytest.raises(NotFound):
            await cluster.get("shop", "checkout")
        assert cluster.unreachable_since is None

    async def test_a_server_that_hangs_is_given_up(self, server, connection):
        """And not asked again: that would take as long again."""
        connection.call = 0.1
        server.always("get", "rollouts", faults.hangs)

        with pytest.raises(Unreachable):
            await KubernetesCluster(connection).get("shop", "checkout")
        assert server.count("get") == 1
        assert connection.failing_since is not None


class TestPatching:
    async def test_a_patch_is_a_json_patch_in_our_name(self, server, cluster, rollout):
        """A list sent as merge patch would guard nothing."""
        await cluster.apply(rollout, PROMOTE, may())

        (asked,) = server.requests("patch")
        assert asked.path == "/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/checkout/status"
        assert asked.headers["Content-Type"] == "application/json-patch+json"
        assert asked.query == {"fieldManager": "rollout-bot"}
        assert asked.body == list(PROMOTE.operations)

    async def test_a_patch_of_the_spec_goes_to_the_main_resource(self, server, cluster, rollout):
        """And is bound to the identity, which it did not test itself."""
        await cluster.apply(rollout, PAUSE, may())

        (asked,) = server.requests("patch")
        assert asked.path == "/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/checkout"
        assert asked.body == [
            {"op": "test", "path": "/metadata/uid", "value": "uid-1"},
            *PAUSE.operations,
        ]

    async def test_a_proof_for_another_rollout_is_none(self, server, cluster, rollout):
        with pytest.raises(NotAllowed, match="another rollout than shop/checkout"):
            await cluster.apply(rollout, PROMOTE, may("uid-2"))
        assert server.count("patch") == 0

    async def test_who_is_set_to_read_only_writes_nothing(self, server, connection, rollout):
        cluster = KubernetesCluster(connection, writes=False)
        with pytest.raises(NotAllowed, match="read only"):
            await cluster.apply(rollout, PROMOTE, may())
        assert server.count("patch") == 0

    @pytest.mark.parametrize(
        ("fault", "refusal", "words"),
        [
            pytest.param(
                faults.says(422, "the server rejected our request due to an error in our request"),
                OutOfDate,
                "somebody was first",
                id="a test failed",
            ),
            pytest.param(faults.says(409, "conflict"), OutOfDate, "somebody was first", id="409"),
            pytest.param(
                faults.says(422, "spec.paused: Invalid value", **CAUSE),
                Unreachable,
                "does not accept that (422): spec.paused: Invalid value",
                id="not valid",
            ),
            pytest.param(
                faults.says(404), NotFound, "There is no rollout shop/checkout.", id="gone"
            ),
            pytest.param(
                faults.says(403, 'User "bot" cannot patch resource "rollouts/status" in API group'),
                Forbidden,
                "My account may not patch rollouts/status in shop.",
                id="no right",
            ),
            pytest.param(
                faults.says(403, 'admission webhook "x" denied the request: <!here> frozen'),
                Forbidden,
                'forbids me to patch rollouts/status in shop: admission webhook "x" denied '
                "the request: ‹!here› frozen",
                id="an admission rule",
            ),
            pytest.param(
                faults.says(403, 'User "system:anonymous" cannot patch resource'),
                Denied,
                "does not know me",
                id="nobody",
            ),
            pytest.param(faults.says(400, "bad patch"), Unreachable, "bad patch", id="400"),
            pytest.param(faults.says(429), Unreachable, "too busy to patch", id="busy"),
            pytest.param(faults.says(504), Unanswered, "is not known", id="a gateway gave up"),
            pytest.param(faults.body(502, b"<html>"), Unanswered, "is not known", id="a proxy"),
            pytest.param(faults.drops, Unanswered, "is not known", id="the line broke"),
        ],
    )
    async def test_what_a_person_is_told(self, server, cluster, rollout, fault, refusal, words):
        """The kind of refusal, the words; and that it was sent exactly once."""
        server.once("patch", "rollouts", fault)

        with pytest.raises(refusal) as refused:
            await cluster.apply(rollout, PROMOTE, may())

        assert words in refused.value.text
        assert type(refused.value) is refusal or refusal is Unreachable
        assert server.count("patch") == 1

    async def test_what_was_never_sent_was_not_done(self, server, cluster, rollout):
        """No connection at all: no doubt either."""
        await server.stop()
        with pytest.raises(Unreachable) as refused:
            await cluster.apply(rollout, PROMOTE, may())

        assert not isinstance(refused.value, Unanswered)

    async def test_no_answer_in_time_leaves_it_open(self, server, connection, rollout):
        """The patch may be on its way still."""
        connection.call = 0.1
        server.once("patch", "rollouts", faults.hangs)

        with pytest.raises(Unanswered, match="look at the card"):
            await KubernetesCluster(connection).apply(rollout, PROMOTE, may())

    async def test_no_patch_goes_over_a_connection_that_lay_idle(self, server, cluster, rollout):
        """The server may close that at the very moment of the click."""
        await cluster.apply(rollout, PROMOTE, may())
        await cluster.apply(rollout, PROMOTE, may())

        read = server.requests("get")[0].port
        assert len({asked.port for asked in server.requests("patch")} | {read}) == 3


class TestWhoAndWhy:
    async def test_the_writers_are_told_newest_first(self, server, cluster):
        """With paths as deep as a person would ask."""
        steps = {"f:strategy": {"f:canary": {"f:steps": {}}}, "f:paused": {}}
        images = {"f:containers": {'k:{"name":"app"}': {".": {}, "f:image": {}}}}
        entries = [
            managed(
                "argocd",
                "2026-11-24T01:00:00Z",
                {"f:spec": {**steps, "f:template": {"f:spec": images}}},
            ),
            managed(
                "plugin", "2026-11-24T03:00:00Z", {"f:status": {".": {}, "f:abort": {}}}, "status"
            ),
            {"manager": "nobody"},
        ]
        server.put("rollouts", a_rollout(metadata={"managedFields": entries}))
        rollout = (await cluster.get("shop", "checkout")).rollout

        newest, older, oldest = await cluster.writers(rollout)

        assert newest == Writer(
            manager="plugin",
            subresource="status",
            at=datetime(2026, 11, 24, 3, tzinfo=UTC),
            fields=frozenset({"status.abort"}),
        )
        assert older.fields == {
            "spec.paused",
            "spec.strategy.canary.steps",
            "spec.template.spec.containers",
        }
        assert (oldest.manager, oldest.at, oldest.fields) == ("nobody", None, frozenset())

    async def test_nobody_is_blamed_for_another_rollout_of_the_same_name(
        self, server, cluster, rollout
    ):
        server.delete("rollouts", "shop", "checkout")
        server.put("rollouts", a_rollout())
        with pytest.raises(NotFound, match="deleted and made again"):
            await cluster.writers(rollout)

    async def test_warnings_are_told_newest_first(self, server, cluster, rollout):
        """Whichever of its times an Event uses."""

        def event(name, **times):
            return {
                "metadata": {"namespace": "shop", "name": name},
                "reason": name,
                "message": "m",
                "type": "Warning",
                **times,
            }

        server.put("events", event("none", lastTimestamp=None))
        server.put("events", event("old", lastTimestamp="2026-11-24T01:00:00Z"))
        server.put("events", event("new", eventTime="2026-11-24T03:00:00.000001Z"))
        server.put(
            "events",
            event(
                "again",
                eventTime="2026-11-24T00:00:00Z",
                series={"lastObservedTime": "2026-11-24T02:00:00Z"},
            ),
        )

        troubles = await cluster.troubles(rollout)

        assert [one.reason for one in troubles] == ["new", "again", "old", "none"]
        assert troubles[2] == Trouble(
            reason="old", message="m", at=datetime(2026, 11, 24, 1, tzinfo=UTC)
        )
        (asked,) = server.requests("list", "events")
        assert asked.path == "/api/v1/namespaces/shop/events"
        assert asked.query["fieldSelector"] == "involvedObject.uid=uid-1,type=Warning"

    async def test_warnings_that_may_not_be_read_are_none(self, server, cluster, rollout):
        server.always("list", "events", faults.forbids("list", "events"))

        assert await cluster.troubles(rollout) == ()
        assert "may not list events in shop" in cluster.missing_rights[0]

    async def test_an_application_is_given_as_it_is(self, server, cluster):
        server.put(
            "applications", {"metadata": {"namespace": "argocd", "name": "shop"}, "spec": {}}
        )

        assert (await cluster.application("argocd", "shop"))["spec"] == {}

    @pytest.mark.parametrize(
        "fault",
        [
            faults.says(404),
            faults.forbids("get", "applications"),
            faults.body(200, b"<html>"),
            faults.body(200, b"[]"),
        ],
    )
    async def test_an_application_that_cannot_be_read_is_unknown(self, server, cluster, fault):
        """Not found is no proof: Argo CD may manage from another cluster."""
        server.once("get", "applications", fault)
        with pytest.raises(Unreadable):
            await cluster.application("argocd", "shop")

    async def test_an_unreachable_cluster_is_not_an_unknown_application(self, server, cluster):
        server.once("get", "applications", faults.says(500))
        with pytest.raises(Unreachable):
            await cluster.application("argocd", "shop")

    @pytest.mark.parametrize("allowed", [True, False])
    async def test_our_own_rights_can_be_asked_for(self, server, cluster, allowed):
        """What is missing is said at the start."""
        answer = json.dumps({"status": {"allowed": allowed}}).encode()
        server.once("create", "selfsubjectaccessreviews", faults.body(201, answer))

        assert await cluster.may("patch", "rollouts", "status", "shop") is allowed
        (asked,) = server.requests("create", "selfsubjectaccessreviews")
        assert asked.body["spec"]["resourceAttributes"] == {
            "verb": "patch",
            "group": "argoproj.io",
            "resource": "rollouts",
            "subresource": "status",
            "namespace": "shop",
        }


class TestCredentials:
    async def test_a_token_that_ran_out_is_read_anew(self, server, cluster, token):
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

    async def test_a_patch_that_was_refused_so_is_sent_again(self, server, cluster, rollout, token):
        """401 means that it was not done."""
        token.write_text("second")
        server.tokens = {"Bearer second"}

        await cluster.apply(rollout, PROMOTE, may())

        assert [one.headers["Authorization"] for one in server.requests("patch")] == [
            "Bearer first",
            "Bearer second",
        ]

    async def test_a_watch_goes_on_with_the_new_token(self, server, follower, cluster, token):
        await follower.until_listed()
        await until(lambda: server.watching["rollouts"], "watching")
        token.write_text("second")
        server.tokens = {"Bearer second"}
        server.end_watches("rollouts")
        server.put("rollouts", a_rollout())

        assert (await follower.one()).rollout.name == "checkout"

    async def test_credentials_that_stay_refused_are_said_to_be(self, server, cluster):
        """So that the command line can end with 3."""
        server.tokens = {"Bearer other"}
        with pytest.raises(Denied, match="refuses my credentials"):
            await cluster.may("list", "rollouts")
        assert server.count("create", "selfsubjectaccessreviews") == 2

    async def test_a_configuration_that_is_gone_when_needed_is_said_to_be(
        self, server, cluster, configured
    ):
        server.tokens = {"Bearer other"}
        configured.unlink()
        with pytest.raises(Denied, match="new ones cannot be read"):
            await cluster.may("list", "rollouts")

    async def test_what_is_under_way_is_not_cut_off_by_new_credentials(
        self, server, connection, follower, cluster, token
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

    async def test_a_connection_that_was_never_opened_is_a_bug(self, configured):
        with pytest.raises(RuntimeError, match="not open"):
            await KubernetesCluster(Connection()).get("shop", "checkout")


def test_foreign_text_is_made_plain():
    """It may come from any admission webhook."""
    assert plain("<@U1>\n\t`x`  *y* \u202e!") == "‹@U1› 'x' ∗y∗ !"
    assert len(plain("x" * 1000)) == 200
