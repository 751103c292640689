"""Shares, targets, redirects and conditions in words; where what is found stands."""

from fractions import Fraction

import pytest

from bot.balancing.annotations import (
    Condition,
    FixedResponse,
    Forward,
    Redirect,
    Stickiness,
    TargetGroup,
)
from bot.balancing.finding import Finding, Severity
from bot.balancing.inspection import Report
from bot.balancing.inventory import Inventory
from bot.balancing.patterns import Patterns
from bot.balancing.rules import Rule
from bot.inspecting import looking, words
from bot.inspecting.looking import Sight


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (Fraction(0), "0 %"),
        (Fraction(1, 10), "10 %"),
        (Fraction(1, 3), "33 %"),
        (Fraction(1, 1000), "<1 %"),
        (Fraction(999, 1000), ">99 %"),
        (Fraction(1), "100 %"),
    ],
)
def test_a_little_is_not_nothing_and_most_is_not_all(share, said):
    assert words.percent(share) == said


def a_target(name, weight=None):
    return TargetGroup(service=name, port=80, weight=weight)


@pytest.mark.parametrize(
    ("action", "said"),
    [
        pytest.param(Forward(targets=(a_target("a"),)), ["100 % a:80"], id="one"),
        pytest.param(
            Forward(targets=(a_target("a", 1), a_target("b", 3))),
            ["25 % a:80", "75 % b:80"],
            id="relative-weights",
        ),
        pytest.param(Forward(targets=(a_target("a", 0),)), ["? % a:80"], id="all-zero"),
        pytest.param(Forward(), ["no target group"], id="none"),
        pytest.param(
            Forward(targets=(a_target("a"),), stickiness=Stickiness(enabled=True, seconds=60)),
            ["100 % a:80", "sticky for 60 s"],
            id="sticky",
        ),
        pytest.param(
            Forward(
                targets=(TargetGroup(arn="arn:aws:elasticloadbalancing:x:1:targetgroup/web/12"),)
            ),
            ["100 % target group web/12"],
            id="arn",
        ),
        pytest.param(
            Redirect(status="HTTP_301", protocol="HTTPS", port="443"),
            ["redirect 301 to HTTPS:443"],
            id="ssl",
        ),
        pytest.param(
            Redirect(status="HTTP_302", host="b.example", path="/new", query="a=1"),
            ["redirect 302 to b.example/new?a=1"],
            id="elsewhere",
        ),
        pytest.param(
            Redirect(status="HTTP_302", protocol="HTTPS", host="b.example", port="#{port}"),
            ["redirect 302 to https://b.example"],
            id="with-protocol",
        ),
        pytest.param(Redirect(status="HTTP_302"), ["redirect 302 to itself"], id="itself"),
        pytest.param(
            FixedResponse(status="503", body="closed"), ['answer 503 "closed"'], id="answer"
        ),
        pytest.param(None, ["cannot be made"], id="nothing"),
    ],
)
def test_what_happens(action, said):
    assert [*words.action(action)] == said


def test_what_a_rule_asks_for():
    rule = Rule(
        entry=0,
        tests=(
            Condition(
                field="http-header", header="X-Canary", values=("1", "true"), regexes=("y+",)
            ),
            Condition(field="http-request-method", values=("GET", "HEAD")),
            Condition(field="query-string", pairs=(("v", "2"), (None, "beta"))),
            Condition(field="source-ip", values=("10.0.0.0/8",)),
        ),
    )
    assert words.conditions(rule) == (
        "X-Canary: 1 or true or /y+/ and method GET or HEAD and ?v=2 or ?beta and from 10.0.0.0/8"
    )
    assert words.patterns(Patterns()) == "any"
    assert words.patterns(Patterns(globs=("/a", "/a/*"), regexes=("b",))) == "/a, /a/*, /b/"


def test_a_finding_without_a_place_gets_that_of_its_object(monkeypatch):
    finding = Finding(
        id="WIRE-18",
        severity=Severity.MEDIUM,
        namespace="shop",
        rollout="web",
        kind="Rollout",
        name="web",
        message="It flaps.",
        evidence="a field",
    )
    monkeypatch.setattr(looking, "inspect", lambda _: Report(findings=(finding,)))
    places = {("Rollout", "shop", "web"): "shop.yaml:7"}
    sight = Sight(inventory=Inventory(), before=Inventory(), places=places)
    assert sight.inspect().findings[0].origin == "shop.yaml:7"
