"""
What the annotations of an Ingress say: told once, with its place, and mended by its patch.

The manifests under `tests/manifests/ANN-…` show each finding; here is what holds for all.
"""

import random
from pathlib import Path

import pytest
import yaml

from bot.balancing.inspection import inspect
from tests.balancing.loading import read, take_in
from tests.balancing.shop import (
    CANARY,
    HEADER,
    PREFIX,
    SERVICES,
    WEIGHTS,
    a_rollout,
    an_ingress,
    found,
    keys,
    unchecked,
)
from tests.balancing.test_balancing_patches import identity, merged

FOLDER = Path(__file__).parents[1] / "manifests"
SHOWN = sorted(FOLDER.glob("ANN-*/shown-*.yaml"))

# --- every finding


@pytest.mark.parametrize("path", SHOWN, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_evidence_names_where_and_the_fault_is_told_once(path):
    report = inspect(take_in(*read(path)))

    mine = [finding for finding in report.findings if finding.id == path.parent.name]
    places = [finding.place for finding in mine]
    assert len(set(places)) == len(places)
    for finding in mine:
        assert (
            PREFIX in finding.evidence
            or "spec.rules" in finding.evidence
            or ("target groups" in finding.evidence)
        )
        assert finding.origin == ("" if finding.kind == "Rollout" else path.name)


PATCHED = [
    pytest.param(path, finding, id=f"{path.parent.name}-{path.stem}")
    for path in SHOWN
    for finding in inspect(take_in(*read(path))).findings
    if finding.id == path.parent.name and finding.patch
]


@pytest.mark.parametrize(("path", "finding"), PATCHED)
def test_the_patch_mends_it_and_brings_nothing_new(path, finding):
    """It is YAML; put over the object it takes the finding away, and brings no other."""
    before = inspect(take_in(*read(path))).findings
    documents = [
        merged(one, yaml.safe_load(finding.patch))
        if identity(one) == identity(yaml.safe_load(finding.patch))
        else one
        for one in read(path)
    ]

    after = [one.key for one in inspect(take_in(*documents)).findings]

    assert finding.key not in after
    assert set(after) <= {one.key for one in before}


def test_most_kinds_can_be_mended_by_a_patch():
    patched = {parameters.values[0].parent.name for parameters in PATCHED}

    assert {f"ANN-{n:02}" for n in range(1, 22)} - patched == {"ANN-12", "ANN-15"}


# --- which annotations are read


def test_a_broken_annotation_of_the_default_backend_counts():
    (finding,) = found(an_ingress("shop-root", default="end", **{
        "actions.shop-root": WEIGHTS, "actions.end": "{"
    }), *SERVICES)  # fmt: skip

    assert finding.id == "ANN-01"
    assert finding.place == f"{PREFIX}/actions.end"


def test_conditions_of_the_default_backend_are_dropped_so_only_their_json_counts():
    limits = '[{"field":"source-ip","sourceIPConfig":{"values":["banana"]}}]'
    documents = an_ingress("shop-root", default="end", **{
        "actions.shop-root": WEIGHTS, "actions.end": CANARY, "conditions.end": limits
    })  # fmt: skip

    assert keys(documents, *SERVICES) == []


@pytest.mark.parametrize(
    "text", ["{", WEIGHTS.replace("10", '"10"'), CANARY.replace("type", "typ")]
)
def test_what_no_path_refers_to_is_not_read(text):
    ingress = an_ingress("shop-root", **{
        "actions.shop-root": WEIGHTS, "actions.old": text, "conditions.old": text
    })  # fmt: skip

    assert keys(ingress, *SERVICES) == []


def test_an_action_behind_a_port_is_not_read():
    ingress = an_ingress("shop-stable", **{"actions.shop-stable": "{"})
    ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]["port"] = {"number": 80}

    assert keys(ingress, *SERVICES) == []


def test_all_broken_annotations_are_told_though_the_controller_stops_at_the_first():
    ingress = an_ingress("beta", "shop-root", **{
        "conditions.beta": "{", "actions.beta": "[", "actions.shop-root": '{"type":"forward"}'
    })  # fmt: skip

    assert sorted(finding.place.rpartition("/")[2] for finding in found(ingress, *SERVICES)) == [
        "actions.beta", "actions.shop-root", "conditions.beta",
    ]  # fmt: skip


# --- once for each fault


