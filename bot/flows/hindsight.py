"""Why somebody was too late: who was first, when, and where the rollout is now."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.flows.follower import look_at
from bot.flows.journal import Journal
from bot.flows.ports import Cluster
from bot.messages import words
from bot.messages.blocks import duration
from bot.release.errors import OutOfDate, Refusal
from bot.release.ledger import By, Entry
from bot.release.rollout import Rollout

_RECENT = timedelta(minutes=15)


async def explain(
    outdated: OutOfDate,
    before: Rollout,
    own: Entry,
    cluster: Cluster,
    journal: Journal,
    now: datetime,
) -> OutOfDate:
    """Say who was first, if our ledger knows; otherwise only where it is now."""
    try:
        look = look_at(await cluster.get(before.namespace, before.name))
    except Refusal:
        return outdated
    rollout = look.rollout
    if rollout.uid != own.uid or rollout.revision != own.revision:
        return outdated
    where = f"it is at {look.public_share} % now"
    first = _first(await journal.of(rollout.uid), own, now)
    if first is None:
        return OutOfDate(
            f"{rollout.key} has moved since, and not by me; {where}. Look at the card again."
        )
    ago = duration(max(now - first.at, timedelta(seconds=1)))
    who = _named(first.actor, own.actor)
    return OutOfDate(
        f"{who} {words.done(first.verb)} this {ago} ago; {where}. Look at the card again."
    )


def _named(who: By, asking: By) -> str:
    if who.kind != "slack":
        return "Somebody outside Slack"
    return "You" if who.id == asking.id else words.person(who)


def _first(entries: Sequence[Entry], own: Entry, now: datetime) -> Entry | None:
    for entry in reversed(entries):
        took_place = entry.outcome == "done" or entry.is_pending
        if entry.id == own.id or not took_place or "accepted" not in entry.detail:
            continue
        if entry.revision == own.revision and now - entry.at < _RECENT:
            return entry
    return None
