"""`rollout-bot lint`: what is wrong, the gravest first; what was not checked is never silent."""

from pathlib import Path

import jsonschema
import pytest

from bot.balancing.catalogue import CATALOGUE
from bot.balancing.finding import Finding, Severity
from bot.balancing.inspection import Report
from bot.balancing.inventory import Inventory
from bot.inspecting.lint_text import as_text
from bot.inspecting.looking import Sight
from bot.paper import Paper, clean, paper
from tests.inspecting.conftest import MANIFESTS
from tests.inspecting.schemas import LINT

#: a root path that reaches nothing but the home page: high, and nothing else
HOME_PAGE = MANIFESTS / "ORD-04" / "shown-home-page.yaml"
SHOWN = sorted(MANIFESTS.glob("*/shown-*.yaml"))


def only(severity):
    """A manifest whose gravest finding has this severity."""
    wanted = {"high": "ORD-04/shown-home-page.yaml", "info": "ORD-15"}[severity]
    found = MANIFESTS / wanted
    return found if found.is_file() else next(iter(sorted(found.glob("shown-*.yaml"))))


def test_a_finding_tells_what_why_where_and_how_to_mend_it(rollout_bot):
    ran = rollout_bot("lint", HOME_PAGE)
    assert (ran.code, ran.err) == (1, "")
    head, *rest = ran.out.splitlines()
    assert head.startswith("HIGH  ORD-04  Ingress shop/web  ")
    assert f"{HOME_PAGE}:2" in head
    for label in ("Why:", "Evidence:", "Rollout:", "Fix:", "Patch:"):
        assert any(line.startswith(f"  {label}") for line in rest), label
    assert "path: /*" in ran.out
    assert "1 high" in rest[-1]
    assert all(len(line) <= 100 for line in rest if not line.startswith("      "))


ANSWERED = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: closed
  annotations:
    kubernetes.io/ingress.class: alb
    alb.ingress.kubernetes.io/actions.closed: >-
      {"type": "fixed-response", "fixedResponseConfig": {"statusCode": "503"}}
spec:
  rules:
    - http:
        paths:
          - path: /*
            pathType: ImplementationSpecific
            backend: {service: {name: closed, port: {name: use-annotation}}}
"""


def test_without_findings_it_says_so_and_what_was_looked_at(rollout_bot):
    """A Service alone is nothing to look at; with an Ingress it is."""
    ingress = ANSWERED
    ran = rollout_bot("lint", "-", stdin=ingress)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "No findings. I looked at 0 Rollouts, 1 Ingress and 0 Services in 1 file.\n"


@pytest.mark.parametrize("kind", ["ConfigMap", "Service"])
def test_without_anything_to_look_at_it_says_that(rollout_bot, kind):
    ran = rollout_bot("lint", "-", stdin=f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: a}}\n")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "There is nothing to look at: no Rollout and no Ingress in 1 file.\n"


@pytest.mark.parametrize(
    ("severity", "fail_on", "code"),
    [
        ("high", None, 1),
        ("high", "critical", 0),
        ("high", "high", 1),
        ("high", "medium", 1),
        ("high", "low", 1),
        ("info", None, 0),
        ("info", "low", 0),
    ],
)
def test_the_threshold_decides_the_exit_code_and_info_never_fails(
    rollout_bot, severity, fail_on, code
):
    flags = ["--fail-on", fail_on] if fail_on else []
    ran = rollout_bot("lint", only(severity), "--output", "json", *flags)
    gravest = ran.data["findings"][0]["severity"]
    assert (gravest, ran.code) == (severity, code)


def test_the_help_argues_the_default(rollout_bot):
    ran = rollout_bot("lint", "--help")
    assert "default: high, because" in " ".join(ran.out.split())


def test_what_was_not_checked_has_a_section_of_its_own(rollout_bot):
    """A Rollout whose Ingress is not in the files: nothing about it is passed in silence."""
    text = HOME_PAGE.read_text(encoding="utf-8")
    alone = "---".join(part for part in text.split("---") if "kind: Rollout" in part)
    ran = rollout_bot("lint", "-", stdin=alone)
    assert "NOT CHECKED\n  - Ingress shop/web is not at hand\n" in ran.out
    title = CATALOGUE["ING-01"].title
    assert f"    not looked for:\n      ING-01  {title}\n      WIRE-01  " in ran.out
    assert "not checked. I looked at 1 Rollout, 0 Ingresses" in " ".join(ran.out.split())
    data = rollout_bot("lint", "-", "--output", "json", stdin=alone).data
    assert data["unchecked"]
    jsonschema.validate(data, LINT)


@pytest.mark.parametrize("file", SHOWN, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_findings_for_scripts_have_the_shape_that_is_promised(rollout_bot, file):
    ran = rollout_bot("lint", file, "--output", "json")
    jsonschema.validate(ran.data, LINT)
    order = [list(Severity).index(one["severity"]) for one in ran.data["findings"]]
    assert order == sorted(order)
    for one in ran.data["findings"]:
        assert one["origin"].startswith(f"{file}:")


def test_unreadable_input_prints_no_findings(rollout_bot, tmp_path):
    file = tmp_path / "broken.yaml"
    file.write_text("a: [")
    ran = rollout_bot("lint", HOME_PAGE, file)
    assert (ran.code, ran.out) == (2, "")
    assert f"{file}:1: document 1: is not YAML" in ran.err


def test_what_is_written_twice_is_told_beside_the_results(rollout_bot):
    text = HOME_PAGE.read_text(encoding="utf-8")
    ran = rollout_bot("lint", HOME_PAGE, "-", stdin=text)
    assert "Ingress shop/web is written twice: " in ran.err
    assert "ORD-04" in ran.out


def test_every_label_ends_before_what_it_says():
    finding = Finding(
        id="WIRE-18",
        severity=Severity.MEDIUM,
        namespace="shop",
        rollout="web",
        kind="Rollout",
        name="web",
        message="It flaps.",
        evidence="a field",
        writer="kubectl-edit",
    )
    sight = Sight(inventory=Inventory(), before=Inventory())
    told = [*as_text(sight, Report(findings=(finding,)), Paper())]
    assert "  Written by: kubectl-edit" in told
    assert "  Evidence:  a field" in told


class _Stream:
    def __init__(self, *, terminal):
        self.terminal = terminal

    def isatty(self):
        return self.terminal


@pytest.mark.parametrize(
    ("terminal", "environ", "colours"),
    [
        pytest.param(True, {}, True, id="terminal"),
        pytest.param(False, {}, False, id="pipe"),
        pytest.param(True, {"NO_COLOR": "1"}, False, id="no-color"),
        pytest.param(True, {"TERM": "dumb"}, False, id="dumb"),
    ],
)
def test_colours_only_in_a_terminal_that_wants_them(terminal, environ, colours):
    assert paper(_Stream(terminal=terminal), environ).colours is colours


def test_signs_that_a_terminal_obeys_are_shown_as_such():
    assert clean("a\x1b[31mb\nc\x07") == "a�[31mb\nc�"
    assert [*Paper(width=40).wrap("a\x1bb", "- ")] == ["- a�b"]


def test_no_word_is_lost_when_lines_are_broken():
    words = " ".join(f"word{number}" for number in range(40))
    lines = [*Paper(width=40).wrap(words, "  Why: ")]
    assert all(len(line) <= 40 for line in lines)
    assert " ".join(lines).replace("Why:", "").split() == words.split()


def test_the_manifests_are_found():
    assert Path(HOME_PAGE).is_file()
    assert len(SHOWN) > 10
