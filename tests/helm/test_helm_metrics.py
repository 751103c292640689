"""Alerts and dashboard ask only for metrics and labels that the bot has."""

import json
import re

import pytest

from bot.health import Metrics
from tests.helm.chart import CHART, read

#: what Prometheus and its operator add to each sample
ADDED = {"job", "namespace", "pod", "le"}


def known():
    """Name every sample with its labels, after everything has happened once."""
    metrics = Metrics()
    metrics.watch(lambda: {"rollouts": 1.0}, lambda: {"rollouts": 1.0})
    metrics.outbox(lambda: 0.0, lambda: 0.0)
    metrics.lost(lambda: {"old": 1.0}, lambda: 1.0)
    metrics.slack_call("chat.postMessage", "ok")
    metrics.action("promote", "done")
    metrics.job("drift", "ok")
    metrics.findings({"ORD-01": 1})
    return {
        sample.name: set(sample.labels)
        for family in metrics.registry.collect()
        for sample in family.samples
    } | {"up": set()}


def alerts():
    return [rule for group in read("alerts.yaml")["groups"] for rule in group["rules"]]


def panels():
    return json.loads((CHART / "dashboard.json").read_text())["panels"]


def expressions():
    asked = [(rule["alert"], rule["expr"]) for rule in alerts()]
    asked += [(panel["title"], each["expr"]) for panel in panels() for each in panel["targets"]]
    return [pytest.param(expression, id=title) for title, expression in asked]


@pytest.mark.parametrize("expression", expressions())
def test_what_is_asked_for_exists(expression):
    """By metric, by label in braces, and by label after `by`."""
    samples = known()
    asked = re.findall(r"(\w+)\{(.*?)\}", expression)
    assert asked
    for name, matchers in asked:
        assert name in samples
        matched = set(re.findall(r"(\w+)(?:=~|!~|!=|=)", matchers))
        grouped = set(re.findall(r"\w+", " ".join(re.findall(r"by \((.*?)\)", expression))))
        assert matched | grouped <= samples[name] | ADDED
        assert "job" in matched, "it would count other bots, too"


def test_an_alert_names_only_labels_that_it_has():
    """A label that is summed away is an empty word in the summary."""
    for rule in alerts():
        named = set(re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]))
        kept = set(re.findall(r"\w+", " ".join(re.findall(r"by \((.*?)\)", rule["expr"]))))
        assert named <= kept, rule["alert"]


def test_an_alert_says_what_is_true_and_what_to_do():
    for rule in alerts():
        assert set(rule["annotations"]) == {"summary", "description"}, rule["alert"]
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert rule["alert"].startswith("RolloutBot")


def test_every_metric_of_the_bot_is_on_the_dashboard():
    """Somebody looks there for what somebody thought worth counting."""
    shown = json.dumps(panels())
    counted = {re.sub(r"_(bucket|sum|count|created)$", "", name) for name in known()}

    assert [name for name in counted if name.startswith("rollout_bot") and name not in shown] == []


def test_panels_stand_beside_each_other():
    """Two in one place cover each other."""
    places = set()
    for panel in panels():
        place = panel["gridPos"]
        for x in range(place["x"], place["x"] + place["w"]):
            assert x < 24
            assert (x, place["y"]) not in places, panel["title"]
            places.add((x, place["y"]))
