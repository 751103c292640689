"""Words of a line: as the rules say, and never slow."""

import re
import time
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.messages.blocks import bare, safe
from bot.release.errors import Unclear
from bot.slack.commands import parse
from bot.slack.redact import redact
from bot.slack.splitting import split
from tests.tries import tries

# The same rules as regular expressions, which take seconds for some lines.
_D = '"“”„‟«»'
_QUOTED = rf"[{_D}](?:\\.|[^\\{_D}])*[{_D}]"
_SINGLE = r"(?<![^\s=])['‘‚](?:\\.|(?!['’](?:\s|\Z))[^\\])*['’](?=\s|\Z)"
PART = re.compile(rf"(?P<quoted>{_QUOTED}|{_SINGLE})|[^\s{_D}]", re.DOTALL)
WORD = re.compile(rf"(?:{_QUOTED}|{_SINGLE}|[^\s{_D}])+", re.DOTALL)


def by_rules(text):
    def unquoted(part):
        if not part["quoted"]:
            return part[0]
        inner = " ".join(part[0][1:-1].split())
        return re.sub(r"\\(.)", r"\1", inner, flags=re.DOTALL)

    if WORD.sub("", text).strip():
        return None
    return [PART.sub(unquoted, found[0]) for found in WORD.finditer(text)]


@given(st.text(alphabet="ab \n='‘’‚\"“”«\\-", max_size=14))
@example("='a' b")
@example("don't 'a b' c")
@example("'a\\' b'")
@example("x='it’s' ")
@tries(2_000)
def test_words_are_what_the_rules_say(text):
    wanted = by_rules(text)
    if wanted is None:
        with pytest.raises(Unclear):
            split(text)
    else:
        assert split(text) == wanted


PIECES = ["='", "‘='", "—='", "'<", '"\\', '\\"', "\\'", "“", "<@", "<https://x|", "--r=", "&lt;"]
PIECES += ["xoxb-", "eyJa.", "http://a:", "a.b+c-", "hooks.slack.com/", "Bearer ", "<!date^", "*a"]


@pytest.mark.parametrize("piece", PIECES)
def test_no_line_takes_long(piece):
    """Regular expressions took 2 to 40 s for some of these, in which nobody was answered."""
    began = time.process_time()
    for much in ((piece * 4_000)[:3_900], piece * 20_000):
        for text in (much, f"promote shop/api {much}"):
            with suppress(Unclear):
                parse(text)
    for read in (redact, safe, bare):
        read(piece * 20_000)
    assert time.process_time() - began < 3
