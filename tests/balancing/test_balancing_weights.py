"""Weights: each number with its source, and words where there is none."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.balancing.weights import read_traffic
from tests.balancing.situations import (
    PREFIX,
    ROOT,
    WRITTEN,
    a_path,
    a_rollout,
    an_ingress,
    forward,
    the_seed,
    wrote,
)
from tests.tries import tries


def written(*ingresses, rollout=None):
    """What stands on the Ingresses of the rollout."""
    return read_traffic(rollout or a_rollout(), ingresses, (), ()).written


def numbers(text):
    """Canary, stable and others by a weight annotation."""
    (one,) = written(an_ingress({ROOT: text}))
    return one.canary, one.stable, one.others, one.problem


def test_the_seed_says_10_90():
    """The article's manifests with what the controller puts there."""
    weights = (
        '{"Type":"forward","ForwardConfig":{"TargetGroups":['
        '{"ServiceName":"tomozo-canary","ServicePort":"8080","Weight":10},'
        '{"ServiceName":"tomozo-stable","ServicePort":"8080","Weight":90}]}}'
    )
    rollout, ingress = the_seed(weights)

    traffic = read_traffic(rollout, [ingress], (), ())

    assert (traffic.asked, traffic.reported) == (10, 10)
    (one,) = traffic.written
    assert (one.ingress, one.canary, one.stable, one.others) == ("tomozo", 10, 90, 0)
    assert one.annotation == f"{PREFIX}/actions.tomozo-stable"
    assert traffic.agree


def test_the_seed_as_it_is_in_git_has_no_weights():
    """Before the controller wrote, and when git takes the annotation away."""
    (one,) = read_traffic(*(lambda r, i: (r, [i]))(*the_seed()), (), ()).written

    assert one.canary is None
    assert one.problem == (
        f"the annotation {PREFIX}/actions.tomozo-stable is missing: the ALB answers 503"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(WRITTEN, (20, 80, 0), id="as Argo writes it"),
        pytest.param(forward(("canary", 0), ("stable", 100)), (0, 100, 0), id="both at 0"),
        pytest.param(forward(("canary", 100), ("stable", 0)), (100, 0, 0), id="the flash at 100"),
        pytest.param(forward(("canary", 1), ("stable", 3)), (25, 75, 0), id="not percent"),
        pytest.param(forward(("canary", 1), ("stable", 998)), (1, 99, 0), id="never rounded to 0"),
        pytest.param(forward(("canary", 998), ("stable", 1)), (99, 1, 0), id="nor to 100"),
        pytest.param(
            forward(("canary", 20), ("experiment", 5), ("stable", 75)), (20, 75, 5), id="three"
        ),
        pytest.param(forward(("other", 100), ("stable", 0)), (0, 0, 100), id="strangers"),
        pytest.param(forward(("stable", 100)), (0, 100, 0), id="reset to stable"),
        pytest.param(
            '{"type":"forward","forwardConfig":{"targetGroups":'
            '[{"serviceName":"canary","servicePort":80}]}}',
            (100, 0, 0),
            id="one without a weight",
        ),
        pytest.param(
            '{"type":"fixed-response","fixedResponseConfig":{"statusCode":"503"}}',
            (0, 0, 100),
            id="a maintenance page",
        ),
    ],
)
def test_the_shares_of_the_public(text, expected):
    """Shares, not percentages; together 100."""
    assert numbers(text) == (*expected, "")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "this is not JSON: the text is empty", id="empty"),
        pytest.param("{", "this is not JSON", id="truncated"),
        pytest.param("null", "type: is missing", id="null"),
        pytest.param("[]", "must be an object in { }, not a list", id="a list"),
        pytest.param(WRITTEN + ",", "more text after the value", id="trailing"),
        pytest.param(WRITTEN.replace("20", '"20"'), 'quotes or decimals, not "20"', id="string"),
        pytest.param(WRITTEN.replace("20", "20.0"), "whole number", id="decimals"),
        pytest.param(WRITTEN.replace("20", "2e1"), "whole number", id="an exponent"),
        pytest.param(WRITTEN.replace("20", "NaN"), "not JSON", id="NaN"),
        pytest.param(WRITTEN.replace("20", "true"), "whole number", id="true"),
        pytest.param(
            WRITTEN.replace("20", "null"),
            "forwardConfig.targetGroups[0].weight: is missing; each of several needs one",
            id="null weight",
        ),
        pytest.param(WRITTEN.replace("forward", "Forward"), "not Forward", id="wrong case"),
        pytest.param(WRITTEN.replace("20", "-1"), "the weight -1 is refused by AWS", id="-1"),
        pytest.param(WRITTEN.replace("20", "1000"), "it takes 0 to 999", id="1000"),
        pytest.param(WRITTEN.replace("20", "9" * 30), "at most 32 bits", id="huge"),
        pytest.param(forward(("canary", 0), ("stable", 0)), "every weight is 0", id="all 0"),
        pytest.param(forward(), "names 0 target groups", id="no target"),
        pytest.param(forward(*((f"s{i}", 1) for i in range(6))), "6 target groups", id="six"),
        pytest.param(
            forward(("canary", 20), ("stable", 40), ("stable", 40)),
            "the target group stable twice",
            id="twice the same",
        ),
    ],
)
def test_what_has_no_effect_has_words_and_no_number(text, words):
    """The last good rules stay on the balancer; what they are is not known from here."""
    canary, stable, others, problem = numbers(text)

    assert (canary, stable, others) == (None, None, 0)
    assert words in problem


def test_a_missing_ingress_is_said():
    (one,) = written()
    assert (one.canary, one.problem) == (None, "the Ingress does not exist")


