"""
The short names of pod templates and of step lists.

FNV-1a of their JSON, spelled with letters that make no words, as Argo does. Argo writes the JSON as
Go does, so its hashes are others; nobody may rely on their value, only on when they change.
"""

import json
from typing import Any

_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_OFFSET, _PRIME, _SIZE = 0x811C9DC5, 0x01000193, 2**32


def short_hash(value: Any) -> str:
    """Give the same name to the same value, whatever the order of its keys."""
    number = _OFFSET
    for byte in json.dumps(value, sort_keys=True, separators=(",", ":")).encode():
        number = ((number ^ byte) * _PRIME) % _SIZE
    return "".join(_LETTERS[ord(digit) % len(_LETTERS)] for digit in str(number))
