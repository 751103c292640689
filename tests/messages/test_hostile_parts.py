"""The parts of messages, with the same foreign text; and that no builder is left out."""

import ast
import importlib
import inspect
import json
import pkgutil
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bot.messages
from bot.balancing.finding import Finding
from bot.messages import (
    announcements,
    blocks,
    buttons,
    card,
    findings,
    headers,
    headlines,
    modals,
    muting,
    replies,
    reports,
    storm,
    weights,
    words,
)
from bot.messages.headlines import Headline
from bot.messages.seal import Seal
from bot.release.actions import Offer
from bot.release.errors import Hazard
from bot.release.rollout import Sighting
from bot.sandbox.slack import grammar
from bot.sandbox.slack.judge import judge_message
from tests.builders import NOON
from tests.messages import hostile as some
from tests.messages import hostile_findings as wrong
from tests.messages.hostile import LONG
from tests.messages.reading_aloud import SEAL, is_harmless
from tests.messages.test_hostile import BUILDERS, HIDDEN, HOSTILE, NOW, OURS, from_text

BRIEFLY = settings(HOSTILE, max_examples=8)  # whole messages carry all of them too
COUNTS = st.sampled_from([0, 1, 5, 30])


def a_button(draw):
    dialog = blocks.confirm(draw(LONG), draw(LONG), draw(LONG), danger=draw(st.booleans()))
    return blocks.button(
        "a", draw(LONG), "v", style=draw(st.sampled_from(["", "danger"])), confirm=dialog
    )


def in_row(*elements):
    return blocks.actions("row", elements)


def a_row_to_mute(shown):
    """Nobody may mute: then there is no row."""
    made = findings.mute_button(shown)
    return in_row(made) if made else []


#: What makes a block, or a part of one: shown in a block. Markup is ours there, so only the judge
#: is asked.
PARTS = {
    blocks.plain_text: lambda d: {"type": "header", "text": blocks.plain_text(d(LONG), 150)},
    blocks.mrkdwn: lambda d: {"type": "section", "text": blocks.mrkdwn(d(LONG))},
    blocks.header: from_text(blocks.header, LONG),
    blocks.section: from_text(blocks.section, LONG, LONG),
    blocks.context: from_text(blocks.context, LONG, LONG),
    blocks.divider: from_text(blocks.divider),
    blocks.actions: lambda d: blocks.actions(
        "row", [blocks.button(f"a{n}", d(LONG), "v") for n in range(30)]
    ),
    blocks.button: lambda d: in_row(a_button(d)),
    blocks.confirm: lambda d: in_row(a_button(d)),
    findings.mute_button: lambda d: a_row_to_mute(d(wrong.shown())),
    blocks.overflow: lambda d: in_row(blocks.overflow("more", [(d(LONG), "v")] * 9)),
    blocks.option: lambda d: in_row(blocks.overflow("more", [(d(LONG), "v")])),
    blocks.message: lambda d: blocks.message(d(LONG), *[blocks.section(d(LONG))] * 60).blocks,
    blocks.fitting: lambda d: blocks.fitting([blocks.section(d(LONG))] * d(COUNTS)),
    blocks.paragraphs: lambda d: blocks.paragraphs([d(LONG)] * d(COUNTS)),
    buttons.controls: lambda d: buttons.controls(
        d(some.rollouts()).sighting(), d(some.offers()), SEAL, wrong=d(st.booleans())
    ),
    modals.reason_input: lambda d: modals.reason_input(required=d(st.booleans())),
}

