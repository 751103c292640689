"""Findings as data."""

from typing import Any

from bot.balancing.catalogue import CATALOGUE
from bot.balancing.checks.scene import Unchecked
from bot.balancing.finding import Finding
from bot.balancing.inspection import Report

Data = dict[str, Any]


def as_data(report: Report, missing: tuple[str, ...]) -> Data:
    """
    Give everything.

    `missing` are the rights that the account lacks: what needs them is not checked, for no object
    in particular.
    """
    return {
        "findings": [_finding(one) for one in report.findings],
        "unchecked": [
            *({"id": None, "object": None, "reason": sentence} for sentence in missing),
            *map(_unchecked, report.unchecked),
        ],
    }


def _finding(one: Finding) -> Data:
    entry = CATALOGUE.get(one.id)
    return {
        "id": one.id,
        "severity": str(one.severity),
        "object": {"kind": one.kind, "namespace": one.namespace, "name": one.name},
        "rollout": one.rollout or None,
        "message": one.message,
        "why": entry.why if entry else "",
        "evidence": one.evidence,
        "fix": one.fix,
        "patch": one.patch or None,
        "origin": one.origin or None,
    }


def _unchecked(one: Unchecked) -> Data:
    named = {"kind": one.kind, "namespace": one.namespace, "name": one.name}
    return {"id": one.id, "object": named, "reason": one.reason}
