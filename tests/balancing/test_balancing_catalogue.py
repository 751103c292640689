"""
Every finding of the catalogue has manifests that show it, and others that nearly do.

`tests/manifests/<ID>/shown-*.yaml` gives the finding, `near-*.yaml` does not. Whatever else of
the same section a file gives, the comment at its top names.
"""

import re
from itertools import takewhile
from pathlib import Path

import pytest

from bot.balancing.catalogue import CATALOGUE
from bot.balancing.inspection import Report, inspect
from tests.balancing.loading import load

FOLDER = Path(__file__).parents[1] / "manifests"
IDS = [*CATALOGUE]
SHOWN = sorted(FOLDER.glob("*/shown-*.yaml"))
NEAR = sorted(FOLDER.glob("*/near-*.yaml"))


def called(path):
    return f"{path.parent.name}-{path.stem}"


def section(id_):
    return id_.partition("-")[0]


def words_at_the_top(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    return " ".join(line.strip("# ") for line in takewhile(lambda line: line[:1] == "#", lines))


def opened(path):
    """From files, unless the comment says that nothing else exists."""
    return load(path, is_whole="Read as a whole cluster." in words_at_the_top(path))


def unnamed(path, report: Report):
    """The findings of the same section that neither the folder nor the comment names."""
    named = {path.parent.name, *re.findall(r"\b[A-Z]+-\d+\b", words_at_the_top(path))}
    found = {f.id for f in report.findings if section(f.id) == section(path.parent.name)}
    return sorted(found - named)


@pytest.mark.parametrize("path", SHOWN, ids=called)
def test_the_finding_is_shown_with_message_evidence_and_remedy(path):
    report = inspect(opened(path))

    mine = [finding for finding in report.findings if finding.id == path.parent.name]
    assert mine, [finding.key for finding in report.findings]
    for finding in mine:
        assert finding.message
        assert finding.evidence
        assert finding.fix
    assert not unnamed(path, report)


@pytest.mark.parametrize("path", NEAR, ids=called)
def test_a_near_miss_was_looked_at_and_is_not_found(path):
    report = inspect(opened(path))

    assert path.parent.name not in {finding.id for finding in report.findings}
    assert path.parent.name not in {gap.id for gap in report.unchecked}
    assert not unnamed(path, report)


@pytest.mark.parametrize("path", [*SHOWN, *NEAR], ids=called)
def test_a_manifest_says_at_its_top_what_it_shows(path):
    assert path.parent.name in CATALOGUE
    assert len(words_at_the_top(path)) > 20


@pytest.mark.parametrize("id_", IDS)
def test_every_finding_has_a_manifest_and_a_near_miss(id_):
    kinds = {path.parent.name for path in SHOWN}, {path.parent.name for path in NEAR}

    assert id_ in kinds[0], f"tests/manifests/{id_}/shown-….yaml"
    assert id_ in kinds[1], f"tests/manifests/{id_}/near-….yaml"


@pytest.mark.parametrize("entry", CATALOGUE.values(), ids=list(CATALOGUE))
def test_an_entry_says_why_it_matters_and_what_to_do(entry):
    for sentence in (entry.why, entry.fix):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
    assert entry.title
    assert not entry.title.endswith(".")
