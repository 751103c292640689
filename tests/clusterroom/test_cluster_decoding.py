"""Bytes into models, whatever the bytes are."""

import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cluster.decoding import Bookmark, Decoder, Drop, Failure, Garbled, Illegible, Put
from bot.cluster.kinds import INGRESSES, REPLICA_SETS, ROLLOUTS, SERVICES
from bot.cluster.lines import LONGEST, Lines, TooLong
from bot.cluster.shelf import Shelf, differ
from bot.release.rollout import Rollout
from tests.clusterroom.manifests import a_rollout, an_ingress, managed
from tests.tries import tries

KINDS = (ROLLOUTS, INGRESSES, SERVICES, REPLICA_SETS)
WHAT = Put | Drop | Bookmark | Failure | Illegible

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)


@st.composite
def spoilt(draw, manifest):
    """A manifest of which something, somewhere, is something else."""
    thing = json.loads(json.dumps(manifest))
    inner = thing
    while True:
        key = draw(st.sampled_from(sorted(inner)))
        if isinstance(inner[key], dict) and inner[key] and draw(st.booleans()):
            inner = inner[key]
            continue
        if draw(st.booleans()):
            inner[key] = draw(anything)
        else:
            del inner[key]
        return thing


def identified(manifest):
    """With what the API server adds."""
    return {**manifest, "metadata": {**manifest["metadata"], "uid": "u", "resourceVersion": "7"}}


@tries(500)
@given(
    thing=spoilt(identified(a_rollout())) | spoilt(identified(an_ingress(a="b"))),
    what=st.sampled_from(["ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR", "NEW"]),
)
def test_no_event_is_too_odd(thing, what):
    """It is read, or told apart; nothing else is raised."""
    line = json.dumps({"type": what, "object": thing}).encode()
    for kind in KINDS:
        try:
            assert isinstance(Decoder(kind.model).event(line), WHAT)
        except Garbled:
            continue


@tries(200)
@given(line=st.binary(max_size=50) | anything.map(lambda value: json.dumps(value).encode()))
def test_no_line_and_no_page_is_too_odd(line):
    """Bytes that are no event at all."""
    decoder = Decoder(Rollout)
    for read in (decoder.event, decoder.page):
        try:
            read(line)
        except Garbled:
            continue


@given(things=st.lists(spoilt(identified(a_rollout())), max_size=4))
@tries(100)
def test_a_page_tells_of_every_object_once(things):
    """Read or not."""
    page = Decoder(Rollout).page(json.dumps({"metadata": {}, "items": things}).encode())

    assert len(page.objects) + len(page.illegible) == len(things)


@given(
    lines=st.lists(st.binary(min_size=1, max_size=20).map(lambda b: b.replace(b"\n", b"x"))),
    cuts=st.lists(st.integers(min_value=1, max_value=7), min_size=1),
    rest=st.binary(max_size=5).map(lambda b: b.replace(b"\n", b"x")),
)
def test_lines_are_the_same_wherever_the_stream_is_cut(lines, cuts, rest):
    """And the half line at the end is not among them."""
    stream = b"".join(line + b"\n" for line in lines) + rest
    reader, heard, at, turn = Lines(), [], 0, 0
    while at < len(stream):
        size = cuts[turn % len(cuts)]
        heard += reader.feed(stream[at : at + size])
        at, turn = at + size, turn + 1

    assert heard == lines


def test_a_line_without_an_end_is_given_up():
    """Else it would fill the memory."""
    lines = Lines()
    piece = b"x" * 2**20
    for _ in range(LONGEST // len(piece)):
        lines.feed(piece)

    with pytest.raises(TooLong):
        lines.feed(piece)


def test_every_field_that_we_read_makes_a_difference():
    """All but those that are new with each write."""
    decoder = Decoder(Rollout)
    same = differ(Rollout)
    before = decoder.one(json.dumps(identified(a_rollout())).encode())

    for field in fields(Rollout):
        after = before.model_copy(update={field.name: object()})
        assert same(before, after) is (field.name != "resource_version"), field.name


def test_what_is_kept_shares_what_is_the_same():
    """Thousands of objects are made from one template."""
    decoder, shelf = Decoder(INGRESSES.model), Shelf(INGRESSES, lambda before, after: None)
    for number in range(2):
        thing = identified(an_ingress(f"i{number}"))
        thing["metadata"]["uid"] = f"u{number}"
        thing["metadata"]["managedFields"] = [
            managed("alb", f"2026-11-24T0{number}:00:00Z", {"f:spec": {"f:rules": {}}})
        ]
        shelf.put(decoder.one(json.dumps(thing).encode()))

    one, other = shelf.all()
    assert one.managed_fields[0]["fieldsV1"] is other.managed_fields[0]["fieldsV1"]
    assert one.managed_fields[0]["time"] != other.managed_fields[0]["time"]
    assert one.model_copy(update={"name": "new"}).name == "new"


def test_what_is_said_once_more_of_a_deleted_object_does_not_bring_it_back():
    """A list did not have it; then comes, late, what was its last state."""
    told = []
    decoder = Decoder(INGRESSES.model)
    shelf = Shelf(INGRESSES, lambda before, after: told.append(after is not None))
    thing = json.dumps(identified(an_ingress("i"))).encode()
    shelf.put(decoder.one(thing))
    shelf.keep_only("", set())

    shelf.put(decoder.one(thing))

    assert shelf.all() == ()
    assert told == [True, False]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.plural)
def test_an_event_is_read_from_its_bytes_for_each_kind(kind):
    """The smallest object there is."""
    thing = {"metadata": {"namespace": "shop", "name": "x", "uid": "u", "resourceVersion": "7"}}
    event = Decoder(kind.model).event(json.dumps({"object": thing, "type": "ADDED"}).encode())

    assert isinstance(event, Put)
    assert (event.object.namespace, event.object.uid) == ("shop", "u")
