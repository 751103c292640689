"""What the bot's account may do in the cluster, and what does not work without it."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

from bot.cluster.connect import Connection
from bot.cluster.refusals import Forbidden
from bot.cluster.rights import may
from bot.config import Config
from bot.doctor.answers import AGAIN
from bot.doctor.verdict import Area, Line, missing, ok, unchecked
from bot.release.errors import Refusal


@dataclass(frozen=True, kw_only=True)
class Right:
    """
    One right.

    Attributes:
        group: API group, as in a role.
        resource: plural, with the subresource: `rollouts/status`.
        verb: as in a role.
        loss: what does not work without it.
        is_wide: of the whole cluster, also where only some namespaces are looked at.
        to_act: not needed where `kubernetes.writes` is false.
        name: of the one object that it is about; "": all of them.
        served: only where the cluster knows this kind; it has one more or less.

    """

    group: str
    resource: str
    verb: str
    loss: str
    is_wide: bool = False
    to_act: bool = False
    name: str = ""
    served: bool = True

    @property
    def what(self) -> str:
        """`list rollouts`."""
        return f"{self.verb} {self.resource}"


@dataclass(frozen=True, kw_only=True)
class Needs:
    """
    What decides which rights are needed, and where.

    Attributes:
        config: names the namespaces, and whether anything is written.
        lease: namespace of the Lease; "": none is held, because there is one replica.
        kinds: plurals that the cluster serves, of those that it may lack.

    """

    config: Config
    lease: str
    kinds: frozenset[str]


_ARGO, _NETWORK, _ALB = "argoproj.io", "networking.k8s.io", "elbv2.k8s.aws"
_REVIEWS = "selfsubjectaccessreviews"
ASKING = Right(
    group="authorization.k8s.io",
    resource=_REVIEWS,
    verb="create",
    loss="what the account may do cannot be asked: no action is offered",
    is_wide=True,
)
#: kinds that a cluster may lack: then nothing is lost
OPTIONAL = frozenset({"applications", "ingressclassparams"})


def _each(verbs: str, group: str, resource: str, loss: str) -> Iterator[Right]:
    for verb in verbs.split():
        yield Right(group=group, resource=resource, verb=verb, loss=loss)


_NO_ACTION = "no action is offered: neither promote, abort nor any other"
RIGHTS = (
    *_each("list watch", _ARGO, "rollouts", "releases are not seen"),
    *_each("get", _ARGO, "rollouts", "no action: each reads the rollout anew first"),
    Right(group=_ARGO, resource="rollouts", verb="patch", loss=_NO_ACTION, to_act=True),
    Right(group=_ARGO, resource="rollouts/status", verb="patch", loss=_NO_ACTION, to_act=True),
    *_each("get", _ARGO, "applications", "every rollout of Argo CD is treated as self-healing"),
    *_each(
        "get list watch",
        _NETWORK,
        "ingresses",
        "what the load balancer does is not seen: neither weights nor header routes",
    ),
    *_each("get list watch", "", "services", "where stable and canary point is not seen"),
    *_each(
        "list watch", "apps", "replicasets", "pods are not counted, nor earlier revisions known"
    ),
    *_each("list", "", "events", "why a rollout does not go on is not told"),
    Right(
        group=_NETWORK,
        resource="ingressclasses",
        verb="list",
        loss="the usual names of classes (alb, nginx) are taken at their word",
        is_wide=True,
    ),
    Right(
        group=_ALB,
        resource="ingressclassparams",
        verb="list",
        loss="groups that a class sets for its Ingresses are not known",
        is_wide=True,
    ),
)


async def examine(connection: Connection, needs: Needs) -> AsyncIterator[Line]:
    """Ask about each right, wherever it is needed."""
    try:
        await may(connection, "list", "rollouts")
    except Forbidden:
        yield missing(Area.RIGHTS, ASKING.what, f"not granted: {ASKING.loss}", _grant(ASKING, ()))
        for line in unasked(needs, f"the right to {ASKING.what} is missing"):
            yield line
        return
    except Refusal as error:
        yield missing(Area.RIGHTS, ASKING.what, error.text, AGAIN)
        for line in unasked(needs, "the cluster does not tell what the account may do"):
            yield line
        return
    yield ok(Area.RIGHTS, ASKING.what)
    wanted = list(_wanted(needs))
    for line in await asyncio.gather(*(_ask(connection, one, needs) for one in wanted)):
        yield line


def unasked(needs: Needs, why: str) -> Iterator[Line]:
    """Give the same lines where nobody answers."""
    for right in _wanted(needs):
        yield unchecked(Area.RIGHTS, right.what, why)


def _wanted(needs: Needs) -> Iterator[Right]:
    for right in RIGHTS:
        is_served = right.resource not in OPTIONAL or right.resource in needs.kinds
        if is_served and (needs.config.kubernetes.writes or not right.to_act):
            yield right
    if needs.lease:
        yield from lease_rights(needs.config.kubernetes.lease.name)


def lease_rights(name: str) -> Iterator[Right]:
    """Give those for the Lease by which one of several replicas leads."""
    loss = "no replica leads, and who does not lead posts nothing"
    for verb in ("get", "create", "update"):
        named = "" if verb == "create" else name  # Kubernetes cannot limit create to a name
        yield Right(
            group="coordination.k8s.io", resource="leases", verb=verb, loss=loss, name=named
        )


def _spaces(right: Right, needs: Needs) -> Sequence[str]:
    """Name the namespaces in which a right is needed; "": all at once."""
    if right.resource == "leases":
        return (needs.lease,)
    return ("",) if right.is_wide else needs.config.kubernetes.namespaces or ("",)


async def _ask(connection: Connection, right: Right, needs: Needs) -> Line:
    resource, _, subresource = right.resource.partition("/")
    spaces = _spaces(right, needs)
    try:
        answers = await asyncio.gather(
            *(may(connection, right.verb, resource, subresource, s, right.name) for s in spaces)
        )
    except Refusal as error:
        return missing(Area.RIGHTS, right.what, error.text, AGAIN)
    lacking = [space for space, has in zip(spaces, answers, strict=True) if not has]
    if not lacking:
        return ok(Area.RIGHTS, right.what)
    if right.is_wide and needs.config.kubernetes.namespaces:
        detail = f"not granted, and not needed for some namespaces only: {right.loss}"
        return ok(Area.RIGHTS, right.what, detail)
    where = f" in {', '.join(lacking)}" if any(lacking) else ""
    return missing(
        Area.RIGHTS, right.what, f"not granted{where}: {right.loss}", _grant(right, lacking)
    )


def _grant(right: Right, spaces: Sequence[str]) -> str:
    """Write the rule that the role lacks, and where it belongs."""
    role = f"Role in {' and in '.join(spaces)}" if any(spaces) else "ClusterRole"
    names = f"\n  resourceNames: [{right.name}]" if right.name else ""
    other = "; another namespace: kubernetes.lease.namespace" if right.resource == "leases" else ""
    return (
        f"add to the rules of the account's {role} (config/rbac.yaml has them all{other}):\n"
        f"- apiGroups: [{right.group or chr(34) * 2}]\n  resources: [{right.resource}]{names}\n"
        f"  verbs: [{right.verb}]"
    )
