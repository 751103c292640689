"""
How a command explains itself: `--help` is its manual page.

A page has what argparse cannot know: what the command is for, its exit codes, the environment that
it reads, examples. The rest is written from the parser, so that it cannot say anything else.
"""

import argparse
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_WIDTH = 79  #: of what argparse does not break into lines itself


@dataclass(frozen=True, kw_only=True)
class Page:
    """
    What is to be said about one command.

    Attributes:
        about: what it does, and what it does not do.
        exits: its exit codes, each with what it means.
        environment: the variables that it reads; what they are stands in ENVIRONMENT.
        examples: command lines, each with what it is good for.

    """

    about: str
    exits: Mapping[int, str]
    environment: Sequence[str] = ()
    examples: Sequence[tuple[str, str]] = ()


ENVIRONMENT = {
    "ROLLOUT_BOT_CONFIG": "the configuration file, where no --config names one",
    "ROLLOUT_BOT_DATABASE_URL": "the database: postgresql://user:password@host/name, or "
    "sqlite:////folder/file.sqlite3; default: a file in the state folder",
    "ROLLOUT_BOT_STATE_DIR": "the state folder; default: $XDG_STATE_HOME/rollout-bot, else "
    "~/.local/state/rollout-bot",
    "SLACK_BOT_TOKEN": "the bot token, xoxb-…; or its file: SLACK_BOT_TOKEN_FILE",
    "SLACK_APP_TOKEN": "in socket mode: the app-level token, xapp-…; or SLACK_APP_TOKEN_FILE",
    "SLACK_SIGNING_SECRET": "in http mode: the signing secret; or SLACK_SIGNING_SECRET_FILE",
    "SLACK_API_URL": "another Slack, with path and slash: http://127.0.0.1:8080/api/",
    "HTTPS_PROXY": "a proxy on the way out; NO_PROXY lists the hosts that are reached without",
    "KUBECONFIG": "the kubeconfig; default: the account of the pod, else ~/.kube/config",
    "NO_COLOR": "set to anything: no colours; there are none without a terminal either",
}


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Writes each option with its default."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        said = action.help or ""
        is_told = action.default in (None, "", False, argparse.SUPPRESS) or "default" in said
        if is_told or not action.option_strings:
            return said
        return f"{said}; default: %(default)s"


def explain(parser: argparse.ArgumentParser, pages: Mapping[str, Page], name: str = "") -> None:
    """Let a parser, and all below it, print their pages on `--help`."""
    if page := pages.get(name):
        parser.formatter_class = Formatter
        parser.description = "\n\n".join(_wrapped(part) for part in page.about.split("\n\n"))
        parser.epilog = "\n\n".join(_sections(page))
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, below in action.choices.items():
                explain(below, pages, f"{name} {word}".strip())


def _sections(page: Page) -> Iterator[str]:
    yield _table("exit codes", {str(code): meaning for code, meaning in page.exits.items()})
    if page.environment:
        yield _table("environment", {name: ENVIRONMENT[name] for name in page.environment})
    if page.examples:
        lines = ["examples:"]
        for line, purpose in page.examples:
            lines += [_wrapped(purpose, "  # "), f"  {line}"]
        yield "\n".join(lines)


def _table(title: str, rows: Mapping[str, str]) -> str:
    width = max(map(len, rows)) + 2
    lines = [f"{title}:"]
    for name, meaning in rows.items():
        lines.append(_wrapped(meaning, f"  {name:{width}}", " " * (width + 2)))
    return "\n".join(lines)


def _wrapped(text: str, first: str = "", rest: str | None = None) -> str:
    return textwrap.fill(
        " ".join(text.split()),
        _WIDTH,
        initial_indent=first,
        subsequent_indent=first if rest is None else rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