#: What makes a line: a part of a message in which foreign text is harmless already.
LINES = {
    announcements.words_for: from_text(announcements.words_for, some.changes(), **NOW),
    card.step_words: lambda d: card.step_words(a_rollout_with_steps(d), 0),
    card.owner: from_text(card.owner, some.owners()),
    findings.lines: from_text(findings.lines, wrong.findings(), **NOW),
    findings.line: from_text(findings.line, wrong.findings()),
    findings.name: from_text(findings.name, wrong.findings()),
    findings.muted_line: lambda d: findings.muted_line(d(wrong.mutes()), NOON),
    findings.muted_until: lambda d: findings.muted_until(d(wrong.mutes()), NOON),
    headers.header_lines: from_text(headers.header_lines, some.looks(), **NOW),
    headers.reached_with: from_text(headers.reached_with, some.routes()),
    headers.named_routes: from_text(headers.named_routes, some.looks()),
    headers.shadowed_routes: from_text(headers.shadowed_routes, some.looks()),
    headers.lost_route: from_text(headers.lost_route, some.routes()),
    headers.after_abort: from_text(headers.after_abort, some.looks(), **NOW),
    headlines.headline: from_text(
        headlines.headline, some.looks(), some.stories(), some.offers(), **NOW
    ),
    muting.already: from_text(muting.already, wrong.mutes(), some.rollouts(), **NOW),
    replies.why_not: from_text(replies.why_not, OURS.map(Hazard)),
    replies.stands: from_text(replies.stands, some.looks()),
    replies.named: from_text(replies.named, LONG),
    reports.line_of: lambda d: [reports.line_of(flight, NOON) for flight in d(some.flights())],
    reports.unreachable: lambda _: reports.unreachable(NOON, now=NOON),
    weights.reach: from_text(weights.reach, some.looks()),
    weights.weight_line: from_text(weights.weight_line, some.looks()),
    weights.bar: from_text(weights.bar, st.integers(0, 100)),
    weights.ingress_lines: lambda d: weights.ingress_lines(d(some.looks()), NOON, NOON),
    weights.pods_line: from_text(weights.pods_line, some.looks()),
    weights.warnings: from_text(weights.warnings, some.looks()),
    weights.stray: from_text(weights.stray, some.looks(), some.selectors()),
    weights.still_reached: from_text(weights.still_reached, some.looks(), LONG),
    weights.why_not_zero: from_text(weights.why_not_zero, some.looks()),
    weights.held: from_text(weights.held, some.looks()),
    words.key: from_text(words.key, some.rollouts()),
    words.done: from_text(words.done, LONG),
    words.by: from_text(words.by, some.hands()),
    words.person: from_text(words.person, some.hands()),
    words.why: from_text(words.why, LONG),
    words.who_and_why: from_text(words.who_and_why, some.hands(), LONG),
    words.versions: from_text(words.versions, some.looks()),
    words.version: from_text(words.version, some.looks()),
    words.stable_version: from_text(words.stable_version, some.looks()),
    words.tag: from_text(words.tag, LONG),
    words.revision: from_text(words.revision, some.rollouts()),
    words.place: from_text(words.place, some.rollouts()),
    words.some: from_text(words.some, st.lists(OURS)),
    words.either: from_text(words.either, st.lists(OURS)),
    words.missing: lambda d: words.missing([d(LONG)] * d(COUNTS)),
    words.outcome: from_text(words.outcome, some.entries()),
}

