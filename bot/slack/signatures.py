"""
Whether Slack signed a request: with the signing secret, or for a while with the one before.

Whoever makes a new secret puts it in at Slack and here one after the other, in either order, and a
mounted Secret takes a minute or two to arrive. Until OVERLAP is over both are good.
"""

import time
from collections.abc import Callable

from slack_bolt.async_app import AsyncApp
from slack_bolt.middleware.async_builtins import AsyncRequestVerification
from slack_sdk.signature import SignatureVerifier

#: Seconds for which the secret before is still taken.
OVERLAP = 900.0


class Signatures(SignatureVerifier):
    """Checks signatures; takes the place of the check that Bolt makes with one secret."""

    def __init__(self, secret: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(secret)
        self._monotonic = clock
        self._before: SignatureVerifier | None = None
        self._until = 0.0

    def use(self, secret: str) -> None:
        """Take this secret from now on, and for a while also the one so far."""
        self._before = SignatureVerifier(self.signing_secret)
        self._until = self._monotonic() + OVERLAP
        self.signing_secret = secret

    def is_valid(self, body: str | bytes, timestamp: str | None, signature: str | None) -> bool:
        """Whether it was signed with one of the secrets, not long ago."""
        if super().is_valid(body, timestamp, signature):
            return True
        if self._before is None or self._monotonic() >= self._until:
            self._before = None
            return False
        return self._before.is_valid(body, timestamp, signature)

    def guard(self, app: AsyncApp) -> None:
        """Let that app ask here."""
        for one in app._async_middleware_list:  # noqa: SLF001 - Bolt takes one secret, once
            if isinstance(one, AsyncRequestVerification):
                one._verifier = self  # noqa: SLF001 - the same
                return
        raise RuntimeError("this app checks no signatures")
