"""
Many rules of one listener, prepared so that few need to be compared with each other.

A rule can only be hidden by one with the same host, or a pattern of hosts, or none; with a
path that begins alike; and whose tests look at what its own look at. For each such trait the
places of the rules that have it are kept as the bits of one number, so a question for a rule
is a handful of ands and ors, however many rules there are.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from bot.balancing.patterns import Patterns
from bot.balancing.reach import dimension, is_empty
from bot.balancing.rules import Rule

Places = int  #: bit n is set: the rule at place n


def each(places: Places) -> Iterator[int]:
    """Give the places one by one, in order."""
    while places:
        lowest = places & -places
        yield lowest.bit_length() - 1
        places ^= lowest


class Crowd:
    """The rules of one listener, in order."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._hosts = _Side((rule.hosts for rule in rules), {"*"}, backwards=True)
        self._paths = _Side((rule.paths for rule in rules), {"*", "/*"}, backwards=False)
        self._tests = _Tests(rules)

    def coverers(self, place: int) -> Places:
        """Tell which rules before this one may take all of it; all that do are among them."""
        rule = self._rules[place]
        hosts, paths = self._hosts.above(rule.hosts), self._paths.above(rule.paths)
        return self._before(place) & hosts & paths & self._tests.fitting(rule)

    def neighbours(self, place: int) -> Places:
        """Tell which rules before this one may take some of it; all that do are among them."""
        rule = self._rules[place]
        hosts, paths = self._hosts.near(rule.hosts), self._paths.near(rule.paths)
        return self._before(place) & hosts & paths & self._tests.fitting(rule)

    @staticmethod
    def _before(place: int) -> Places:
        return (1 << place) - 1


class _Side:
    """
    Places by host, or by path.

    A pattern is filed under its beginning, up to the first `*` or `?`; hosts are read from
    their end.
    """

    def __init__(self, sides: Iterable[Patterns], whole: set[str], *, backwards: bool) -> None:
        self._backwards = backwards
        self._all: Places = 0
        self._regexes: Places = 0
        self._by_regex: dict[str, Places] = defaultdict(int)
        self._plain: dict[str, Places] = defaultdict(int)
        self._wild: dict[str, Places] = defaultdict(int)
        for place, patterns in enumerate(sides):
            self._put(patterns, 1 << place, whole)
        self._sorted = [(sorted(found), found) for found in (self._plain, self._wild)]
        self._known: dict[str, Places] = {}
        self._above: dict[str, Places] = {}

    def _put(self, patterns: Patterns, bit: Places, whole: set[str]) -> None:
        if not patterns or whole & {*patterns.globs}:
            self._all |= bit
        elif patterns.regexes:
            self._regexes |= bit
        for regex in patterns.regexes:
            self._by_regex[regex] |= bit
        for glob in patterns.globs:
            (self._wild if is_wild(glob) else self._plain)[self._head(glob)] |= bit

    def above(self, patterns: Patterns) -> Places:
        """Tell who may take all of these."""
        if not patterns:
            return self._all
        found = -1
        for glob in patterns.globs:
            found &= self._shorter(glob)
        for regex in patterns.regexes:
            found &= self._by_regex.get(regex, 0)
        return found | self._all

    def near(self, patterns: Patterns) -> Places:
        """Tell who may take some of these."""
        if not patterns or patterns.regexes:
            return -1
        found = self._all | self._regexes
        for glob in patterns.globs:
            found |= self._shorter(glob) | (self._longer(glob) if is_wild(glob) else 0)
        return found

    def _shorter(self, glob: str) -> Places:
        """Tell who begins as this one does and is then open, or says the same."""
        if glob not in self._above:
            text = self._head(glob)
            found = self._plain.get(text, 0) | self._wild.get(text, 0)
            for end in range(min(len(text), _LONGEST) + 1):
                found |= self._wild.get(text[:end], 0)
            self._above[glob] = found
        return self._above[glob]

    def _longer(self, glob: str) -> Places:
        """Tell who goes on where this one is open."""
        text = self._head(glob)
        if text not in self._known:
            found = 0
            for heads, places in self._sorted:
                at = bisect_left(heads, text)
                while at < len(heads) and heads[at].startswith(text):
                    found |= places[heads[at]]
                    at += 1
            self._known[text] = found
        return self._known[text]

    def _head(self, glob: str) -> str:
        return head(glob.lower()[::-1] if self._backwards else glob)


#: beginnings longer than AWS takes are not looked for
_LONGEST = 1_024


class _Tests:
    """Places by what tests look at, and by the values that they want."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._looks: dict[tuple[str, str], Places] = defaultdict(int)
        self._loose: dict[tuple[str, str], Places] = defaultdict(int)
        self._wants: dict[tuple[str, str], dict[str, Places]] = defaultdict(
            lambda: defaultdict(int)
        )
        for place, rule in enumerate(rules):
            bit = 1 << place
            for test in rule.tests:
                if is_empty(test):
                    continue
                look = dimension(test)
                self._looks[look] |= bit
                if test.field != "http-header" or test.regexes or any(map(is_wild, test.values)):
                    self._loose[look] |= bit
                for value in test.values:
                    self._wants[look][value.lower()] |= bit

    def fitting(self, rule: Rule) -> Places:
        """Tell whose tests this rule's own may imply."""
        own: dict[tuple[str, str], Places] = {}
        for test in rule.tests:
            look = dimension(test)
            exact = not (test.regexes or any(map(is_wild, test.values)))
            wants = self._wants.get(look, {})
            alike = 0
            for value in test.values:
                alike |= wants.get(value.lower(), 0)
            own[look] = own.get(look, 0) | (self._loose.get(look, 0) | alike if exact else -1)
        found = -1
        for look, places in self._looks.items():
            found &= ~places | own.get(look, 0)
        return found


def is_wild(glob: str) -> bool:
    """Whether it matches more than itself."""
    return "*" in glob or "?" in glob


@lru_cache(maxsize=4_096)
def head(glob: str) -> str:
    """Give what stands before the first `*` or `?`."""
    return glob[: min(i for i in (glob.find("*"), glob.find("?"), len(glob)) if i >= 0)]
