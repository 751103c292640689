"""Whatever stands in the cluster: every message is taken by Slack, and nothing in it is markup."""

import json
import re

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.messages import (
    announcements,
    card,
    digests,
    drift,
    findings,
    helps,
    home,
    modals,
    muting,
    rebuilt,
    replies,
    reports,
    rules,
    storm,
)
from bot.messages.blocks import Message
from bot.release.errors import Hazard
from tests.builders import NOON, a_rollout
from tests.messages import hostile as some
from tests.messages import hostile_findings as wrong
from tests.messages.hostile import LONG, TEXT
from tests.messages.reading_aloud import SEAL, is_harmless, marked_up, read, read_view

#: chat.update refuses a longer `text`
LONGEST_TEXT = 4_000
HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff\0\x1b]")
#: our own words of a refusal, and lines that are made elsewhere: whoever makes them escapes
OURS = st.sampled_from(["Not done: `abort` it, <@U0ANN> may.", "Look at the card again. " * 200])
EXTRA = {"thread": "1795521600.000100"}
NOW = {"now": NOON}
HOSTILE = settings(
    max_examples=15,
    deadline=None,
    phases=[Phase.reuse, Phase.generate, Phase.shrink],  # to explain takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],  # looks are large
)


def from_text(build, *strategies, **more):
    """Builders whose arguments are drawn one by one."""
    return lambda draw: build(*(draw(strategy) for strategy in strategies), **more)


def many_briefs(draw):
    """Cards in short, some of them many times."""
    briefs = []
    for count in (draw(st.sampled_from([0, 1, 60])), 1):
        look, story, offers = draw(some.looks()), draw(some.stories()), draw(some.offers())
        shown = card.card(look, story, offers, seal=SEAL, cluster="test", **NOW)
        briefs += [storm.brief(look, story, shown)] * count
    return [*briefs, storm.brief_of_left(look.rollout, shown)]


