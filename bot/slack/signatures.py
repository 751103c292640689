"""
Whether Slack signed a request: with the signing secret, or for a while with the one before.

Whoever makes a new secret puts it in at Slack and here one after the other, in either order, and a
mounted Secret takes a minute or two to arrive. Until OVERLAP is over both are good.
"""

import hmac
import time
from collections.abc import Callable

#: Seconds for which the secret before is still taken.
OVERLAP = 900.0
#: Seconds before and after its time for which a signature is good.
FRESH = 300
LONGEST_MOMENT = 12  #: digits of a time


class Signatures:
    """
    Checks signatures of bodies as they came, before anything is read in them.

    Args:
        secret: the signing secret; "": nothing is signed right.
        clock: for the overlap.
        now: the time of day, which stands in signatures.

    """

    def __init__(
        self,
        secret: str,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._secret = secret
        self._clock = clock
        self._now = now
        self._before = ""
        self._until = 0.0

    def use(self, secret: str) -> None:
        """Take this secret from now on, and for a while also the one so far."""
        self._before, self._secret = self._secret, secret
        self._until = self._clock() + OVERLAP

    def are_right(self, body: bytes, moment: str, signature: str) -> bool:
        """Whether it was signed with one of the secrets, not long ago."""
        if not (moment.isascii() and moment.isdecimal() and len(moment) <= LONGEST_MOMENT):
            return False
        if abs(self._now() - int(moment)) > FRESH:
            return False
        if self._clock() >= self._until:
            self._before = ""
        signed = b"v0:" + moment.encode() + b":" + body
        given = signature.encode("utf-8", "replace")
        return any(
            hmac.compare_digest(given, f"v0={_sign(secret, signed)}".encode())
            for secret in (self._secret, self._before)
            if secret
        )


def _sign(secret: str, content: bytes) -> str:
    return hmac.new(secret.encode(), content, "sha256").hexdigest()
