"""The patches of ORD-…: handed to `kubectl patch --type merge`, they mend what they stand at."""

from copy import deepcopy
from pathlib import Path

import pytest
import yaml

from bot.balancing.finding import Severity
from bot.balancing.inspection import inspect
from bot.sandbox.cluster.objects import merged
from tests.balancing.loading import identity, read, take_in

FOLDER = Path(__file__).parents[1] / "manifests"
SHOWN = sorted(FOLDER.glob("ORD-*/shown-*.yaml"))
#: what only people can decide: whose redirect, whose paths, which port
BY_HAND = {"ORD-08", "ORD-13", "ORD-14"}
UNDECIDED = {"shown-one-port-two-protocols", "shown-two-test-at-once"}


def patched(documents, patch):
    assert identity(patch) in [identity(document) for document in documents]
    return [
        merged(document, patch) if identity(document) == identity(patch) else document
        for document in documents
    ]


def of_order(documents):
    report = inspect(take_in(*deepcopy(documents)))
    return {finding.key: finding for finding in report.findings if finding.id[:3] == "ORD"}


@pytest.mark.parametrize("path", SHOWN, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_patch_mends_what_it_stands_at_and_brings_nothing_new(path):
    documents = read(path)
    before = of_order(documents)

    for key, finding in before.items():
        is_note = finding.severity is Severity.INFO
        if is_note or finding.id in BY_HAND or path.stem in UNDECIDED:
            assert not finding.patch
            continue
        after = of_order(patched(documents, yaml.safe_load(finding.patch)))
        assert key not in after
        assert not set(after) - set(before)
