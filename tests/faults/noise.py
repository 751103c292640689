"""Lines of a watch as no API server should send them: the truth is among them all the same."""

import json
import random
from collections.abc import Iterator

from tests.faults.history import Json

GARBAGE = (
    b"{",
    b"null",
    b"[]",
    b'"MODIFIED"',
    b'{"type":"MODIFIED"}',
    b'{"type":"MODIFIED","object":null}',
    b'{"type":"MODIFIED","object":{"metadata":{}}}',
    b'{"type":"SOMETHING","object":{"metadata":{"uid":"x"}}}',
    b'{"type":"ERROR","object":"none"}',
    b"\xff\xfe\x00 not even text",
    b"<html>502 Bad Gateway</html>",
)
LARGE = 1_500_000  #: bytes; etcd takes no object that is larger


class Noise:
    """
    Bends lines.

    Args:
        rng: decides how.
        garbage: the part of lines before which there is one that makes no sense.
        large: the part of lines that are very long.

    """

    def __init__(self, rng: random.Random, *, garbage: float = 0.01, large: float = 0.002) -> None:
        self._rng = rng
        self._garbage = garbage
        self._large = large
        self._before = b""
        self.lines = 0  #: that were given out

    def __call__(self, line: bytes) -> Iterator[bytes]:
        """Give lines instead of this one; what it says is said, and nothing newer is unsaid."""
        for bent in self._bent(line):
            self.lines += 1
            yield bent
        self._before = line

    def _bent(self, line: bytes) -> Iterator[bytes]:
        chance = self._rng.random()
        if chance < self._garbage:
            yield self._rng.choice(GARBAGE) + b"\n"
        elif chance < self._garbage + self._large:
            line = _changed(line, lambda one: _annotate(one, "x" * LARGE))
        ways = ("plain", "plain", "again", "older", "unknown", "bare", "empty")
        match self._rng.choice(ways):
            case "again":
                yield from (line, line)
            case "older":  # what was said before comes once more, after what is newer
                yield from (line, self._before or line)
            case "unknown":
                yield _changed(line, _with_unknown_fields)
            case "bare":  # before the controller has written its status
                yield from (_changed(line, _without_status), line)
            case "empty":
                yield from (b"\n", line)
            case _:
                yield line


def _changed(line: bytes, change: object) -> bytes:
    event: Json = json.loads(line)
    if event.get("type") in {"ADDED", "MODIFIED"}:
        change(event["object"])  # type: ignore[operator]
    return json.dumps(event).encode() + b"\n"


def _annotate(thing: Json, text: str) -> None:
    thing["metadata"].setdefault("annotations", {})["noise"] = text


def _with_unknown_fields(thing: Json) -> None:
    thing["noise"] = {"of": ["another", 7, None]}
    thing["metadata"]["noise"] = 1.5
    if isinstance(thing.get("spec"), dict):
        thing["spec"]["noise"] = [[[]]]
    if isinstance(thing.get("status"), dict):
        thing["status"]["noise"] = "x"


def _without_status(thing: Json) -> None:
    thing.pop("status", None)