@pytest.mark.parametrize(
    ("key", "text"),
    [
        pytest.param("conditions.beta", HEADER.replace("http-header", "header"), id="ANN-02"),
        pytest.param("conditions.beta", HEADER.replace('"1"', '"1","2","3","4"'), id="ANN-12"),
        pytest.param("conditions.beta", HEADER.replace("X-Canary", "Host"), id="ANN-13"),
        pytest.param("conditions.beta", HEADER.replace("values", "valeus"), id="ANN-01"),
        pytest.param("actions.beta", CANARY.replace("80", "80.5"), id="ANN-07"),
        pytest.param("actions.beta", CANARY[:-2] + ',"stickyness":1}}', id="none"),
    ],
)
def test_a_fault_is_told_once_however_many_rules_and_listeners_show_it(key, text, request):
    annotations = {
        "listen-ports": '[{"HTTP":80},{"HTTPS":443},{"HTTP":8080}]',
        "actions.beta": CANARY,
        "conditions.beta": HEADER,
        "actions.shop-root": WEIGHTS,
        key: text,
    }
    hosts = ("a.example.com", "b.example.com")
    ingress = an_ingress("beta", "shop-root", paths=("/x/*", "/y/*"), hosts=hosts, **annotations)

    expected = request.node.callspec.id.removeprefix("none")
    assert [f.id for f in found(ingress, *SERVICES)] == ([expected] if expected else [])


# --- keys


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        pytest.param("{", "ANN-01", id="unreadable"),
        pytest.param(WEIGHTS.replace("10", "0").replace("90", "0"), "ANN-04", id="all-zero"),
        pytest.param(WEIGHTS.replace("10", "1000"), "ANN-05", id="out-of-range"),
        pytest.param(WEIGHTS.replace("canary", "stable"), "ANN-06", id="twice"),
    ],
)
def test_at_the_weights_the_key_is_that_of_the_drift_poll(text, id_):
    """So one replaces the other: see `drift.py`."""
    ingress = an_ingress("shop-root", **{"actions.shop-root": text})

    assert f"{id_}:shop/shop:Ingress/shop" in keys(ingress, *SERVICES, a_rollout())


def test_weights_of_two_rollouts_are_told_for_each():
    ingress = an_ingress("shop-root", **{"actions.shop-root": "{"})

    assert keys(ingress, *SERVICES, a_rollout("one"), a_rollout("two")) == [
        "ANN-01:shop/one:Ingress/shop",
        "ANN-01:shop/two:Ingress/shop",
    ]


# --- what is not at hand


def test_without_services_what_needs_them_is_unchecked():
    gaps = unchecked(an_ingress("shop-root", **{"actions.shop-root": WEIGHTS}), a_rollout())

    assert set(gaps) == {"ANN-11", "ANN-19", "ANN-21"}
    assert set(gaps.values()) == {"Service shop-canary is not at hand"}


def test_two_spellings_of_a_port_cannot_be_compared_without_the_service():
    action = CANARY.replace("80", '"http"')
    ingress = an_ingress("beta", "shop-root", **{
        "actions.beta": action, "conditions.beta": HEADER, "actions.shop-root": WEIGHTS
    })  # fmt: skip

    assert unchecked(ingress)["ANN-18"] == "Service shop-canary is not at hand"


def test_whether_a_single_service_asks_for_logging_in_is_unchecked_without_it():
    ingress = an_ingress("shop-root", **{"actions.shop-root": CANARY})

    assert unchecked(ingress)["ANN-20"] == "Service shop-canary is not at hand"


# --- whatever they say

BROKEN = (WEIGHTS, CANARY, HEADER, HEADER.replace("http-header", "host-header"))
LETTERS = '{}[]",:0123456789.eE+-tfn\\u \n\u017f\ud800x*?'


def mangled(chance):
    text = list(chance.choice(BROKEN))
    for _ in range(chance.randint(0, 4)):
        at = chance.randrange(len(text))
        match chance.randrange(4):
            case 0:
                del text[at : at + chance.randint(1, 9)]
            case 1:
                text.insert(at, chance.choice(LETTERS))
            case 2:
                text[at] = chance.choice(LETTERS)
            case _:
                text[at:at] = text[at : at + chance.randint(1, 40)]
        text = text or ["x"]
    return "".join(text)


@pytest.mark.parametrize("seed", range(10))
def test_whatever_annotations_say_nothing_breaks_and_every_patch_is_read(seed):
    chance = random.Random(seed)
    for _ in range(25):
        ingress = an_ingress("beta", "shop-root", **{
            "actions.beta": mangled(chance),
            "conditions.beta": mangled(chance),
            "actions.shop-root": mangled(chance),
        })  # fmt: skip
        for finding in found(ingress, *SERVICES, a_rollout()):
            assert finding.evidence
            if finding.patch:
                assert isinstance(yaml.safe_load(finding.patch), dict)


def test_deep_nesting_and_long_values_are_read():
    deep = WEIGHTS[:-1] + ',"remark":' + "[" * 9_000 + "]" * 9_000 + ',"weigth":1,"typ":2}'
    ingress = an_ingress("shop-root", **{"actions.shop-root": deep})

    assert all(len(finding.evidence) < 2_000 for finding in found(ingress, *SERVICES))