#: The smallest parts, of which the rest is made: `test_blocks` has a property for each.
SMALLEST = {
    blocks.plain,
    blocks.safe,
    blocks.code,
    blocks.whole_code,
    blocks.cut,
    blocks.bare,
    blocks.date,
    blocks.clock,
    blocks.ago,
    blocks.coming,
    blocks.measured,
    blocks.duration,
}
#: What returns one of these shows nothing to anybody. Of whatever else a function returns people
#: may see something.
NOT_SHOWN = {
    bool,
    int,
    Finding | None,
    dict[str, str],
    storm.Brief,  # shown by storm.storm and storm.over, and only there
    datetime | None,
    timedelta | None,
    Mapping[str, Sighting],
    tuple[list[Offer], list[Offer]],
}
#: Its values are sealed: Slack carries them, nobody reads them. `test_seal` has their properties.
SEALED = {
    *(Seal.button, Seal.open, Seal.short, Seal.modal, Seal.open_modal, Seal.option),
    Seal.open_option,
}
#: What a card has made, kept for a message about many and given back as it was.
KEPT = {storm.controls, storm.Brief.buttons.fget}
#: Blocks, their elements and texts, and the surfaces on which they stand.
TYPES = {
    *grammar.EVERYWHERE,
    *grammar.PRESSED,
    *grammar.CHOSEN,
    *("plain_text", "mrkdwn", "plain_text_input", "table", "modal", "home"),
}
#: Rooms that make blocks of their own, each with the reason. The local Slack judges what they send
#: in all tests of bot.slack.
ELSEWHERE = {
    "bot/slack/posting.py",  # merges lines that have waited: their words are made already
    "bot/slack/modals.py",  # "One moment", and in a modal what is else said beside it
}


def a_rollout_with_steps(draw):
    return draw(some.rollouts().filter(lambda rollout: rollout.steps))


def name_of(build):
    return f"{build.__module__.removeprefix('bot.messages.')}.{build.__qualname__}"


@pytest.mark.parametrize("build", PARTS, ids=name_of)
@given(st.data())
@BRIEFLY
def test_every_part_is_taken_by_slack(build, data):
    made = PARTS[build](data.draw)

    assert judge_message([made] if isinstance(made, dict) else list(made)) == []


@pytest.mark.parametrize("build", LINES, ids=name_of)
@given(st.data())
@BRIEFLY
def test_nothing_in_a_line_is_markup(build, data):
    made = LINES[build](data.draw)
    if isinstance(made, Headline):
        made = [made.title, made.point]

    for line in [made] if isinstance(made, str) else made:
        assert is_harmless(line)
        assert not HIDDEN.search(json.dumps(line, ensure_ascii=False))
        assert "\n" not in line


def builders():
    """Everything public that bot.messages defines and that can be called for words."""
    for module in pkgutil.walk_packages(bot.messages.__path__, "bot.messages."):
        for name, thing in vars(importlib.import_module(module.name)).items():
            if name.startswith("_") or getattr(thing, "__module__", "") != module.name:
                continue
            members = [(name, thing)] if inspect.isfunction(thing) else []
            if inspect.isclass(thing):
                members = [(n, getattr(v, "fget", v)) for n, v in vars(thing).items()]
            for member, build in members:
                if inspect.isfunction(build) and not member.startswith("_"):
                    yield build


def test_no_builder_is_left_out():
    """Whoever adds one to bot.messages adds it to BUILDERS, PARTS or LINES, with hostile text."""
    found = {one for one in builders() if get_type_hints(one).get("return") not in NOT_SHOWN}

    covered = {*BUILDERS, *PARTS, *LINES, *SMALLEST, *SEALED, *KEPT}
    assert {name_of(build) for build in found - covered} == set()
    assert {name_of(build) for build in covered - found} == set()


def test_blocks_are_made_here_and_nowhere_else():
    """A dict with the type of a block, of a text or of a view, written down in another room."""
    root = Path(bot.messages.__path__[0]).parent
    others = {
        path.relative_to(root.parent).as_posix(): path.read_text(encoding="utf-8")
        for path in root.rglob("*.py")
        if path.relative_to(root).parts[0] not in ("messages", "sandbox")
    }
    assert {name for name, text in others.items() if writes_blocks(text)} == ELSEWHERE


def writes_blocks(text):
    """Whether there is `{"type": "section", …}` in a program, or another type of Block Kit."""
    written = [one for one in ast.walk(ast.parse(text)) if isinstance(one, ast.Dict)]
    entries = [entry for one in written for entry in zip(one.keys, one.values, strict=True)]
    return any(
        isinstance(key, ast.Constant)
        and key.value == "type"
        and isinstance(value, ast.Constant)
        and value.value in TYPES
        for key, value in entries
    )
