"""
Fifty releases at once, in virtual time: the outbox, and a Slack in memory with Slack's limits.

Nothing waits for real time: when nobody has anything to do the clock jumps to the next sleeper.
"""

import asyncio
import heapq
import itertools
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property

from slackroom import CHANNEL, SEAL, SEEN, Shelf

from bot.flows.kept import Lane, Parcel, Slot
from bot.messages.blocks import Message, actions, button, confirm, section
from bot.messages.storm import EVENT, Brief, controls
from bot.sandbox.slack.judge import judge_message, text_length
from bot.sandbox.slack.limits import Limits
from bot.slack.calls import Limited, Lost, Refused
from bot.slack.outbox import Outbox
from bot.slack.posting import marks

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
LATENCY = 0.1
#: seconds within which a state that needs a person is on the screen
SOON = 5.0


class Virtual:
    """A clock that jumps."""

    def __init__(self):
        self.time = 0.0
        self._sleepers = []
        self._order = itertools.count()

    def __call__(self):
        return self.time

    def now(self):
        return NOON + timedelta(seconds=self.time)

    async def sleep(self, seconds):
        woken = asyncio.Event()
        heapq.heappush(self._sleepers, (self.time + seconds, next(self._order), woken))
        await woken.wait()

    async def go(self, until, look=lambda: None):
        """Let time pass until then; *look* at everything after each moment."""
        while True:
            for _ in range(30):  # whoever can go on does
                await asyncio.sleep(0)
            look()
            if not self._sleepers or self._sleepers[0][0] > until:
                self.time = max(self.time, until)
                return
            self.time = max(self.time, self._sleepers[0][0])
            while self._sleepers and self._sleepers[0][0] <= self.time:
                heapq.heappop(self._sleepers)[2].set()


@dataclass
class Posted:
    """A message as it stands."""

    channel: str
    ts: str
    thread: str
    text: str
    blocks: list
    metadata: dict

    @property
    def is_storm(self):
        return self.metadata.get("event_type") == EVENT

    @cached_property
    def words(self):
        """All that can be read."""
        return f"{self.text}\n{self.blocks}"

    def edit(self, text, blocks, metadata):
        self.text, self.blocks, self.metadata = text, blocks, metadata or self.metadata
        vars(self).pop("words", None)

    def part(self, title):
        """The text of the paragraph with that title."""
        texts = [block["text"]["text"] for block in self.blocks if block["type"] == "section"]
        return next((text for text in texts if text.startswith(title)), "")

    @property
    def buttons(self):
        rows = [block["elements"] for block in self.blocks if block["type"] == "actions"]
        return [element for row in rows for element in row]


@dataclass
class MemorySlack:
    """The Web API as the outbox calls it: with limits, a judge of blocks, and its latency."""

    clock: Virtual
    messages: dict = field(default_factory=dict)
    calls: list = field(default_factory=list)  #: (time, method, channel) of what was done
    limited: int = 0
    loses_answers: float = 0.0  #: the part of posts whose answer is lost
    rng: random.Random = field(default_factory=lambda: random.Random(7))

    def __post_init__(self):
        self._limits, self._rests = Limits(self.clock), {}
        self._numbers = itertools.count(1)

    def rest(self, method):
        return max(0.0, self._rests.get(method, 0.0) - self.clock())

    async def __call__(self, method, **args):
        if rest := self.rest(method):
            raise Limited(method, rest)
        channel = args.get("channel", "")
        if seconds := self._limits.admit(method, channel):
            self.limited += 1
            self._rests[method] = self.clock() + seconds
            raise Limited(method, seconds)
        await self.clock.sleep(LATENCY / 2)
        answer = getattr(self, f"_{method.rpartition('.')[2]}")(**args)
        self.calls.append((self.clock(), method, channel))
        is_lost = method == "chat.postMessage" and self.rng.random() < self.loses_answers
        await self.clock.sleep(LATENCY / 2)
        if is_lost:
            raise Lost(method, "no answer in time", perhaps=True)
        return answer

    def _postMessage(self, channel, text, blocks, metadata=None, thread_ts=None, **_):  # noqa: N802
        self._judge(text, blocks)
        ts = f"{int(self.clock())}.{next(self._numbers):06}"
        self.messages[ts] = Posted(channel, ts, thread_ts or "", text, blocks, metadata or {})
        return {"ts": ts}

    def _update(self, channel, ts, text, blocks, metadata=None, **_):
        self._judge(text, blocks)
        self.messages[ts].edit(text, blocks, metadata)
        return {"ts": ts}

    def _history(self, channel, **_):
        found = reversed(self.top(channel))
        return {"messages": [{"ts": m.ts, "metadata": m.metadata} for m in found]}

    def _replies(self, channel, ts, **_):
        found = [m for m in self.messages.values() if m.channel == channel and m.thread == ts]
        return {"messages": [{"ts": m.ts, "metadata": m.metadata} for m in found]}

    def _judge(self, text, blocks):
        if problems := judge_message(blocks) or text_length(blocks) > 9_500 or len(text) > 4_000:
            raise Refused("chat.postMessage", "invalid_blocks", {"problems": problems})

    def top(self, channel=CHANNEL):
        """What stands in the channel itself."""
        return [m for m in self.messages.values() if m.channel == channel and not m.thread]

    def storms(self, channel=CHANNEL):
        return [m for m in self.top(channel) if m.is_storm]

    def lines(self):
        """The ids of what was told in threads, each as often as it was told."""
        told = [m for m in self.messages.values() if m.thread]
        return [id_ for m in told for id_ in marks(m.metadata)]


