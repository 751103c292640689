"""Patches: what is sent, and what a person is told when it goes wrong."""

import pytest

from bot.cluster.refusals import Denied, Forbidden, Unanswered
from bot.cluster.rollouts import KubernetesCluster
from bot.release.actions import Patch
from bot.release.errors import NotAllowed, NotFound, OutOfDate, Unreachable
from tests.clusterroom import faults
from tests.clusterroom.acting import PAUSE, PROMOTE, may

CAUSE = {"details": {"causes": [{"field": "spec.paused", "message": "not a boolean"}]}}


async def test_a_patch_is_a_json_patch_in_our_name(server, cluster, rollout):
    """A list sent as merge patch would guard nothing."""
    await cluster.apply(rollout, PROMOTE, may())

    (asked,) = server.requests("patch")
    assert asked.path == "/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/checkout/status"
    assert asked.headers["Content-Type"] == "application/json-patch+json"
    assert asked.query == {"fieldManager": "rollout-bot"}
    assert asked.body == list(PROMOTE.operations)


async def test_a_patch_is_spelled_as_the_server_keeps_strings(server, cluster, rollout):
    """A test of a JSON patch compares how a string is written."""
    steps = [{"setHeaderRoute": {"name": "<é & ü>\u2028"}}]
    guard = {"op": "test", "path": "/spec/strategy/canary/steps", "value": steps}
    await cluster.apply(rollout, Patch(status=False, operations=(guard,)), may())

    (asked,) = server.requests("patch")
    assert asked.body[-1] == guard
    assert r"\u003cé \u0026 ü\u003e\u2028" in asked.spelled


async def test_a_patch_of_the_spec_goes_to_the_main_resource(server, cluster, rollout):
    """And is bound to the identity, which it did not test itself."""
    await cluster.apply(rollout, PAUSE, may())

    (asked,) = server.requests("patch")
    assert asked.path == "/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/checkout"
    assert asked.body == [
        {"op": "test", "path": "/metadata/uid", "value": "uid-1"},
        *PAUSE.operations,
    ]


async def test_a_proof_for_another_rollout_is_none(server, cluster, rollout):
    with pytest.raises(NotAllowed, match="another rollout than shop/checkout"):
        await cluster.apply(rollout, PROMOTE, may("uid-2"))
    assert server.count("patch") == 0


async def test_who_is_set_to_read_only_writes_nothing(server, connection, rollout):
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
        pytest.param(faults.says(404), NotFound, "There is no rollout shop/checkout.", id="gone"),
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
async def test_what_a_person_is_told(server, cluster, rollout, fault, refusal, words):
    """The kind of refusal, the words; and that it was sent exactly once."""
    server.once("patch", "rollouts", fault)

    with pytest.raises(refusal) as refused:
        await cluster.apply(rollout, PROMOTE, may())

    assert words in refused.value.text
    assert type(refused.value) is refusal or refusal is Unreachable
    assert server.count("patch") == 1


async def test_what_was_never_sent_was_not_done(server, cluster, rollout):
    """No connection at all: no doubt either."""
    await server.stop()
    with pytest.raises(Unreachable) as refused:
        await cluster.apply(rollout, PROMOTE, may())

    assert not isinstance(refused.value, Unanswered)


async def test_no_answer_in_time_leaves_it_open(server, connection, rollout):
    """The patch may be on its way still."""
    connection.call = 0.1
    server.once("patch", "rollouts", faults.hangs)

    with pytest.raises(Unanswered, match="look at the card"):
        await KubernetesCluster(connection).apply(rollout, PROMOTE, may())


async def test_no_patch_goes_over_a_connection_that_lay_idle(server, cluster, rollout):
    """The server may close that at the very moment of the click."""
    await cluster.apply(rollout, PROMOTE, may())
    await cluster.apply(rollout, PROMOTE, may())

    read = server.requests("get")[0].port
    assert len({asked.port for asked in server.requests("patch")} | {read}) == 3
