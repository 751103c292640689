"""See the catalogue's `wiring.py` for what these are."""

from bot.balancing.checks.scene import BondCheck

CHECKS: tuple[BondCheck, ...] = ()
