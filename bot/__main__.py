"""
The command line: `rollout-bot`, also `python -m bot`.

Results go to stdout, everything else to stderr. Exit codes: 0 done; 1 something
was found; 2 the configuration or the command is wrong; 3 Slack or the cluster
refuses our credentials.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bot import heap
from bot.app import NOT_ACCEPTED, open_cluster, running
from bot.commandline import completion
from bot.commandline.manual import explain
from bot.commandline.options import add_output, logging_options, moment
from bot.commandline.pages import PAGES
from bot.commandline.patience import patience
from bot.config import Config, ConfigError, Secrets, Sources, config_file, load
from bot.doctor import add_doctor, doctor
from bot.farewell import end_at_interrupt, end_for_sure
from bot.inspecting import add_commands, ensure_input, lint, rules
from bot.logs import set_up
from bot.store import Database, SqlLedger, Unusable, database_url
from bot.store.export import as_csv, as_json, as_text
from bot.terminal import as_data, as_lines, observe

_log = logging.getLogger("bot")

WRONG, REFUSED = 2, 3
_ENDING = (signal.SIGTERM, signal.SIGINT)
#: Seconds until a thread that is back from the disk gets the interpreter; people wait for it.
_SWITCH = 0.0005


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    args = _parser().parse_args(argv)
    if args.command in {"rules", "lint"}:
        ensure_input(args)
    set_up(args.log_level, args.log_format)
    try:
        return asyncio.run(_COMMANDS[args.command](args, os.environ))
    except ConfigError as error:
        print(error, file=sys.stderr)
    except Unusable as error:
        print(f"database: {error}", file=sys.stderr)
    except NOT_ACCEPTED as error:
        print(error, file=sys.stderr)
        return REFUSED
    except OSError as error:
        print(error, file=sys.stderr)
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130
    return WRONG


async def _run(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Run the bot until SIGTERM or SIGINT."""
    sources = Sources(config_file(environ, args.config), environ)
    config = sources.config()
    secrets = sources.secrets(config.slack.mode)
    await _until_signal(_bot(config, secrets, database_url(environ), sources))
    _log.info("stopped")
    return 0


async def _demo(args: argparse.Namespace, _environ: Mapping[str, str]) -> int:
    """Play the whole bot in a browser until SIGTERM or SIGINT."""
    from bot.demo import CannotPlay, perform  # `run` would keep all of it in memory

    try:
        await _until_signal(perform(args.port, browser=args.browser))
    except CannotPlay as error:
        print(error, file=sys.stderr)
        return WRONG
    return 0


async def _until_signal(work: Coroutine[Any, Any, None]) -> None:
    """Do this until SIGTERM or SIGINT, or until it ends by itself; the second one ends at once."""
    task = asyncio.create_task(work)
    loop = asyncio.get_running_loop()

    def end() -> None:
        for number in _ENDING:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)
        end_for_sure()
        task.cancel()

    for number in _ENDING:
        loop.add_signal_handler(number, end)
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def _bot(config: Config, secrets: Secrets, url: str, sources: Sources) -> None:
    """Run until it is cancelled; leaving the context finishes what is under way."""
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, lambda: None)  # while it starts there is nothing to do
    sys.setswitchinterval(_SWITCH)
    async with running(config, secrets, url, sources) as app:
        loop.add_signal_handler(signal.SIGHUP, app.reloading.ring)
        host, port = app.address
        _log.info("I am running; health is on %s:%d", host, port)
        listed = asyncio.create_task(app.flows.follow.listed.wait(), name="listed")
        listed.add_done_callback(lambda _: heap.settle())
        await app.ended()


