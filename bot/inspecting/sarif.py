"""
Findings for code scanning: SARIF 2.1.0.

Source: OASIS, Static Analysis Results Interchange Format 2.1.0, with Errata 01.
"""

from importlib.metadata import version
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from bot.balancing.catalogue import CATALOGUE, Entry
from bot.balancing.finding import Finding, Severity
from bot.balancing.inspection import Report
from bot.inspecting.lint_text import unchecked

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
    Severity.INFO: "note",
}

Data = dict[str, Any]


def as_data(report: Report, missing: tuple[str, ...]) -> Data:
    """Give the log of one run; what was not checked is a notification of it."""
    rules = list(CATALOGUE)
    notifications = [
        *({"level": "warning", "message": {"text": sentence}} for sentence in missing),
        *(
            {"level": "note", "message": {"text": unchecked(one)}} | _associated(one.id, rules)
            for one in report.unchecked
        ),
    ]
    invocation: Data = {"executionSuccessful": True}
    if notifications:
        invocation["toolExecutionNotifications"] = notifications
    driver = {
        "name": "rollout-bot",
        "semanticVersion": version("rollout-bot"),
        "rules": [_rule(entry) for entry in CATALOGUE.values()],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [invocation],
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, rules) for one in report.findings],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _associated(id_: str, rules: list[str]) -> Data:
    return {"associatedRule": {"id": id_, "index": rules.index(id_)}} if id_ in rules else {}


def _rule(entry: Entry) -> Data:
    text = "\n\n".join(
        filter(None, (entry.why, entry.fix, entry.source and f"Source: {entry.source}"))
    )
    return {
        "id": entry.id,
        "shortDescription": {"text": entry.title},
        "fullDescription": {"text": entry.why},
        "help": {"text": text},
        "defaultConfiguration": {"level": _LEVELS[entry.severity]},
        "properties": {"severity": str(entry.severity), "tags": ["kubernetes", "argo-rollouts"]},
    }


def _result(one: Finding, rules: list[str]) -> Data:
    name = "/".join(filter(None, (one.namespace, one.name)))
    text = "\n\n".join(filter(None, (one.message, one.evidence, one.fix)))
    location: Data = {
        "logicalLocations": [
            {"name": one.name, "fullyQualifiedName": f"{one.kind}/{name}", "kind": "object"}
        ]
    }
    file, _, line = one.origin.rpartition(":")
    if file and line.isdecimal():
        location["physicalLocation"] = {
            "artifactLocation": {"uri": _uri(file)},
            "region": {"startLine": max(1, int(line))},
        }
    index = {"ruleIndex": rules.index(one.id)} if one.id in rules else {}
    return {
        "ruleId": one.id,
        **index,
        "level": _LEVELS[one.severity],
        "message": {"text": text},
        "locations": [location],
        "partialFingerprints": {"rolloutBotFinding/v1": one.key},
        "properties": {"severity": str(one.severity)},
    }


def _uri(file: str) -> str:
    """Write a path as a URI: relative ones stay so, and are meant from the root of the sources."""
    path = PurePath(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
