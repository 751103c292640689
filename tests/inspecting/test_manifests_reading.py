"""Files, folders and standard input become one inventory, in which everything has its place."""

import io
import json
from pathlib import Path

import pytest

from bot.balancing.groups import find_groups
from bot.balancing.inventory import Controller
from bot.manifests import read

MANIFESTS = Path(__file__).parent.parent / "manifests"
SERVICE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\n"


def reading(*paths, stdin=b"", **settings):
    return read([str(path) for path in paths], io.BytesIO(stdin), **settings)


def names(found):
    return [one.name for one in found.inventory.services]


def test_the_seed_has_its_objects_at_their_lines():
    file = MANIFESTS / "seed.yaml"
    found = reading(file)
    assert found.places == {
        ("Ingress", "default", "tomozo"): f"{file}:6",
        ("Service", "default", "tomozo-stable"): f"{file}:46",
        ("Service", "default", "tomozo-canary"): f"{file}:57",
        ("Rollout", "default", "tomozo"): f"{file}:68",
    }
    assert found.inventory.ingresses[0].origin == f"{file}:6"
    assert not found.inventory.is_whole


def test_the_old_seed_is_legacy_and_makes_a_group():
    found = reading(MANIFESTS / "seed-v1beta1.yaml")
    (group,) = find_groups(found.inventory)
    assert group.members[0].legacy


def test_a_folder_is_read_to_its_bottom_in_order_and_what_is_hidden_is_not(tmp_path):
    for place in ("b.yaml", "a/z.yml", "a/y.json", ".git/x.yaml", "a/.w.yaml", "c.txt"):
        file = tmp_path / place
        file.parent.mkdir(exist_ok=True)
        file.write_text(SERVICE.format(name=file.stem.strip(".")))
    (tmp_path / "values.yaml").write_text("replicas: 3\n")
    (tmp_path / "other.yaml").write_text("apiVersion: v1\nkind: ConfigMap\ndata: {1: a, 1: b}\n")

    found = reading(tmp_path)

    assert names(found) == ["y", "z", "b"]
    assert (found.files, dict(found.left_out)) == (5, {"ConfigMap": 1})


def test_a_file_that_is_named_twice_is_read_once(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text(SERVICE.format(name="a"))
    assert reading(file, tmp_path, file).notes == ()


def test_of_two_objects_with_one_name_the_later_counts_and_both_places_are_told(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text(SERVICE.format(name="a") + "---\n" + SERVICE.format(name="a"))
    found = reading(file)
    (note,) = found.notes
    assert note == f"Service default/a is written twice: {file}:1 and {file}:6; the later counts."
    assert found.places["Service", "default", "a"] == f"{file}:6"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        pytest.param(SERVICE.format(name="a").replace("\n", "\r\n").encode(), ["a"], id="crlf"),
        pytest.param(b"\xef\xbb\xbf" + SERVICE.format(name="a").encode(), ["a"], id="bom"),
        pytest.param(SERVICE.format(name="a").encode("utf-16"), ["a"], id="utf-16"),
        pytest.param(
            b"---\n# Source: shop/templates/service.yaml\n"
            + SERVICE.format(name="a").encode()
            + b"---\n# Source: shop/templates/empty.yaml\n---\n\n---\n"
            + SERVICE.format(name="b").encode(),
            ["a", "b"],
            id="as-helm-writes-it",
        ),
        pytest.param(
            b"%YAML 1.1\n---\n" + SERVICE.format(name="a").encode() + b"...\n# end\n",
            ["a"],
            id="directives-and-end",
        ),
        pytest.param(
            b"apiVersion: v1\nkind: Service\nmetadata: &m {name: a, labels: {x: y}}\nspec:\n"
            b"  selector: &s {app: a}\n  other: *s\n",
            ["a"],
            id="anchors",
        ),
        pytest.param(
            json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "List",
                    "items": [
                        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}}
                        for name in ("a", "b")
                    ],
                },
                indent="\t",
            ).encode(),
            ["a", "b"],
            id="json-list-with-tabs",
        ),
        pytest.param(
            b"apiVersion: v1\nkind: Service\n"
            b"metadata: {name: a, annotations: {x: 2026-01-01, y: 1:30}}",
            ["a"],
            id="dates-are-text-as-for-kubectl",
        ),
        pytest.param(
            b"apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n  labels:\nspec:\n  selector:\n",
            ["a"],
            id="keys-without-values",
        ),
    ],
)
def test_what_people_pipe_is_read(text, wanted):
    assert names(reading("-", stdin=text)) == wanted


def test_lines_in_json_are_those_of_the_objects():
    head = '{\n "kind": "ServiceList", "apiVersion": "v1",\n "items": [\n'
    text = head + '  {"metadata": {"name": "a"}}]}'
    assert reading("-", stdin=text.encode()).places["Service", "default", "a"] == "stdin:4"


def test_the_namespace_and_the_controller_may_be_given():
    text = SERVICE.format(name="a").encode()
    found = reading("-", stdin=text, namespace="shop", controller=Controller(legacy=True))
    assert found.inventory.services[0].namespace == "shop"
    assert found.inventory.controller.legacy
