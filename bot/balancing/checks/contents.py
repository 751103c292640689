"""See the catalogue's `contents.py` for what these are."""

from bot.balancing.checks.scene import SceneCheck

CHECKS: tuple[SceneCheck, ...] = ()
