"""Whatever is in a file, it is read or refused with its place; nothing else happens."""

import copy
import io
import random

import pytest
import yaml

from bot.balancing.foresight import foresee
from bot.balancing.inspection import inspect
from bot.balancing.shapes import Misshapen, gather, shape
from bot.inspecting import lint_json, lint_text, rules_json, rules_text, sarif
from bot.inspecting.looking import Sight
from bot.manifests import Unreadable, read
from bot.paper import Paper
from tests.inspecting.conftest import MANIFESTS

SEEDS = ("seed.yaml", "seed-v1beta1.yaml")
JUNK = (
    None,
    True,
    -1,
    0,
    10**30,
    1.5,
    "",
    "x",
    "use-annotation",
    "\x00\ud800\u202e",
    "{{ x }}",
    "*" * 300,
    [],
    {},
    [[]],
    [None],
    {"name": "x"},
    {"": {"": ""}},
)
SIGNS = "{}[]:,-&*#?|<>=!%@'\"\\ \t\n\r\0abc\u2028\ufeff"


def places(value, path=()):
    """Every place in a tree, the root too."""
    yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, member in pairs:
        if isinstance(member, dict | list):
            yield from places(member, (*path, key))
        else:
            yield (*path, key)


def broken(documents, chance):
    """The documents with one to three places replaced by junk."""
    after = copy.deepcopy(documents)
    for _ in range(chance.randint(1, 3)):
        path = chance.choice([path for path in places(after) if path])
        at = after
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = copy.deepcopy(chance.choice(JUNK))
    return after


def look(documents):
    """Go the whole way, as the commands do; the number of flaws."""
    objects, flaws = [], []
    for document in documents:
        try:
            objects.append(shape(document) if isinstance(document, dict) else None)
        except Misshapen as misshapen:
            flaws += misshapen.flaws
    assert all(flaw.loc and flaw.message for flaw in flaws)
    before = gather(one for one in objects if one is not None)
    sight = Sight(inventory=foresee(before), before=before)
    report, models = inspect(sight.inventory), sight.models()
    assert list(rules_text.as_text(sight, models, Paper())) or not models
    assert list(lint_text.as_text(sight, report, Paper()))
    assert rules_json.as_data(models, sight.outsiders())
    assert lint_json.as_data(report, ())
    assert sarif.as_data(report, ())
    return len(flaws)


@pytest.mark.parametrize("name", SEEDS)
def test_objects_with_junk_in_them_are_taken_or_refused(name):
    chance = random.Random(name)
    documents = list(yaml.safe_load_all((MANIFESTS / name).read_text(encoding="utf-8")))
    assert sum(look(broken(documents, chance)) for _ in range(300)) > 50


@pytest.mark.parametrize("name", SEEDS)
def test_texts_with_junk_in_them_are_read_or_refused_with_their_line(name):
    chance = random.Random(name)
    text = (MANIFESTS / name).read_text(encoding="utf-8")
    faults = []
    for _ in range(150):
        after = list(text)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(after))
            after[at : at + chance.choice((0, 1, 40))] = chance.choice(SIGNS)
        try:
            read(["-"], io.BytesIO("".join(after).encode(errors="surrogatepass")))
        except Unreadable as unreadable:
            faults += unreadable.faults
    assert len(faults) > 20
    assert all(fault.line > 0 and fault.message for fault in faults)
