"""
What buttons and modals carry: a verb and a Sighting, sealed so that nobody else can make one.

A value is `<base64url of json>.<base64url of HMAC-SHA256>`. It is opaque to Slack and holds no
secret; the seal only proves that this bot made it. The key is kept outside the process, so that
a button is good after a restart. Where there is little room (options of a menu), `short` names a
sighting instead; the bulletin keeps what stands behind the name.

A value is good for one purpose (a button's is no form's), and what was made for one person is good
for that person alone.
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.messages.blocks import LONGEST_VALUE
from bot.release.errors import Unclear
from bot.release.rollout import Sighting

LONGEST_METADATA = 3000
_SIGNATURE = 16  # bytes of the HMAC that are kept: 128 bits


@dataclass(frozen=True, kw_only=True)
class Pressed:
    """What a button stands for."""

    verb: str
    sighting: Sighting
    reason: str = ""  #: as it was typed with the command, where a button chooses among several
    about: str = ""  #: the fingerprint of a finding
    person: str = ""  #: the only one who may press it; "": whoever sees it


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a modal stands for."""

    verb: str
    sighting: Sighting
    channel: str = ""
    person: str = ""  #: for whom it was opened
    extra: dict[str, Any] = field(default_factory=dict)


class Seal:
    """
    Makes and opens sealed values.

    Args:
        key: what is sealed now.
        others: what was sealed with these is opened too.

    """

    def __init__(self, key: bytes, *others: bytes) -> None:
        if min(map(len, (key, *others))) < _SIGNATURE:
            raise ValueError(f"a seal needs a key of at least {_SIGNATURE} bytes")
        self._key = key
        self._keys = (key, *others)

    def button(
        self,
        verb: str,
        sighting: Sighting,
        *,
        reason: str = "",
        about: str = "",
        person: str = "",
    ) -> str:
        """Seal the value of a button; a reason that is too long is cut."""
        more = [about, person] if person else [about] if about else []
        while True:
            value = self._close("button", [verb, _packed(sighting), reason, *more])
            if len(value) <= LONGEST_VALUE or not reason:
                break
            reason = reason[: len(reason) // 2]
        return _within(value, LONGEST_VALUE)

    def open(self, value: str) -> Pressed:
        """
        Open the value of a button.

        Raises:
            Unclear: it was not made here.

        """
        try:
            verb, packed, reason, *more = self._open("button", value)
            about, person, *_ = (*more, "", "")
            return Pressed(
                verb=str(verb),
                sighting=_unpacked(packed),
                reason=str(reason),
                about=str(about),
                person=str(person),
            )
        except (TypeError, ValueError):
            raise Unclear("I did not make this button. Use the one on the card.") from None

    def short(self, sighting: Sighting) -> str:
        """Name a sighting with 16 hexadecimal digits."""
        return _short(self._key, sighting)

    def option(self, verb: str, sighting: Sighting) -> str:
        """Seal the value of a menu's option: 33 characters and the verb."""
        body = f"{verb} {self.short(sighting)}"
        return f"{body}.{_sign(self._key, 'option', body.encode()).hex()[:16]}"

    def open_option(self, value: str) -> tuple[str, str]:
        """
        Open the value of a menu's option: the verb, and the name of a sighting.

        Raises:
            Unclear: it was not made here.

        """
        body, _, signature = value.partition(".")
        signed = body.encode("utf-8", "replace")
        if not any(_same(signature, _sign(key, "option", signed).hex()[:16]) for key in self._keys):
            raise Unclear("I did not make this menu. Use the one on the card.")
        verb, _, key = body.partition(" ")
        return verb, key

    def is_short(self, key: str, sighting: Sighting) -> bool:
        """Whether *key* is the name of this sighting."""
        return any(_same(key, _short(one, sighting)) for one in self._keys)

    def modal(
        self,
        verb: str,
        sighting: Sighting,
        *,
        channel: str = "",
        person: str = "",
        extra: dict[str, Any] | None = None,
    ) -> str:
        """Seal the private_metadata of a modal."""
        value = self._close("modal", [verb, _packed(sighting), channel, extra or {}, person])
        return _within(value, LONGEST_METADATA)

    def open_modal(self, value: str) -> Asked:
        """
        Open the private_metadata of a modal.

        Raises:
            Unclear: it was not made here.

        """
        try:
            verb, packed, channel, extra, person = self._open("modal", value)
            return Asked(
                verb=str(verb),
                sighting=_unpacked(packed),
                channel=str(channel),
                person=str(person),
                extra=dict(extra),
            )
        except (TypeError, ValueError):
            raise Unclear("I did not make this form. Open it again from the card.") from None

    def _close(self, purpose: str, content: list[Any]) -> str:
        body = urlsafe_b64encode(_text(content)).rstrip(b"=").decode()
        signature = self._sign(purpose, body.encode())
        return f"{body}.{urlsafe_b64encode(signature).rstrip(b'=').decode()}"

    def _open(self, purpose: str, value: str) -> list[Any]:
        body, _, signature = value.partition(".")
        given, signed = _unpadded(signature), body.encode()
        if not any(hmac.compare_digest(given, _sign(key, purpose, signed)) for key in self._keys):
            raise ValueError(purpose)
        content = json.loads(_unpadded(body))
        if not isinstance(content, list):
            raise TypeError(purpose)
        return content

    def _sign(self, purpose: str, content: bytes) -> bytes:
        return _sign(self._key, purpose, content)


def _short(key: bytes, sighting: Sighting) -> str:
    return _sign(key, "short", _text(_packed(sighting))).hex()[:16]


def _same(given: str, right: str) -> bool:
    """Compare in a time that tells nothing."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), right.encode())


def _sign(key: bytes, purpose: str, content: bytes) -> bytes:
    """Sign for one purpose: a button's value is no form's."""
    text = purpose.encode() + b"\0" + content
    return hmac.digest(key, text, "sha256")[:_SIGNATURE]


def _packed(seen: Sighting) -> list[Any]:
    started = seen.pause_started.isoformat() if seen.pause_started else None
    return [
        seen.namespace,
        seen.name,
        seen.uid,
        seen.revision,
        seen.step_hash,
        seen.step,
        started,
    ]


def _unpacked(packed: list[Any]) -> Sighting:
    namespace, name, uid, revision, step_hash, step, started = packed
    return Sighting(
        namespace=namespace,
        name=name,
        uid=uid,
        revision=revision,
        step_hash=step_hash,
        step=step,
        pause_started=datetime.fromisoformat(started) if started else None,
    )


def _text(content: list[Any]) -> bytes:
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")


def _unpadded(text: str) -> bytes:
    return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))


def _within(value: str, longest: int) -> str:
    if len(value) > longest:
        raise ValueError(f"a sealed value of {len(value)} characters; Slack takes {longest}")
    return value
