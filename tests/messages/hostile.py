"""
What may stand in a cluster, or be typed: rollouts, people and findings full of foreign text.

Words that Slack would take for markup, signs that turn or hide text, and lengths that no message
has room for. Nothing here is likely; all of it is possible.
"""

from dataclasses import fields
from datetime import timedelta
from typing import get_args

from hypothesis import strategies as st

from bot.release.access import Permission, Rule
from bot.release.actions import Plan, ReturnPoint
from bot.release.changes import Change
from bot.release.digest import Concern, Ended, Flight, summarise
from bot.release.ledger import By
from bot.release.ownership import Ownership, SyncPolicy
from bot.release.parts import AnalysisStatus, Container
from bot.release.story import Pursuit
from bot.release.traffic import Pods, Selector
from tests.builders import (
    NOON,
    a_look,
    a_rollout,
    a_route,
    a_stay,
    a_story,
    a_written,
    an_ending,
    an_entry,
    an_offer,
)

MARKUP = [
    *("<!channel>", "<!here|x>", "<!subteam^S1>", "<@U0EVE>", "<@U0ANN>", "<#C0X>", "@here"),
    *("@everyone", "<https://evil|x>", "<javascript:x>", "&amp;", "&lt;!here&gt;", "&", "<", ">"),
    *("`", "```", "*", "_", "~", "|", "^", '"', "\\"),
]
SIGNS = [
    *("\u202e", "\u2066", "\u200f", "\u200b", "\u2060", "\ufeff", "\u200d", "\u0301", "\ud83d"),
    *("\n", "\r\n", "\t", "\0", "\x1b[31m", "é", "漢", "🙂", "👩\u200d🚀", "مرحبا"),
]
PIECES = st.lists(st.sampled_from([*MARKUP, *SIGNS, "a", "/", ":", "@", "."]), max_size=40)
TEXT = PIECES.map("".join)
WEIGHT = st.integers(0, 100)
PERCENT = st.one_of(st.none(), WEIGHT)
#: what has half a sign in its name is no rollout that can be read
NAME = TEXT.map(lambda text: text.replace("\ud83d", "")[:253])


