"""What the bot's own account may do, asked of the API server (SelfSubjectAccessReview)."""

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
    "leases": "coordination.k8s.io",
    "services": "",
    "events": "",
    "configmaps": "",
}


class _Answer(BaseModel):
    allowed: bool = Field(default=False, validation_alias=AliasPath("status", "allowed"))


async def may(
    connection: Connection, verb: str, resource: str, subresource: str = "", namespace: str = ""
) -> bool:
    """
    Ask whether the bot's account has this right.

    Args:
        connection: to the API server.
        verb: get, list, watch, patch, …
        resource: plural, one of those the bot has to do with (a KeyError otherwise).
        subresource: such as `status`.
        namespace: empty: in all namespaces at once.

    Raises:
        Unreachable: no answer that can be understood.

    """
    attributes = {
        "verb": verb,
        "group": _GROUPS[resource],
        "resource": resource,
        "subresource": subresource,
        "namespace": namespace,
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
