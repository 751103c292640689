"""The one error of this room."""

from bot.release.errors import Refusal


class Unusable(Refusal):
    """
    I cannot use my database.

    A refusal, because its text is fit for people and because an action that cannot be written
    down must not be done. It names the place and what to do, never a password.
    """

    why = "database"
