"""What a single value may be. Each refusal says what is allowed."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, InstanceOf

from bot.config.faults import did_you_mean, shown
from bot.release.numbers import is_whole
from bot.schedule import Cron

_UNITS = {
    "ns": 1e-9,
    "us": 1e-6,
    "µs": 1e-6,  # the sign for micro
    "μs": 1e-6,  # the Greek letter; Go takes both
    "ms": 1e-3,
    "s": 1.0,
    "m": 60.0,
    "h": 3600.0,
}
_SPAN = re.compile(rf"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)({'|'.join(_UNITS)})")
_SPANS = "write it as in Go: 90s, 1h30m, 500ms"
_LARGEST_PORT = 65535
_SHORTEST_LEASE, _LONGEST_LEASE = timedelta(seconds=5), timedelta(minutes=2)

_KEY = r"(?:[a-zA-Z0-9.-]+/)?[a-zA-Z0-9](?:[\w.-]*[a-zA-Z0-9])?"
_LABEL = r"(?:[a-zA-Z0-9](?:[\w.-]*[a-zA-Z0-9])?)?"
_REQUIREMENT = (
    rf"\s*(?:!?\s*{_KEY}|{_KEY}\s*(?:==?|!=)\s*{_LABEL}"
    rf"|{_KEY}\s+(?:in|notin)\s*\(\s*{_LABEL}(?:\s*,\s*{_LABEL})*\s*\))\s*"
)


class Address(NamedTuple):
    """Where to listen."""

    host: str
    port: int


def duration(value: Any) -> timedelta:
    """Read a duration as Go writes it. Raises ValueError."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise ValueError(f"{value} of what? A duration needs its unit; {_SPANS}")  # noqa: TRY004
    text = value if isinstance(value, str) else ""
    parts = _SPAN.findall(text)
    if not parts or "".join(map("".join, parts)) != text:
        hint = " (a day is 24h)" if text.endswith("d") else ""
        raise ValueError(f"{shown(value)} is not a duration{hint}; {_SPANS}")
    try:
        return timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in parts))
    except OverflowError:
        raise ValueError(f"{shown(value)} is longer than anybody waits") from None


def _at_least(least: timedelta, text: str) -> Callable[[timedelta], timedelta]:
    def check(value: timedelta) -> timedelta:
        if value < least:
            raise ValueError(f"must be at least {text}")
        return value

    return check


def _lease_span(value: timedelta) -> timedelta:
    if not _SHORTEST_LEASE <= value <= _LONGEST_LEASE or value.microseconds:
        raise ValueError("must be whole seconds, from 5s to 2m")
    return value


def _address(value: Any) -> Address:
    if isinstance(value, Address):
        return value
    host, _, port = value.rpartition(":") if isinstance(value, str) else ("", "", "")
    if not (host and is_whole(port) and int(port) <= _LARGEST_PORT):
        raise ValueError(f"{shown(value)} is not host:port, such as 127.0.0.1:8080")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]  # IPv6
    return Address(host, int(port))


def _zone(value: Any) -> ZoneInfo:
    if isinstance(value, ZoneInfo):
        return value
    try:
        return ZoneInfo(value)
    except (KeyError, ValueError, TypeError, OSError):  # OSError: `Asia` is a folder
        pass
    hint = did_you_mean(value, available_timezones()) if isinstance(value, str) else ""
    raise ValueError(
        f"{shown(value)} is not a time zone{hint or '; a name such as Europe/Berlin is needed'}"
    )


def _cron(value: Any) -> Cron:
    if isinstance(value, Cron):
        return value
    if not isinstance(value, str):
        raise ValueError(f"{shown(value)} must be text, in quotes: five fields")  # noqa: TRY004
    return Cron.parse(value)


def _like(pattern: str, what: str) -> AfterValidator:
    """Make a check that a text as a whole is like that."""
    compiled = re.compile(pattern, re.ASCII)

    def check(value: str) -> str:
        if not compiled.fullmatch(value):
            raise ValueError(f"{shown(value)} is not {what}")
        return value

    return AfterValidator(check)


def _own(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


Span = Annotated[timedelta, BeforeValidator(duration)]
Grace = Annotated[Span, AfterValidator(_at_least(timedelta(0), "0s"))]
Pace = Annotated[Span, AfterValidator(_at_least(timedelta(seconds=1), "1s"))]
LeaseSpan = Annotated[Span, AfterValidator(_lease_span)]
Listen = Annotated[InstanceOf[Address], BeforeValidator(_address)]
Zone = Annotated[InstanceOf[ZoneInfo], BeforeValidator(_zone)]
CronText = Annotated[InstanceOf[Cron], BeforeValidator(_cron)]

Command = Annotated[str, _like(r"/[a-z0-9_-]{1,31}", "a command such as /rollout (lower case)")]
Namespace = Annotated[
    str,
    _like(
        r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?",
        "the name of a namespace (patterns such as team-* are for channels and access)",
    ),
]
LeaseName = Annotated[
    str, _like(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", "the name of a Lease, such as rollout-bot")
]
Namespaces = Annotated[tuple[Namespace, ...], AfterValidator(_own)]
Glob = Annotated[
    str,
    _like(r"[a-z0-9.*?\[\]!-]+", "a name or a pattern, such as shop or team-* (in lower case)"),
]
Globs = Annotated[tuple[Glob, ...], Field(min_length=1)]
Selector = Annotated[
    str,
    _like(
        rf"(?:{_REQUIREMENT}(?:,{_REQUIREMENT})*)?",
        "a label selector, such as team=shop or tier in (web, api)",
    ),
]
ChannelRef = Annotated[
    str,
    _like(
        r"[CG][A-Z0-9]{2,}|#[^\s#@,<>A-Z]{1,80}",
        "a channel: its id (C…, at the end of the channel's details) or its name in quotes, "
        'such as "#releases"',
    ),
]
UserId = Annotated[
    str, _like(r"[UW][A-Z0-9]{2,}", "a person's id (U…): profile, ⋮, Copy member ID")
]
GroupId = Annotated[
    str, _like(r"S[A-Z0-9]{2,}", "a user group's id (S…): at the end of the group's address")
]
HeaderName = Annotated[
    str, _like(r"[!#$%&'*+.^`|~\w-]{1,40}", "the name of a header, at most 40 characters")
]
HeaderValue = Annotated[
    str, _like(r"[!-~]([ -~]{0,126}[!-~])?", "the value of a header: 1 to 128 plain characters")
]
