"""Numbers that others wrote as text."""

_LONGEST = 18  #: digits; Python refuses to read more than a few thousand


def is_whole(text: str) -> bool:
    """Whether it is a whole number without a sign that anybody may mean, so that int reads it."""
    return len(text) <= _LONGEST and text.isascii() and text.isdecimal()