@dataclass
class Release:
    """One release on its way: what its card is to say now, and since when."""

    number: int
    channel: str = CHANNEL
    at: int = 0
    since: float = 0.0

    @property
    def key(self):
        return f"shop/app-{self.number:02}"

    @property
    def slot(self):
        return Slot(channel=self.channel, key=f"card:u{self.number}:r1")

    #: thirteen states: moving and waiting in turns, and the end
    @property
    def share(self):
        return f"{min(100, 8 * (self.at + 1))} %"

    @property
    def needs_person(self):
        return self.at % 2 == 1

    @property
    def is_over(self):
        return self.at >= 12

    @property
    def point(self):
        if self.is_over:
            return f"{self.key} is done: 2 is stable"
        if self.needs_person:
            return f"{self.key} waits at {self.share}: promote, header-only or abort"
        return f"{self.key} is moving to {self.share}"

    @property
    def lane(self):
        return Lane.ENDED if self.is_over else Lane.DECISION if self.needs_person else Lane.PROGRESS

    @property
    def card(self):
        row = [actions("card-controls", self.buttons)] if self.buttons else []
        metadata = {"event_type": "rollout_card", "event_payload": {"uid": f"u{self.number}"}}
        return Message(text=self.point, blocks=(section(self.point), *row), metadata=metadata)

    @property
    def buttons(self):
        if not self.needs_person:
            return ()
        sure = "The canary gets more of the public, until the next pause. " * 3
        return tuple(
            button(
                f"rollout:{verb}",
                f"{verb.title()} → {self.share}",
                SEAL.button(verb, SEEN),
                confirm=confirm(f"{verb} it", sure, "Do it"),
            )
            for verb in ("promote", "header-only", "abort")
        )

    @property
    def brief(self):
        return Brief(
            key=self.key,
            point=self.point,
            share=self.share,
            needs_person=self.needs_person and not self.is_over,
            how="done" if self.is_over else "",
            controls=controls(self.buttons),
        )

    def is_seen_in(self, message):
        """Whether a message tells how it stands now."""
        if not message.is_storm:
            return message.text == self.point
        if self.is_over:
            return self.key in message.part("*Ended*")
        if self.needs_person:
            return f"*{self.key}*{self.point.removeprefix(self.key)}" in message.words
        return f"{self.key} {self.share}" in message.part("*Moving*")


class Burst:
    """A process of the bot, its database and Slack, and releases that move."""

    def __init__(self, count, channel=CHANNEL, seed=1):
        self.clock = Virtual()
        self.slack = MemorySlack(self.clock)
        self.shelf = Shelf()
        self.releases = [Release(n, channel) for n in range(count)]
        self.rng = random.Random(seed)
        self.late = []  #: (time, point) of what a person could not see in time
        self.told = []  #: ids of all lines
        self.outbox = None

    def start(self):
        self.outbox = Outbox(
            self.slack,
            self.shelf,
            clock=self.clock,
            sleep=self.clock.sleep,
            now=self.clock.now,
            jitter=lambda: 1.0,
        )
        self.outbox.start()

    async def kill(self):
        tasks = [self.outbox._loop, *self.outbox._working]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def show(self, release):
        self.outbox.show(release.slot, release.card, release.lane, release.brief)

    def tell(self, release):
        line = Parcel(
            at=self.clock.now(),
            channel=release.channel,
            slot=release.slot.key,
            message=Message(text=f"{release.point}. Line {len(self.told)}."),
            lane=release.lane,
            loud=release.needs_person or release.is_over,
        )
        self.told.append(line.id)
        self.outbox.send(self.shelf.keep(line))

    def look(self):
        """See whether everybody can see what needs them."""
        for one in self.releases:
            waits = one.needs_person and not one.is_over and self.clock() - one.since > SOON
            if waits and not self.is_seen(one):
                self.late.append((self.clock(), one.point))

    def is_seen(self, release):
        return any(release.is_seen_in(message) for message in self.slack.top(release.channel))

    def unseen(self):
        return [one.point for one in self.releases if not self.is_seen(one)]

    async def move(self, events, seconds, before=lambda _: None):
        """Let each release go through so many states, spread over the time."""
        began = self.clock()
        plan = [
            (began + self.rng.uniform(0, seconds), one)
            for one in self.releases
            for _ in range(events)
        ]
        seen = set()
        for at, one in sorted(plan, key=lambda p: p[0]):
            await self.clock.go(at, self.look)
            before(at)
            one.at += one.number in seen or one.at > 0
            seen.add(one.number)
            one.since = self.clock()
            self.show(one)
            self.tell(one)

    async def rest(self, seconds):
        await self.clock.go(self.clock() + seconds, self.look)

    @property
    def calls_each(self):
        return len(self.slack.calls) / len(self.releases)
