"""Loopback ports that no other bed on this machine takes."""

import random
import socket

_RANGE = range(20000, 32000)
"""
Below the ports that Linux gives to outgoing connections.

A component that waits for its API server connects to a closed port all the time, and from an
outgoing port of the same number it would reach itself.
"""


class Port:
    """A port that stays ours also while nobody listens on it."""

    def __init__(self) -> None:
        for number in random.sample(_RANGE, len(_RANGE)):
            claim = _claim(number)
            if claim and _is_free(number):
                self.number, self._claim = number, claim
                return
        raise OSError("no free port")

    def release(self) -> None:
        """Let other beds have it."""
        self._claim.close()


def _claim(number: int) -> socket.socket | None:
    """Take a name that the kernel keeps unique and forgets when this process ends."""
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0rollout-bot-bed-port-{number}")
    except OSError:
        claim.close()
        return None
    return claim


def _is_free(number: int) -> bool:
    """Whether a server may listen there, on every interface: the Rollouts controller does."""
    with socket.socket() as probe:
        probe.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # past connections do not matter
        try:
            probe.bind(("0.0.0.0", number))
        except OSError:
            return False
    return True
