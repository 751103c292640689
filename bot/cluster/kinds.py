"""The kinds we read, where the API server keeps them, and what of them is wanted."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from bot.balancing.objects import ClassParams, Ingress, IngressClass, Service
from bot.cluster.refusals import Ask
from bot.release.errors import NotFound, plain
from bot.release.replicas import HASH_LABEL, ReplicaSet
from bot.release.rollout import Rollout

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")


class Thing(Protocol):
    """What every object we read has."""

    @property
    def namespace(self) -> str:
        """Where it lives."""

    @property
    def name(self) -> str:
        """Its name, unique there."""

    @property
    def uid(self) -> str:
        """Its identity: another object of the same name has another."""

    @property
    def resource_version(self) -> str:
        """Which state of it this is."""


T = TypeVar("T", bound=Thing)


def _all(_: object) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Kind(Generic[T]):
    """
    One kind of object, and the model it is read into.

    Attributes:
        api: path of its group and version.
        plural: as in the path.
        labels: label selector that is always used.
        wanted: what is not wanted is forgotten as soon as it is read.

    """

    model: type[T]
    api: str
    plural: str
    labels: str = ""
    wanted: Callable[[T], bool] = _all

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """Give the path of the collection (no *name*) or of one object. Raises NotFound."""
        return path_of(self.api, self.plural, namespace, name, subresource)

    def ask(self, verb: str, namespace: str = "", name: str = "", subresource: str = "") -> Ask:
        """Say what is asked, for a refusal."""
        resource = f"{self.plural}/{subresource}" if subresource else self.plural
        return Ask(verb=verb, resource=resource, namespace=namespace, name=name)


def path_of(api: str, plural: str, namespace: str, name: str = "", subresource: str = "") -> str:
    """
    Give the path of a collection (no *name*) or of one object.

    Raises:
        NotFound: a name that no object can have. Names come from people: without this check `../`
            would lead to another object.

    """
    if namespace and not _LABEL.fullmatch(namespace):
        raise NotFound(f"There is no namespace {plain(namespace)}: that cannot be a name.")
    if name and not _SUBDOMAIN.fullmatch(name):
        raise NotFound(f"There is no {plain(name)}: that cannot be a name.")
    parts = [api, "namespaces", namespace] if namespace else [api]
    return "/".join((*parts, plural, *filter(None, (name, subresource))))


ROLLOUTS = Kind(model=Rollout, api="/apis/argoproj.io/v1alpha1", plural="rollouts")
INGRESSES = Kind(model=Ingress, api="/apis/networking.k8s.io/v1", plural="ingresses")
SERVICES = Kind(model=Service, api="/api/v1", plural="services")
REPLICA_SETS = Kind(
    model=ReplicaSet,
    api="/apis/apps/v1",
    plural="replicasets",
    labels=HASH_LABEL,  # only what Argo made: Deployments' ReplicaSets never come over the wire
    wanted=lambda replica_set: replica_set.owner_kind == "Rollout",  # not an Experiment's
)
#: of the whole cluster; an account with rights in some namespaces only may not read them
CLASSES = Kind(model=IngressClass, api="/apis/networking.k8s.io/v1", plural="ingressclasses")
CLASS_PARAMS = Kind(
    model=ClassParams, api="/apis/elbv2.k8s.aws/v1beta1", plural="ingressclassparams"
)
