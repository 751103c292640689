"""What Argo's controller writes, byte for byte, and the names under which it does."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.balancing.argo import (
    action_key,
    canary_ingress,
    class_of,
    expected_action,
    is_booked,
)
from bot.balancing.objects import Ingress
from bot.balancing.weights import read_traffic
from bot.balancing.writers import Hand, writer_of
from tests.balancing.situations import (
    PREFIX,
    ROOT,
    WRITTEN,
    a_rollout,
    an_ingress,
    wrote,
)

BOOK = "rollouts.argoproj.io/managed-alb-annotations"


def test_the_weights_are_written_as_the_controller_writes_them():
    """Recorded from version 1.10.1."""
    assert expected_action(a_rollout(), 20) == WRITTEN


def test_an_experiment_stands_between_canary_and_stable():
    assert expected_action(a_rollout(), 20, additional=[("baseline", 5)]) == (
        '{"Type":"forward","ForwardConfig":{"TargetGroups":['
        '{"ServiceName":"canary","ServicePort":"80","Weight":20},'
        '{"ServiceName":"baseline","ServicePort":"80","Weight":5},'
        '{"ServiceName":"stable","ServicePort":"80","Weight":75}]}}'
    )


def test_stickiness_stands_behind_the_targets():
    alb = {"ingress": "app", "servicePort": 80}
    sticky = {**alb, "stickinessConfig": {"enabled": True, "durationSeconds": 60}}
    assert expected_action(a_rollout(routing={"alb": sticky}), 0).endswith(
        '"Weight":100}],"TargetGroupStickinessConfig":{"Enabled":true,"DurationSeconds":60}}}'
    )


@given(weight=st.integers(0, 100))
def test_what_is_expected_is_read_back(weight):
    """Every weight that a step can ask for."""
    rollout = a_rollout(weight=weight)
    text = expected_action(rollout, weight)
    traffic = read_traffic(rollout, [an_ingress({ROOT: text})], (), ())
    assert traffic.agree
    assert [(w.canary, w.stable) for w in traffic.written] == [(weight, 100 - weight)]


@pytest.mark.parametrize(
    ("routing", "key"),
    [
        ({}, f"{PREFIX}/actions.stable"),
        ({"rootService": "root"}, f"{PREFIX}/actions.root"),
        ({"annotationPrefix": "x.test"}, "x.test/actions.stable"),
    ],
)
def test_the_annotation_that_carries_the_weights(routing, key):
    assert action_key(a_rollout(routing={"alb": {"ingress": "app"} | routing})) == key


def test_the_canary_ingress_of_nginx_has_a_name_of_at_most_253_letters():
    assert canary_ingress(a_rollout(), "web") == "app-web-canary"
    long = canary_ingress(a_rollout(), "w" * 253)
    assert (len(long), long[:5], long[-8:]) == (253, "app-w", "w-canary")


@pytest.mark.parametrize(
    ("text", "booked"),
    [
        ('{"app":["a"]}', True),
        ('{"app":[]}', True),
        ('{"other":["a"]}', False),
        ('{"App":["a"]}', False),
        ('{"other":["a"],"app":null}', True),
        ("null", False),
        ("{", False),
        ('{"app":"a"}', False),
        ("", False),
        (None, False),
    ],
)
def test_whether_the_ingress_names_the_rollout(text, booked):
    annotations = {} if text is None else {BOOK: text}
    assert is_booked(an_ingress(annotations), a_rollout()) is booked


def test_the_class_of_the_annotation_counts_first():
    assert class_of(an_ingress({})) == "alb"
    assert class_of(an_ingress({"kubernetes.io/ingress.class": "internal"})) == "internal"
    assert class_of(Ingress(namespace="shop", name="app")) == ""


@pytest.mark.parametrize(
    ("entries", "hand"),
    [
        pytest.param((), Hand(), id="nobody known"),
        pytest.param(
            (wrote("a", ROOT),), Hand(manager="a", at=datetime(2026, 11, 24, 3, tzinfo=UTC)),
            id="one",
        ),
        pytest.param((wrote("a", "another"),), Hand(), id="of something else"),
        pytest.param((wrote("a", ROOT, at="soon"),), Hand(manager="a"), id="no time"),
        pytest.param(({"manager": "a"}, {"fieldsV1": []}, {"fieldsV1": None}), Hand(), id="odd"),
        pytest.param(
            (wrote("new", ROOT), wrote("old", ROOT, at="2026-11-24T02:00:00")),
            Hand(manager="new", at=datetime(2026, 11, 24, 3, tzinfo=UTC)),
            id="the last of two",
        ),
    ],
)  # fmt: skip
def test_who_wrote_an_annotation(entries, hand):
    found = writer_of(an_ingress(writers=entries), "metadata", "annotations", ROOT)
    assert found == hand
