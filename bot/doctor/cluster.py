"""The cluster: does it answer, who are we there, which kinds and classes, is there a rollout."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

from bot.cluster.clients import Request
from bot.cluster.configuration import home_namespace
from bot.cluster.connect import Connection
from bot.cluster.kinds import CLASSES, INGRESSES, ROLLOUTS
from bot.cluster.refusals import Ask, Denied, Forbidden, Misconfigured
from bot.config import Config
from bot.doctor import clocks, controllers, rights
from bot.doctor.verdict import Area, Line, missing, ok, unchecked
from bot.release.errors import NotFound, Refusal

_SERVER, _ACCOUNT = "API server", "account"
_ROLLOUT, _INGRESS, _PARAMS = "kind Rollout", "kind Ingress", "kind IngressClassParams"
_APPLICATION = "kind Application"
_KINDS = (_ROLLOUT, _INGRESS, _PARAMS, _APPLICATION)
_CLASSES, _FOUND, _CONTROLLERS = "ingress classes", "rollouts", "controllers"
_REST = (*_KINDS, _CLASSES, _FOUND, _CONTROLLERS)
_SERVICE_ACCOUNT = "system:serviceaccount:"
_KNOWN = {
    "ingress.k8s.aws/alb": "AWS Load Balancer Controller",
    "k8s.io/ingress-nginx": "NGINX",
}
_ARGO = "/apis/argoproj.io/v1alpha1"
_INSTALL = """install Argo Rollouts with its CRDs:
kubectl create namespace argo-rollouts
kubectl apply -n argo-rollouts -f \
https://github.com/argoproj/argo-rollouts/releases/latest/download/install.yaml"""
_CONFIGURE = "set KUBECONFIG to a kubeconfig that `kubectl version` works with, or run me in a pod"
_REACH = """look whether `kubectl version` answers from here; in a pod a NetworkPolicy may lack
egress:
  - ports: [{port: 443}, {port: 6443}]"""
_UNREAD = "the configuration cannot be read"
_RENEW = "`kubectl auth whoami` tells whose the credentials are; in a pod: serviceAccountName"


@dataclass(frozen=True)
class Visit:
    """
    One visit to the cluster.

    Attributes:
        config: names namespaces, selector and the Lease; None: it cannot be read.
        holds_lease: whether one of several replicas leads by a Lease.

    """

    config: Config | None
    holds_lease: bool

    async def examine(self) -> AsyncGenerator[Line, None]:
        """Ask everything; where nothing answers, one fault and the rest unchecked."""
        connection = Connection()
        try:
            await connection.open()
        except Misconfigured as error:
            yield missing(Area.CLUSTER, _SERVER, str(error), _CONFIGURE)
            for line in self._silence("there is no usable configuration of the cluster"):
                yield line
            return
        try:
            async for line in self._through(connection):
                yield line
        finally:
            await connection.close()

    async def _through(self, connection: Connection) -> AsyncIterator[Line]:
        try:
            version = await _get(connection, "/version", "version")
        except Denied as error:
            yield ok(Area.CLUSTER, _SERVER, "answers")
            yield missing(Area.CLUSTER, _ACCOUNT, error.text, _RENEW)
            for line in self._silence("the credentials are refused", without=(_ACCOUNT,)):
                yield line
            return
        except Refusal as error:
            yield missing(Area.CLUSTER, _SERVER, error.text, _REACH)
            for line in self._silence("the API server does not answer"):
                yield line
            return
        yield ok(Area.CLUSTER, _SERVER, f"Kubernetes {version.get('gitVersion', '?')}")
        yield clocks.compare(clocks.SERVER, connection.date)
        account = await _account(connection)
        yield account
        if account.is_fault:
            why = "the credentials are refused"
            for line in self._silence(why, without=(_ACCOUNT, clocks.SERVER)):
                yield line
            return
        async for line in self._known(connection):
            yield line

    async def _known(self, connection: Connection) -> AsyncIterator[Line]:
        """Ask what needs credentials."""
        argo = await _resources(connection, _ARGO)
        params = await _resources(connection, "/apis/elbv2.k8s.aws/v1beta1")
        for line in await _kinds(connection, argo, params):
            yield line
        yield await _classes(connection)
        if self.config is None:
            yield unchecked(Area.CLUSTER, _FOUND, _UNREAD)
        elif "rollouts" not in argo:
            yield unchecked(Area.CLUSTER, _FOUND, "the kind Rollout is not there")
        else:
            yield await _rollouts(connection, self.config)
        async for line in controllers.examine(connection):
            yield line
        if self.config is None:
            yield unchecked(Area.RIGHTS, "rights", _UNREAD)
            return
        async for line in rights.examine(connection, self._needs(self.config, argo | params)):
            yield line

    def _needs(self, config: Config, kinds: frozenset[str]) -> rights.Needs:
        lease = (config.kubernetes.lease.namespace or home_namespace()) if self.holds_lease else ""
        return rights.Needs(config=config, lease=lease, kinds=kinds)

    def _silence(self, why: str, without: tuple[str, ...] = ()) -> Iterator[Line]:
        """Give the lines of all that cannot be asked then."""
        if clocks.SERVER not in without:
            yield unchecked(Area.CLOCK, clocks.SERVER, why)
        for name in (_ACCOUNT, *_REST):
            if name not in without:
                yield unchecked(Area.CLUSTER, name, why)
        if self.config is None:
            yield unchecked(Area.RIGHTS, "rights", _UNREAD)
        else:
            yield from rights.unasked(self._needs(self.config, rights.OPTIONAL), why)


