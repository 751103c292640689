"""
What hosts and paths of an Ingress are to the balancer: patterns, or regular expressions.

Source: `pkg/ingress/model_build_listener_rules.go` of v3.5.0.
"""

from dataclasses import dataclass

from bot.balancing.annotations import Condition

#: a path without a type is of the last one; the order is that of the rules
PATH_TYPES = ("Exact", "Prefix", "ImplementationSpecific")


@dataclass(frozen=True, kw_only=True)
class Patterns:
    """What a host or a path must match: one of these. None at all: anything."""

    globs: tuple[str, ...] = ()
    regexes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.globs or self.regexes)


ANYTHING = Patterns()
EVERYTHING = Patterns(globs=("/*",))


def path_patterns(path: str, path_type: str, *, as_regex: bool) -> Patterns:
    """
    Tell what a path matches.

    Args:
        path: as written.
        path_type: Exact is itself; Prefix is itself and all below; anything else is taken
            literally as a pattern, so `/` is only `/`.
        as_regex: `use-regex-path-match`: such a path is a regular expression without its
            first byte.

    """
    if not path:
        return ANYTHING
    if path == "/*" and not as_regex and path_type != "Prefix":
        return EVERYTHING  # the one that nearly all have
    if path_type == "Exact":
        return Patterns(globs=(path,))
    if path_type == "Prefix":
        stem = path.removesuffix("/")
        return EVERYTHING if path == "/" else Patterns(globs=(stem, f"{stem}/*"))
    if as_regex:
        return Patterns(regexes=(path.encode(errors="replace")[1:].decode(errors="replace"),))
    return Patterns(globs=(path,))


def widened(own: Patterns, field: str, conditions: tuple[Condition, ...]) -> Patterns:
    """Put what the spec says and what conditions say into one list of alternatives."""
    same = [condition for condition in conditions if condition.field == field]
    if not same:
        return own
    return Patterns(
        globs=(*own.globs, *(value for c in same for value in c.values)),
        regexes=(*own.regexes, *(value for c in same for value in c.regexes)),
    )
