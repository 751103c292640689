"""`lint --output sarif`: SARIF 2.1.0 that code scanning can take."""

import jsonschema
import pytest

from bot.balancing.catalogue import CATALOGUE
from bot.balancing.checks.scene import Unchecked
from bot.balancing.finding import Finding, Severity
from bot.balancing.inspection import Report
from bot.inspecting import sarif
from tests.inspecting.schemas import SARIF
from tests.inspecting.test_lint_command import HOME_PAGE, SHOWN


def a_finding(**changes):
    given = {
        "id": "ORD-01",
        "severity": Severity.CRITICAL,
        "namespace": "shop",
        "rollout": "api",
        "kind": "Ingress",
        "name": "api",
        "message": "The header never decides.",
        "evidence": "rule 1 takes all.",
        "origin": "deploy/shop.yaml:12",
    }
    return Finding(**given | changes)


def the_run(*findings, unchecked=(), missing=()):
    log = sarif.as_data(Report(findings=findings, unchecked=unchecked), missing)
    jsonschema.validate(log, SARIF)
    (run,) = log["runs"]
    return run


@pytest.mark.parametrize("file", SHOWN, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_every_finding_makes_a_valid_log(rollout_bot, file):
    ran = rollout_bot("lint", file, "--output", "sarif")
    jsonschema.validate(ran.data, SARIF)
    (run,) = ran.data["runs"]
    rules = run["tool"]["driver"]["rules"]
    for one in run["results"]:
        assert rules[one["ruleIndex"]]["id"] == one["ruleId"]
    prints = [one["partialFingerprints"]["rolloutBotFinding/v1"] for one in run["results"]]
    assert len(prints) == len(set(prints))


def test_the_exit_code_is_that_of_the_findings(rollout_bot):
    assert rollout_bot("lint", HOME_PAGE, "--output", "sarif").code == 1


def test_rules_come_from_the_catalogue():
    rules = the_run()["tool"]["driver"]["rules"]
    assert [one["id"] for one in rules] == list(CATALOGUE)
    entry = CATALOGUE["ORD-11"]
    told = next(one for one in rules if one["id"] == "ORD-11")
    assert told["shortDescription"]["text"] == entry.title
    assert entry.why in told["help"]["text"]
    assert entry.fix in told["help"]["text"]


@pytest.mark.parametrize(
    ("severity", "level"),
    [
        (Severity.CRITICAL, "error"),
        (Severity.HIGH, "error"),
        (Severity.MEDIUM, "warning"),
        (Severity.LOW, "note"),
        (Severity.INFO, "note"),
    ],
)
def test_severities_become_levels(severity, level):
    (result,) = the_run(a_finding(severity=severity))["results"]
    assert (result["level"], result["properties"]) == (level, {"severity": str(severity)})


@pytest.mark.parametrize(
    ("origin", "uri", "line"),
    [
        pytest.param("deploy/shop.yaml:12", "deploy/shop.yaml", 12, id="relative"),
        pytest.param("/srv/shop.yaml:3", "file:///srv/shop.yaml", 3, id="absolute"),
        pytest.param("my files/café.yaml:1", "my%20files/caf%C3%A9.yaml", 1, id="odd-signs"),
        pytest.param("a:b.yaml:7", "a%3Ab.yaml", 7, id="colon"),
        pytest.param("stdin:4", "stdin", 4, id="stdin"),
    ],
)
def test_results_stand_at_file_and_line(origin, uri, line):
    (result,) = the_run(a_finding(origin=origin))["results"]
    (location,) = result["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": uri},
        "region": {"startLine": line},
    }


def test_what_is_in_a_cluster_has_a_name_and_no_file():
    (result,) = the_run(a_finding(origin=""))["results"]
    (location,) = result["locations"]
    assert "physicalLocation" not in location
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "Ingress/shop/api"


def test_the_same_finding_keeps_its_fingerprint_when_lines_move():
    first, second = (
        the_run(a_finding(origin=f"shop.yaml:{line}"))["results"][0]["partialFingerprints"]
        for line in (1, 90)
    )
    assert first == second == {"rolloutBotFinding/v1": a_finding().key}


def test_what_was_not_checked_is_a_notification():
    one = Unchecked(
        id="ORD-01", kind="Ingress", namespace="shop", name="api", reason="it is not here"
    )
    run = the_run(unchecked=(one,), missing=("My account may not list services.",))
    right, open_ = run["invocations"][0]["toolExecutionNotifications"]
    assert right == {"level": "warning", "message": {"text": "My account may not list services."}}
    assert "Ingress shop/api: it is not here" in open_["message"]["text"]
    assert open_["associatedRule"]["id"] == "ORD-01"