async def _get(connection: Connection, path: str, what: str, **query: str) -> dict[str, Any]:
    ask = Ask(verb="get", resource=what)
    body = await connection.request(Request(method="GET", path=path, ask=ask, query=query))
    found = json.loads(body)
    return found if isinstance(found, dict) else {}


async def _account(connection: Connection) -> Line:
    """Ask who we are."""
    request = Request(
        method="POST",
        path="/apis/authentication.k8s.io/v1/selfsubjectreviews",
        ask=Ask(verb="create", resource="selfsubjectreviews"),
        body={"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"},
    )
    try:
        answer = json.loads(await connection.request(request))
    except Denied as error:
        return missing(Area.CLUSTER, _ACCOUNT, error.text, _RENEW)
    except (NotFound, Forbidden):  # before Kubernetes 1.28, or withheld: nothing depends on it
        return ok(Area.CLUSTER, _ACCOUNT, "the cluster does not tell whose it is")
    except Refusal as error:
        return missing(Area.CLUSTER, _ACCOUNT, error.text, "run me again")
    name = str(answer.get("status", {}).get("userInfo", {}).get("username", "?"))
    hint = "" if name.startswith(_SERVICE_ACCOUNT) else ": is that the one that the bot has?"
    return ok(Area.CLUSTER, _ACCOUNT, f"{name}{hint}")


async def _resources(connection: Connection, path: str) -> frozenset[str]:
    """Name what is served in a version of a group; nothing if it is not there."""
    try:
        found = await _get(connection, path, "resources")
    except Refusal:
        return frozenset()
    return frozenset(str(one.get("name", "")) for one in found.get("resources", ()))


async def _kinds(
    connection: Connection, argo: frozenset[str], params: frozenset[str]
) -> list[Line]:
    """Say which kinds are served in the version that is read."""
    return [
        await _rollout_kind(connection, argo),
        await _ingress_kind(connection),
        _optional(_PARAMS, "elbv2.k8s.aws/v1beta1", "ingressclassparams" in params),
        _optional(_APPLICATION, "argoproj.io/v1alpha1", "applications" in argo),
    ]


async def _rollout_kind(connection: Connection, argo: frozenset[str]) -> Line:
    if "rollouts" not in argo:
        others = await _versions(connection, "/apis/argoproj.io")
        detail = "argoproj.io/v1alpha1 is not served: there are no releases"
        known = f" (served: {', '.join(others)})" if others else ""
        return missing(Area.CLUSTER, _ROLLOUT, f"{detail}{known}", _INSTALL)
    if "rollouts/status" not in argo:
        detail = "its CRD has no status subresource: promote, abort and retry would do nothing"
        return missing(Area.CLUSTER, _ROLLOUT, detail, _INSTALL)
    return ok(Area.CLUSTER, _ROLLOUT, "argoproj.io/v1alpha1")


async def _ingress_kind(connection: Connection) -> Line:
    if INGRESSES.plural in await _resources(connection, INGRESSES.api):
        return ok(Area.CLUSTER, _INGRESS, "networking.k8s.io/v1")
    detail = "networking.k8s.io/v1 is not served: weights and routes are not seen"
    return missing(
        Area.CLUSTER, _INGRESS, detail, "upgrade the cluster to Kubernetes 1.19 or newer"
    )


def _optional(what: str, version: str, is_served: bool) -> Line:  # noqa: FBT001 - read where it is made
    return ok(Area.CLUSTER, what, version if is_served else "not installed, and not needed")


async def _versions(connection: Connection, path: str) -> list[str]:
    try:
        found = await _get(connection, path, "group")
    except Refusal:
        return []
    return [str(one.get("groupVersion", "")) for one in found.get("versions", ())]


async def _classes(connection: Connection) -> Line:
    try:
        found = await _get(connection, CLASSES.path(), CLASSES.plural)
    except Forbidden:
        return unchecked(Area.CLUSTER, _CLASSES, "the account may not list ingressclasses")
    except Refusal as error:
        return missing(Area.CLUSTER, _CLASSES, error.text, "run me again")
    known = [
        f"{one['metadata']['name']} ({_KNOWN[controller]})"
        for one in found.get("items", ())
        if (controller := one.get("spec", {}).get("controller", "")) in _KNOWN
    ]
    return ok(
        Area.CLUSTER,
        _CLASSES,
        ", ".join(known) or "none of an ALB or of NGINX; the usual names count",
    )


async def _rollouts(connection: Connection, config: Config) -> Line:
    """Say whether there is any rollout to follow; none because of the selector is a fault."""
    selector = config.kubernetes.selector
    spaces = config.kubernetes.namespaces or ("",)
    try:
        if any([await _has_any(connection, space, selector) for space in spaces]):
            return ok(Area.CLUSTER, _FOUND, "there are some to follow")
        if selector and any([await _has_any(connection, space, "") for space in spaces]):
            detail = f"there are some, but none has the labels {selector}: nothing is followed"
            mend = "correct kubernetes.selector in the configuration, or label the rollouts"
            return missing(Area.CLUSTER, _FOUND, detail, mend)
    except Forbidden:
        return unchecked(Area.CLUSTER, _FOUND, "the account may not list rollouts")
    except Refusal as error:
        return missing(Area.CLUSTER, _FOUND, error.text, "run me again")
    return ok(Area.CLUSTER, _FOUND, "there is none yet")


async def _has_any(connection: Connection, namespace: str, selector: str) -> bool:
    query = {"limit": "1", **({"labelSelector": selector} if selector else {})}
    found = await _get(connection, ROLLOUTS.path(namespace), ROLLOUTS.plural, **query)
    return bool(found.get("items"))
