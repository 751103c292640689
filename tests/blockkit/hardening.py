"""
The official schema, made as strict as its own comments.

    generated ─▶ what the types leave open ─▶ limits from the comments ─▶ by_type

The types know no lengths: those stand in the comments, in plain English. A number that is neither
read nor known to be no limit is told, so that an upgrade of the types shows new limits instead of
losing them. References are kept, so a definition has its name wherever it is used; where a comment
limits one use of a text object, that use gets a copy of its own.
"""

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Node = dict[str, Any]

#: What a comment says ─▶ the limits that it means. In this order; what one has read is gone.
PATTERNS: list[tuple[str, tuple[str, ...]]] = [
    (r"length for the text in each item is (\d+) characters", ("items/maxLength",)),
    (r"minimum length[^.]* is (\d+) and maximum length is (\d+) char", ("minLength", "maxLength")),
    (r"minimum length is (\d+) character", ("minLength",)),
    (r"max(?:imum)? length(?: for [^.]*)? (?:is|of) (\d+) characters", ("maxLength",)),
    (r"must be less than (\d+) characters", ("belowLength",)),
    (r"limit (\d+,\d+) characters max", ("maxLength",)),
    (r"array with a max of (\d+) table cells", ("items/maxItems",)),
    (r"minimum (\d+), maximum (\d+) cards", ("minItems", "maxItems")),
    (r"maximum (\d+) (?:rows|items|blocks)", ("maxItems",)),
    (r"max(?:imum)?(?: number of [a-z ]+ is| of) (\d+)", ("maxItems",)),
    (r"up to (\d+)", ("maxItems",)),
    (r"maximum value is (\d+)", ("maximum",)),
    (r"minimum number is (\d+)", ("minimum",)),
    (r"must be between (\d+) and (\d+)", ("minimum", "maximum")),
    (r"from `(\d+)` \(default\) to `(\d+)`", ("minimum", "maximum")),
    (r"min(?:imum of)? `(\d+)`, max(?:imum of)? `(\d+)`", ("minimum", "maximum")),
]
#: Numbers in comments that are no limit, each with what it is.
NO_LIMIT = {
    "Button.text": "about how much is shown of a label: ~30 characters",
    "WorkflowButton.text": "about how much is shown of a label: ~30 characters",
    "DataTableBlock.page_size": "the default: 5",
    "DataTableBlock.row_header_column_index": "columns count from 0, which is the default",
    "DateTimepicker.initial_date_time": "an example of a time",
    "ExternalSelect.min_query_length": "the default: 3",
    "MultiExternalSelect.min_query_length": "the default: 3",
    "FileInput.max_files": "the default: 10",
    "RichTextDate.format": "examples of dates",
    "RichTextInput.max_lines": "the default: 8",
    "RichTextList.border": "what 0 and 1 mean; the type itself allows nothing else",
    "RichTextPreformatted.border": "what 0 and 1 mean; the type itself allows nothing else",
    "RichTextQuote.border": "what 0 and 1 mean; the type itself allows nothing else",
    "RichTextList.style": "an ordered list counts from 1",
    "SectionBlock.fields": "fields are shown in 2 columns",
    "Timepicker.initial_time": "how a time is written",
}
_NUMBER = re.compile(r"(?<!\w)\d[\d,]*(?!\w)")
_ADDRESS = re.compile(r"https?://\S+")


@dataclass
class Official:
    """
    What Slack's own types and their comments say.

    Attributes:
        definitions: by name, with limits, unions as `anyOf`.
        limits: how many were read.
        unread: what is left of comments with a number that was not read, by `Definition.field`.

    """

    definitions: dict[str, Node]
    limits: int = 0
    unread: dict[str, str] = field(default_factory=dict)

    def surface(self, name: str) -> Node:
        """Give what a message, a modal or a home tab may be."""
        return self.definitions["Official"]["properties"][name]

    def resolve(self, node: Node) -> Node:
        """Follow references to what they stand for."""
        while "$ref" in node:
            node = self.definitions[node["$ref"].rpartition("/")[2]]
        return node

    def members(self, node: Node) -> Iterator[Node]:
        """Give every member of a union of unions; whatever is no union is its only member."""
        target = self.resolve(node)
        if "anyOf" not in target:
            yield node
        for one in target.get("anyOf", ()):
            yield from self.members(one)