def test_an_ingress_of_the_same_name_elsewhere_does_not_count():
    (one,) = written(an_ingress(namespace="elsewhere"))
    assert one.problem == "the Ingress does not exist"


@pytest.mark.parametrize(
    ("paths", "words"),
    [
        pytest.param([a_path("else")], "no path has the backend stable", id="no path"),
        pytest.param(
            [a_path("stable", port={"number": 80})],
            "names port 80 and not use-annotation: the weights are ignored, "
            "everything goes to the Service stable",
            id="a port number",
        ),
        pytest.param([a_path("stable", port="http")], "names port http", id="a port name"),
        pytest.param(
            [a_path("stable"), {"path": "/x", "backend": {"resource": {"kind": "Bucket"}}}],
            "names no Service",
            id="a resource backend",
        ),
        pytest.param(
            [a_path("stable"), a_path("a", "/a*", "Prefix")], "may not hold * or ?", id="a star"
        ),
        pytest.param([a_path("stable"), a_path("a", "/", "Suffix")], "is not known", id="a type"),
    ],
)
def test_an_ingress_that_does_not_carry_the_weights_out(paths, words):
    """Argo notices none of these."""
    (one,) = written(an_ingress({ROOT: WRITTEN}, *paths))

    assert one.canary is None
    assert words in one.problem


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("actions.route", "{"),
        ("actions.route", '{"type":"redirect","redirectConfig":{"statusCode":301}}'),
        ("conditions.route", '[{"field":"http-header"}]'),
        ("conditions.route", "{}"),
        ("listen-ports", '[{"http":80}]'),
        ("listen-ports", "[]"),
        ("listen-ports", '[{"HTTP":null}]'),
    ],
)
def test_one_error_in_the_ingress_holds_back_new_weights(key, text):
    """The model of the whole group is built first, or nothing is done."""
    ingress = an_ingress(
        {ROOT: WRITTEN, f"{PREFIX}/{key}": text}, a_path("route"), a_path("stable")
    )

    (one,) = written(ingress)

    assert one.canary is None
    assert "the ALB keeps its last rules, new weights do not arrive" in one.problem


def test_an_annotation_that_no_path_names_is_never_read():
    """Version 2 of the controller does not even look."""
    (one,) = written(an_ingress({ROOT: WRITTEN, f"{PREFIX}/actions.left": "{"}))
    assert (one.canary, one.problem) == (20, "")


def test_each_of_several_ingresses_is_read():
    """The controller stops at the first that needs no change: the others may stay behind."""
    rollout = a_rollout(routing={"alb": {"ingresses": ["one", "two"], "rootService": "root"}})
    root = f"{PREFIX}/actions.root"
    one = an_ingress({root: WRITTEN}, a_path("root"), name="one")
    two = an_ingress({root: WRITTEN.replace("20", "50")}, a_path("root"), name="two")

    assert [(w.ingress, w.canary) for w in written(two, one, rollout=rollout)] == [
        ("one", 20),
        ("two", 38),
    ]


def test_who_wrote_the_weights_last_and_when():
    """Several may own the annotation; the one that was active last counts."""
    hands = (
        wrote("rollouts-controller", ROOT, "2026-11-24T02:00:00Z"),
        wrote("argocd-controller", ROOT),
        wrote("somebody", f"{PREFIX}/scheme", "2026-11-24T04:00:00Z"),
    )
    (one,) = written(an_ingress(writers=hands))

    assert one.writer == "argocd-controller"
    assert one.written_at == datetime(2026, 11, 24, 3, tzinfo=UTC)


def test_ping_and_pong_swap_roles():
    """The Services named in the annotation are those of the present roles."""
    names = {"pingPong": {"pingService": "ping", "pongService": "pong"}, "stableService": "stable"}
    text = forward(("ping", 20), ("pong", 80))
    shares = {}
    for stable in ("", "pong", "ping"):
        rollout = a_rollout(
            canary=names,
            routing={"alb": {"ingress": "app", "rootService": "stable"}},
            on_canary={"stablePingPong": stable},
        )
        (one,) = written(an_ingress({ROOT: text}), rollout=rollout)
        shares[stable] = one.canary

    assert shares == {"": 20, "pong": 20, "ping": 80}


@tries(400)
@given(text=st.text() | st.binary().map(lambda b: b.decode("utf-8", "surrogateescape")))
def test_no_text_is_too_odd(text):
    """Anybody may write anything into an annotation."""
    canary, stable, _, problem = numbers(text)
    assert canary is None
    assert stable is None
    assert problem


@tries(400)
@given(data=st.data())
def test_no_change_of_a_good_text_gives_a_number_that_does_not_add_up(data):
    """Cut, doubled or with other letters in it: a true number, or words."""
    begin = data.draw(st.integers(0, len(WRITTEN)))
    end = data.draw(st.integers(begin, min(len(WRITTEN), begin + 8)))
    put = data.draw(st.text(alphabet='"0123456789,:{}[]eE.-ntfWw', max_size=6))
    canary, stable, others, problem = numbers(WRITTEN[:begin] + put + WRITTEN[end:])

    if problem:
        assert (canary, stable, others) == (None, None, 0)
    else:
        assert canary + stable + others == 100
        assert min(canary, stable, others) >= 0


scraps = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["", "/", "/*", "stable", "Prefix"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["host", "http", "paths", "path", "pathType", "backend", "service", "port", "name"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@tries(300)
@given(rules=st.lists(st.dictionaries(st.sampled_from(["host", "http"]), scraps), max_size=3))
def test_no_ingress_is_too_odd(rules):
    """Manifests that no API server has looked at."""
    ingress = an_ingress().model_copy(update={"rules": tuple(rules)})
    (one,) = written(ingress)
    assert (one.canary is None) is bool(one.problem)
