"""What the checks look at: a group with its rules, a rollout with its Ingresses."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Unpack

from bot.balancing.argo import alb_ingresses, root_service
from bot.balancing.catalogue.entry import Entry, Said
from bot.balancing.checks.taking import Takers
from bot.balancing.checks.texts import Text, only, read_texts
from bot.balancing.finding import Finding
from bot.balancing.foresight import with_routes, with_weight
from bot.balancing.inventory import Inventory
from bot.balancing.model import Model, build
from bot.balancing.objects import PREFIX, Ingress
from bot.balancing.reading import Reading
from bot.balancing.rules import Rule, read_rules
from bot.balancing.weights import read_weights
from bot.release.rollout import Rollout


@dataclass(frozen=True, kw_only=True)
class Unchecked:
    """
    A finding that could not be looked for.

    Attributes:
        id: of the finding.
        kind: of the object that it would be at, with its namespace and name.
        namespace: see kind.
        name: see kind.
        reason: what is not at hand.

    """

    id: str
    kind: str
    namespace: str
    name: str
    reason: str


Result = Finding | Unchecked


def not_at_hand(id_: str, kind: str, namespace: str, name: str) -> Unchecked:
    """Tell that a finding cannot be looked for, because its object is not at hand."""
    reason = f"{kind} {namespace}/{name} is not at hand"
    return Unchecked(id=id_, kind=kind, namespace=namespace, name=name, reason=reason)


def unchecked_at(ingress: Ingress, id_: str, reason: str) -> Unchecked:
    """Tell that a finding at an Ingress cannot be looked for."""
    return Unchecked(
        id=id_, kind="Ingress", namespace=ingress.namespace, name=ingress.name, reason=reason
    )


@dataclass(frozen=True, kw_only=True)
class Tie:
    """
    A rollout and one of its ALB Ingresses.

    Attributes:
        name: of the Ingress, as the rollout has it.
        ingress: None: it is not at hand.
        model: of its group; None: no ALB controller looks at it.

    """

    rollout: Rollout
    name: str
    ingress: Ingress | None = None
    model: Model | None = None

    @cached_property
    def written(self) -> tuple[Rule, ...]:
        """The rules as the Ingress by itself asks for them, also when no controller looks at it."""
        return read_rules(self.ingress, PREFIX) if self.ingress else ()

    @cached_property
    def foreseen(self) -> tuple[Rule, ...]:
        """The same, once Argo has written the header routes of the rollout's steps."""
        if self.ingress is None:
            return ()
        ingress = with_routes(self.rollout, self.ingress)
        return self.written if ingress is self.ingress else read_rules(ingress, PREFIX)

    @property
    def origin(self) -> str:
        """Where the Ingress was read."""
        return self.ingress.origin if self.ingress else ""

    def find(self, entry: Entry, /, **said: Unpack[Said]) -> Finding:
        """Find something at this Ingress that is about this rollout."""
        said["rollout"] = self.rollout.name
        return entry.at("Ingress", self.rollout.namespace, self.name, origin=self.origin, **said)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of this Ingress alone, in order."""
        if self.model is None or self.ingress is None:
            return ()
        key = self.ingress.key
        return tuple(rule for rule in self.model.rules if rule.ingress == key)

    @cached_property
    def root_rules(self) -> tuple[Rule, ...]:
        """Those whose backend is named like the action with the weights."""
        root = root_service(self.rollout)
        return tuple(rule for rule in self.rules if rule.service == root)

    @cached_property
    def route_rules(self) -> tuple[Rule, ...]:
        """
        Those that lead to the canary by a header or another condition, on this rollout's hosts.

        Argo puts its path into every entry, also those of other applications: there it is
        not meant to work. Where no entry has the weights, each counts.
        """
        root = root_service(self.rollout)
        whole = tuple(
            rule
            for rule in self.rules
            if rule.service != root
            and not rule.broken
            and rule.share_of(self.rollout.canary_service_now) == 1
            and rule.tests
        )
        served = {rule.entry for rule in self.rules if self.serves(rule)}
        return tuple(rule for rule in whole if rule.entry in served) or whole

    def serves(self, rule: Rule) -> bool:
        """Whether a rule, also of another Ingress, answers for this rollout's public."""
        return rule.ingress.startswith(f"{self.rollout.namespace}/") and (
            self.has_weights(rule) or rule.share_of(self.rollout.stable_service_now) > 0
        )

    def is_canary(self, rule: Rule) -> bool:
        """Whether a rule, also of another Ingress, leads to the canary of this rollout alone."""
        home = f"{self.rollout.namespace}/"
        return rule.ingress.startswith(home) and rule.share_of(self.rollout.canary_service_now) == 1

    def has_weights(self, rule: Rule) -> bool:
        """Whether a rule, also of another Ingress of this rollout, follows its weights."""
        own = {f"{self.rollout.namespace}/{name}" for name in alb_ingresses(self.rollout)}
        return (
            rule.by_annotation
            and rule.service == root_service(self.rollout)
            and rule.ingress in own
        )


