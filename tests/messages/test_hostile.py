"""Whatever stands in the cluster: every message is taken by Slack, and nothing in it is markup."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.balancing.findings import Finding, Severity
from bot.messages import announcements, digests, findings, modals, replies, reports
from bot.messages.card import card
from bot.messages.home import home
from bot.release.actions import Plan, ReturnPoint
from bot.release.digest import Concern, Ended, Flight, summarise
from bot.release.errors import Hazard
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
from tests.messages.reading_aloud import SEAL, is_harmless, marked_up, read, read_view
from tests.messages.test_announcements import SAID

WORDS = ["<!channel>", "@here", "<https://evil|x>", "&amp;", "`", "```", "\n", "*", "\u202e", "é🙂"]
PIECES = st.lists(st.sampled_from([*WORDS, "a", "/", ":", "@", "<", "&", ">"]), max_size=60)
TEXT = PIECES.map("".join)
LONG = st.one_of(TEXT, TEXT.map(lambda text: (text or "x") * 400))
NAME = TEXT.map(lambda text: text.encode("ascii", "ignore").decode()[:100])
PERCENT = st.one_of(st.none(), st.integers(0, 100))
FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@st.composite
def looks(draw):
    name, said = draw(NAME), draw(LONG)
    rollout = a_rollout(
        namespace=draw(NAME)[:63],
        name=name,
        message=draw(st.sampled_from(["", "InvalidSpec: "])) + said,
        number=draw(TEXT),
        containers=(Container(name=name, image=said),),
        steps=tuple(
            draw(
                st.lists(
                    st.sampled_from(
                        [
                            {"setWeight": 10},
                            {"pause": {}},
                            {"pause": {"duration": said}},
                            {"setHeaderRoute": {"name": name, "match": [{"headerName": said}]}},
                            {"plugin": {"name": said}},
                            {said: {}},
                        ]
                    ),
                    max_size=9,
                )
            )
        ),
        step=draw(st.integers(0, 9)),
        aborted=draw(st.booleans()),
        frozen=draw(st.booleans()),
        pauses=draw(st.sampled_from([(), a_rollout().pauses])),
        step_analysis=AnalysisStatus(name=name, status=said, message=said),
        stable=draw(st.sampled_from(["5d8b", "7c9f", ""])),
    )
    ingresses = draw(st.lists(st.tuples(NAME, PERCENT), max_size=12))
    return a_look(
        rollout,
        asked=draw(st.integers(0, 100)),
        reported=draw(PERCENT),
        written=tuple(a_written(p, n, problem=said, writer=said) for n, p in ingresses),
        routes=tuple(
            a_route(name=name, header=said, value=said, shadowed_by=draw(TEXT)) for _ in range(3)
        ),
        selectors=(Selector(service=name, role="stable", revision=draw(TEXT), writer=said),),
        canary=Pods(desired=4, available=draw(st.integers(0, 4))),
        stable_image=draw(LONG),
        canary_image=draw(LONG),
        blocked=draw(st.sampled_from(["", said])),
    )


@st.composite
def hands(draw):
    return By(
        kind=draw(st.sampled_from(["slack", "cluster", "schedule", "x"])),
        id=draw(st.sampled_from(["U0ANN", "", "U1> <!here>"])),
        name=draw(TEXT),
    )


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
        ownership=Ownership(policy=draw(st.sampled_from(SyncPolicy)), application=said),
    )


def check(message):
    read(message)
    assert is_harmless(message.text)
    assert all(is_harmless(text) for text in marked_up(message.blocks))
    assert "!channel" not in message.text.replace("&lt;!channel", "")


def check_view(view):
    read_view(view)
    for text in marked_up(view["blocks"]):
        # in a block of code `@here` is text, and what is to be committed must stay as it is
        assert is_harmless(text.replace("@", "") if text.startswith("```") else text)


@given(looks(), stories(), LONG)
@FEW
def test_the_card(look, story, said):
    offers = [
        an_offer("promote", said, look.rollout, effect=said),
        an_offer("abort", said, look.rollout, effect=said, danger=True),
        an_offer("full", said, look.rollout, effect=said, primary=False),
    ]
    check(card(look, story, offers, seal=SEAL, now=NOON, cluster="test"))
    check(reports.status(look, story, now=NOON))
    check(reports.steps(look, now=NOON))


@given(looks(), hands(), LONG, st.sampled_from([type(change) for change, _ in SAID]))
@FEW
def test_what_happened(look, hand, said, kind):
    more = {}
    for change, _ in SAID:
        if type(change) is kind:
            fields = {"route": a_route(name=said, header=said, ingress=said, hosts=(said,))}
            fields |= {"selector": Selector(service=said, role="stable", revision="")}
            fields |= {"service": said, "why": said, "next_image": said, "previous_image": said}
            fields |= {"weight": 10}
            more = {name: value for name, value in fields.items() if hasattr(change, name)}
    check(announcements.line(kind(look=look, by=hand, reason=said, **more), now=NOON))


@given(looks(), hands(), LONG)
@FEW
def test_answers(look, hand, said):
    check(replies.done(said, look, by=hand, effect=said, reason=said))
    check(replies.accepted(said, look, by=hand, effect=said, missing=(said,) * 9))
    check(replies.overtaken(said, look, said))
    check(replies.choose("promote", [look.rollout] * 30, seal=SEAL, reason=said))
    for outcome in ("done", "pending", f"refused:{said}", f"failed:{said}", said):
        entry = an_entry(said, outcome, actor=hand, reason=said, name=said, detail={"text": said})
        check(replies.in_thread(entry, look))
        check(reports.history(said, [entry] * 60))


@given(looks(), stories(), LONG)
@FEW
def test_reports(look, story, said):
    flights = [Flight(look=look, story=story)] * 60
    concern = Concern(namespace=said, name=said, message=said, since=NOON)
    gone = Ended(
        namespace=said, name=said, version=said, ending=an_ending(said, reason=said, at=NOON)
    )
    until = NOON + timedelta(hours=1)
    check(reports.listing(flights, now=NOON, where=said))
    check(reports.needs_me(flights, now=NOON))
    check(reports.unknown(said, [said] * 9))
    check(
        digests.digest(summarise(flights, [gone] * 30, [], [concern] * 30, since=NOON, until=until))
    )
    check_view(home(flights, [concern] * 60, now=NOON, command=said))


@given(LONG, st.sampled_from([True, False, None]), st.sampled_from(Severity))
@FEW
def test_findings(said, heals, severity):
    finding = Finding(
        id=said,
        severity=severity,
        namespace=said,
        rollout=said,
        kind=said,
        name=said,
        message=said,
        evidence=said,
        writer=said,
        heals=heals,
        fix=said,
        since=NOON,
    )
    for tell in (findings.found, findings.resolved, findings.reminded):
        check(tell(finding, now=NOON))
    check(reports.drift([finding] * 60, now=NOON, rollout=said))


@given(looks(), stories(), LONG)
@FEW
def test_forms(look, story, said):
    back = ReturnPoint(step=1, weight=10, inserted=({"pause": {}},))
    plan = Plan(patches=(), effect=said, hazards=(said,) * 12, way_back=back)
    check_view(modals.header_only(look, plan, story.ownership, seal=SEAL, extra={"thread": "1.2"}))
    check_view(modals.ask("full", look, plan, seal=SEAL, label=said))
    refused = Hazard("This is not possible.")
    check_view(modals.header_only_refused(look, refused, ownership=story.ownership, gate_yaml=said))
