"""What cannot be read is told with file, line, document and field; all of it at once."""

import io
import time

import pytest

from bot.manifests import Unreadable, read
from bot.manifests.files import MOST

HEAD = "apiVersion: v1\nkind: Service\n"
RENDER = "render it first: helm template CHART | rollout-bot lint -"


def refused(*paths, stdin=b""):
    with pytest.raises(Unreadable) as unreadable:
        read([str(path) for path in paths], io.BytesIO(stdin))
    return str(unreadable.value)


def a_bomb():
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for one, next_ in zip("abcdefghi", "bcdefghij", strict=True):
        lines.append(f"{next_}: &{next_} [{', '.join([f'*{one}'] * 9)}]")
    return HEAD + "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("", "stdin: is empty: there is nothing to look at", id="nothing"),
        pytest.param("---\n# a comment\n---\n", "stdin: is empty", id="empty-documents"),
        pytest.param(
            "a: 1\n",
            "stdin:1: document 1: is no Kubernetes object: it has neither apiVersion nor kind",
            id="not-kubernetes",
        ),
        pytest.param("- a\n", "stdin:1: document 1: is no Kubernetes object", id="a-list"),
        pytest.param("hello\n", "stdin:1: document 1: is no Kubernetes object", id="prose"),
        pytest.param("apiVersion: v1\n", "stdin:1: document 1: kind: is missing", id="no-kind"),
        pytest.param(
            f"{HEAD}metadata: {{name: a}}\n---\n{HEAD}metadata:\n  name: b\n  name: c\n",
            "stdin:9: document 2, Service b: metadata.name: is written twice; "
            "the first time in line 8",
            id="a-key-twice",
        ),
        pytest.param(
            f"{HEAD}metadata:\n\tname: a\n", "stdin:4: document 1: is not YAML: ", id="tabs"
        ),
        pytest.param(
            f"{HEAD}metadata:\n\tname: a\n",
            "indent with spaces, YAML takes no tab there",
            id="tabs-2",
        ),
        pytest.param(
            f"{HEAD}metadata: &m\n  name: a\n  labels: *m\n",
            "contains itself",
            id="an-endless-alias",
        ),
        pytest.param(
            a_bomb(), "document 1: aliases (*) repeat more than 100,000", id="an-alias-bomb"
        ),
        pytest.param(f"{HEAD}x: {'[' * 100_000}", "nested too deeply", id="deep"),
        pytest.param("[" * 2_000 + "]" * 2_000, "nested too deeply", id="deep-json"),
        pytest.param("a: \0\n", "is not YAML: control characters", id="nul"),
        pytest.param(
            f"{HEAD}metadata: {{name: a}}\nspec:\n  ports: [{{port: web}}]\n",
            'stdin:5: document 1, Service a: spec.ports[0].port: must be a whole number, not "web"',
            id="a-wrong-shape",
        ),
        pytest.param(
            "apiVersion: networking.k8s.io/v1\nkind: IngressList\nitems:\n"
            "- metadata: {name: a}\n- metadata: {name: b}\n  spec: {rules: x}\n",
            "stdin:6: document 1, Ingress b: items[1].spec.rules: must be a list",
            id="in-a-list",
        ),
        pytest.param(
            f"# c\n{HEAD}metadata:\n  name: {{{{ .Values.name }}}}\n",
            "stdin:5: document 1: is a Helm template that was not rendered ({{ … }}); " + RENDER,
            id="helm-in-a-name",
        ),
        pytest.param(
            f"{{{{- if .Values.on }}}}\n{HEAD}{{{{- end }}}}\n",
            "stdin:1: document 1: is a Helm template",
            id="helm-around",
        ),
        pytest.param(
            f'{HEAD}metadata:\n  name: "{{{{ .Values.name }}}}"\n', RENDER, id="helm-in-quotes"
        ),
    ],
)
def test_what_is_no_manifest_is_refused_in_words(text, says):
    assert says in refused("-", stdin=text.encode())


def test_bytes_that_are_no_text_are_refused_with_their_line():
    assert refused("-", stdin=b"a: 1\nb: \xff\n") == "stdin:2: is no text in UTF-8"


def test_json_in_a_json_file_is_told_as_json(tmp_path):
    file = tmp_path / "a.json"
    file.write_text('{\n"a": 1,\n}')
    assert refused(file).startswith(f"{file}:3: document 1: is not JSON: ")


def test_a_file_that_is_not_there(tmp_path):
    assert refused(tmp_path / "a.yaml") == f"{tmp_path / 'a.yaml'}: there is no such file"


def test_a_folder_without_yaml(tmp_path):
    (tmp_path / "README.md").write_text("hello")
    assert refused(tmp_path) == f"{tmp_path}: holds no file that ends in .json, .yaml, .yml"


def test_a_folder_without_kubernetes(tmp_path):
    (tmp_path / "values.yaml").write_text("a: 1\n")
    assert refused(tmp_path) == f"{tmp_path}: 1 file, but no Kubernetes object in it"


def test_everything_is_told_at_once(tmp_path):
    (tmp_path / "a.yaml").write_text("a: [")
    (tmp_path / "b.yaml").write_text(f"{HEAD}metadata: {{name: 1}}\n---\n{HEAD}metadata: 7\n")
    told = refused(tmp_path, tmp_path / "none").splitlines()
    assert len(told) == 4


@pytest.mark.parametrize("size", [50 * 2**20, MOST + 1])
def test_a_file_that_is_too_large_is_refused_at_once(tmp_path, size):
    file = tmp_path / "big.yaml"
    with file.open("wb") as stream:
        stream.truncate(size)
    before = time.monotonic()
    told = refused(file)
    assert told.startswith(f"{file}: is larger than 16 MB, which I do not read in one piece; ")
    assert "--cluster" in told
    assert time.monotonic() - before < 5


def test_mistakes_in_objects_of_other_kinds_are_nobodys_fault():
    text = (
        f"{HEAD}metadata: {{name: a}}\n---\napiVersion: v1\nkind: ConfigMap\ndata: {{1: a, 1: b}}\n"
    )
    found = read(["-"], io.BytesIO(text.encode()))
    assert dict(found.left_out) == {"ConfigMap": 1}