@dataclass(frozen=True, kw_only=True)
class Bond:
    """A rollout with all its ALB Ingresses, in the order in which Argo writes them."""

    inventory: Inventory
    rollout: Rollout
    ties: tuple[Tie, ...]

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """The weights on the Ingresses that are at hand."""
        here = [tie.ingress for tie in self.ties if tie.ingress is not None]
        return read_weights(self.rollout, here)


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A group with its rules, and the ties of rollouts to its members."""

    inventory: Inventory
    model: Model
    ties: tuple[Tie, ...] = ()

    @cached_property
    def texts(self) -> tuple[Text, ...]:
        """The annotations in JSON that are read, member by member."""
        return tuple(
            text
            for member in self.model.group.members
            for text in read_texts(member, self.rules_of(member), self.rollouts_of(member))
        )

    @cached_property
    def _rules(self) -> Mapping[str, tuple[Rule, ...]]:
        found: dict[str, list[Rule]] = defaultdict(list)
        for rule in self.model.rules:
            found[rule.ingress].append(rule)
        return {key: tuple(rules) for key, rules in found.items()}

    @cached_property
    def _ties(self) -> Mapping[int, tuple[Tie, ...]]:
        found: dict[int, list[Tie]] = defaultdict(list)
        for tie in self.ties:
            found[id(tie.ingress)].append(tie)
        return {key: tuple(ties) for key, ties in found.items()}

    def rules_of(self, ingress: Ingress) -> tuple[Rule, ...]:
        """Give the rules of one member."""
        return self._rules.get(ingress.key, ())

    def rollouts_of(self, ingress: Ingress) -> tuple[Rollout, ...]:
        """Give the rollouts with one member, each once."""
        rollouts = {tie.rollout.key: tie.rollout for tie in self.ties_of(ingress)}
        return tuple(rollouts.values())

    def ties_of(self, ingress: Ingress) -> tuple[Tie, ...]:
        """Give the ties to one member."""
        return self._ties.get(id(ingress), ())

    @cached_property
    def takers(self) -> Takers:
        """Who takes the requests of whom."""
        return Takers(self.model)

    @cached_property
    def _members(self) -> Mapping[str, Ingress]:
        return {member.key: member for member in self.model.group.members}

    @cached_property
    def beside(self) -> tuple[Tie, ...]:
        """
        Ties to Ingresses that a rollout does not name: routes to its canary may stand there.

        Each is one of the group and of the rollout's namespace.
        """
        here = {(tie.rollout.key, tie.name) for tie in self.ties}
        rollouts = {tie.rollout.key: tie.rollout for tie in self.ties}
        return tuple(
            Tie(rollout=rollout, name=member.name, ingress=member, model=self.model)
            for rollout in rollouts.values()
            for member in self.model.group.members
            if member.namespace == rollout.namespace and (rollout.key, member.name) not in here
        )

    @cached_property
    def widened(self) -> frozenset[tuple[str, str]]:
        """The rules of which a condition is ignored (ANN-02), by Ingress and backend."""
        return frozenset(
            (text.ingress.key, text.key.removeprefix(f"{PREFIX}/conditions."))
            for text in self.texts
            if not all(condition.counts for condition in text.conditions)
        )

    def member(self, rule: Rule) -> Ingress:
        """Give the Ingress whose rule it is."""
        return self._members[rule.ingress]

    @cached_property
    def ahead(self) -> "Scene":
        """The same once Argo has written the weights, and all header routes of the steps."""
        members = {member.key: member for member in self.model.group.members}
        for tie in self.ties:
            if tie.ingress is not None:
                known = with_weight(tie.rollout, members[tie.ingress.key])
                members[tie.ingress.key] = with_routes(tie.rollout, known)
        return self.with_members(tuple(members.values()))

    def with_members(self, members: tuple[Ingress, ...]) -> "Scene":
        """The same with other versions of the group's Ingresses, in their order."""
        if all(a is b for a, b in zip(members, self.model.group.members, strict=True)):
            return self
        model = build(self.inventory, replace(self.model.group, members=members))
        changed = {member.key: member for member in members}
        ties = tuple(
            replace(tie, ingress=changed[tie.ingress.key] if tie.ingress else None, model=model)
            for tie in self.ties
        )
        return replace(self, model=model, ties=ties)

    @cached_property
    def _standing(self) -> frozenset[object]:
        return frozenset(_place(rule) for rule in self.model.rules)

    def has(self, rule: Rule) -> bool:
        """Whether a rule of what is ahead stands already."""
        return _place(rule) in self._standing


def _place(rule: Rule) -> object:
    return rule.ingress, rule.entry, rule.service, rule.paths, rule.tests


def sole_rollout(inventory: Inventory, ingress: Ingress) -> str:
    """Name the rollout whose people a finding at this Ingress is for; empty: none, or several."""
    return only(inventory.rollouts_at(ingress.namespace, ingress.name))


BondCheck = Callable[[Bond], Iterator[Result]]
SceneCheck = Callable[[Scene], Iterator[Result]]


def bond(inventory: Inventory, rollout: Rollout, models: Mapping[str, Model]) -> Bond:
    """
    Tie a rollout to its Ingresses.

    Args:
        inventory: where they are.
        rollout: with or without ALB.
        models: by the key of each member.

    """
    ties = []
    for name in alb_ingresses(rollout):
        ingress = inventory.ingress(rollout.namespace, name)
        model = models.get(ingress.key) if ingress else None
        ties.append(Tie(rollout=rollout, name=name, ingress=ingress, model=model))
    return Bond(inventory=inventory, rollout=rollout, ties=tuple(ties))
