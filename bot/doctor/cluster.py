"""The cluster: does it answer, who are we there, which kinds and classes, is there a rollout."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from dataclasses import dataclass

from bot.cluster.clients import Request
from bot.cluster.configuration import home_namespace
from bot.cluster.connect import Connection
from bot.cluster.kinds import CLASSES, ROLLOUTS
from bot.cluster.refusals import Ask, Denied, Forbidden, Misconfigured
from bot.config import Config
from bot.doctor import clocks, controllers, kinds, rights
from bot.doctor.answers import AGAIN, answer_to, get
from bot.doctor.verdict import Area, Line, missing, ok, unchecked
from bot.release.errors import NotFound, Refusal

_SERVER, _ACCOUNT = "API server", "account"
_CLASSES, _FOUND, _CONTROLLERS = "ingress classes", "rollouts", "controllers"
_REST = (*kinds.NAMES, _CLASSES, _FOUND, _CONTROLLERS)
_SERVICE_ACCOUNT = "system:serviceaccount:"
_KNOWN = {
    "ingress.k8s.aws/alb": "AWS Load Balancer Controller",
    "k8s.io/ingress-nginx": "NGINX",
}
_CONFIGURE = "set KUBECONFIG to a kubeconfig that `kubectl version` works with, or run me in a pod"
_REACH = """look whether `kubectl version` answers from here; in a pod a NetworkPolicy may lack
egress:
  - ports: [{port: 443}, {port: 6443}]"""
_UNREAD = "the configuration cannot be read"
_RENEW = """KUBECONFIG must name a user whose token or certificate is valid; `kubectl auth whoami` \
tells who that is. In a pod the account is that of
serviceAccountName: rollout-bot"""


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
            for line in self._absence("there is no usable configuration of the cluster"):
                yield line
            return
        try:
            async for line in self._through(connection):
                yield line
        finally:
            await connection.close()

    async def _through(self, connection: Connection) -> AsyncIterator[Line]:
        try:
            version = await get(connection, "/version", Ask(verb="get", resource="version"))
            answer, account = (
                f"Kubernetes {version.get('gitVersion', '?')}",
                await _account(connection),
            )
        except Denied as error:
            answer, account = "answers", missing(Area.CLUSTER, _ACCOUNT, error.text, _RENEW)
        except Refusal as error:
            yield missing(Area.CLUSTER, _SERVER, error.text, _REACH)
            for line in self._absence("the API server does not answer"):
                yield line
            return
        yield ok(Area.CLUSTER, _SERVER, answer)
        yield clocks.compare(clocks.SERVER, connection.date)
        yield account
        if account.is_fault:
            for line in self._silence("the credentials are refused"):
                yield line
            return
        async for line in self._known(connection):
            yield line

    async def _known(self, connection: Connection) -> AsyncIterator[Line]:
        """Ask what needs credentials."""
        served = await kinds.served(connection)
        for line in kinds.examine(served):
            yield line
        yield await _classes(connection)
        if self.config is None:
            yield unchecked(Area.CLUSTER, _FOUND, _UNREAD)
        elif not served.has_rollouts:
            yield unchecked(Area.CLUSTER, _FOUND, "the kind Rollout is not there")
        else:
            yield await _rollouts(connection, self.config)
        async for line in controllers.examine(connection):
            yield line
        if self.config is None:
            yield unchecked(Area.RIGHTS, "rights", _UNREAD)
            return
        async for line in rights.examine(connection, self._needs(self.config, served.all)):
            yield line

    def _needs(self, config: Config, kinds: frozenset[str]) -> rights.Needs:
        lease = (config.kubernetes.lease.namespace or home_namespace()) if self.holds_lease else ""
        return rights.Needs(config=config, lease=lease, kinds=kinds)

    def _absence(self, why: str) -> Iterator[Line]:
        """Give the lines of all that cannot be asked where there is no server."""
        yield unchecked(Area.CLOCK, clocks.SERVER, why)
        yield unchecked(Area.CLUSTER, _ACCOUNT, why)
        yield from self._silence(why)

    def _silence(self, why: str) -> Iterator[Line]:
        """Give the lines of all that needs credentials."""
        for name in _REST:
            yield unchecked(Area.CLUSTER, name, why)
        if self.config is None:
            yield unchecked(Area.RIGHTS, "rights", _UNREAD)
        else:
            yield from rights.unasked(self._needs(self.config, rights.OPTIONAL), why)


async def _account(connection: Connection) -> Line:
    """Ask who we are. Raises Denied."""
    request = Request(
        method="POST",
        path="/apis/authentication.k8s.io/v1/selfsubjectreviews",
        ask=Ask(verb="create", resource="selfsubjectreviews"),
        body={"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"},
    )
    try:
        answer = await answer_to(connection, request)
    except Denied:
        raise
    except (NotFound, Forbidden):  # before Kubernetes 1.28, or withheld: nothing depends on it
        return ok(Area.CLUSTER, _ACCOUNT, "the cluster does not tell whose it is")
    except Refusal as error:
        return missing(Area.CLUSTER, _ACCOUNT, error.text, AGAIN)
    name = str(answer.get("status", {}).get("userInfo", {}).get("username", "?"))
    hint = "" if name.startswith(_SERVICE_ACCOUNT) else ": is that the one that the bot has?"
    return ok(Area.CLUSTER, _ACCOUNT, f"{name}{hint}")


async def _classes(connection: Connection) -> Line:
    try:
        found = await get(connection, CLASSES.path(), CLASSES.ask("list"))
    except Forbidden:
        return unchecked(Area.CLUSTER, _CLASSES, "the account may not list ingressclasses")
    except Refusal as error:
        return missing(Area.CLUSTER, _CLASSES, error.text, AGAIN)
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
        return missing(Area.CLUSTER, _FOUND, error.text, AGAIN)
    return ok(Area.CLUSTER, _FOUND, "there is none yet")


async def _has_any(connection: Connection, namespace: str, selector: str) -> bool:
    query = {"limit": "1", **({"labelSelector": selector} if selector else {})}
    found = await get(
        connection, ROLLOUTS.path(namespace), ROLLOUTS.ask("list", namespace), **query
    )
    return bool(found.get("items"))
