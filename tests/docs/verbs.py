"""The patches and refusals of `docs/verbs.md`, as the planning makes them."""

import json
from collections.abc import Iterator

from bot.release.actions import HeaderOnly, Patch
from bot.release.errors import Refusal
from bot.release.plans import plan
from bot.release.way_out import tidy_up
from tests.docs.cases import ALL, PATCHES, REFUSALS, WITHOUT_ROUTE, Case, action, made_stable


def patches(verb: str) -> str:
    """Everything that a verb sends to the API server, by situation."""
    return "\n\n".join("\n\n".join(_sent(verb, case)) for case in PATCHES[verb])


def tidying() -> str:
    """What takes out again what header-only has put in, where there was no header route."""
    back = plan(HeaderOnly(), WITHOUT_ROUTE.look, WITHOUT_ROUTE.story).way_back
    assert back is not None
    return "\n\n".join(map(_shown, tidy_up(made_stable(back), back).patches))


def refusals(verb: str) -> str:
    """When a verb is refused, and in which words."""
    asked = "promote" if verb == ALL else verb
    return "\n".join(f"* {_first(case.when)}: “{refusal(asked, case)}”" for case in REFUSALS[verb])


def refusal(verb: str, case: Case) -> str:
    """Give the words of a refusal. Raises AssertionError: nothing is refused."""
    try:
        plan(action(verb), case.look, case.story)
    except Refusal as refused:
        return refused.text
    raise AssertionError(f"{verb} is not refused when {case.when}")


def _sent(verb: str, case: Case) -> Iterator[str]:
    planned = plan(action(verb), case.look, case.story)
    yield f"When {case.when}: “{planned.effect}” It sends"
    for patch in planned.patches:
        yield _shown(patch)


def _shown(patch: Patch) -> str:
    part = "/status" if patch.status else ""
    return f"```json\n{_written(patch)}\n```\n\nto `rollouts/checkout{part}`."


def _written(patch: Patch) -> str:
    lines = ",\n".join(f"  {json.dumps(one)}" for one in patch.operations)
    return f"[\n{lines}\n]"


def _first(words: str) -> str:
    return words[0].upper() + words[1:]
