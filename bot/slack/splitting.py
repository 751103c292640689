"""
A line to words, as a shell does it, with the quotes of phones. Pure.

Phones write “ ” for " and ‘ ’ for '. A double quote of any kind closes any other; a single one
opens at the start of a word only and closes at the end of one, so that "don't" stays a word.

It reads each character once or twice: a line is foreign text, and no line may take seconds.
"""

import re

from bot.release.errors import Unclear

UNCLOSED = "A quote is opened and not closed. Put the reason in one pair of quotes."
DOUBLE = '"“”„‟«»'
_OPEN = "'‘‚"
_CLOSE = "'’"
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def split(text: str) -> list[str]:
    """
    Split a line into words; what stands in quotes is kept together, its spaces as one.

    Raises:
        Unclear: a quote is not closed.

    """
    words: list[str] = []
    word: list[str] | None = None
    at, singles = 0, True
    while at < len(text):
        character = text[at]
        if character.isspace():
            if word is not None:
                words.append("".join(word))
            word, at = None, at + 1
            continue
        end = -1
        if character in DOUBLE:
            end = _end(text, at, DOUBLE, at_end_of_word=False)
            if end < 0:
                raise Unclear(UNCLOSED)
        elif singles and character in _OPEN and _begins_word(text, at):
            end = _end(text, at, _CLOSE, at_end_of_word=True)
            singles = end >= 0  # where this one is not closed, no later one is
        word = word or []
        word.append(character if end < 0 else _plain(text[at + 1 : end]))
        at = at + 1 if end < 0 else end + 1
    return words if word is None else [*words, "".join(word)]


def _begins_word(text: str, at: int) -> bool:
    return at == 0 or text[at - 1].isspace() or text[at - 1] == "="


def _end(text: str, start: int, closing: str, *, at_end_of_word: bool) -> int:
    """Find where a quote is closed; -1: nowhere."""
    at = start + 1
    while at < len(text):
        if text[at] == "\\":
            at += 2
            continue
        is_last = at + 1 == len(text)
        if text[at] in closing and (not at_end_of_word or is_last or text[at + 1].isspace()):
            return at
        at += 1
    return -1


def _plain(quoted: str) -> str:
    return _ESCAPED.sub(r"\1", " ".join(quoted.split()))
