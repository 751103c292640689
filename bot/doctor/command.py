"""The command `doctor`: arguments and the exit code."""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from bot.commandline.options import add_output
from bot.doctor.examination import examine
from bot.doctor.report import as_data, as_text
from bot.paper import paper, put

SOMETHING_MISSING = 1


async def doctor(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Print how it stands with everything that the configuration needs; the exit code."""
    lines = await examine(environ, args.config, with_messages=args.messages, tell=_step)
    if args.output == "json":
        put([json.dumps(as_data(lines), indent=2, ensure_ascii=False)])
    else:
        put(as_text(lines, paper(sys.stdout, environ)))
    return SOMETHING_MISSING if any(line.is_fault for line in lines) else 0


@contextmanager
def _step(what: str) -> Iterator[None]:
    """Say to a person in a terminal what is being looked at, and how long it took."""
    is_watched, began = sys.stderr.isatty(), time.monotonic()
    if is_watched:
        print(f"I look at {what} …", end="", file=sys.stderr, flush=True)
    try:
        yield
    finally:
        if is_watched:
            print(f" {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)


def add_doctor(commands: Any, common: Sequence[argparse.ArgumentParser]) -> None:
    """Add it to the command line."""
    parser = commands.add_parser(
        "doctor",
        parents=common,
        help="whether everything is there that the configuration needs, and how to mend it",
    )
    add_output(parser, "text", "json")
    parser.add_argument(
        "--messages",
        action="store_true",
        help="let Slack judge every kind of message and form (blocks.validate; none is posted)",
    )