def harden(generated: Node) -> Official:
    """Close what the types leave open, and read the limits of every comment."""
    official = Official(copy.deepcopy(generated["definitions"]))
    later: list[tuple[Node, str, str, int]] = []
    for name, definition in official.definitions.items():
        for one in [definition, *definition.get("anyOf", ())]:
            for part, node in one.get("properties", {}).items():
                later += [(one, part, *limit) for limit in _read(official, f"{name}.{part}", node)]
    # text objects get their own limits first, then what limits one use of them
    later.sort(key=lambda limit: "type" not in limit[0]["properties"][limit[1]])
    for owner, part, keyword, number in later:
        owner["properties"][part] = _limited(official, owner["properties"][part], keyword, number)
    official.limits = len(later)
    _close(official)
    return official


def _close(official: Official) -> None:
    """Settle what the types leave open and Slack does not."""
    known = {"$ref": "#/definitions/KnownBlock"}
    of = official.definitions
    official.surface("message")["maxItems"] = 50  # docs.slack.dev/reference/block-kit/blocks
    for view in ("ModalView", "HomeView"):  # AnyBlock is whatever has a type
        of[view]["properties"]["blocks"]["items"] = known
    of["PlanBlock"]["properties"]["tasks"]["items"] = {"$ref": "#/definitions/TaskCardBlock"}
    group = of["OptionGroup"]["properties"]  # written out without its comments in static_select
    for select in ("StaticSelect", "MultiStaticSelect"):
        inline = of[select]["properties"]["option_groups"]["items"]["properties"]
        inline["label"] = group["label"]
        inline["options"]["maxItems"] = group["options"]["maxItems"]


def _read(official: Official, where: str, node: Node) -> Iterator[tuple[str, int]]:
    """Read the limits of one comment."""
    said = " ".join(_ADDRESS.sub(" ", node.get("description", "")).lower().split())
    for pattern, keywords in PATTERNS:
        if found := re.search(pattern, said):
            numbers = [int(number.replace(",", "")) for number in found.groups()]
            yield from zip(keywords, numbers, strict=True)
            said = said.replace(found[0], " ")
    if _NUMBER.search(said):
        official.unread[where] = said


def _limited(official: Official, node: Node, keyword: str, number: int) -> Node:
    """Give the node with a limit; of a text object its text is limited, in a copy."""
    if keyword == "belowLength":
        keyword, number = "maxLength", number - 1
    if keyword.startswith("items/"):
        inner = _limited(official, node["items"], keyword.removeprefix("items/"), number)
        return {**node, "items": inner}
    if not keyword.endswith("Length") or node.get("type") == "string":
        return {**node, keyword: number}
    copies = [copy.deepcopy(official.resolve(one)) for one in official.members(node)]
    for one in copies:
        one["properties"]["text"][keyword] = number
    return copies[0] if len(copies) == 1 else {"anyOf": copies}


def by_type(official: Official, node: Any) -> Any:
    """Rewrite unions so that an error names the member that was meant."""
    if isinstance(node, list):
        return [by_type(official, one) for one in node]
    if not isinstance(node, dict):
        return node
    if "anyOf" not in node:
        return {name: by_type(official, part) for name, part in node.items()}
    tagged: dict[str, list[Node]] = {}
    for one in official.members(node):
        tag = official.resolve(one).get("properties", {}).get("type", {}).get("const")
        tagged.setdefault(tag, []).append(by_type(official, one))
    if None in tagged:
        return {"anyOf": [one for same in tagged.values() for one in same]}
    return {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": sorted(tagged)}},
        "allOf": [
            {
                "if": {"properties": {"type": {"const": tag}}},
                "then": same[0] if len(same) == 1 else {"anyOf": same},
            }
            for tag, same in tagged.items()
        ],
    }
