"""What the bot's own account may do, asked of the API server (SelfSubjectAccessReview)."""

import asyncio
from collections.abc import Callable

from pydantic import AliasPath, BaseModel, Field, ValidationError

from bot.cluster.clients import Request
from bot.cluster.connect import Connection
from bot.cluster.refusals import Ask
from bot.release.errors import Unreachable

_PATH = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
#: the API group of each resource that the bot has to do with
_GROUPS = {
    "rollouts": "argoproj.io",
    "analysisruns": "argoproj.io",
    "experiments": "argoproj.io",
    "applications": "argoproj.io",
    "replicasets": "apps",
    "ingresses": "networking.k8s.io",
    "ingressclasses": "networking.k8s.io",
    "ingressclassparams": "elbv2.k8s.aws",
    "selfsubjectaccessreviews": "authorization.k8s.io",
    "leases": "coordination.k8s.io",
    "services": "",
    "events": "",
    "configmaps": "",
}
#: what every action on a rollout needs; the resource with its subresource
_ACTING = ("", "status")
_REMEMBERED = 300.0  #: seconds; a role that is changed counts after that


class _Answer(BaseModel):
    allowed: bool = Field(default=False, validation_alias=AliasPath("status", "allowed"))


async def may(
    connection: Connection,
    verb: str,
    resource: str,
    subresource: str = "",
    namespace: str = "",
    name: str = "",
) -> bool:
    """
    Ask whether the bot's account has this right.

    Args:
        connection: to the API server.
        verb: get, list, watch, patch, …
        resource: plural, one of those the bot has to do with (a KeyError otherwise).
        subresource: such as `status`.
        namespace: empty: in all namespaces at once.
        name: of the one object that it is about; empty: about all of them.

    Raises:
        Unreachable: no answer that can be understood.

    """
    attributes = {
        "verb": verb,
        "group": _GROUPS[resource],
        "resource": resource,
        "subresource": subresource,
        "namespace": namespace,
        "name": name,
    }
    request = Request(
        method="POST",
        path=_PATH,
        ask=Ask(verb="create", resource="selfsubjectaccessreviews"),
        body={
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        },
    )
    try:
        return _Answer.model_validate_json(await connection.request(request)).allowed
    except ValidationError as error:
        raise Unreachable("The cluster's answer about my rights makes no sense.") from error


class Rights:
    """
    Whether the bot's account may patch rollouts, remembered for minutes: every card asks.

    Args:
        connection: to the API server.
        monotonic: the clock by which answers grow old.

    """

    def __init__(self, connection: Connection, monotonic: Callable[[], float]) -> None:
        self._connection = connection
        self._monotonic = monotonic
        self._known: dict[str, tuple[float, bool]] = {}

    async def may_act(self, namespace: str) -> bool:
        """
        Tell whether it may patch rollouts and their status there.

        While the server does not answer, its last word counts. Raises Unreachable when there is
        none.
        """
        at, known = self._known.get(namespace, (None, False))
        if at is not None and self._monotonic() - at < _REMEMBERED:
            return known
        try:
            answers = await asyncio.gather(
                *(may(self._connection, "patch", "rollouts", part, namespace) for part in _ACTING)
            )
        except Unreachable:
            if at is None:
                raise
            return known
        self._known[namespace] = (self._monotonic(), all(answers))
        return all(answers)
