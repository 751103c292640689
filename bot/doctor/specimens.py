"""One of each kind of message and form that the bot makes."""

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

from bot.doctor import sample as some
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
from bot.release import changes
from bot.release.errors import Hazard

SHORT = "smoke test"
#: what Slack would take for markup, longer than any message has room for
LONG = "<!channel> & `1.2.3` *bold* " * 150

Specimen = Message | dict[str, Any]
_CHANNEL = "C0RELEASES"
_EXTRA = {"thread": "1795521600.000100"}


@cache
def specimens(said: str) -> dict[str, Specimen]:
    """
    Make one of each, by the name of what makes it.

    Args:
        said: stands wherever the text of others does.

    """
    return dict((*_told(said), *_findings(said), *_answers(said), *_reports(said), *_forms(said)))


def _told(said: str) -> Iterator[tuple[str, Specimen]]:
    """Give what is told in channels and threads by itself."""
    look, story, offers = some.look(said), some.story(said), some.offers(said)
    shown = card.card(
        look,
        story,
        offers,
        seal=some.SEAL,
        now=some.NOW,
        cluster=said,
        ahead=(some.finding(said),) * 2,
    )
    yield "card", shown
    yield "card, at its end", card.summary(look, some.over(said), (), card.Moment(now=some.NOW))
    for change in _changes(said):
        yield f"line: {type(change).__name__}", announcements.line(change, now=some.NOW)
    yield "line: no longer told here", announcements.left(look.rollout)
    yield "digest", digests.digest(some.digest(said))
    yield "card of a lost rollout", rebuilt.left_behind(said, exists=False, metadata={})
    briefs = (storm.brief(look, story, shown),) * 40
    yield "many at once", storm.storm(briefs, some.NOW)
    yield "many at once: over", storm.over(briefs, some.NOW)
    yield "many at once: interrupted", storm.interrupted(some.NOW)


def _changes(said: str) -> Iterator[changes.Change]:
    """Give one of each change."""
    look = some.look(said)
    more: dict[type[Any], dict[str, Any]] = {
        changes.HeaderOnlyReady: {"route": some.route(said)},
        changes.WeightBack: {"weight": 10},
        changes.RouteLost: {"route": some.route(said), "why": said},
        changes.RouteBack: {"route": some.route(said)},
        changes.PublicStray: {"selector": some.selector(said)},
    }
    for kind in get_args(changes.Change):
        yield kind(look=look, by=some.by(said), reason=said, **more.get(kind, {}))


def _findings(said: str) -> Iterator[tuple[str, Specimen]]:
    """Give what is told of what is wrong."""
    found, mute, shown = some.finding(said), some.mute(said), some.shown(said)
    yield "finding", findings.found(shown, now=some.NOW)
    yield "finding: gone, in its place", findings.past(found, now=some.NOW)
    yield "finding: gone", findings.resolved(found, now=some.NOW)
    yield "finding: reminder", findings.reminded(shown, now=some.NOW, ended=mute)
    yield "findings, many", findings.several((found,) * 30, "found")
    yield "finding: muted", findings.muted(found, mute, now=some.NOW)
    yield "finding: no longer muted", findings.unmuted(found, by=some.by(said))
    yield "mute: done", muting.done(shown, now=some.NOW)
    yield "mute: ended", muting.ended(shown, mute)
    yield (
        "drift",
        drift.drift(
            (shown,) * 5,
            rollout=said,
            unchecked=(some.unchecked(said),) * 5,
            looked=some.NOW,
            now=some.NOW,
        ),
    )


def _answers(said: str) -> Iterator[tuple[str, Specimen]]:
    """Give the answers to people who act."""
    look, by, entry = some.look(said), some.by(said), some.entry(said)
    hazard = Hazard("That would not do what you want.")
    yield "answer", replies.reply("Done.", "Look at the card.")
    yield "answer: done", replies.done("promote", look, by=by, effect=said, reason=said)
    yield "answer: accepted", replies.accepted("abort", look, by=by, effect=said, missing=(said,))
    yield "answer: overtaken", replies.overtaken("promote", look, said)
    yield "answer: refused", replies.refused(hazard, look)
    yield "answer: broken", replies.broken(said)
    yield (
        "answer: choose",
        replies.choose("promote", (look.rollout,) * 30, seal=some.SEAL, reason=said),
    )
    yield "answer: interrupted", replies.interrupted("promote", said, entry)
    yield "thread: who and why", replies.in_thread(entry, look, why="")


def _reports(said: str) -> Iterator[tuple[str, Specimen]]:
    """Give the answers to people who read."""
    look, flights = some.look(said), some.flights(said)
    ahead = (some.finding(said),) * 3
    yield (
        "status",
        reports.status(look, some.story(said), some.offers(said), now=some.NOW, ahead=ahead),
    )
    yield "list", reports.listing(flights, now=some.NOW, where=said)
    yield "needs me", reports.needs_me(flights, now=some.NOW)
    yield "steps", reports.steps(look, now=some.NOW)
    yield "history", reports.history(said, (some.entry(said),) * 30)
    yield "who", reports.who(some.rules(said), namespace=said, user="U0BEN")
    yield "unknown", reports.unknown(said, (said,) * 5)
    yield "rules", rules.rules(look.rollout, some.balancers(said))
    yield "help", helps.overview()
    yield "help about a verb", helps.about("promote")


def _forms(said: str) -> Iterator[tuple[str, Specimen]]:
    """Give forms, and the Home tab."""
    look, plan, owner = some.look(said), some.plan(said), some.owner(said)
    yield (
        "form: header-only",
        modals.header_only(look, plan, owner, seal=some.SEAL, channel=_CHANNEL, extra=_EXTRA),
    )
    yield (
        "form: header-only refused",
        modals.header_only_refused(look, Hazard("No."), ownership=owner, gate_yaml=said),
    )
    yield "form: reason", modals.ask("full", look, plan, seal=some.SEAL, label="Promote fully")
    yield (
        "form: mute",
        muting.form(
            (some.shown(said),) * 5,
            seal=some.SEAL,
            seen=look.rollout.sighting(),
            channel=_CHANNEL,
            now=some.NOW,
        ),
    )
    yield (
        "home",
        home.home(some.flights(said), some.concerns(said), now=some.NOW, may=("promote", "abort")),
    )
