"""
People ask: do it or refuse it, and keep record of both.

    request ─▶ which rollout ─▶ entry `pending` ─▶ may they? ─▶ read anew ─▶ is it still what they
    saw? ─▶ plan ─▶ guarded patches ─▶ wait for the effect ─▶ answer; entry completed

Nothing is cached between reading and writing, and the API server itself refuses a
patch whose tests do not hold: of two people one wins, the other is told who.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from weakref import WeakValueDictionary

from bot.flows import targets
from bot.flows.asking import Request
from bot.flows.board import Board
from bot.flows.dialogs import Dialogs
from bot.flows.follower import look_at
from bot.flows.hindsight import explain
from bot.flows.journal import Journal
from bot.flows.ports import Clock, Cluster
from bot.flows.stories import Stories
from bot.messages import replies, words
from bot.messages.blocks import Message
from bot.release.access import Allowed
from bot.release.actions import Action, HeaderOnly, Plan
from bot.release.effects import Begun
from bot.release.errors import NotAllowed, NotNow, OutOfDate, Refusal, Unanswered, Unclear
from bot.release.ledger import DONE, Entry, failed, refused
from bot.release.offers import ACTIONS
from bot.release.plans import plan
from bot.release.rollout import Rollout, Sighting
from bot.release.story import Story
from bot.release.traffic import Look

_log = logging.getLogger(__name__)
#: others may have taken us for dead, and answered already
_AWAY = (
    "Something held me up for so long that I did not send it any more. "
    "Look at the card, and press again if it is still needed."
)
_PATIENCE = 5.0  # seconds until the answer goes out although the effect is not seen yet


@dataclass
class Operate:
    """Does what people ask for, or refuses it."""

    cluster: Cluster
    board: Board
    journal: Journal
    stories: Stories
    clock: Clock
    refresh: Callable[[str], None] = lambda _uid: None
    on_outcome: Callable[[str, str], None] = lambda _verb, _outcome: None
    is_present: Callable[[], bool] = lambda: True
    _locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    async def __call__(self, request: Request) -> Message:
        """Do it or refuse it; the answer for the person who asked."""
        try:
            candidates = self._candidates(request)
        except Refusal as refusal:
            return await self.refuse(request, refusal, None)
        if len(candidates) > 1:
            seal, reason, person = self.board.seal, request.reason, request.actor.user
            return replies.choose(request.verb, candidates, seal=seal, reason=reason, person=person)
        known = candidates[0] if candidates else None
        entry = self._entry(request, known)
        self.journal.in_hand.add(entry.id)
        try:
            entry = await self.journal.write(entry)
            entry, look = await self._act(request, entry, known)
        except Refusal as refusal:
            return await self._refused(entry, refusal)
        finally:
            self.journal.in_hand.discard(entry.id)
        self.refresh(entry.uid)
        return await self._answer(entry, look)

    def known(self, target: str) -> Sighting | None:
        """Tell what is known, in this moment, of what a command names; None where not clear."""
        rollout = targets.named(self.cluster, target)
        return rollout.sighting() if rollout else None

    async def propose(self, request: Request) -> dict[str, Any]:
        """
        Write the dialog that asks before header-only, or before what a menu offers.

        Raises:
            Refusal: it makes no sense to ask.

        """
        candidates = self._candidates(request)
        if len(candidates) > 1:
            keys = " or ".join(f"`{rollout.key}`" for rollout in candidates)
            raise Unclear(f"Which one? {keys}.")
        namespace, name = targets.where(request, candidates[0] if candidates else None)
        observed = await self.cluster.get(namespace, name)
        look = look_at(observed)
        self._check(request, look.rollout, with_reason=False)
        try:
            if request.seen:
                look.rollout.ensure_still(request.seen)
        except OutOfDate as outdated:
            own = self._entry(request, None)
            raise await self._explained(outdated, look.rollout, own) from outdated
        story = await self.stories.of(look, anew=True)
        return await self._dialog(request, look, story)

    async def _dialog(self, request: Request, look: Look, story: Story) -> dict[str, Any]:
        required = self._needs_reason(request, look.rollout)
        dialogs = Dialogs(self.cluster, self.board)
        if request.verb != "header-only":
            planned = plan(self._action(request), look, story)
            return dialogs.question(request, planned, look, required=required)
        action = replace(self._header_only(request), accepts_revert=True)
        form, hazard = await dialogs.header_only(request, action, look, story, required=required)
        if hazard:
            await self.refuse(request, hazard, None)
        return form

    async def refuse(
        self, request: Request, refusal: Refusal, about: Mapping[str, Any] | None
    ) -> Message:
        """Keep record of what was refused before a rollout was even looked at."""
        known = None if request.seen else targets.named(self.cluster, request.target)
        entry = self._entry(request, known)
        if about:
            named = {key: str(value) for key, value in about.items()}
            entry = replace(
                entry,
                namespace=named.get("namespace", ""),
                name=named.get("name", ""),
                uid=named.get("uid", ""),
                revision=named.get("revision", ""),
            )
        self.journal.in_hand.add(entry.id)
        try:
            await self.journal.write(entry)
            return await self._refused(entry, refusal)
        finally:
            self.journal.in_hand.discard(entry.id)

    def _candidates(self, request: Request) -> list[Rollout]:
        """Find which rollouts may be meant; none: the button's, which is not known any more."""
        if request.verb not in ACTIONS:
            raise Unclear(f"I cannot `{request.verb}` yet. `help` lists what I can do.")
        if request.seen is None:
            return list(targets.find(self.cluster, request.target))
        observed = self.cluster.seen(request.seen.namespace, request.seen.name)
        return [observed.rollout] if observed else []

    async def _act(
        self, request: Request, entry: Entry, known: Rollout | None
    ) -> tuple[Entry, Look]:
        if not self.board.settings.writes:
            raise NotAllowed("I am set to read only (`kubernetes.writes: false`).")
        if known:
            self._check(request, known)
        namespace, name = targets.where(request, known)
        async with self._locks.setdefault(f"{namespace}/{name}", asyncio.Lock()):
            look = look_at(await self.cluster.get(namespace, name))
            self.journal.look_anew(look.rollout.uid)
            allowed = self._check(request, look.rollout)
            try:
                if seen := targets.meant(request, known):
                    look.rollout.ensure_still(seen, strictly=request.verb != "abort")
                return await self._apply(request, entry, look, allowed)
            except OutOfDate as outdated:
                raise await self._explained(outdated, look.rollout, entry) from outdated

    async def _explained(self, outdated: OutOfDate, rollout: Rollout, own: Entry) -> OutOfDate:
        return await explain(outdated, rollout, own, self.cluster, self.journal, self.clock())

    async def _apply(
        self, request: Request, entry: Entry, look: Look, allowed: Allowed
    ) -> tuple[Entry, Look]:
        rollout = look.rollout
        writes_spec = request.verb in {"header-only", "pause"}
        story = await self.stories.of(look, anew=writes_spec)
        planned = plan(self._action(request), look, story)
        if request.verb == "header-only":
            planned = await Dialogs(self.cluster, self.board).checked(planned, look)
        begun = Begun.at(look, planned.way_back or _way_back(request.verb, rollout, story))
        entry = replace(entry, uid=rollout.uid, revision=rollout.revision, step=rollout.step)
        entry = await self.journal.write(
            replace(entry, detail={**begun.detail(), "effect": planned.effect})
        )
        await self._send(rollout, planned, allowed)
        accepted = replace(entry, detail={**entry.detail, "accepted": True})
        return await self.journal.write(accepted), look

    async def _send(self, rollout: Rollout, planned: Plan, allowed: Allowed) -> None:
        for patch in planned.patches:
            if not self.is_present():
                raise NotNow(_AWAY)
            await self.cluster.apply(rollout, patch, allowed)

    async def _answer(self, entry: Entry, look: Look) -> Message:
        """Wait for the effect, a little; then say what is seen and what is missing."""
        settled = await self.journal.settled(entry, _PATIENCE)
        observed = self.cluster.seen(entry.namespace, entry.name)
        now_look = look_at(observed) if observed else look
        verb, by, effect = entry.verb, entry.actor, str(entry.detail.get("effect", ""))
        if settled.is_pending:
            story = await self.stories.of(now_look)
            missing = story.pursuit.missing if story.pursuit else ()
            if verb != "abort":  # of that the thread has been told already, louder
                line = replies.in_thread(settled, now_look, why=words.missing(missing))
                await self.board.note(now_look.rollout, line)
            return replies.accepted(verb, now_look, by=by, missing=missing, effect=effect)
        if settled.outcome != DONE:
            return replies.overtaken(verb, now_look, settled.outcome.partition(":")[2])
        return replies.done(verb, now_look, by=by, effect=effect, reason=entry.reason)

    async def _refused(self, entry: Entry, refusal: Refusal) -> Message:
        if isinstance(refusal, Unanswered):
            # It may have been done: the entry stays pending, and what is seen decides.
            await self.journal.let_go(entry)
            self.refresh(entry.uid)
            return replies.refused(refusal)
        entry = await self.journal.current(entry)
        was_tried = "begun" in entry.detail and not isinstance(refusal, OutOfDate)
        outcome = failed(refusal.why) if was_tried else refused(refusal.why)
        entry = await self.journal.write(entry.ends(outcome, why=refusal.text))
        self.on_outcome(entry.verb, outcome.partition(":")[0])
        observed = self.cluster.seen(entry.namespace, entry.name)
        if observed and observed.rollout.uid == entry.uid:
            line = replies.in_thread(entry, why=refusal.text)
            await self.board.note(observed.rollout, line)
        return replies.refused(refusal)

    def _check(self, request: Request, rollout: Rollout, *, with_reason: bool = True) -> Allowed:
        return self.board.settings.policy.check(
            request.actor,
            ACTIONS[request.verb].permission,
            rollout,
            channel=request.channel,
            reason=request.reason if with_reason else "asked for in the dialog",
        )

    def _needs_reason(self, request: Request, rollout: Rollout) -> bool:
        try:
            self._check(replace(request, reason=""), rollout)
        except NotAllowed:
            return True
        return False

    def _action(self, request: Request) -> Action:
        if request.verb == "header-only":
            return self._header_only(request)
        return ACTIONS[request.verb]()

    def _header_only(self, request: Request) -> HeaderOnly:
        settings = self.board.settings
        return HeaderOnly(
            header=settings.header, value=settings.value, accepts_revert=request.accepts_revert
        )

    def _entry(self, request: Request, known: Rollout | None) -> Entry:
        """Begin the record: of what the person pressed, or of what their command names."""
        seen = request.seen or (known.sighting() if known else None)
        cluster = self.board.settings.cluster
        return request.entry(seen, at=self.clock(), cluster=cluster, name=request.target)


def _way_back(verb: str, rollout: Rollout, story: Story) -> Any:
    """A resume out of header-only is judged by the way back that the stay kept."""
    leaves = verb == "resume" and story.stay and not rollout.frozen
    restores = verb == "route" and story.stay
    return story.stay.way_back if (leaves or restores) and story.stay else None
