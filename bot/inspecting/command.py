"""
The commands `rules` and `lint`: from arguments to the exit code.

Exit codes: 0 all is well; 1 `rules`: a group with an error, `lint`: a finding as grave as
`--fail-on` says; 2 input that cannot be read, a cluster that does not answer, namespaces
without anything; 3 a cluster that refuses our credentials.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from bot.balancing.finding import Severity
from bot.balancing.inspection import Report
from bot.balancing.inventory import Controller
from bot.cluster.refusals import Denied
from bot.commandline.options import add_output
from bot.commandline.patience import patience
from bot.config import Config, load
from bot.inspecting import lint_json, lint_text, rules_json, rules_text, sarif
from bot.inspecting.looking import Sight, look_at_cluster, look_at_files
from bot.manifests import Unreadable
from bot.paper import paper, put
from bot.release.errors import Refusal

FOUND, UNREADABLE = 1, 2


async def rules(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Print the rules that the ALB controller will make; the exit code."""
    sight = await _look(args, environ)
    if sight is None:
        return UNREADABLE
    with patience("working out the rules"):
        models, outside = sight.models(), sight.outsiders()
    if args.output == "json":
        _print_json(rules_json.as_data(models, outside))
    else:
        put(rules_text.as_text(sight, models, paper(sys.stdout, environ)))
        _tell(sight.missing)
        if not models and not outside:
            _tell([f"There is no Ingress of the ALB controller among {sight.counted()}."])
    return FOUND if outside or any(model.failures for model in models) else 0


async def lint(args: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Print what is wrong, or will be; the exit code."""
    sight = await _look(args, environ)
    if sight is None:
        return UNREADABLE
    with patience("looking for findings"):
        report = sight.inspect()
    match args.output:
        case "json":
            _print_json(lint_json.as_data(report, sight.missing))
        case "sarif":
            _print_json(sarif.as_data(report, sight.missing))
        case _:
            put(lint_text.as_text(sight, report, paper(sys.stdout, environ)))
    return FOUND if _fails(report, Severity(args.fail_on)) else 0


def _fails(report: Report, threshold: Severity) -> bool:
    return any(finding.severity.reaches(threshold) for finding in report.findings)


async def _look(args: argparse.Namespace, environ: Mapping[str, str]) -> Sight | None:
    """Read what is to be looked at; None: it cannot be, which has been told."""
    controller = Controller(
        ingress_class=args.ingress_class,
        tolerates_missing_action=args.tolerate_non_existent_backend_action,
        tolerates_missing_service=args.tolerate_non_existent_backend_service,
        target_type=args.default_target_type,
        legacy={"v1": True, "v2": False}.get(args.controller),
    )
    try:
        with patience(f"reading {'the cluster' if args.cluster else ', '.join(args.paths)}"):
            if args.cluster:
                sight = await look_at_cluster(_namespaces(args, environ), controller)
            else:
                sight = look_at_files(
                    args.paths,
                    sys.stdin.buffer,
                    namespace=args.namespace or "default",
                    controller=controller,
                    command=args.command,
                )
    except Unreadable as unreadable:
        _tell(str(fault) for fault in unreadable.faults)
        return None
    except Denied:
        raise
    except Refusal as refusal:
        _tell([refusal.text])
        return None
    _tell(sight.notes)
    return sight


def _namespaces(args: argparse.Namespace, environ: Mapping[str, str]) -> tuple[str, ...]:
    if args.namespace:
        return (args.namespace,)
    given = args.config or environ.get("ROLLOUT_BOT_CONFIG")
    config = load(Path(given)) if given else Config()
    return tuple(config.kubernetes.namespaces)


def _print_json(data: Any) -> None:
    put([json.dumps(data, indent=2, ensure_ascii=False)])


def _tell(lines: Iterable[str]) -> None:
    sys.stderr.write("".join(f"{line}\n" for line in lines))


def add_commands(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add both commands to a parser."""
    looking = argparse.ArgumentParser(add_help=False, parents=[common])
    _add_input(looking)
    _add_controller(looking)
    rules_ = commands.add_parser(
        "rules",
        parents=[looking],
        help="the rules that the ALB controller will make, in order",
    )
    add_output(rules_, "text", "json")
    rules_.set_defaults(check=rules_)
    lint_ = commands.add_parser(
        "lint",
        parents=[looking],
        help="what is wrong with Ingresses and Rollouts, or will be",
    )
    add_output(lint_, "text", "json", "sarif")
    lint_.add_argument(
        "--fail-on",
        choices=["critical", "high", "medium", "low"],
        default="high",
        help="exit with 1 from this severity on; default: high, because critical and high findings "
        "send traffic to the wrong place or stop it from moving, and the others do not yet. "
        "Findings of severity info never fail",
    )
    lint_.set_defaults(check=lint_)


def ensure_input(args: argparse.Namespace) -> None:
    """Refuse a command line that names nothing to look at, two things, or what is not heeded."""
    if args.cluster and args.paths:
        args.check.error("either files or --cluster, not both")
    if args.paths and args.config:
        args.check.error("--config says which namespaces of the cluster to read; files need none")
    if not args.cluster and not args.paths:
        args.check.error("name files or folders, - for standard input, or --cluster")


def _add_input(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="manifests, folders of them (*.yaml, *.yml, *.json), or - for standard input",
    )
    parser.add_argument(
        "--cluster", action="store_true", help="look at the cluster of $KUBECONFIG instead"
    )
    parser.add_argument(
        "--namespace",
        default="",
        metavar="NS",
        help="of objects in files that name none (default: default); with --cluster the only one "
        "to look at",
    )


def _add_controller(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "the AWS Load Balancer Controller", "how it is started; the defaults are its own"
    )
    group.add_argument(
        "--controller",
        choices=["v1", "v2"],
        help="its generation (v3 reads as v2 does); default: v1 for Ingresses of "
        "extensions/v1beta1, else v2",
    )
    group.add_argument(
        "--ingress-class", default="alb", metavar="CLASS", help="the class that is its own"
    )
    group.add_argument(
        "--default-target-type",
        choices=["instance", "ip"],
        default="instance",
        help="of Ingresses that name none",
    )
    for what in ("action", "service"):
        group.add_argument(
            f"--tolerate-non-existent-backend-{what}",
            action=argparse.BooleanOptionalAction,
            default=True,
            help=f"a missing {what} is answered with 503 and is no error; default: yes",
        )
