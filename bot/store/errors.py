"""
The errors of this room.

    Unusable
    ├── Away      it is not reached, or takes nothing now: that passes
    └── Damaged   its file is broken
"""

from bot.release.errors import Refusal


class Unusable(Refusal):
    """
    I cannot use my database.

    A refusal, because its text is fit for people and because an action that cannot be written
    down must not be done. It names the place and what to do, never a password.
    """

    why = "database"


class Away(Unusable):
    """It is not reached, or takes nothing now; it may be back without anybody changing anything."""


class Damaged(Unusable):
    """SQLite's file is broken, or is no database at all."""
