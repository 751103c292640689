"""The kinds that the bot reads: whether the cluster serves them, in the version that is read."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.cluster.connect import Connection
from bot.cluster.kinds import CLASS_PARAMS, INGRESSES, ROLLOUTS
from bot.cluster.refusals import Ask, Forbidden
from bot.doctor.answers import AGAIN, get
from bot.doctor.verdict import Area, Line, missing, ok, unchecked
from bot.release.errors import NotFound, Refusal

_ROLLOUT, _INGRESS = "kind Rollout", "kind Ingress"
_PARAMS, _APPLICATION = "kind IngressClassParams", "kind Application"
NAMES = (_ROLLOUT, _INGRESS, _PARAMS, _APPLICATION)
APPLICATIONS = "applications"  #: of Argo CD, in the group and version of Rollouts

_ASK = Ask(verb="get", resource="what is served")
_INSTALL = """install Argo Rollouts with its CRDs:
kubectl create namespace argo-rollouts
kubectl apply -n argo-rollouts -f \
https://github.com/argoproj/argo-rollouts/releases/latest/download/install.yaml"""
_UPGRADE = "upgrade the cluster to Kubernetes 1.19 or newer"


@dataclass(frozen=True)
class Served:
    """
    What the cluster serves.

    Attributes:
        argo, network, alb: resources in the group and version of Rollouts, of Ingresses, and of
            IngressClassParams; with their subresources.
        others: other versions of the group of Rollouts.
        fault: why that is not known; None: it is.

    """

    argo: frozenset[str] = frozenset()
    network: frozenset[str] = frozenset()
    alb: frozenset[str] = frozenset()
    others: tuple[str, ...] = ()
    fault: Refusal | None = None

    @property
    def has_rollouts(self) -> bool:
        """Whether there may be rollouts: for sure not only where it is known."""
        return self.fault is not None or ROLLOUTS.plural in self.argo

    @property
    def all(self) -> frozenset[str]:
        """All resources."""
        return self.argo | self.network | self.alb


async def served(connection: Connection) -> Served:
    """Ask what is served."""
    try:
        return Served(
            argo=await _resources(connection, ROLLOUTS.api),
            network=await _resources(connection, INGRESSES.api),
            alb=await _resources(connection, CLASS_PARAMS.api),
            others=await _versions(connection, ROLLOUTS.api),
        )
    except Refusal as error:
        return Served(fault=error)


def examine(found: Served) -> Iterator[Line]:
    """Say of each kind whether it is there."""
    if found.fault is not None:
        yield from _unknown(found.fault)
        return
    yield _rollout(found)
    if INGRESSES.plural in found.network:
        yield ok(Area.CLUSTER, _INGRESS, _version(INGRESSES.api))
    else:
        detail = f"{_version(INGRESSES.api)} is not served: weights and routes are not seen"
        yield missing(Area.CLUSTER, _INGRESS, detail, _UPGRADE)
    optional = {
        _PARAMS: _version(CLASS_PARAMS.api) if CLASS_PARAMS.plural in found.alb else "",
        _APPLICATION: _version(ROLLOUTS.api) if APPLICATIONS in found.argo else "",
    }
    for name, version in optional.items():
        yield ok(Area.CLUSTER, name, version or "not installed, and not needed")


def _unknown(fault: Refusal) -> Iterator[Line]:
    if isinstance(fault, Forbidden):  # the bot goes straight to what it reads
        for name in NAMES:
            yield unchecked(Area.CLUSTER, name, "the account may not ask what is served")
        return
    yield missing(Area.CLUSTER, _ROLLOUT, fault.text, AGAIN)
    for name in NAMES[1:]:
        yield unchecked(Area.CLUSTER, name, "the cluster does not tell what it serves")


def _rollout(found: Served) -> Line:
    if ROLLOUTS.plural not in found.argo:
        known = f" (served: {', '.join(found.others)})" if found.others else ""
        detail = f"{_version(ROLLOUTS.api)} is not served{known}: there are no releases"
        return missing(Area.CLUSTER, _ROLLOUT, detail, _INSTALL)
    if f"{ROLLOUTS.plural}/status" not in found.argo:
        detail = "its CRD has no status subresource: promote, abort and retry would do nothing"
        return missing(Area.CLUSTER, _ROLLOUT, detail, _INSTALL)
    return ok(Area.CLUSTER, _ROLLOUT, _version(ROLLOUTS.api))


async def _resources(connection: Connection, api: str) -> frozenset[str]:
    """Name what is served in a group and version; nothing if it is not there."""
    try:
        found = await get(connection, api, _ASK)
    except NotFound:
        return frozenset()
    return frozenset(str(one.get("name", "")) for one in found.get("resources", ()))


async def _versions(connection: Connection, api: str) -> tuple[str, ...]:
    """Name the other versions of its group."""
    try:
        found = await get(connection, api.rpartition("/")[0], _ASK)
    except NotFound:
        return ()
    versions = (str(one.get("groupVersion", "")) for one in found.get("versions", ()))
    return tuple(one for one in versions if one != _version(api))


def _version(api: str) -> str:
    """`argoproj.io/v1alpha1`."""
    return api.removeprefix("/apis/")
