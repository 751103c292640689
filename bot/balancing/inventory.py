"""Everything that an inspection looks at, and what it may take for complete."""

from collections import defaultdict
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from operator import is_
from typing import TypeVar

from bot.balancing.argo import alb_ingresses
from bot.balancing.objects import ClassParams, Ingress, IngressClass, Service
from bot.release.rollout import Rollout

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Controller:
    """
    How the AWS Load Balancer Controller was started, as far as it matters.

    Attributes:
        ingress_class: `--ingress-class`.
        tolerates_missing_action: a path without its action answers 503, instead of stopping
            the whole group (`--tolerate-non-existent-backend-action`).
        tolerates_missing_service: the same for a single Service
            (`--tolerate-non-existent-backend-service`).
        target_type: `--default-target-type`.
        legacy: whether it is the v1 controller; None: for Ingresses of `extensions/v1beta1`.

    """

    ingress_class: str = "alb"
    tolerates_missing_action: bool = True
    tolerates_missing_service: bool = True
    target_type: str = "instance"
    legacy: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """
    The objects at hand.

    Attributes:
        is_whole: whether all that exists is here, as when it was read from a cluster. From
            files only some of it may be: then what is not here may exist all the same. The
            Services of a namespace count as all of them as soon as there is one.

    """

    rollouts: tuple[Rollout, ...] = ()
    ingresses: tuple[Ingress, ...] = ()
    services: tuple[Service, ...] = ()
    classes: tuple[IngressClass, ...] = ()
    params: tuple[ClassParams, ...] = ()
    is_whole: bool = False
    controller: Controller = field(default_factory=Controller)
    _notes: "Notes | None" = field(default=None, repr=False, compare=False)

    @cached_property
    def _ingresses(self) -> Mapping[tuple[str, str], Ingress]:
        return {(one.namespace, one.name): one for one in self.ingresses}

    @cached_property
    def _services(self) -> Mapping[str, Mapping[str, Service]]:
        found: dict[str, dict[str, Service]] = defaultdict(dict)
        for service in self.services:
            found[service.namespace][service.name] = service
        return found

    @cached_property
    def _by_name(self) -> Mapping[tuple[str, str], Rollout]:
        return {(one.namespace, one.name): one for one in self.rollouts}

    @cached_property
    def _by_ingress(self) -> Mapping[tuple[str, str], tuple[Rollout, ...]]:
        found: dict[tuple[str, str], list[Rollout]] = defaultdict(list)
        for rollout in self.rollouts:
            for name in dict.fromkeys(alb_ingresses(rollout)):
                found[rollout.namespace, name].append(rollout)
        return {place: tuple(rollouts) for place, rollouts in found.items()}

    @cached_property
    def _classes(self) -> Mapping[str, IngressClass]:
        return {one.name: one for one in self.classes}

    @cached_property
    def _params(self) -> Mapping[str, ClassParams]:
        return {one.name: one for one in self.params}

    def ingress(self, namespace: str, name: str) -> Ingress | None:
        """Give an Ingress; None: it is not here (see `is_whole`)."""
        return self._noted(("ingress", namespace, name), self._ingresses.get((namespace, name)))

    def service(self, namespace: str, name: str) -> Service | None:
        """Give a Service; None: it is not here (see `knows_services`)."""
        found = self._services.get(namespace, {}).get(name)
        return self._noted(("service", namespace, name), found)

    def rollout(self, namespace: str, name: str) -> Rollout | None:
        """Give a Rollout; None: it is not here (see `is_whole`)."""
        return self._noted(("rollout", namespace, name), self._by_name.get((namespace, name)))

    def rollouts_at(self, namespace: str, name: str) -> tuple[Rollout, ...]:
        """Give the rollouts that write their weights on an ALB Ingress."""
        return self._noted(("at", namespace, name), self._by_ingress.get((namespace, name), ()))

    def class_named(self, name: str) -> IngressClass | None:
        """Give an IngressClass; None: it is not here."""
        return self._noted(("class", name), self._classes.get(name))

    def params_named(self, name: str) -> ClassParams | None:
        """Give the parameters that an IngressClass names; None: they are not here."""
        return self._noted(("params", name), self._params.get(name))

    def knows_services(self, namespace: str) -> bool:
        """Whether a Service of this namespace that is not here does not exist."""
        return self.is_whole or self._noted(("knows", namespace), namespace in self._services)

    def traced(self) -> tuple["Inventory", "Notes"]:
        """Give the same inventory, and what will have been looked at in it."""
        _ = (self._ingresses, self._services, self._by_name, self._by_ingress)
        _ = (self._classes, self._params)
        view, notes = copy(self), Notes()  # the copy has the indexes, made just once
        object.__setattr__(view, "_notes", notes)
        return view, notes

    def still_gives(self, trace: "Trace") -> bool:
        """Whether everything that was looked at is as it was then, if it is as whole as then."""
        return all(self._now(one) is one for one in trace.things) and all(
            _is_same(found, getattr(self, _LOOKUPS[kind])(*key))
            for (kind, *key), found in zip(trace.questions, trace.answers, strict=True)
        )

    def _now(self, thing: "Thing") -> object:
        """Give what stands in its place now."""
        match thing:
            case Service():
                return self._services.get(thing.namespace, {}).get(thing.name)
            case Ingress():
                return self._ingresses.get((thing.namespace, thing.name))
            case Rollout():
                return self._by_name.get((thing.namespace, thing.name))
            case IngressClass():
                return self._classes.get(thing.name)
            case ClassParams():
                return self._params.get(thing.name)

    def _noted(self, key: tuple[str, ...], found: T) -> T:
        if self._notes is not None:
            self._notes[key] = found
        return found


#: what is looked at under its own name
Thing = Ingress | Service | Rollout | IngressClass | ClassParams


#: by the question: what was found
Notes = dict[tuple[str, ...], object]


@dataclass(frozen=True, slots=True)
class Trace:
    """
    What was looked at in an inventory, and what was found there: kept for long, so in short.

    Attributes:
        things: what was there.
        questions: all others.
        answers: to these.

    """

    things: tuple[Thing, ...]
    questions: tuple[tuple[str, ...], ...]
    answers: tuple[object, ...]


def trace_of(notes: Notes) -> Trace:
    """Put it in short."""
    things = tuple(found for found in notes.values() if isinstance(found, Thing))
    others = {key: found for key, found in notes.items() if not isinstance(found, Thing)}
    return Trace(things, tuple(others), tuple(others.values()))


_LOOKUPS = {
    "ingress": "ingress",
    "service": "service",
    "rollout": "rollout",
    "at": "rollouts_at",
    "class": "class_named",
    "params": "params_named",
    "knows": "knows_services",
}


def _is_same(before: object, after: object) -> bool:
    """Whether it is the same object, or several of the same."""
    if isinstance(before, tuple) and isinstance(after, tuple):
        return len(before) == len(after) and all(map(is_, before, after))
    return before is after
