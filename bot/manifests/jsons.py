"""JSON as the tree of nodes that YAML gives, so that both are read in one way."""

from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate
from typing import Any

import yaml

from bot.balancing.gojson import Kind, Node, parse

_TAG = "tag:yaml.org,2002:"


def nodes(text: str) -> yaml.Node:
    """Read a JSON text, which is one document. Raises BadJson, RecursionError."""
    ends = [*accumulate(len(line) + 1 for line in text.split("\n"))]

    def mark(at: int) -> yaml.Mark:
        return yaml.Mark("", at, bisect_right(ends, at), 0, None, 0)

    return _node(parse(text), mark)


def _node(node: Node, mark: Callable[[int], Any]) -> yaml.Node:
    here = mark(node.at)
    match node.kind:
        case Kind.OBJECT:
            pairs = [
                (yaml.ScalarNode(f"{_TAG}str", key, mark(member.at)), _node(member, mark))
                for key, member in node.value
            ]
            return yaml.MappingNode(f"{_TAG}map", pairs, here)
        case Kind.ARRAY:
            return yaml.SequenceNode(f"{_TAG}seq", [_node(one, mark) for one in node.value], here)
        case Kind.STRING:
            return yaml.ScalarNode(f"{_TAG}str", node.value, here)
        case Kind.NUMBER:
            is_whole = node.value.lstrip("-").isdecimal()
            return yaml.ScalarNode(f"{_TAG}{'int' if is_whole else 'float'}", node.value, here)
        case Kind.BOOL:
            return yaml.ScalarNode(f"{_TAG}bool", str(node.value).lower(), here)
        case _:
            return yaml.ScalarNode(f"{_TAG}null", "", here)
