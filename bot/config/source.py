"""
YAML to plain data, and where in the file each of it stands.

Stricter than YAML: no key twice, keys are text, an alias does not contain itself. A key without a
value counts as not written, so that the entries of a list can all be commented out.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.config.faults import ConfigError, Fault, Loc, field_name

_MERGE = "tag:yaml.org,2002:merge"


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
            source.data = _Walk(loader, source).value(node, ())
        if source.data is None and not source.faults:
            source.faults.append(Fault(file, 1, "", "is empty"))
    except (yaml.YAMLError, RecursionError) as error:
        raise ConfigError([_not_yaml(file, error)]) from error
    finally:
        if loader is not None:
            loader.dispose()
    return source


def _not_yaml(file: str, error: Exception) -> Fault:
    match error:
        case yaml.MarkedYAMLError(problem_mark=yaml.Mark() as mark):
            what = ", ".join(filter(None, (error.context, error.problem)))
            return Fault(file, mark.line + 1, "", f"is not YAML: {what}")
        case yaml.reader.ReaderError():
            return Fault(file, 0, "", f"is not YAML: {error.reason}")
        case _:
            return Fault(file, 0, "", "is not YAML that anybody can read: nested too deeply")


class _Walk:
    """One walk through a document."""

    def __init__(self, loader: yaml.SafeLoader, source: Source) -> None:
        self._loader = loader
        self._source = source
        self._open: list[yaml.Node] = []  # the nodes we are in

    def value(self, node: yaml.Node, loc: Loc) -> Any:
        """Give the data of a node."""
        if node in self._open:
            return self._refuse(loc, "contains itself")
        self._open.append(node)
        try:
            match node:
                case yaml.MappingNode():
                    return self._mapping(node, loc)
                case yaml.SequenceNode():
                    return [self._item(item, (*loc, n)) for n, item in enumerate(node.value)]
                case _:
                    return self._scalar(node, loc)
        finally:
            self._open.pop()

    def _item(self, node: yaml.Node, loc: Loc) -> Any:
        self._source.lines[loc] = node.start_mark.line + 1
        return self.value(node, loc)

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
            line = key_node.start_mark.line + 1
            key = self._scalar(key_node, loc) if isinstance(key_node, yaml.ScalarNode) else None
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

    def _scalar(self, node: yaml.Node, loc: Loc) -> Any:
        try:
            return self._loader.construct_object(node)
        except (yaml.constructor.ConstructorError, ValueError):  # !tags; 2026-13-45
            return self._refuse(loc, f"{node.value!r} is not understood; put it in quotes")

    def _refuse(self, loc: Loc, message: str) -> None:
        self._source.faults.append(self._source.fault(loc, message))
