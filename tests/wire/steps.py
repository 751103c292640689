"""What is asked of a server."""

from dataclasses import dataclass, field
from typing import Any

#: these stand in paths, queries and bodies for what a server has answered before
NAMESPACE = "@namespace"


def version_of(kind: str, name: str) -> str:
    """The newest version of an object that was seen."""
    return f"@version:{kind}/{name}@"


def first_version_of(kind: str, name: str) -> str:
    """The first one."""
    return f"@first:{kind}/{name}@"


def uid_of(kind: str, name: str) -> str:
    """The identity of an object."""
    return f"@uid:{kind}/{name}@"


def listed(kind: str) -> str:
    """The version of the last whole list of that kind."""
    return f"@listed:{kind}@"


def token(kind: str) -> str:
    """What the last list of that kind said how to go on."""
    return f"@token:{kind}@"


@dataclass(frozen=True, kw_only=True)
class Step:
    """
    One request.

    Attributes:
        kind: plural; what the path is about.
        body: JSON as it is sent, with the placeholders above; None: none.
        until: of a watch: the name of the object with which it is over.

    """

    method: str
    kind: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    content: str = "application/json"
    body: str | None = None
    until: str = ""

    def __str__(self) -> str:
        query = "&".join(f"{key}={value}" for key, value in self.query.items())
        what = f"{self.method} {self.path}{'?' if query else ''}{query}"
        return f"{what} [{self.content}] {self.body}" if self.body is not None else what


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a server answered: its status, and the body; of a watch all lines."""

    status: int
    body: Any
