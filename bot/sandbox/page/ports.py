"""
What the page asks of the cluster beside it.

A rollout is told as

    {"namespace", "name", "phase", "message", "revision", "index", "aborted", "paused",
     "images": {"canary", "stable"}, "weights": {"canary", "stable"},
     "steps": [{"text", "state": "done" | "now" | "next"}],
     "pods": [{"name", "role": "canary" | "stable" | "old", "ready", "phase", "image"}],
     "services": [{"name", "selects": "canary" | "stable" | "other"}],
     "ingresses": [{"name", "canary": weight or null, "annotation", "paths": [path], "writer"}],
     "history": [{"at": epoch seconds, "canary", "ingress": weight or null, "step"}]}

and the system as `{"bot", "slack", "api", "controller"}`, each true while it runs. Both are new
values at each look: what changed is found by comparing with those of the last one.
"""

from collections.abc import Sequence
from typing import Any, Protocol

Json = dict[str, Any]


class LeverError(Exception):
    """A lever could not be pulled; the text is for the person who tried."""


class Cluster(Protocol):
    """The truth about the cluster, and the levers that people play with."""

    def rollouts(self) -> Sequence[Json]:
        """Every rollout as it is now, in the order in which they are shown."""
        ...

    def system(self) -> Json:
        """What runs and what does not."""
        ...

    async def pull(self, lever: str, arguments: Json) -> str:
        """
        Do what the lever stands for, and tell it in a sentence.

        *arguments* were checked against the table in `levers`: all of them are there, and of the
        right type.

        Raises:
            LeverError: it could not be done.

        """
        ...

    async def changed(self) -> None:
        """Wait for the next change; no other await may lie between looking and waiting."""
        ...