#: Every function of bot.messages that makes a whole message or view, with hostile arguments.
BUILDERS = {
    announcements.line: from_text(announcements.line, some.changes(), **NOW),
    announcements.left: from_text(announcements.left, some.rollouts()),
    card.card: lambda d: card.card(
        d(some.looks()),
        d(some.stories()),
        d(some.offers()),
        seal=SEAL,
        cluster="test",
        ahead=[d(wrong.findings())] * d(st.sampled_from([0, 1, 60])),
        **NOW,
    ),
    card.summary: from_text(
        card.summary,
        some.looks(),
        some.stories(),
        some.offers(),
        st.just(card.Moment(now=NOON)),
    ),
    digests.digest: from_text(digests.digest, some.digests()),
    rebuilt.left_behind: lambda d: rebuilt.left_behind(
        d(LONG), exists=d(st.booleans()), metadata={}
    ),
    storm.storm: lambda d: storm.storm(many_briefs(d), NOON),
    storm.over: lambda d: storm.over(many_briefs(d), NOON),
    storm.interrupted: from_text(storm.interrupted, st.just(NOON)),
    findings.found: from_text(findings.found, wrong.shown(), **NOW),
    findings.past: from_text(findings.past, wrong.findings(), **NOW),
    findings.resolved: from_text(findings.resolved, wrong.findings(), **NOW),
    findings.reminded: lambda d: findings.reminded(
        d(wrong.shown()), ended=d(st.one_of(st.none(), wrong.mutes())), **NOW
    ),
    findings.several: lambda d: findings.several(
        [d(wrong.findings())] * d(st.sampled_from([1, 60])),
        d(st.sampled_from(["found", "still there", "gone"])),
        command=d(LONG),
    ),
    findings.muted: from_text(findings.muted, wrong.findings(), wrong.mutes(), **NOW),
    findings.unmuted: lambda d: findings.unmuted(d(wrong.findings()), by=d(some.hands())),
    muting.form: lambda d: muting.form(
        [d(wrong.shown())] * d(st.sampled_from([1, 2, 150])),
        seal=SEAL,
        seen=a_rollout().sighting(),
        channel="C0RELEASES",
        **NOW,
    ),
    muting.done: from_text(muting.done, wrong.shown(), **NOW),
    muting.ended: from_text(muting.ended, wrong.shown(), wrong.mutes()),
    rules.rules: lambda d: rules.rules(
        d(some.rollouts()), [d(wrong.balancers())] * d(st.sampled_from([0, 1, 5]))
    ),
    helps.overview: lambda d: helps.overview(d(LONG), writes=d(st.booleans())),
    helps.about: from_text(
        helps.about, st.one_of(LONG, st.sampled_from([*helps.READING, *helps.ACTING])), LONG
    ),
    home.home: lambda d: home.home(
        d(some.flights()),
        [d(some.concerns())] * d(st.sampled_from([0, 60])),
        may=d(st.sampled_from([(), ("promote", "abort")])),
        command=d(LONG),
        **NOW,
    ),
    modals.header_only: lambda d: modals.header_only(
        d(some.looks()), d(some.plans()), d(some.owners()), seal=SEAL, extra=EXTRA
    ),
    modals.header_only_refused: lambda d: modals.header_only_refused(
        d(some.looks()), Hazard(d(OURS)), ownership=d(some.owners()), gate_yaml=d(LONG)
    ),
    modals.ask: lambda d: modals.ask(
        "full", d(some.looks()), d(some.plans()), seal=SEAL, label=d(LONG), extra=EXTRA
    ),
    replies.reply: from_text(replies.reply, OURS, OURS),
    replies.done: lambda d: replies.done(
        d(LONG), d(some.looks()), by=d(some.hands()), effect=d(LONG), reason=d(LONG)
    ),
    replies.accepted: lambda d: replies.accepted(
        d(LONG), d(some.looks()), by=d(some.hands()), effect=d(LONG), missing=(d(LONG),) * 9
    ),
    replies.overtaken: from_text(replies.overtaken, LONG, st.one_of(st.none(), some.looks()), LONG),
    replies.refused: from_text(
        replies.refused, OURS.map(Hazard), st.one_of(st.none(), some.looks())
    ),
    replies.broken: from_text(replies.broken, LONG),
    replies.choose: lambda d: replies.choose(
        "promote", [d(some.rollouts())] * d(st.sampled_from([1, 100])), seal=SEAL, reason=d(LONG)
    ),
    replies.interrupted: from_text(
        replies.interrupted, LONG, LONG, st.one_of(st.none(), some.entries())
    ),
    replies.in_thread: lambda d: replies.in_thread(
        d(some.entries()),
        d(st.one_of(st.none(), some.looks())),
        why=d(st.one_of(st.just(""), OURS)),
    ),
    reports.status: lambda d: reports.status(
        d(some.looks()), d(some.stories()), d(some.offers()), ahead=[d(wrong.findings())] * 3, **NOW
    ),
    reports.listing: lambda d: reports.listing(d(some.flights()), where=d(LONG), **NOW),
    reports.needs_me: from_text(reports.needs_me, some.flights(), **NOW),
    reports.steps: from_text(reports.steps, some.looks(), **NOW),
    reports.history: lambda d: reports.history(
        d(LONG), [d(some.entries())] * d(st.sampled_from([0, 1, 100]))
    ),
    reports.who: lambda d: reports.who(
        [d(some.rules())] * d(st.sampled_from([0, 1, 100])),
        namespace=d(TEXT),
        user=d(st.sampled_from(["", "U0BEN"])),
        writes=d(st.booleans()),
    ),
    drift.drift: lambda d: drift.drift(
        [d(wrong.shown()), d(wrong.shown())] * d(st.sampled_from([0, 1, 60])),
        rollout=d(LONG),
        unchecked=[d(wrong.unchecked())] * d(st.sampled_from([0, 1, 60])),
        looked=d(st.sampled_from([None, NOON])),
        **NOW,
    ),
    reports.unknown: lambda d: reports.unknown(d(LONG), [d(LONG)] * d(st.sampled_from([0, 9]))),
}


def check(made):
    """Slack takes it, it is not too long, and people see nothing that is not ours."""
    if isinstance(made, Message):
        read(made)
        assert len(made.text) <= LONGEST_TEXT
        assert is_harmless(made.text)
        shown = {"text": made.text, "blocks": made.blocks, "metadata": None}
    else:
        read_view(made)
        shown = {**made, "private_metadata": ""}
    for text in marked_up(shown["blocks"]):
        # in a block of code `@here` is text, and what is to be committed must stay as it is
        assert is_harmless(text.replace("@", "") if text.startswith("```") else text)
    assert not HIDDEN.search(json.dumps(shown, ensure_ascii=False))


@pytest.mark.parametrize("build", BUILDERS, ids=lambda f: f"{f.__module__[13:]}.{f.__name__}")
@given(st.data())
@HOSTILE
def test_whatever_is_said_slack_takes_it_and_nothing_is_markup(build, data):
    check(BUILDERS[build](data.draw))
