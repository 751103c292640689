"""
The table of the chart's values, made of the comments in values.yaml.

`python -m tests.helm.table` prints it; with `--write` it is put into the chart's README.
"""

import json
import re
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.helm.chart import CHART, defaults

README = CHART / "README.md"
_BEGIN, _END = "<!-- values: python -m tests.helm.table --write -->\n", "<!-- end of values -->\n"
_COMMENT = re.compile(r" *# -- (.*)")
_KEY = re.compile(r"( *)([\w-]+):")


class Row(NamedTuple):
    """One value: its path, what it is by default, what its comment says."""

    path: str
    default: Any
    meaning: str


def rows() -> Iterator[Row]:
    """Go through the values that have a comment beginning with `# --`."""
    above: list[tuple[int, str]] = []
    meaning = ""
    for line in (CHART / "values.yaml").read_text().splitlines():
        if comment := _COMMENT.match(line):
            meaning = comment[1]
        elif key := _KEY.match(line):
            depth = len(key[1])
            above = [*(one for one in above if one[0] < depth), (depth, key[2])]
            if meaning:
                path = [name for _, name in above]
                yield Row(".".join(path), _default(path), meaning)
            meaning = ""


def _default(path: list[str]) -> Any:
    value = defaults()
    for key in path:
        value = value[key]
    return value


def table() -> str:
    """Give the table in Markdown."""
    lines = [f"| `{row.path}` | `{json.dumps(row.default)}` | {row.meaning} |" for row in rows()]
    return "\n".join(["| value | default | meaning |", "|---|---|---|", *lines]) + "\n"


def with_table(text: str) -> str:
    """Put the table where it belongs in the README's text."""
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}{table()}{_END}{after}"


def main() -> None:
    """Print the table, or write it."""
    if "--write" in sys.argv[1:]:
        README.write_text(with_table(README.read_text()))
    else:
        print(table(), end="")


if __name__ == "__main__":
    main()
