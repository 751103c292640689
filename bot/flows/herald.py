"""
What is wrong is told: once when it is found, once when it is gone, and reminded of.

    Sweep ─▶ grave enough? ─▶ whose channels? ─▶ muted? ─▶ known already? ─▶ a message each,
    or one for many

A finding's message is a living one: it says when the finding is muted or gone, and has a thread.
What is muted is not told, unless it gets graver; when the mute ends and it is still there, it is.
That something is gone is told also while it is muted, once: people were told that it is there.
It may come and go behind the mute after that, and nobody hears of it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.balancing.finding import Finding
from bot.flows.board import Board
from bot.flows.kept import Lane, OpenFinding, Parcel, Slot, finding_slot
from bot.flows.watchlist import Noticed, Sweep, Watchlist
from bot.messages import findings as words_of
from bot.messages.blocks import Message
from bot.messages.findings import Shown
from bot.release.changes import Topic
from bot.release.mute import Mute
from bot.release.rollout import Rollout

MOST_AT_ONCE = 5  #: messages about findings in one channel after one sweep


@dataclass
class _News:
    """What one channel is to hear after a sweep."""

    found: list[tuple[OpenFinding, Rollout]] = field(default_factory=list)
    again: list[tuple[OpenFinding, Rollout, Mute | None]] = field(default_factory=list)
    gone: list[OpenFinding] = field(default_factory=list)


@dataclass
class Herald:
    """Tells the channels."""

    board: Board
    watchlist: Watchlist
    command: str = "/rollout"
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)  #: who mutes meanwhile waits
    #: what the database did not take, by finding and channel; None: it is gone
    _unsaved: dict[tuple[str, str], OpenFinding | None] = field(default_factory=dict)

    async def tell(self, sweep: Sweep, now: datetime) -> None:
        """Tell what is new, what is still there after long, and what is gone."""
        async with self.lock:
            for channel, news in (await self._sort(sweep, now)).items():
                await self._spread(channel, news, now)

    async def _sort(self, sweep: Sweep, now: datetime) -> Mapping[str, _News]:
        """Find out what each channel is to hear, and end the mutes that are over."""
        bulletin = self.board.bulletin
        mutes = await self.read_mutes(now)
        told = await self._told()
        news: defaultdict[str, _News] = defaultdict(_News)
        ended: set[str] = {key for key, mute in mutes.items() if mute.is_over(now)}
        for noticed, channel, rollout in self._audible(sweep):
            key = noticed.finding.key
            mute, known = mutes.get(key), told.get((key, channel))
            if mute and self.watchlist.mute_of(noticed.finding, now):
                continue
            ended |= {key} if mute else set()
            if known is None:
                new = OpenFinding(finding=noticed.finding, channel=channel, told_at=now)
                news[channel].found.append((new, rollout))
            elif mute or now - known.told_at >= self.board.settings.drift_remind:
                since = known.finding.since
                kept = replace(noticed.finding, since=since)
                once_more = replace(known, finding=kept, told_at=now)
                news[channel].again.append((once_more, rollout, mute))
            elif known.told_at > now:  # the clock was set back: remind as if it was told just now
                await bulletin.keep_findings([replace(known, told_at=now)], [], [])
        for known in self._not_seen(sweep, told.values()):
            if known.finding.key in sweep.suspected:  # only this channel is to hear no more of it
                await bulletin.keep_findings([], [known], [])
            else:
                news[known.channel].gone.append(known)
        for key in ended:
            await bulletin.unmute(key)
            self.watchlist.mutes.pop(key, None)
        return news

    async def read_mutes(self, now: datetime) -> dict[str, Mute]:
        """Learn what is muted; also what is over is given."""
        mutes = {mute.key: mute for mute in await self.board.bulletin.mutes()}
        self.watchlist.mutes = {k: m for k, m in mutes.items() if not m.is_over(now)}
        return mutes

    async def _told(self) -> dict[tuple[str, str], OpenFinding]:
        """Give what was told and is not gone, also what could not be written down."""
        unsaved = self._unsaved.items()
        told = [one for _, one in unsaved if one]
        kept = {(f.finding.key, f.channel): f for f in await self.board.bulletin.open_findings()}
        gone = [kept[place] for place, one in unsaved if one is None and place in kept]
        if unsaved and await self.board.telling.findings(told, gone, []):
            self._unsaved.clear()
        for one in gone:
            del kept[one.finding.key, one.channel]
        return kept | {(one.finding.key, one.channel): one for one in told}

    def _not_seen(self, sweep: Sweep, told: Iterable[OpenFinding]) -> Iterator[OpenFinding]:
        """Give what was told in a channel and is not there any more, as far as that is known."""
        still = set(self._still(sweep))
        spots = {(u.id, u.kind, u.namespace, u.name) for u, _ in sweep.unchecked}
        for known in told:
            is_still = (known.finding.key, known.channel) in still
            if not is_still and _spot(known.finding) not in spots:
                yield known

    def slot(self, known: OpenFinding) -> Slot:
        """Name the message of a finding: each time that it comes it has one of its own."""
        since = int(known.finding.since.timestamp()) if known.finding.since else 0
        return finding_slot(known.channel, known.finding.fingerprint, since)

    async def show_mute(self, finding: Finding, rollout: Rollout, mute: Mute | None) -> None:
        """Bring the messages of a finding up to date after it was muted, or that was ended."""
        now, parcels = self.board.clock(), list[Parcel]()
        for known in await self.board.bulletin.open_findings():
            if known.finding.key != finding.key:
                continue
            line = words_of.muted(known.finding, mute, now=now) if mute else None
            slot = self.slot(known)
            if await self.board.bulletin.place(slot):
                parcels.append(self._shown(known, rollout, now, mute))
                parcels += [self.board.line(slot, line, Lane.PROGRESS)] if line else []
            elif line:
                parcels.append(self.board.own(known.channel, line, Lane.PROGRESS))
        await self.board.telling.say(parcels)

    async def tell_unmuted(self, finding: Finding, line: Message) -> None:
        """Tell in the threads of a finding that its mute was ended."""
        slots = [
            self.slot(known)
            for known in await self.board.bulletin.open_findings()
            if known.finding.key == finding.key
        ]
        placed = [slot for slot in slots if await self.board.bulletin.place(slot)]
        lines = [self.board.line(slot, line, Lane.PROGRESS) for slot in placed]
        await self.board.telling.say(lines)

    def _audible(self, sweep: Sweep) -> Iterator[tuple[Noticed, str, Rollout]]:
        """Give what is grave enough to be told, with each channel and a rollout that it is for."""
        least = self.board.settings.drift_severity
        for noticed in sweep.noticed:
            if noticed.finding.severity.reaches(least):
                for channel, rollout in self._channels(noticed.rollouts):
                    yield noticed, channel, rollout

    def _channels(self, rollouts: Iterable[Rollout]) -> Iterator[tuple[str, Rollout]]:
        seen = set()
        for rollout in rollouts:
            for channel in self.board.settings.routing.channels(rollout, Topic.DRIFT):
                if channel not in seen:
                    seen.add(channel)
                    yield channel, rollout

    def _still(self, sweep: Sweep) -> Iterator[tuple[str, str]]:
        """Name what is not gone: also what is suspected only, such as after a restart."""
        for key, rollouts in sweep.suspected.items():
            for channel, _ in self._channels(rollouts):
                yield key, channel

    async def _spread(self, channel: str, news: _News, now: datetime) -> None:
        """Keep what is told, and tell it; many things in one message."""
        told = [*(one for one, _ in news.found), *(one for one, *_ in news.again)]
        parcels = [
            *await self._past(news.gone, now),
            *self._found(channel, news.found, now),
            *await self._again(channel, news.again, now),
            *self._gone(channel, news.gone, now),
        ]
        if await self.board.telling.findings(told, news.gone, parcels):
            return
        self._unsaved |= {(one.finding.key, channel): one for one in told}
        self._unsaved |= {(one.finding.key, channel): None for one in news.gone}

    async def _past(self, gone: Sequence[OpenFinding], now: datetime) -> list[Parcel]:
        """Let the messages of what is gone say so."""
        placed = [one for one in gone if await self.board.bulletin.place(self.slot(one))]
        return [
            self.board.living(self.slot(one), words_of.past(one.finding, now=now), Lane.PROGRESS)
            for one in placed
        ]

    def _found(
        self, channel: str, found: Sequence[tuple[OpenFinding, Rollout]], now: datetime
    ) -> list[Parcel]:
        if len(found) > MOST_AT_ONCE:
            return [self._several(channel, [known for known, _ in found], "found")]
        return [self._shown(known, rollout, now, None) for known, rollout in found]

    async def _again(
        self, channel: str, again: Sequence[tuple[OpenFinding, Rollout, Mute | None]], now: datetime
    ) -> list[Parcel]:
        parcels = [
            self._shown(known, rollout, now, None)  # it does not say any more that it is muted
            for known, rollout, ended in again
            if ended and await self.board.bulletin.place(self.slot(known))
        ]
        if len(again) > MOST_AT_ONCE:
            return [*parcels, self._several(channel, [one for one, *_ in again], "still there")]
        for known, rollout, ended in again:
            once_more = shown(self.board, known.finding, rollout, None)
            said = words_of.reminded(once_more, now=now, ended=ended)
            parcels.append(self._said(channel, said))
        return parcels

    def _gone(self, channel: str, gone: Sequence[OpenFinding], now: datetime) -> list[Parcel]:
        if len(gone) > MOST_AT_ONCE:
            return [self._several(channel, gone, "gone")]
        return [self._said(channel, words_of.resolved(one.finding, now=now)) for one in gone]

    def _several(self, channel: str, found: Sequence[OpenFinding], what: str) -> Parcel:
        ordered = sorted((one.finding for one in found), key=lambda f: f.place_in_order)
        return self._said(channel, words_of.several(ordered, what, command=self.command))

    def _shown(
        self, known: OpenFinding, rollout: Rollout, now: datetime, mute: Mute | None
    ) -> Parcel:
        metadata = self._metadata(known.finding, rollout)
        one = shown(self.board, known.finding, rollout, mute)
        message = words_of.found(one, now=now, metadata=metadata)
        return self.board.living(self.slot(known), message, Lane.DECISION)

    def _metadata(self, finding: Finding, rollout: Rollout) -> dict[str, Any]:
        payload = {
            "cluster": self.board.settings.cluster,
            "namespace": rollout.namespace,
            "name": rollout.name,
            "uid": rollout.uid,
            "revision": rollout.revision,
            "finding": finding.fingerprint,
            "since": int(finding.since.timestamp()) if finding.since else 0,
            "what": words_of.identity(finding),
        }
        return {"event_type": words_of.EVENT, "event_payload": payload}

    def _said(self, channel: str, message: Message) -> Parcel:
        return self.board.own(channel, message, Lane.DECISION)


def shown(board: Board, finding: Finding, rollout: Rollout, mute: Mute | None) -> Shown:
    """Make a finding ready to be shown, with the button that mutes it or ends that."""
    verb = words_of.UNMUTE if mute else words_of.MUTE
    press = board.seal.button(verb, rollout.sighting(), about=finding.fingerprint)
    return Shown(finding=finding, mute=mute, press=press)


def _spot(finding: Finding) -> tuple[str, str, str, str]:
    return finding.id, finding.kind, finding.namespace, finding.name
