"""
Why something was not done.

The text is shown to the person as it stands: whoever raises it puts what others wrote (names,
messages of the controller) through `plain` first.

    Refusal
    ├── Unclear       what was typed or pressed cannot be understood
    ├── NotFound      there is no such rollout
    ├── NotAllowed    the access policy says no
    ├── NotNow        the action makes no sense in this state
    ├── Hazard        it would do something else than the person wants
    ├── OutOfDate     the rollout moved since the person looked, or somebody was first
    └── Unreachable   the cluster does not answer, or refuses the bot itself
        └── Unanswered    it was sent; whether it was done is not known
"""

_LONGEST = 200
_SIGNS = str.maketrans({"<": "‹", ">": "›", "`": "'", "*": "∗"})


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """Not done. Args: the sentence for the person: why, and what next."""

    why = "refused"

    @property
    def text(self) -> str:
        """The sentence that is shown."""
        return str(self.args[0]) if self.args else type(self).__doc__ or self.why


class Unclear(Refusal):
    """I do not understand that. Try `help`."""

    why = "unclear"


class NotFound(Refusal):
    """There is no such rollout, or I may not read it."""

    why = "not-found"


class NotAllowed(Refusal):
    """You may not do that here."""

    why = "not-allowed"


class NotNow(Refusal):
    """That cannot be done in the present state."""

    why = "not-now"


class Hazard(Refusal):
    """That would not do what you want."""

    why = "hazard"


class OutOfDate(Refusal):
    """The rollout has moved since; look at the card again."""

    why = "out-of-date"


class Unreachable(Refusal):
    """The cluster cannot be reached."""

    why = "unreachable"


class Unanswered(Unreachable):
    """The cluster did not answer; whether the change was made is not known."""

    why = "unanswered"


def plain(text: str) -> str:
    """Make foreign text safe to show: one line, not long, without signs that Slack acts on."""
    words = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    words = words.translate(_SIGNS)
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
