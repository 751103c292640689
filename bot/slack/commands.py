"""
What people type after the slash command, as data. Pure.

    text ─▶ Slack's markup made plain ─▶ words (quotes kept together) ─▶ verb, target, options

Nothing is guessed: what is not understood raises `Unclear` with the nearest thing that would be.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from bot.messages.blocks import safe
from bot.release.errors import Unclear
from bot.slack.splitting import split

READING = ("status", "list", "steps", "rules", "drift", "history", "digest", "who", "help")
ACTING = (
    *("promote", "header-only", "resume", "abort", "pause", "retry", "full", "skip"),
    *("undo", "restart", "set-image", "route"),
)
VERBS = READING + ACTING

NEEDS_ME = "needs-me"
BUTTONS = ("mute", "unmute")  #: done by a press only: which finding is meant has no short name
ALIASES = {"advance": "promote", "next": "promote"}

#: Verbs whose words are not the name of a rollout.
WITHOUT_TARGET = frozenset({"list", "digest", "help"})
#: Verbs that say nothing without a rollout.
WITH_TARGET = frozenset({"status", "steps", *ACTING})
#: Acting verbs that take words after the name: how, at least, at most.
WORDS = {"set-image": ("CONTAINER=IMAGE", 1, 20), "undo": ("[REVISION]", 0, 1)}

LONGEST_ECHO = 60
LONGEST_LINE = 4_000

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
LONGEST_NAME = 253

#: Slack's own markup; the command asks Slack for it (`should_escape` in the manifest).
MARKUP = re.compile(r"<([@#!][^<>|]*|(?:https?://|mailto:)[^<>|]*)(?:\|([^<>]*))?>")
MENTION = re.compile(r"<[@#!][^<>|]*>")
ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))  # & last: it may hide another one
#: Zero-width and bidirectional controls: invisible, and two different names look the same.
INVISIBLE = re.compile("[\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")

DASHES = re.compile(r"^[—–―]+(?=\w)")  # what a phone makes of two hyphens


@dataclass(frozen=True, kw_only=True)
class Command:
    """
    One line, understood.

    Attributes:
        verb: canonical, one of VERBS.
        target: `namespace/name` or `name`, valid names only; empty where there is none.
        words: what else was said, people as `<@U…>`.
        reason: `--reason`, as people read it.

    """

    verb: str
    target: str = ""
    words: tuple[str, ...] = ()
    reason: str = ""

    @property
    def is_acting(self) -> bool:
        """Whether it changes something."""
        return self.verb in ACTING


def parse(text: str) -> Command:
    """
    Understand one line.

    Raises:
        Unclear: saying what is not understood, and what would be.

    """
    if len(text) > LONGEST_LINE:
        raise Unclear(f"That is longer than a command may be: {LONGEST_LINE:,} characters.")
    text, labels = _without_labels(INVISIBLE.sub("", text))
    words = [_unescaped(word) for word in split(text)]
    if not words:
        return Command(verb="list", words=(NEEDS_ME,))
    verb = _verb(words)
    if verb == NEEDS_ME:
        return Command(verb="list", words=(NEEDS_ME,))
    rest, reason = _take_reason(verb, words[1:])
    for mention, label in labels.items():
        reason = reason.replace(mention, label)
    return _command(verb, rest, reason)


def verb_of(text: str) -> str:
    """Tell the verb of a line whose rest may be nonsense; "" when even that is not understood."""
    try:
        return _verb([text.split(maxsplit=1)[0]]) if text.strip() else ""
    except Unclear:
        return ""


def _without_labels(text: str) -> tuple[str, dict[str, str]]:
    """
    Reduce `<@U1|ann>` to `<@U1>`, a link to its label.

    The labels come along, for texts that people will read. Links are Slack's own doing: a rollout
    called `api.io` looks like one.
    """
    labels: dict[str, str] = {}

    def reduced(found: re.Match[str]) -> str:
        inner, label = found[1], found[2] or ""
        if inner[0] not in "@#!":
            return label or inner
        mention = f"<{inner}>"
        labels[mention] = f"{'#' if inner[0] == '#' else '@'}{(label or inner[1:]).lstrip('@#')}"
        return mention

    return MARKUP.sub(reduced, text), labels


def _unescaped(word: str) -> str:
    for entity, character in ENTITIES:
        word = word.replace(entity, character)
    return word


def _verb(words: Sequence[str]) -> str:
    """Tell the canonical verb of the first word."""
    said = _bare(words[0]).lower().replace("_", "-")
    if said in (*VERBS, NEEDS_ME):
        return said
    if said in ALIASES:
        return ALIASES[said]
    second = words[1].lower() if len(words) > 1 else ""
    if second in (*VERBS, *ALIASES):
        raise Unclear(f"The verb comes first: `{second} {quoted(words[0])}`.")
    if said in BUTTONS:
        raise Unclear(f"`{said}` is a button: on the finding, in `drift NAME`, in the card's menu.")
    near = get_close_matches(said, [*VERBS, *ALIASES, NEEDS_ME], n=1)
    meant = f" Did you mean `{near[0]}`?" if near else ""
    raise Unclear(f"I do not know `{quoted(words[0])}`.{meant} `help` lists what I understand.")


def _take_reason(verb: str, words: Sequence[str]) -> tuple[list[str], str]:
    """Separate `--reason` from the other words."""
    rest: list[str] = []
    reasons: list[str] = []
    left = [DASHES.sub("--", word) for word in words]
    while left:
        word = left.pop(0)
        name, equals, value = word.partition("=")
        if not name.startswith("--"):
            rest.append(word)
        elif name.lower() != "--reason":
            raise Unclear(f'I do not know `{quoted(name)}`. The only option is `--reason "…"`.')
        elif not equals and not left:
            raise Unclear('`--reason` needs a text after it: `--reason "smoke test"`.')
        else:
            reasons.append(value if equals else left.pop(0))
    if reasons and verb not in ACTING:
        raise Unclear(f"`{verb}` changes nothing and takes no reason.")
    if len(reasons) > 1:
        raise Unclear("There is more than one `--reason`. Say it once.")
    return rest, reasons[0] if reasons else ""


def _command(verb: str, words: Sequence[str], reason: str) -> Command:
    """Make the command of its parts."""
    if verb == "list":
        return Command(verb=verb, words=_scope(words))
    if verb in WITHOUT_TARGET:
        return Command(verb=verb, words=tuple(words))
    target, others = _target(verb, words)
    how, least, most = WORDS.get(verb, ("", 0, 0 if verb in ACTING else len(others)))
    if len(others) < least or (how and len(others) > most):
        raise Unclear(f"`{verb} [NAMESPACE/]NAME {how}`")
    if len(others) > most:
        said = quoted(" ".join(others))
        hint = " The reason belongs in quotes." if reason else f' A reason: `--reason "{said}"`.'
        raise Unclear(f"I do not understand `{said}` after the name.{hint}")
    return Command(verb=verb, target=target, words=tuple(others), reason=reason)


def _scope(words: Sequence[str]) -> tuple[str, ...]:
    """Check what `list` is narrowed to."""
    if len(words) > 1:
        raise Unclear(f"One namespace, or `{NEEDS_ME}`: `list [NAMESPACE|{NEEDS_ME}]`.")
    said = _bare(words[0]) if words else ""
    if not said or said.lower() == NEEDS_ME:
        return (NEEDS_ME,) if said else ()
    _check_label(said, said, "namespace")
    return (said,)


def _target(verb: str, words: Sequence[str]) -> tuple[str, list[str]]:
    """Take the rollout off the front of the words."""
    if not words or (MENTION.fullmatch(words[0]) and verb not in WITH_TARGET):
        if verb in WITH_TARGET:
            raise Unclear(f"{verb.capitalize()} which rollout? `{verb} [NAMESPACE/]NAME`")
        return "", list(words)
    if MENTION.fullmatch(words[0]):
        raise Unclear(f"After `{verb}` comes a rollout: `{verb} [NAMESPACE/]NAME`.")
    target = _bare(words[0])
    check_target(target)
    return target, list(words[1:])


def check_target(target: str) -> None:
    """Refuse what cannot be the name of a rollout, before anything is made of it."""
    namespace, slash, name = target.rpartition("/")
    if slash:
        _check_label(namespace, target, "namespace")
    if len(name) > LONGEST_NAME:
        raise Unclear(f"`{quoted(name)}` is too long for a name.")
    for part in name.split("."):
        _check_label(part, target, "name")


def _check_label(part: str, whole: str, what: str) -> None:
    if LABEL.fullmatch(part):
        return
    lower = whole.lower()
    meant = f" Did you mean `{quoted(lower)}`?" if LABEL.fullmatch(part.lower()) else ""
    raise Unclear(
        f"`{quoted(whole)}` cannot be the {what} of anything in Kubernetes: "
        f"only a-z, 0-9 and hyphens are.{meant}"
    )


def _bare(word: str) -> str:
    """Strip what people copy along from formatted text."""
    return word.strip("`*")


def quoted(foreign: str) -> str:
    """Make typed text fit to be shown between backticks: nothing in it is markup any more."""
    return safe(foreign, LONGEST_ECHO)
