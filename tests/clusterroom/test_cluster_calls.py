"""Reading one rollout anew, and what a person is told when that goes wrong."""

import asyncio
import re
from datetime import UTC, datetime

import pytest

from bot.cluster.refusals import plain
from bot.cluster.rollouts import KubernetesCluster
from bot.release.errors import NotFound, Unreachable
from tests.clusterroom import faults
from tests.clusterroom.manifests import (
    a_replica_set,
    a_rollout,
    a_service,
    an_ingress,
)


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

    async def test_a_rest_ends_as_soon_as_anybody_has_an_answer(self, server, cluster, connection):
        """After an outage the watches come back at once when somebody acts."""
        server.put("rollouts", a_rollout())
        await server.stop()
        with pytest.raises(Unreachable):
            await cluster.get("shop", "checkout")
        rest = asyncio.create_task(connection.outage.rest(asyncio.sleep(3600)))
        await server.start()

        await cluster.get("shop", "checkout")

        await asyncio.wait_for(rest, 5)

    async def test_a_server_that_hangs_is_given_up(self, server, connection):
        """And not asked again: that would take as long again."""
        connection.call = 0.1
        server.always("get", "rollouts", faults.hangs)

        with pytest.raises(Unreachable):
            await KubernetesCluster(connection).get("shop", "checkout")
        assert server.count("get") == 1
        assert connection.failing_since is not None


def test_foreign_text_is_made_plain():
    """It may come from any admission webhook."""
    assert plain("<@U1>\n\t`x`  *y* \u202e!") == "‹@U1› 'x' ∗y∗ !"
    assert len(plain("x" * 1000)) == 200
