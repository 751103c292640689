"""
Making valid things wrong: a value of another kind, foreign text, too much, too deep, missing.

Mutations are small and few for each case, so that most of a thing stays valid and the wrong part
gets as far as it can.
"""

import copy
import random
from typing import Any

from tests.messages.hostile import MARKUP, SIGNS

Json = Any

_NUMBERS = [0, -1, 1, 2**31, 2**63, 2**64, -(2**63), 10**300, 0.5, -0.0, 1e308, 1e-320]
_TEXTS = [
    *MARKUP,
    *SIGNS,
    "",
    " ",
    "null",
    "true",
    "-1",
    "1e400",
    "٣",
    "../../../secrets/x",
    "shop/api",
    "tomozo/tomozo",
    "U0ANN",
    "C0RELEASES",
    "\udc80\ud800",
    "a" * 300,
    "%s%n{0}{__class__}${x}",
    "'; drop table ledger; --",
    "2026-02-30T25:61:61Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:60+99:99",
    "-0s",
    "1h1m1x",
    "100%",
    "=cmd()",
    "9" * 5_000,
]
_SHAPES: list[Json] = [None, True, False, [], {}, [[]], [None], {"": None}, [{}], {"a": {"b": []}}]


def a_text(rng: random.Random) -> str:
    """Foreign text, now and then a lot of it."""
    text = "".join(rng.choice(_TEXTS) for _ in range(rng.choice([1, 1, 1, 2, 5])))
    if rng.random() < 0.03:
        text = (text or "x") * rng.choice([100, 1_000, 20_000])
    return text[:200_000]


def a_value(rng: random.Random) -> Json:
    """Anything that JSON can be."""
    match rng.randrange(8):
        case 0 | 1 | 2:
            return a_text(rng)
        case 3:
            return rng.choice(_NUMBERS)
        case 4:
            return _deep(rng)
        case 5:
            return [a_text(rng)] * rng.choice([1, 3, 500])
        case _:
            return copy.deepcopy(rng.choice(_SHAPES))


def _deep(rng: random.Random) -> Json:
    deep: Json = a_text(rng)
    for _ in range(rng.choice([2, 30, 200])):
        deep = [deep] if rng.random() < 0.5 else {"a": deep}
    return deep


def _places(thing: Json, found: list[tuple[Json, Any]], depth: int = 0) -> None:
    """Find all places where a value stands: its container, and its key there."""
    if depth > 40 or len(found) > 3_000:
        return
    if isinstance(thing, dict):
        for key, value in thing.items():
            found.append((thing, key))
            _places(value, found, depth + 1)
    elif isinstance(thing, list):
        for at, value in enumerate(thing):
            found.append((thing, at))
            _places(value, found, depth + 1)


def mutated(thing: Json, rng: random.Random) -> Json:
    """Give a copy that is wrong in one place or a few."""
    made = copy.deepcopy(thing)
    for _ in range(rng.choice([1, 1, 1, 2, 4])):
        places: list[tuple[Json, Any]] = []
        _places(made, places)
        if not places:
            return a_value(rng)
        container, key = rng.choice(places)
        container_or_whole = _changed(container, key, rng)
        if container_or_whole is not None:
            made = container_or_whole
    return made


def _changed(container: Json, key: Any, rng: random.Random) -> Json | None:
    """Change one place; a new whole where nothing else makes sense."""
    match rng.randrange(10):
        case 0 | 1 | 2 | 3:
            container[key] = a_value(rng)
        case 4:
            container[key] = a_text(rng)
        case 5:
            del container[key]
        case 6:
            container[key] = [container[key]]
        case 7:
            container[key] = {"id": container[key]}
        case 8 if isinstance(container, dict):
            container[a_text(rng)[:100]] = container[key]
        case 9 if isinstance(container[key], str) and container[key]:
            container[key] = _of_text(container[key], rng)
        case _:
            return None
    return None


def _of_text(text: str, rng: random.Random) -> str:
    """Change a letter, cut, double, or put something in."""
    at = rng.randrange(len(text))
    match rng.randrange(5):
        case 0:
            return text[:at]
        case 1:
            return text[:at] + a_text(rng) + text[at:]
        case 2:
            return text[:at] + chr(rng.choice([0, 9, 10, 0x7F, 0x202E, 0xFFFD])) + text[at + 1 :]
        case 3:
            return text + text
        case _:
            return text.swapcase()


def garbled(content: bytes, rng: random.Random) -> bytes:
    """Change bytes, so that it may be no text and no JSON any more."""
    made = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 8])):
        if not made:
            break
        at = rng.randrange(len(made))
        match rng.randrange(5):
            case 0:
                made[at] = rng.randrange(256)
            case 1:
                del made[at : at + rng.choice([1, 5, 50])]
            case 2:
                made[at:at] = bytes(rng.randrange(256) for _ in range(rng.choice([1, 4])))
            case 3:
                made[at:at] = rng.choice([b"[" * 2_000, b'{"a":' * 2_000, b"9" * 5_000, b"\\ud800"])
            case _:
                made[at:at] = made[max(0, at - 20) : at]
    return bytes(made)
