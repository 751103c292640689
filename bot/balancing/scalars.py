"""
The plain values of annotations, read as the controller's Go code reads them.

Source: `pkg/annotations/parser.go` of v3.5.0; Go 1.26 `strconv`, `unicode`, `net`.
"""

import re
from ipaddress import ip_address

_INT = re.compile(r"[+-]?[0-9]+\Z")
_TRUE = {"1", "t", "T", "TRUE", "true", "True"}
_FALSE = {"0", "f", "F", "FALSE", "false", "False"}
_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)


def parse_int(text: str, bits: int = 32) -> int | None:
    """Read a whole number with an optional sign; None: it is none, or has more than these bits."""
    if not _INT.match(text):
        return None
    digits = text.lstrip("+-").lstrip("0") or "0"
    if len(digits) > 20:
        return None
    number = -int(digits) if text.startswith("-") else int(digits)
    return number if -(2 ** (bits - 1)) <= number < 2 ** (bits - 1) else None


def parse_bool(text: str) -> bool | None:
    """Read a truth value; None: it is none (`yes`, `on`, ` true`)."""
    return True if text in _TRUE else False if text in _FALSE else None


def parse_list(text: str) -> tuple[str, ...]:
    """Read members between commas; empty ones are dropped."""
    return tuple(part for part in (strip(part) for part in text.split(",")) if part)


def parse_pairs(text: str) -> dict[str, str] | None:
    r"""
    Read `key=value` pairs between commas; None: there is something else.

    `\` takes the next letter as it is. A comma behind which no `=` follows ends the pairs.
    """
    pairs: dict[str, str] = {}
    for item in _items(text):
        key, equals, value = item.partition("=")
        if not equals or not strip(key):
            return None
        pairs[strip(key)] = strip(value)
    return pairs


def _items(text: str) -> list[str]:
    items: list[str] = []
    current = ""
    letters = iter(enumerate(text))
    for i, letter in letters:
        if letter == "\\" and i + 1 < len(text):
            current += next(letters)[1]
        elif letter != ",":
            current += letter
        elif "=" in text[i + 1 :]:
            items.append(strip(current))
            current = ""
        elif rest := strip(text[i + 1 :]):
            return [*items, strip(current), rest]
        else:
            current += letter
    return [*items, strip(current)] if current else items


def strip(text: str) -> str:
    """Take away what Go calls space at both ends."""
    return text.strip(_SPACE)


def is_net(text: str) -> bool:
    """Whether it is a net such as `10.0.0.0/8`, with its length."""
    address, slash, length = text.partition("/")
    if not slash or "%" in address or not re.fullmatch("[0-9]+", length) or len(length) > 7:
        return False
    try:
        return int(length) <= ip_address(address).max_prefixlen
    except ValueError:
        return False
