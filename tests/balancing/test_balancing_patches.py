"""A patch that goes with a finding mends it: put onto the manifest that shows it, it is gone."""

import pytest
import yaml

from bot.balancing.checks.patches import yaml as written
from bot.balancing.inspection import inspect
from bot.sandbox.cluster.objects import merged
from tests.balancing.loading import identity, read, take_in
from tests.balancing.test_balancing_catalogue import FOLDER, called, words_at_the_top

WIRING = [*sorted(FOLDER.glob("WIRE-*/shown-*.yaml")), *sorted(FOLDER.glob("ING-*/shown-*.yaml"))]

#: no patch can be written: why
UNPATCHED = {
    "ING-01": "only people know which Ingress is meant",
    "WIRE-05": "only people know which Service is meant",
    "WIRE-12": "a new name is for people to find",
    "WIRE-13": "it may be accepted; the root cannot be renamed without an outage",
    "WIRE-14": "an Ingress of its own is a new manifest",
}


def report_of(path, documents):
    return inspect(
        take_in(*documents, is_whole="Read as a whole cluster" in words_at_the_top(path))
    )


@pytest.mark.parametrize("path", WIRING, ids=called)
def test_the_patch_takes_the_finding_away(path):
    documents = read(path)
    for finding in report_of(path, documents).findings:
        patches = [p for p in yaml.safe_load_all(finding.patch) if p and "kind" in p]
        if not patches:
            continue
        mended = {identity(document): document for document in documents}
        for patch in patches:
            mended[identity(patch)] = merged(mended[identity(patch)], patch)

        left = {other.key for other in report_of(path, mended.values()).findings}
        assert finding.key not in left


@pytest.mark.parametrize("id_", sorted({path.parent.name for path in WIRING}))
def test_a_patch_is_written_wherever_one_can_be(id_):
    patches = [
        finding.patch
        for path in WIRING
        if path.parent.name == id_
        for finding in report_of(path, read(path)).findings
        if finding.id == id_
    ]

    assert any(patches) == (id_ not in UNPATCHED)


@pytest.mark.parametrize(
    "value",
    [
        {"a": {"b": None, "c": True, "d": 8080}},
        {"list": [{"a": "1", "b": ["x", {"y": []}]}, "on", "null", "", {}]},
        {"text": ["it's", '[{"HTTP":80}]', "a: b # c", " lead", "*", "/*", "&x", "!y", "%z", "@"]},
        {"signs": ["two\nlines", 'back\\slash "and" tab\t', "\x7f\x85\u2028", "𝄞\n", "ü"]},
        {"12": "key of digits", "a.b/c-d": "plain", "yes": "taken"},
    ],
    ids=["scalars", "lists", "signs of YAML", "signs that are not printed", "keys"],
)
def test_what_is_written_as_yaml_reads_the_same(value):
    assert yaml.safe_load(written(value)) == value
