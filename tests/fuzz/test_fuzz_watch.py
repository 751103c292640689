"""Lines of a watch, wrong in a few places: what can be read is told, the rest does no harm."""

import asyncio
import copy
import json
from contextlib import suppress
from types import SimpleNamespace

import pytest

from bot.cluster.decoding import Decoder, Garbled
from bot.cluster.kinds import INGRESSES, REPLICA_SETS, ROLLOUTS, SERVICES
from bot.cluster.lines import Lines, TooLong
from bot.cluster.mirror import Mirror
from bot.cluster.pace import Pace
from bot.release.errors import Refusal, Unreachable
from tests.flows.room import Room, a_question
from tests.fuzz.cases import CASES, cases, replay
from tests.fuzz.mutations import garbled, mutated
from tests.fuzz.watcher import watched
from tests.memory import Memory
from tests.messages.reading_aloud import marked_up, read
from tests.messages.test_hostile import HIDDEN

pytestmark = pytest.mark.timeout(14_400)

KINDS = {"rollouts": ROLLOUTS, "ingresses": INGRESSES, "services": SERVICES}
KINDS["replicasets"] = REPLICA_SETS
AT_A_TIME = 100


async def a_room():
    """0.0.2 waits at 10 %."""
    room = Room(Memory())
    room.deploy()
    await room.start()
    room.release()
    await room.settled()
    return room


def lines_of(room, rng):
    """A line for one object of the room, and its kind."""
    plural, space, name = rng.choice(list(room.cluster.objects))
    manifest = copy.deepcopy(room.cluster.manifest(plural, name, space))
    manifest["metadata"].setdefault("uid", f"{plural}/{name}")
    kind = rng.choice(["ADDED", "MODIFIED", "MODIFIED", "MODIFIED", "DELETED"])
    others = [
        {"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "7"}}},
        {
            "type": "ERROR",
            "object": {"code": 410, "reason": "Expired", "details": {"retryAfterSeconds": 3}},
        },
    ]
    event = rng.choice(others) if rng.random() < 0.05 else {"type": kind, "object": manifest}
    return plural, event


def the_line(event, rng):
    """The event as bytes; one of ten is changed as bytes too."""
    line = json.dumps(mutated(event, rng)).encode()
    return garbled(line, rng) if rng.random() < 0.1 else line


class Listener:
    """A mirror with its watches, which are given their lines by hand."""

    def __init__(self):
        connection = SimpleNamespace(outage=SimpleNamespace(count=0), now=lambda: None)
        self.mirror = Mirror(connection, pace=Pace())
        shelves = {
            "rollouts": self.mirror._rollouts,
            "ingresses": self.mirror._ingresses,
            "services": self.mirror._services,
            "replicasets": self.mirror._replica_sets,
        }
        for plural, kind in KINDS.items():
            self.mirror._watch(kind, shelves[plural])
        self.watches = dict(zip(KINDS, self.mirror.watches, strict=True))

    def hear(self, plural, line, rng):
        """Bring a line in pieces; only a Refusal may come of it."""
        watch, lines = self.watches[plural], Lines()
        content = line + b"\n"
        cut = rng.randrange(len(content))
        for piece in (content[:cut], content[cut:]):
            try:
                for one in watch._cut(lines, piece):
                    watch._hear(one)
            except (Refusal, Unreachable, TooLong):
                pass

    def look(self):
        """Ask for everything that is known."""
        self.mirror.inventory()
        for rollout in self.mirror.known():
            self.mirror.seen(rollout.namespace, rollout.name)
            json.dumps([rollout.key, rollout.sighting().uid])


async def test_lines_that_come_to_the_mirror():
    room, listener = await a_room(), Listener()
    with watched() as watcher:
        for number, rng in cases():
            if number % 500 == 0:
                listener = Listener()
            plural, event = lines_of(room, rng)
            try:
                listener.hear(plural, the_line(event, rng), rng)
                listener.look()
                assert watcher.found == []
            except Exception as error:
                error.add_note(replay(number))
                raise
    await over(room)


@pytest.mark.parametrize("plural", KINDS)
async def test_pages_of_a_list(plural):
    """What does not fit is told apart, and the rest of the page is read."""
    room, decoder = await a_room(), Decoder(KINDS[plural].model)
    good = [m for (kind, *_), m in room.cluster.objects.items() if kind == plural]
    for number, rng in cases(0.1):
        page = {"metadata": {"resourceVersion": "7"}, "items": [*good, mutated(good[0], rng)]}
        whole = page if rng.random() < 0.7 else mutated(page, rng)
        body = json.dumps(whole).encode()
        try:
            read_page = decoder.page(garbled(body, rng) if rng.random() < 0.1 else body)
        except Garbled:
            continue
        except Exception as error:
            error.add_note(replay(number))
            raise
        if whole is page and body == json.dumps(page).encode():
            assert len(read_page.objects) + len(read_page.illegible) >= 0
    await over(room)


async def shown(room, watcher):
    """What people see of it: cards, lines, answers; a sweep over everything."""
    bot = room.bots[0]
    room.cluster.announce()
    await room.quiet()
    await room.later(seconds=3)
    await bot.patrol.look_for_drift(room.clock.move(seconds=1))
    await room.quiet()
    told = [*bot.chat.cards.values()]
    for verb in ("status", "steps", "rules", "drift", "history", "list", "needs-me"):
        target = "" if verb in {"list", "needs-me"} else "tomozo/tomozo"
        with suppress(Refusal):
            told.append(await bot.answer(a_question(verb, target)))
    assert watcher.found == []
    for message in told:
        read(message)
        assert not HIDDEN.search(json.dumps([message.text, message.blocks], ensure_ascii=False))
        list(marked_up(message.blocks))


async def test_what_the_flows_make_of_them():
    """Whatever can be read becomes a card, an answer and findings that Slack takes."""
    room, at = None, 0
    decoders = {plural: Decoder(kind.model) for plural, kind in KINDS.items()}
    with watched() as watcher:
        for number, rng in cases(max(0.1, min(1.0, 400 / CASES))):
            if room is None or at >= AT_A_TIME:
                await over(room)
                room, at = await a_room(), 0
                room.argo.is_away = True
                clean = copy.deepcopy(room.cluster.objects)
            at += 1
            key = rng.choice(list(clean))
            manifest = mutated(clean[key], rng)
            try:
                decoders[key[0]].one(json.dumps(manifest).encode())
                metadata = manifest["metadata"]
                assert (metadata["namespace"], metadata["name"]) == key[1:]
            except Exception:  # noqa: BLE001 - it is not read as this object: nothing comes of it
                continue
            room.cluster.put(key[0], json.loads(json.dumps(manifest)))
            try:
                async with asyncio.timeout(60):
                    await shown(room, watcher)
            except BaseException as error:
                error.add_note(f"{replay(number)} {watcher.found}")
                raise
            room.cluster.put(*(key[0], copy.deepcopy(clean[key])))
    await over(room)


async def over(room):
    """End a room."""
    for bot in room.bots if room else ():
        await bot.stop()
