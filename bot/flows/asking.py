"""What somebody asks of the bot, and who takes care of it. The room `slack` asks, flows answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import uuid4

from bot.messages.blocks import Message
from bot.release.access import Actor
from bot.release.errors import Refusal
from bot.release.ledger import By, Entry
from bot.release.rollout import Sighting


@dataclass(frozen=True, kw_only=True)
class Request:
    """
    Somebody wants something done.

    Attributes:
        verb: canonical, one of the acting verbs.
        channel: where it was asked; "" on the Home tab.
        target: `namespace/name` or `name` as typed; "" for buttons.
        seen: what the pressed button was about; None for commands.
        known: what was known of a command's rollout when it came in; None where that was not clear.
        reason: as people read it; foreign text.
        accepts_revert: the modal's tick was set.
        words: what a few verbs need beside the target (`set-image`, `undo`).

    """

    verb: str
    actor: Actor
    channel: str
    target: str = ""
    seen: Sighting | None = None
    known: Sighting | None = None
    reason: str = ""
    accepts_revert: bool = False
    words: tuple[str, ...] = ()

    def entry(self, seen: Sighting | None, *, at: datetime, cluster: str, name: str = "") -> Entry:
        """
        Begin the record of it.

        Args:
            seen: the rollout that it is about.
            at: the time.
            cluster: what people call the cluster.
            name: of the rollout where it is not seen.

        """
        return Entry(
            id=uuid4().hex,
            at=at,
            actor=By(kind="slack", id=self.actor.user, name=self.actor.name),
            channel=self.channel,
            verb=self.verb,
            cluster=cluster,
            namespace=seen.namespace if seen else "",
            name=seen.name if seen else name,
            uid=seen.uid if seen else "",
            revision=seen.revision if seen else "",
            step=seen.step if seen else None,
            reason=self.reason,
        )


@dataclass(frozen=True, kw_only=True)
class Question:
    """Somebody wants to know something; fields as in Request."""

    verb: str
    actor: Actor
    channel: str
    target: str = ""
    words: tuple[str, ...] = ()
    seen: Sighting | None = None


class Operate(Protocol):
    """Does what is asked, or refuses it; keeps record of both."""

    async def __call__(self, request: Request) -> Message:
        """Do it or refuse it; either way the answer for the person."""
        ...

    def known(self, target: str) -> Sighting | None:
        """Tell what is known, in this moment, of what a command names; None where not clear."""
        ...

    async def propose(self, request: Request) -> dict[str, Any]:
        """
        Give the modal that asks for what is still missing.

        Its inputs, where it has them, are blocks with the ids `reason` and `accept`; its
        `private_metadata` is sealed.

        Raises:
            Refusal: there is nothing to propose. It was not recorded: `refuse` follows.

        """
        ...

    async def refuse(
        self, request: Request, refusal: Refusal, about: Mapping[str, Any] | None
    ) -> Message:
        """
        Keep record of what was refused before it came here, such as a forged button.

        Args:
            request: as far as it is known.
            refusal: why.
            about: `event_payload` of the pressed message's metadata, which names the rollout.

        """
        ...


class Answer(Protocol):
    """Answers what only one person wants to read."""

    async def __call__(self, question: Question) -> Message:
        """Answer a question."""
        ...

    async def home(self, actor: Actor) -> dict[str, Any]:
        """Give somebody's Home tab."""
        ...
