"""
What the code itself writes into the pages of docs/: `make docs`.

    <!-- keys: written by make docs -->
    …
    <!-- end -->

Everything else on a page is written by people, and stays.
"""

import re
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from tests.docs import findings, keys, verbs
from tests.docs.cases import PATCHES, REFUSALS

DOCS = Path(__file__).parents[2] / "docs"
_PART = re.compile(
    r"^(?P<begin><!-- (?P<name>[^\n:]+): written by make docs -->\n)"
    r"(?:(?!<!--).*\n)*"  # never beyond another comment
    r"(?P<end><!-- end -->)$",
    re.MULTILINE,
)

Writer = Callable[[], str]

#: by page, and by the name of the part on it
PARTS: Mapping[str, Mapping[str, Writer]] = {
    "configuration.md": {"keys": keys.tables},
    "findings.md": {
        "overview": findings.overview,
        **{
            f"{kind}-": partial(findings.sections, f"{kind}-")
            for kind in ("WIRE", "ING", "ANN", "ORD")
        },
    },
    "verbs.md": {
        "patches of tidying up": verbs.tidying,
        **{f"patches of {verb}": partial(verbs.patches, verb) for verb in PATCHES},
        **{
            f"refusals of {verb}": partial(verbs.refusals, verb)
            for verb in REFUSALS
            if REFUSALS[verb]
        },
    },
}


def parts_of(text: str) -> list[str]:
    """Name the parts that a page has room for."""
    return [found["name"] for found in _PART.finditer(text)]


def renewed(text: str, parts: Mapping[str, Writer]) -> str:
    """Write all parts of a page anew."""
    return _PART.sub(
        lambda found: f"{found['begin']}{parts[found['name']]()}\n{found['end']}", text
    )


def main() -> int:
    """Write them, or with `--check` say which pages are old; the exit code."""
    old = 0
    for name, parts in PARTS.items():
        page = DOCS / name
        text = page.read_text(encoding="utf-8")
        fresh = renewed(text, parts)
        if fresh == text:
            continue
        old += 1
        print(page)
        if "--check" not in sys.argv:
            page.write_text(fresh, encoding="utf-8")
    return old if "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
