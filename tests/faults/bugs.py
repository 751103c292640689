"""
Bugs that are planted in the bot, for the checker to find: source that runs before the bot begins.

Each breaks one promise the way real bugs do. They replace what hardly changes: the way to Slack,
the way to the cluster, the ledger.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Bug:
    """
    One planted bug.

    Attributes:
        source: what the bot's process runs first.
        invariants: one of them must be found broken.
        kind: how: lost, doubled, late or grown.

    """

    source: str
    invariants: frozenset[str]
    kind: str


_DOUBLE_SEND = """
from bot.slack.calls import Calls, Lost

call = Calls.__call__

async def again_at_once(self, method, **args):
    try:
        return await call(self, method, **args)
    except Lost:
        return await call(self, method, **args)

Calls.__call__ = again_at_once
"""

_LOST_UPDATE = """
from bot.slack.calls import Calls

call = Calls.__call__

async def only_posts(self, method, **args):
    if method == "chat.update":
        return {"ok": True, "ts": args["ts"]}
    return await call(self, method, **args)

Calls.__call__ = only_posts
"""

_NO_GUARDS = """
from bot.cluster import rollouts

rollouts._bound_to = lambda _rollout, patch: [o for o in patch.operations if o["op"] != "test"]
"""

_NO_ENTRY = """
from bot.flows.journal import Journal

write = Journal.write

async def only_what_is_over(self, entry):
    return entry if entry.is_pending else await write(self, entry)

Journal.write = only_what_is_over
"""

_LEFT_OPEN = """
from bot.flows.journal import Journal

write = Journal.write

async def only_what_begins(self, entry):
    return await write(self, entry) if entry.is_pending else entry

Journal.write = only_what_begins
"""

_NO_ANSWER = """
from bot.slack.voice import Voice

async def silence(self, occasion, message):
    return True

Voice.tell = silence
"""

_OLD_STATE = """
from bot.flows.board import Board

show, restored = Board.show, {}

async def what_was_told_last(self, look, story, *more, **and_more):
    uid = look.rollout.uid
    if uid not in restored:
        restored[uid] = await self.bulletin.recall(uid)
    told = restored[uid]
    is_same = told and told.look.rollout.revision == look.rollout.revision
    await show(self, told.look if is_same else look, story, *more, **and_more)

Board.show = what_was_told_last
"""

_DONE_AGAIN = """
import json, os, pathlib
from bot.cluster.clients import Request
from bot.cluster.kinds import ROLLOUTS
from bot.cluster.rollouts import KubernetesCluster

file = pathlib.Path(os.environ["ROLLOUT_BOT_STATE_DIR"], "last.json")
apply, ensure_accepted = KubernetesCluster.apply, KubernetesCluster.ensure_accepted

async def remember(self, rollout, patch, allowed):
    operations = [o for o in patch.operations if o["op"] != "test"]
    where = [rollout.namespace, rollout.name, "status" if patch.status else ""]
    file.write_text(json.dumps([where, operations]))
    await apply(self, rollout, patch, allowed)

async def repeat(self):
    await ensure_accepted(self)
    if file.exists():
        where, operations = json.loads(file.read_text())
        file.unlink()
        json_patch = "application/json-patch+json"
        ask = ROLLOUTS.ask("patch", *where)
        path = ROLLOUTS.path(*where)
        await self._connection.request(
            Request(method="PATCH", path=path, ask=ask, body=operations, content_type=json_patch)
        )

KubernetesCluster.apply, KubernetesCluster.ensure_accepted = remember, repeat
"""

#: from the second start on: at first nothing is left, so that there is something to compare with
_NEVER_ENDED = """
import asyncio
import os
from pathlib import Path

from bot.slack.calls import Calls

call, left, begun = Calls.__call__, [], Path(os.environ["HOME"], "begun")
is_again = begun.exists()
begun.touch()

async def and_leave_something(self, method, **args):
    if method == "chat.update" and is_again:
        left.extend(asyncio.create_task(asyncio.Event().wait()) for _ in range(20))
    return await call(self, method, **args)

Calls.__call__ = and_leave_something
"""


def _bug(source: str, kind: str, *invariants: str) -> Bug:
    return Bug(source=source, kind=kind, invariants=frozenset(invariants))


BUGS = {
    "a post is repeated blindly": _bug(_DOUBLE_SEND, "doubled", "I4"),
    "edits are dropped": _bug(_LOST_UPDATE, "lost", "I2", "I3"),
    "a stale click is accepted": _bug(_NO_GUARDS, "doubled", "I1"),
    "an act has no entry before it": _bug(_NO_ENTRY, "lost", "I6"),
    "an entry is never completed": _bug(_LEFT_OPEN, "lost", "I6"),
    "an answer is never given": _bug(_NO_ANSWER, "lost", "I1"),
    "an old state is told after a restart": _bug(_OLD_STATE, "lost", "I2", "I3"),
    "what was begun is never ended": _bug(_NEVER_ENDED, "grown", "I7"),
    "an act is done again after a restart": _bug(_DONE_AGAIN, "doubled", "I1"),
}
