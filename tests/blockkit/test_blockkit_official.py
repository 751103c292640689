"""
Our judge is never laxer than the official types, and where it is stricter it says why.

What no schema can say (an id twice, two tables, a modal's submit) is tested in
`tests/sandbox/slack`; whether the types themselves are right nobody here can tell.
"""

import json
from collections import Counter
from fnmatch import fnmatchcase

import pytest
from hypothesis import HealthCheck, given, settings

from bot.sandbox.slack import grammar
from bot.sandbox.slack.judge import judge_message, judge_view
from tests.blockkit import making
from tests.blockkit import official as generated
from tests.blockkit.comparing import walk
from tests.blockkit.hardening import NO_LIMIT
from tests.sandbox.slack.broken_payloads import BAD_MESSAGES, NOT_OURS

OURS = {"message": grammar.MESSAGE_BLOCKS, **grammar.VIEW.table}
#: The types tell 152 limits in version 3.2.0; far fewer mean that they are not read any more.
FEWEST_LIMITS = 140

EMPTY = "an empty one names nothing; what Slack does with it is not told"
NO_ITEMS = "an empty list is a mistake of ours; what Slack does with it is not told"
UNTOLD = "no limit is told; ours is that of the other texts and ids"
#: Where we allow less than the types and their comments say, and why. Names as in `Spot.name`.
STRICTER = {
    "*.block_id shortest": EMPTY,
    "*.action_id shortest": EMPTY,
    "*url shortest": EMPTY,
    "*(image).alt_text shortest": EMPTY,
    "*Option.value shortest": EMPTY,
    "RichText* shortest": EMPTY,
    "*Block.* least": NO_ITEMS,
    "*View.blocks least": NO_ITEMS,
    "*options least": NO_ITEMS,
    "StaticSelect.option_groups least": NO_ITEMS,
    "RichTextList.elements least": NO_ITEMS,
    "DispatchActionConfig*": "one that names no occasion, or one twice, is a mistake of ours",
    "Checkboxes.initial_options most": "there are 10 options at most to choose from",
    "ConfirmationDialog required *": "its page requires all four, the types only text",
    "*Option required value": "the page of the option requires it: else a choice tells nothing",
    "*image_url longest": "slack_sdk refuses more than 3,000 characters",
    "*(image).alt_text longest": "told for the block only, and meant for the element too",
    "*View.external_id longest": "slack_sdk refuses more than 255 characters",
    "PlainTextInput.initial_value longest": "an input takes 3,000 characters at most",
    "PlainTextInput.m??_length *": "an input takes 3,000 characters at most, and none below zero",
    "RawTextElement.text longest": UNTOLD,
    "RichText* longest": UNTOLD,
    "RichText*.elements most": "no limit is told; 500 parts are far beyond what people read",
    "RichTextDate.timestamp *": "a time in seconds after 1970, not in milliseconds",
}

#: Broken payloads that the types take. A comment says most of these rules, in words.
ONLY_OURS = {
    "action-id-twice": "unique in its block",
    "block-id-twice": "unique in its message",
    "two-tables": "one table in a message",
    "section-empty": "text or fields",
    "select-nothing": "either options or groups",
    "select-both": "either options or groups",
    "select-initial": "begins with one of its options",
    "ticks-initial": "begins with some of its options",
    "option-url-in-select": "only an overflow leads to a URL",
    "confirm-no-deny": STRICTER["ConfirmationDialog required *"],
    "action-id-empty": EMPTY,
    "actions-0": NO_ITEMS,
    "context-0": NO_ITEMS,
    "fields-0": NO_ITEMS,
    "overflow-0": NO_ITEMS,
}

FEW = settings(
    max_examples=400,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture(scope="module")
def spots(official):
    """Every spot once, with the surface on which it is seen first."""
    found = {}
    for surface, ours in OURS.items():
        for spot in walk(official, ours, official.surface(surface), surface):
            found.setdefault((spot.name, repr(spot.ours), spot.stricter), (surface, spot))
    return list(found.values())


def test_the_lock_file_names_what_and_never_where_from():
    packages = json.loads((generated.HERE / "package-lock.json").read_text())["packages"]
    installed = [package for path, package in packages.items() if path]

    assert all("integrity" in package for package in installed)
    assert not any("resolved" in package for package in installed)


def test_without_node_one_sentence_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(generated, "HOME", tmp_path)
    monkeypatch.setattr(generated.shutil, "which", lambda _: None)

    with pytest.raises(generated.NoNodeError, match=r"^Install Node.js 20 or newer with npm"):
        generated.schema()


def test_every_number_in_a_comment_is_a_limit_or_known_to_be_none(official):
    print(f"\n{official.limits} limits were read. No limits:")
    for where in official.unread:
        print(f"  {where}: {NO_LIMIT.get(where, 'NOT UNDERSTOOD')}")

    assert {w: said for w, said in official.unread.items() if w not in NO_LIMIT} == {}
    assert set(NO_LIMIT) <= set(official.unread), "no longer there"
    assert official.limits >= FEWEST_LIMITS


def test_ours_is_nowhere_laxer(spots):
    assert [
        f"{spot.name}: ours {spot.ours}, theirs {spot.theirs}"
        for _, spot in spots
        if spot.stricter < 0
    ] == []


def test_where_ours_is_stricter_the_reason_is_written(spots):
    stricter = {spot.name for _, spot in spots if spot.stricter > 0}
    print(f"\n{len(spots)} spots, {len(stricter)} stricter for {len(STRICTER)} reasons:")
    print(f"  {dict(Counter(spot.what.partition(' ')[0] for _, spot in spots))}")

    assert {n for n in stricter if not any(fnmatchcase(n, known) for known in STRICTER)} == set()
    assert {k for k in STRICTER if not any(fnmatchcase(n, k) for n in stricter)} == set()


def test_each_limit_holds_in_both(spots, theirs):
    """What just fits is taken by both; what just does not is refused by both, where both say so."""
    wrong = []
    for surface, spot in spots:
        ours = OURS[surface]
        if list(ours(spot.good, "")) or not list(ours(spot.bad, "")):
            wrong.append(f"{spot.name}: ours {spot.ours} is not what ours does")
        if not theirs.takes(surface, spot.good):
            wrong.append(f"{spot.name}: ours {spot.ours} is refused by theirs")
        if spot.stricter == 0 and theirs.takes(surface, spot.bad):
            wrong.append(f"{spot.name}: more than {spot.ours} is taken by theirs")

    assert wrong == []


@given(making.messages())
@FEW
def test_every_message_that_ours_takes_is_taken_by_theirs(theirs, blocks):
    assert judge_message(blocks) == []
    assert theirs.says("message", blocks) == []


@given(making.views("modal"))
@FEW
def test_every_modal_that_ours_takes_is_taken_by_theirs(theirs, view):
    assert judge_view(view) == []
    assert theirs.says("modal", view) == []


@given(making.views("home"))
@FEW
def test_every_home_tab_that_ours_takes_is_taken_by_theirs(theirs, view):
    assert judge_view(view) == []
    assert theirs.says("home", view) == []


def test_what_is_broken_for_ours_is_broken_for_theirs(theirs):
    ours = {name: broken[0] for name, broken in BAD_MESSAGES.items() if name not in NOT_OURS}

    assert {name for name, blocks in ours.items() if theirs.takes("message", blocks)} == set(
        ONLY_OURS
    )