def filled(text: str, length: int) -> str:
    """Repeat the text until it is that long; a length of zero leaves it."""
    return (text * (length // max(1, len(text)) + 1))[:length] if length else text


LONG = st.builds(filled, TEXT, st.sampled_from([0, 0, 0, 76, 301, 4_000, 20_000]))


@st.composite
def steps(draw):
    """Up to forty steps; half a character does not come through the API server's JSON."""
    said = draw(LONG).replace("\ud83d", "")
    kinds = [
        {"setWeight": 10},
        {"pause": {}},
        {"pause": {"duration": said}},
        {"setHeaderRoute": {"name": said, "match": [{"headerName": said}]}},
        {"setCanaryScale": {"replicas": 1}},
        {"plugin": {"name": said}},
        {said: {}},
    ]
    some = draw(st.lists(st.sampled_from(kinds), max_size=5))
    return tuple(some * draw(st.sampled_from([1, 1, 8])))


@st.composite
def rollouts(draw):
    said = draw(LONG)
    return a_rollout(
        namespace=draw(NAME)[:63],
        name=draw(NAME),
        message=draw(st.sampled_from(["", "InvalidSpec: "])) + said,
        number=draw(TEXT),
        containers=(Container(name=said, image=said),),
        steps=draw(steps()),
        step=draw(st.integers(0, 41)),
        aborted=draw(st.booleans()),
        frozen=draw(st.booleans()),
        pauses=draw(st.sampled_from([(), a_rollout().pauses])),
        step_analysis=AnalysisStatus(name=said, status=said, message=said),
        stable=draw(st.sampled_from(["5d8b", "7c9f", ""])),
    )


@st.composite
def looks(draw):
    said = draw(LONG)
    ingresses = draw(st.lists(st.tuples(NAME, PERCENT), max_size=12))
    return a_look(
        draw(rollouts()),
        asked=draw(WEIGHT),
        reported=draw(PERCENT),
        written=tuple(a_written(p, n, problem=said, writer=said) for n, p in ingresses),
        routes=(draw(routes()),) * draw(st.integers(0, 9)),
        selectors=(draw(selectors()),),
        canary=Pods(desired=4, available=draw(st.integers(0, 4))),
        stable_image=draw(LONG),
        canary_image=draw(LONG),
        blocked=draw(st.sampled_from(["", said])),
    )


def routes():
    return st.builds(
        a_route,
        name=LONG,
        header=LONG,
        value=LONG,
        ingress=LONG,
        hosts=TEXT.map(lambda host: (host,) * 5),
        shadowed_by=TEXT,
        complete=st.booleans(),
    )


def selectors():
    return st.builds(Selector, service=LONG, role=st.just("stable"), revision=TEXT, writer=TEXT)


def hands():
    kinds = st.sampled_from(["slack", "cluster", "schedule", "x"])
    return st.builds(By, kind=kinds, id=st.sampled_from(["U0ANN", "", "U1> <!here>"]), name=LONG)


@st.composite
def stories(draw):
    said, hand = draw(LONG), draw(hands())
    stay = a_stay(by=hand, reason=said, missing=draw(st.sampled_from([(), (said,) * 9])))
    how = draw(st.sampled_from(["done", "aborted", "superseded", "rolled back", "deleted", said]))
    ending = an_ending(how, by=hand, reason=said, from_weight=draw(PERCENT), seconds=2)
    pursuit = Pursuit(entry=said, verb=said, by=hand, since=NOON, missing=(said,) * 9)
    return a_story(
        stay=draw(st.sampled_from([None, stay])),
        ending=draw(st.sampled_from([None, ending])),
        pursuit=draw(st.sampled_from([None, pursuit])),
        ownership=draw(owners()),
    )


def owners():
    return st.builds(Ownership, policy=st.sampled_from(SyncPolicy), application=LONG)


@st.composite
def offers(draw):
    """Some of all the acts that there are."""
    said, rollout = draw(LONG), draw(rollouts())
    known = ["promote", "abort", "full", "pause", "resume", "retry", "route", "header-only"]
    verbs = draw(st.lists(st.sampled_from(known), unique=True, max_size=8))
    return [
        an_offer(verb, said, rollout, effect=said, danger=verb == "abort", primary=bool(said))
        for verb in verbs
    ]


def plans():
    back = ReturnPoint(step=1, weight=10, inserted=({"pause": {}},))
    return st.builds(
        Plan,
        patches=st.just(()),
        effect=LONG,
        hazards=LONG.map(lambda hazard: (hazard,) * 12),
        way_back=st.sampled_from([None, back]),
    )


def changes():
    """Every kind of change; a field that is new there has to be added here."""
    given = {
        **dict.fromkeys(("reason", "previous_image", "next_image", "why", "service"), LONG),
        **dict.fromkeys(("from_step", "previous_weight", "weight", "from_weight"), WEIGHT),
        "look": looks(),
        "by": st.one_of(st.none(), hands()),
        "route": routes(),
        "selector": selectors(),
        "back_to": PERCENT,
        "seconds": st.floats(0, 1e6),
    }
    return st.one_of(
        [
            st.builds(kind, **{field.name: given[field.name] for field in fields(kind)})
            for kind in get_args(Change)
        ]
    )


@st.composite
def entries(draw):
    said = draw(LONG)
    outcome = draw(st.sampled_from(["done", "pending", f"refused:{said}", f"failed:{said}", said]))
    detail = draw(st.sampled_from([{}, {"text": said}, {"missing": [said] * 9}]))
    return an_entry(
        said, outcome, actor=draw(hands()), reason=said, name=said, namespace=said, detail=detail
    )


def rules():
    """Ids come from the configuration, which takes nothing else."""
    return st.builds(
        Rule,
        allow=st.frozensets(st.sampled_from(Permission), min_size=1),
        users=st.frozensets(st.sampled_from(["U0ANN", "U0BEN"])),
        groups=st.frozensets(st.just("S0ONCALL")),
        channels=st.frozensets(st.just("C0RELEASES")),
        namespaces=TEXT.map(lambda glob: (glob,) * 9),
        reason_required=st.booleans(),
    )


def flights():
    """None, one, or a hundred."""
    made = st.builds(Flight, look=looks(), story=stories())
    return st.builds(list.__mul__, st.lists(made, max_size=2), st.sampled_from([1, 50]))


def concerns():
    return st.builds(Concern, about=LONG, message=LONG, since=st.just(NOON))


@st.composite
def digests(draw):
    said = draw(LONG)
    ending = an_ending(said, by=draw(hands()), reason=said, at=NOON)
    gone = Ended(namespace=said, name=said, version=said, ending=ending)
    return summarise(
        draw(flights()),
        [gone] * draw(st.sampled_from([0, 1, 60])),
        [draw(entries())],
        [draw(concerns())] * draw(st.sampled_from([0, 1, 60])),
        since=NOON - timedelta(hours=1),
        until=NOON + timedelta(hours=1),
    )
