"""
Manifests as teams write them, in which nothing is wrong: nothing grave may be found there.

What is worth a word all the same, the comment at the top of the file names.
"""

import io
import re
from pathlib import Path

import pytest

from bot.balancing.finding import Severity
from bot.balancing.inventory import Controller
from bot.inspecting.looking import look_at_files

FOLDER = Path(__file__).parents[1] / "manifests" / "healthy"
SETS = sorted(FOLDER.iterdir())


def found_in(path):
    sight = look_at_files([str(path)], io.BytesIO(), namespace="default", controller=Controller())
    assert sight.inventory.ingresses
    return sight.inspect().findings


def words_at_the_top(path):
    files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
    lines = (line for file in files for line in file.read_text(encoding="utf-8").splitlines())
    return " ".join(line for line in lines if line.startswith("# "))


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
def test_nothing_grave_is_found_in_healthy_manifests(path):
    grave = [f for f in found_in(path) if f.severity.reaches(Severity.HIGH)]

    assert not grave, [f"{finding.id}: {finding.message}" for finding in grave]


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
def test_what_is_worth_a_word_is_named_and_nothing_else(path):
    named = set(re.findall(r"\b(?:WIRE|ANN|ORD|ING)-\d+\b", words_at_the_top(path)))

    assert {finding.id for finding in found_in(path)} == named
