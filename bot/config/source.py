"""
YAML to plain data, and where in the file each of it stands.

Stricter than YAML: no key twice, keys are text, an alias does not contain itself. A key without a
value counts as not written, so that the entries of a list can all be commented out. Aliases of
aliases that would swell to millions of values are refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import yaml

from bot.config.faults import ConfigError, Fault, Loc, field_name

_MERGE = "tag:yaml.org,2002:merge"
_MOST_REPEATED = 100_000  #: values that aliases may repeat


class Scalars(Protocol):
    """What makes values of scalars: a loader of PyYAML."""

    def construct_object(self, node: yaml.Node) -> Any:
        """Give the value. Raises ConstructorError, ValueError."""


@dataclass
class Source:
    """A file that was read: its data, the lines, and what is wrong with it so far."""

    file: str = ""
    data: Any = None
    lines: dict[Loc, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, loc: Loc, message: str) -> Fault:
        """Make a fault of that place; what is not there is where its surroundings begin."""
        where = loc
        while where and where not in self.lines:
            where = where[:-1]
        return Fault(self.file, self.lines.get(where, 0), field_name(loc), message)


def read(path: Path) -> Source:
    """
    Read a file as far as it can be read.

    Raises:
        ConfigError: it cannot be opened, or is not YAML.

    """
    file = str(path)
    try:
        text = path.read_bytes()
    except OSError as error:
        raise ConfigError([Fault(file, 0, "", f"cannot be read: {error.strerror}")]) from error
    loader = None
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        source = Source(file)
        if node is not None:
            source.lines[()] = node.start_mark.line + 1
            source.data = Walk(loader, source).value(node, ())
        if source.data is None and not source.faults:
            source.faults.append(Fault(file, 1, "", "is empty"))
    except (yaml.YAMLError, RecursionError, Swollen) as error:
        raise ConfigError([not_yaml(file, error)]) from error
    finally:
        if loader is not None:
            loader.dispose()
    return source


class Swollen(Exception):  # noqa: N818 - what the document is
    """Its aliases repeat more than anybody can read."""


def not_yaml(file: str, error: Exception) -> Fault:
    """Say why a text is not YAML, or not such that anybody can read it."""
    match error:
        case yaml.MarkedYAMLError(problem_mark=mark) if mark is not None:
            what = ", ".join(filter(None, (error.context, error.problem)))
            return Fault(file, mark.line + 1, "", f"is not YAML: {what}")
        case yaml.reader.ReaderError():
            return Fault(file, 0, "", f"is not YAML: {error.reason}")
        case Swollen():
            return Fault(file, 0, "", f"aliases (*) repeat more than {_MOST_REPEATED:,} values")
        case _:
            return Fault(file, 0, "", "is not YAML that anybody can read: nested too deeply")


class Walk:
    """
    One walk through a document.

    Args:
        loader: makes values of scalars.
        source: gets lines and faults.
        above: how many lines stand above the text that the loader has.

    """

    def __init__(self, loader: Scalars, source: Source, *, above: int = 0) -> None:
        self._loader = loader
        self._source = source
        self._first = above + 1
        self._open: set[int] = set()  # the nodes we are in
        self._seen: set[int] = set()
        self._repeated = 0

    def value(self, node: yaml.Node, loc: Loc) -> Any:
        """Give the data of a node. Raises Swollen, RecursionError."""
        if id(node) in self._open:
            return self._refuse(loc, "contains itself")
        self._repeated += id(node) in self._seen
        if self._repeated > _MOST_REPEATED:
            raise Swollen
        self._seen.add(id(node))
        self._open.add(id(node))
        try:
            match node:
                case yaml.MappingNode():
                    return self._mapping(node, loc)
                case yaml.SequenceNode():
                    return [self._item(item, (*loc, n)) for n, item in enumerate(node.value)]
                case _:
                    return self.scalar(node, loc)
        finally:
            self._open.discard(id(node))

    def _item(self, node: yaml.Node, loc: Loc) -> Any:
        self._source.lines[loc] = self._line(node)
        return self.value(node, loc)

    def _line(self, node: yaml.Node) -> int:
        return int(node.start_mark.line) + self._first

    def _mapping(self, node: yaml.MappingNode, loc: Loc) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for key, value in node.value:
            if key.tag == _MERGE:
                for one in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                    if isinstance(one, yaml.MappingNode):
                        merged = {**self.value(one, loc), **merged}  # the first has precedence
                    else:
                        self._refuse(loc, "<<: only a mapping can be merged")
        own = dict(self._pairs(node, loc))  # afterwards: the lines of what is written here count
        return {**merged, **own}

    def _pairs(self, node: yaml.MappingNode, loc: Loc) -> Iterator[tuple[str, Any]]:
        """Go through the keys that are written here, each once."""
        seen: dict[str, int] = {}
        for key_node, value_node in node.value:
            if key_node.tag == _MERGE:
                continue
            line = self._line(key_node)
            key = self.scalar(key_node, loc) if isinstance(key_node, yaml.ScalarNode) else None
            if not isinstance(key, str):
                self._refuse(loc, f"line {line}: a key must be text")
                continue
            here = (*loc, key)
            if key in seen:
                self._source.faults.append(
                    Fault(
                        self._source.file,
                        line,
                        field_name(here),
                        f"is written twice; the first time in line {seen[key]}",
                    )
                )
                continue
            seen[key] = line
            self._source.lines[here] = line
            value = self.value(value_node, here)
            if value is not None:
                yield key, value

    def scalar(self, node: yaml.Node, loc: Loc) -> Any:
        """Give the value of a scalar."""
        try:
            return self._loader.construct_object(node)
        # !tags; 2026-13-45; and whatever PyYAML makes of `!!bool maybe`
        except (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError, OverflowError):
            return self._refuse(loc, f"{node.value!r} is not understood; put it in quotes")

    def _refuse(self, loc: Loc, message: str) -> None:
        self._source.faults.append(self._source.fault(loc, message))