async def _check(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Validate configuration files, offline: those that are named, else the one of `run`."""
    await asyncio.sleep(0)
    code, files = 0, [*args.files]
    if args.config or not files:
        files.append(str(config_file(environ, args.config)))
    for name in files:
        try:
            load(Path(name))
        except ConfigError as error:
            print(error, file=sys.stderr)
            code = WRONG
        else:
            print(f"{name}: ok")
    return code


async def _status(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Show what the card shows, in a terminal."""
    if args.watch:
        end_at_interrupt()
    given = args.config or environ.get("ROLLOUT_BOT_CONFIG")
    config = load(Path(given)) if given else Config()
    async with AsyncExitStack() as stack:
        waiting = stack.enter_context(contextlib.ExitStack())
        waiting.enter_context(patience("reading the cluster"))
        cluster = await open_cluster(config, stack)
        async for looks in observe(cluster, args.target, watch=args.watch):
            waiting.close()
            if args.output == "json":
                print(
                    json.dumps([as_data(look) for look in looks], indent=None if args.watch else 2)
                )
            else:
                print("\n\n".join("\n".join(as_lines(look, datetime.now(UTC))) for look in looks))
            sys.stdout.flush()
            if not looks:
                named = f" {args.target}" if args.target else ""
                print(f"There is no rollout{named} that I may read.", file=sys.stderr)
    return 0


async def _ledger(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Print the audit record."""
    with patience("reading the ledger"):
        database = await Database.open(database_url(environ))
        try:
            entries = await SqlLedger(database).since(args.since)
        finally:
            await database.close()
    match args.output:
        case "json":
            for entry in entries:
                print(as_json(entry))
        case "csv":
            print(as_csv(entries), end="")
        case _:
            print(as_text(entries) if entries else "Nothing is on record.\n", end="")
    return 0


async def _complete(args: argparse.Namespace, _environ: Mapping[str, str]) -> int:
    """Print the completion script of a shell."""
    await asyncio.sleep(0)
    print(completion.script(args.shell, _parser()), end="")
    return 0


_COMMANDS = {
    "run": _run,
    "demo": _demo,
    "rules": rules,
    "lint": lint,
    "doctor": doctor,
    "status": _status,
    "ledger": _ledger,
    "config": _check,
    "completion": _complete,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="rollout-bot")
    parser.add_argument(
        "--version",
        action="version",
        version=f"rollout-bot {version('rollout-bot')}",
        help="print the version and exit",
    )
    named = argparse.ArgumentParser(add_help=False)
    named.add_argument(
        "--config", metavar="FILE", help="the configuration; default: $ROLLOUT_BOT_CONFIG"
    )
    common = argparse.ArgumentParser(add_help=False, parents=[logging_options("info"), named])
    commands = parser.add_subparsers(
        title="commands", dest="command", required=True, metavar="COMMAND"
    )
    commands.add_parser("run", parents=[common], help="the bot, until SIGTERM or SIGINT")
    _add_demo(commands)
    add_commands(commands, common)
    add_doctor(commands, [logging_options("critical"), named])  # what it finds is in its answer
    _add_status(commands, common)
    _add_ledger(commands)
    _add_config(commands, common)
    completing = commands.add_parser(
        "completion", parents=[logging_options("info")], help="the completion script of a shell"
    )
    completing.add_argument("shell", choices=completion.SHELLS, help="for which")
    explain(parser, PAGES)
    return parser


def _add_demo(commands: Any) -> None:
    demo = commands.add_parser(
        "demo",
        parents=[logging_options("error")],  # what happens is on the page
        help="the bot in a browser, with a local Slack and a local cluster",
    )
    demo.add_argument(
        "--port", type=int, default=8080, metavar="N", help="of the page; if taken, the next free"
    )
    demo.add_argument(
        "--no-browser", dest="browser", action="store_false", help="do not open the page"
    )


def _add_status(commands: Any, common: argparse.ArgumentParser) -> None:
    status = commands.add_parser(
        "status", parents=[common], help="what the card shows, in a terminal"
    )
    status.add_argument(
        "target", nargs="?", default="", metavar="NS/NAME", help="a rollout; NAME if it is unique"
    )
    status.add_argument("--watch", action="store_true", help="again whenever something changes")
    add_output(status, "text", "json")


def _add_ledger(commands: Any) -> None:
    ledger = commands.add_parser(
        "ledger", parents=[logging_options("info")], help="the audit record"
    )
    ledger.add_argument(
        "--since",
        type=moment,
        default=moment("24h"),
        metavar="T",
        help="2026-01-31T09:00Z, or a span such as 90m, 36h, 7d; default: 24h",
    )
    add_output(ledger, "text", "json", "csv")


def _add_config(commands: Any, common: argparse.ArgumentParser) -> None:
    config = commands.add_parser("config", help="the configuration")
    checks = config.add_subparsers(title="commands", dest="what", required=True, metavar="COMMAND")
    check = checks.add_parser("check", parents=[common], help="validate files, offline")
    check.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="configuration files; default: the one that the bot reads",
    )


if __name__ == "__main__":
    sys.exit(main())
