"""What the checks of built-in kinds have in common."""

import ipaddress
from collections.abc import Iterator, Sequence
from typing import Any

from bot.sandbox.cluster import names
from bot.sandbox.cluster.errors import Cause, fault

PORTS = range(1, 65536)
Found = Iterator[Cause]


def not_negative(field: str, value: int) -> Found:
    """A count below zero is wrong."""
    if value < 0:
        yield fault(field, f"Invalid value: {value}: must be greater than or equal to 0")


def no_port(field: str, number: Any) -> Cause:
    """Say that there is no such port."""
    return fault(field, f"Invalid value: {number}: must be between 1 and 65535, inclusive")


def unsupported(field: str, value: str, words: Sequence[str]) -> Cause:
    """Say which words there are."""
    known = ", ".join(f'"{one}"' for one in words)
    return fault(
        field, f'Unsupported value: "{value}": supported values: {known}', "FieldValueNotSupported"
    )


def named(name: str, field: str) -> Found:
    """A name that is none is wrong."""
    yield from each(names.subdomain_faults(name), field, name)


def each(words: list[str], field: str, value: str) -> Found:
    """One fault for each thing that is wrong with a value."""
    for one in words:
        yield fault(field, f'Invalid value: "{value}": {one}')


def is_address(text: str) -> bool:
    """Whether it is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def no_address(text: str) -> str:
    """Say that it is none."""
    return f'Invalid value: "{text}": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
