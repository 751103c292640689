"""Everything that an inspection looks at, and what it may take for complete."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bot.balancing.argo import alb_ingresses
from bot.balancing.objects import ClassParams, Ingress, IngressClass, Service
from bot.release.rollout import Rollout


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
    def _rollouts(self) -> Mapping[tuple[str, str], Rollout]:
        return {(one.namespace, one.name): one for one in self.rollouts}

    @cached_property
    def _rollouts_at(self) -> Mapping[tuple[str, str], tuple[Rollout, ...]]:
        found: dict[tuple[str, str], list[Rollout]] = defaultdict(list)
        for rollout in self.rollouts:
            for name in dict.fromkeys(alb_ingresses(rollout)):
                found[rollout.namespace, name].append(rollout)
        return {place: tuple(rollouts) for place, rollouts in found.items()}

    @cached_property
    def classes_by_name(self) -> Mapping[str, IngressClass]:
        """The IngressClasses."""
        return {one.name: one for one in self.classes}

    @cached_property
    def params_by_name(self) -> Mapping[str, ClassParams]:
        """The parameters that IngressClasses name."""
        return {one.name: one for one in self.params}

    def ingress(self, namespace: str, name: str) -> Ingress | None:
        """Give an Ingress; None: it is not here (see `is_whole`)."""
        return self._ingresses.get((namespace, name))

    def rollout(self, namespace: str, name: str) -> Rollout | None:
        """Give a Rollout; None: it is not here (see `is_whole`)."""
        return self._rollouts.get((namespace, name))

    def rollouts_at(self, ingress: Ingress) -> tuple[Rollout, ...]:
        """Give the Rollouts that write their weights on this ALB Ingress."""
        return self._rollouts_at.get((ingress.namespace, ingress.name), ())

    def service(self, namespace: str, name: str) -> Service | None:
        """Give a Service; None: it is not here (see `knows_services`)."""
        return self._services.get(namespace, {}).get(name)

    def knows_services(self, namespace: str) -> bool:
        """Whether a Service of this namespace that is not here does not exist."""
        return self.is_whole or namespace in self._services
