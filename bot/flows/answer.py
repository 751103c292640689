"""People ask to read: the answer is for them alone, and says how old it is where that matters."""

import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bot.balancing.finding import Finding
from bot.balancing.served import serving
from bot.flows import gaps, targets
from bot.flows.asking import Question
from bot.flows.board import Board
from bot.flows.follower import look_at
from bot.flows.herald import shown
from bot.flows.journal import Journal
from bot.flows.patrol import Patrol, concern
from bot.flows.ports import Clock, Cluster
from bot.flows.stories import Stories
from bot.messages import digests, drift, helps, home, replies, reports, rules
from bot.messages.blocks import Message, section
from bot.messages.findings import Shown
from bot.messages.words import go_duration
from bot.release.access import Actor
from bot.release.digest import Flight
from bot.release.errors import NotFound, Unclear
from bot.release.rollout import Rollout
from bot.release.traffic import Look

_A_DAY = timedelta(days=1)
_MOST = 50  # entries of a history


_PERSON = re.compile(r"<@(?P<id>[A-Z0-9]+)(?:\|[^>]*)?>")


def _span(words: tuple[str, ...]) -> timedelta:
    """Read for how long a digest looks back; a day when nothing is said."""
    if not words:
        return _A_DAY
    span = go_duration(words[0])
    if not span:
        raise Unclear("How long? Say it as in `digest 24h` or `digest 90m`.")
    return span


@dataclass
class Answer:
    """Answers questions from what is known now; the cluster is not asked again."""

    cluster: Cluster
    board: Board
    journal: Journal
    stories: Stories
    patrol: Patrol
    clock: Clock
    command: str = "/rollout"

    async def __call__(self, question: Question) -> Message:
        """Answer, and warn when what is known may be old."""
        answer = await self._answer(question)
        since = self.cluster.unreachable_since
        if since is None or question.verb in {"help", "who"}:
            return answer
        warning = reports.unreachable(since, now=self.clock())
        blocks = (section(warning), *answer.blocks)
        return replace(answer, text=f"{warning} {answer.text}", blocks=blocks)

    async def home(self, actor: Actor) -> dict[str, Any]:
        """Write somebody's Home tab."""
        flights = await self._flights("")
        found = [concern(shown.finding) for shown in self._everything() if self._is_loud(shown)]
        rules = self.board.settings.rules
        may = sorted({p for rule in rules if rule.names(actor) for p in rule.allow})
        return home.home(flights, found, now=self.clock(), may=may, command=self.command)

    async def _answer(self, question: Question) -> Message:
        words, target = question.words, question.target
        match question.verb:
            case "help":
                return self._help(words)
            case "digest":
                since = self.clock() - _span(words)
                return digests.digest(await self.patrol.sum_up(question.channel, since=since))
            case "needs-me":
                return reports.needs_me(await self._flights(""), now=self.clock())
            case "list":
                return await self._list(words[0] if words else "")
            case "who" if not target and question.seen is None:
                return self._who(words)
            case "drift" if not target and question.seen is None:
                known = self.patrol.watchlist
                return drift.drift(
                    self._everything(),
                    now=self.clock(),
                    looked=known.looked,
                    unchecked=known.all_unchecked(),
                )
            case "history" if not target and question.seen is None:
                entries = await self.journal.since(self.clock() - 7 * _A_DAY)
                return reports.history("", entries[-_MOST:], whole_since=gaps.newest(entries))
        return await self._about(question)

    def _who(self, words: tuple[str, ...]) -> Message:
        settings, person = self.board.settings, _PERSON.fullmatch("".join(words))
        if person is None:
            return reports.who(settings.rules, writes=settings.writes)
        user = person["id"]
        # Groups are Slack's to know: rules by group are shown whoever is asked about.
        about = [rule for rule in settings.rules if user in rule.users or rule.groups]
        return reports.who(about, user=user, writes=settings.writes)

    async def _about(self, question: Question) -> Message:
        candidates = self._candidates(question)
        if len(candidates) > 1:
            person = question.actor.user
            return replies.choose(question.verb, candidates, seal=self.board.seal, person=person)
        rollout, now = candidates[0], self.clock()
        look = self._look(rollout)
        match question.verb:
            case "status":
                story, ahead = await self.stories.of(look), await self.board.ahead(rollout)
                return reports.status(look, story, now=now, ahead=ahead)
            case "steps":
                return reports.steps(look, now=now)
            case "drift":
                return self._drift(rollout)
            case "rules":
                inventory = await self.cluster.inventory()
                return rules.rules(rollout, serving(inventory, rollout))
            case "history":
                entries = await self.journal.of(rollout.uid)
                since = gaps.newest(await self.journal.of(gaps.NOBODY))
                return reports.history(rollout.key, entries[-_MOST:], whole_since=since)
            case "who":
                settings = self.board.settings
                about = [r for r in settings.rules if any(r.is_about(p, rollout) for p in r.allow)]
                return reports.who(about, namespace=rollout.namespace, writes=settings.writes)
        raise Unclear(f"`{question.verb}` is not something I can show yet. Try `help`.")

    def _drift(self, rollout: Rollout) -> Message:
        watchlist = self.patrol.watchlist
        return drift.drift(
            [self._shown(finding, rollout) for finding in watchlist.of(rollout.uid)],
            now=self.clock(),
            looked=watchlist.looked,
            rollout=rollout.key,
            unchecked=watchlist.unchecked(rollout.uid),
        )

    def _everything(self) -> list[Shown]:
        """Give all that is wrong anywhere, the gravest first."""
        noticed = self.patrol.watchlist.everything()
        return [self._shown(one.finding, one.rollouts[0]) for one in noticed]

    def _shown(self, finding: Finding, rollout: Rollout) -> Shown:
        mute = self.patrol.watchlist.mute_of(finding, self.clock())
        return shown(self.board, finding, rollout, mute)

    def _is_loud(self, one: Shown) -> bool:
        """Whether a channel would be told of it."""
        least = self.board.settings.drift_severity
        return one.mute is None and one.finding.severity.reaches(least)

    def _candidates(self, question: Question) -> list[Rollout]:
        if question.seen is None:
            return list(targets.find(self.cluster, question.target))
        observed = self.cluster.seen(question.seen.namespace, question.seen.name)
        if observed is None:
            key = f"{question.seen.namespace}/{question.seen.name}"
            raise NotFound(f"{key} does not exist any more.")
        return [observed.rollout]

    def _look(self, rollout: Rollout) -> Look:
        observed = self.cluster.seen(rollout.namespace, rollout.name)
        if observed is None:
            raise NotFound(f"{rollout.key} does not exist any more.")
        return look_at(observed)

    async def _list(self, what: str) -> Message:
        if what == "needs-me":
            return reports.needs_me(await self._flights(""), now=self.clock())
        return reports.listing(await self._flights(what), now=self.clock(), where=what)

    async def _flights(self, namespace: str) -> list[Flight]:
        known = [r for r in self.cluster.known() if namespace in {"", r.namespace}]
        looks = [self._look(rollout) for rollout in known]
        return [Flight(look=look, story=await self.stories.of(look)) for look in looks]

    def _help(self, words: tuple[str, ...]) -> Message:
        writes = self.board.settings.writes
        if words:
            return helps.about(words[0], self.command, writes=writes)
        return helps.overview(self.command, writes=writes)
