"""
A text -> its documents, each with the lines of its fields.

Documents are parted before they are parsed: a mistake in one is told with its number, and the tree
of a large file is never whole in memory. Only what can decide where traffic goes is decoded.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import yaml

from bot.balancing.gojson import BadJson
from bot.balancing.shapes import is_wanted
from bot.config.faults import Fault, Loc
from bot.config.source import Source, Swollen, Walk, not_yaml
from bot.manifests.files import Text
from bot.manifests.jsons import nodes

#: libyaml is 25 times as fast as Python
_Loader: Any = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
_BOUNDARY = re.compile(r"^(?:(?=---(?:[ \t\n]|\Z))|\.\.\.(?:[ \t].*)?\n)", re.MULTILINE)
_DIRECTIVE = re.compile(r"^%.*\n", re.MULTILINE)
_TEMPLATE = re.compile(r"\{\{")
_TAG = "tag:yaml.org,2002:"
_DATE, _INT, _NULL = f"{_TAG}timestamp", f"{_TAG}int", f"{_TAG}null"
_STARTS = (yaml.SequenceStartEvent, yaml.MappingStartEvent)
_ENDS = (yaml.SequenceEndEvent, yaml.MappingEndEvent)
_DEEPEST = 500  #: levels; libyaml's composer has no limit but the stack of the process
_FEW = 5_000  #: brackets in a document and signs in a line of which none can be nested too deeply


@dataclass
class Document:
    """
    One document.

    Attributes:
        number: in its file, from 1.
        line: where it begins.
        version: its `apiVersion`; empty: it has none.
        kind: its `kind`; empty: it has none.
        data: decoded; None: not wanted, or not readable.
        source: lines of fields, and what is wrong with it.
        template: the line of the first `{{`, which Helm would have replaced; 0: none.

    """

    number: int
    line: int
    version: str = ""
    kind: str = ""
    data: dict[str, Any] | None = None
    source: Source = field(default_factory=Source)
    template: int = 0

    def line_of(self, loc: Loc) -> int:
        """Tell the line of a place, or of what surrounds it."""
        return self.source.fault(loc, "").line


def documents(text: Text) -> Iterator[Document]:
    """Give the documents that are not empty; never raises."""
    number = 0
    for above, chunk in _parts(text.text):
        found = _document(text.name, chunk, above, number + 1)
        if found is not None:
            number += 1
            yield found


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """Part a text at its document markers; each with the number of lines above it."""
    if text.lstrip()[:1] in {"{", "["} and not text.lstrip().startswith("{{"):
        yield 0, text
        return
    starts = [0, *(match.end() for match in _BOUNDARY.finditer(text)), len(text)]
    above = 0
    for start, end in pairwise(starts):
        chunk = text[start:end]
        if chunk.strip():
            yield above, _DIRECTIVE.sub("\n", chunk) if chunk.startswith("%") else chunk
        above += chunk.count("\n")


def _document(file: str, chunk: str, above: int, number: int) -> Document | None:
    """Read one document; None: it is empty."""
    document = Document(number=number, line=above + 1, source=Source(file))
    if found := _TEMPLATE.search(chunk):
        document.template = above + chunk[: found.start()].count("\n") + 1
    loader = _Loader(chunk)
    try:
        node = _root(loader, chunk, file)
        if node is None or (node.tag == _NULL and not node.value):
            return None
        _read(document, loader, node, above)
    except (yaml.YAMLError, RecursionError, Swollen) as error:
        fault = not_yaml(file, error)
        document.source.faults = [_placed(fault, chunk, above)]
    except BadJson as error:
        line = chunk[: error.at].count("\n") + 1
        document.source.faults = [Fault(file, line + above, "", f"is not JSON: {error.reason}")]
    finally:
        loader.dispose()
    return document


def _root(loader: Any, chunk: str, file: str) -> yaml.Node | None:
    """Parse a chunk. Raises YAMLError, BadJson, RecursionError."""
    if chunk.lstrip()[:1] in {"{", "["}:
        try:
            return nodes(chunk)
        except BadJson:
            if file.endswith(".json"):
                raise
    _ensure_flat(chunk)
    root: yaml.Node | None = loader.get_single_node()
    return root


def _ensure_flat(chunk: str) -> None:
    """Refuse what is nested so deeply that composing it would end the process."""
    if chunk.count("[") + chunk.count("{") <= _FEW and max(map(len, chunk.split("\n"))) <= _FEW:
        return
    depth, loader = 0, _Loader(chunk)
    try:
        while loader.check_event():
            event = loader.get_event()
            depth += isinstance(event, _STARTS) - isinstance(event, _ENDS)
            if depth > _DEEPEST:
                raise RecursionError
    finally:
        loader.dispose()


def _read(document: Document, loader: Any, node: yaml.Node, above: int) -> None:
    document.line = document.source.lines[()] = node.start_mark.line + above + 1
    document.version, document.kind = _scalar(node, "apiVersion"), _scalar(node, "kind")
    if document.kind and is_wanted(document.version, document.kind):
        data = _Walk(loader, document.source, above=above).value(node, ())
        document.data = data if isinstance(data, dict) else None


class _Walk(Walk):
    """Reads scalars as kubectl does: dates and 12:30 are text."""

    def scalar(self, node: yaml.Node, loc: Loc) -> Any:
        """Give the value of a scalar."""
        if node.tag == _DATE or (node.tag == _INT and ":" in node.value):
            return node.value
        return super().scalar(node, loc)


def _scalar(node: yaml.Node, key: str) -> str:
    """Give the text of a key at the top; empty: there is none."""
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if isinstance(name, yaml.ScalarNode) and name.value == key:
                return str(value.value) if isinstance(value, yaml.ScalarNode) else ""
    return ""


def _placed(fault: Fault, chunk: str, above: int) -> Fault:
    """Count the lines of the whole file; what is missing at the end is missed in the last line."""
    line = min(max(fault.line, 1), chunk.rstrip("\n").count("\n") + 1)
    return Fault(fault.file, line + above, fault.field, f"{fault.message}{_tab(chunk, line)}")


def _tab(chunk: str, line: int) -> str:
    text = chunk.split("\n")[line - 1 : line] if line else []
    indented = text and "\t" in text[0][: len(text[0]) - len(text[0].lstrip())]
    return "; indent with spaces, YAML takes no tab there" if indented else ""
