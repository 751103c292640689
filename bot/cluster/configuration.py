"""
Where the cluster is, and who we are there.

`KUBECONFIG` counts first; then the account of the pod we run in; then `~/.kube/config`. The context
is the current one.
"""

import ipaddress
import os
from pathlib import Path

import yaml
from kubernetes.aio.client import Configuration
from kubernetes.aio.config import (
    ConfigException,
    list_kube_config_contexts,
    load_incluster_config,
    load_kube_config,
)
from yarl import URL

from bot.cluster.refusals import Misconfigured
from bot.cluster.spelling import spell_as_the_server

_POD_NAMESPACE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
_DEFAULT = "default"

#: what the client's loaders raise at a file that is not as they expect
_BAD_FILE = (
    ConfigException,
    OSError,
    yaml.YAMLError,
    AttributeError,
    KeyError,
    TypeError,
    ValueError,
)


async def load_configuration() -> Configuration:
    """
    Read the configuration anew, with fresh credentials.

    Raises:
        Misconfigured: there is none, or it cannot be read.

    """
    configuration = Configuration()
    where = os.environ.get("KUBECONFIG") or _default_file()
    try:
        if where:
            await _load_file(where, configuration)
        else:
            load_incluster_config(client_configuration=configuration)
    except _BAD_FILE as error:
        source = where or "the account of this pod"
        raise Misconfigured(
            f"The cluster configuration ({source}) is not usable: {error}"
        ) from error
    configuration.connection_pool_maxsize = 0  # no limit: watches must not use up what calls need
    configuration.client_session_kwargs = {
        "trust_env": not is_loopback(configuration.host),
        "middlewares": (spell_as_the_server,),
    }
    return configuration


def home_namespace() -> str:
    """Tell in which namespace we are at home: that of the pod, or of the kubeconfig's context."""
    where = os.environ.get("KUBECONFIG") or _default_file()
    try:
        if not where:
            return _POD_NAMESPACE.read_text().strip() or _DEFAULT
        _, context = list_kube_config_contexts(config_file=where)
        return str(context["context"].get("namespace") or _DEFAULT)
    except _BAD_FILE:
        return _DEFAULT


def is_loopback(address: str) -> bool:
    """
    Whether the API server is on this machine.

    Then the proxy variables are not for it, whatever NO_PROXY says: a proxy would look for it on
    its own machine.
    """
    host = URL(address).host or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name
        return False


def _default_file() -> str:
    """Give the file to read when KUBECONFIG is not set; empty: we are in a pod."""
    if os.environ.get("KUBERNETES_SERVICE_HOST"):
        return ""
    return str(Path("~/.kube/config").expanduser())


async def _load_file(where: str, configuration: Configuration) -> None:
    # The path is always given: the client reads KUBECONFIG when it is imported, which is too early.
    if not _is_there(where):
        raise Misconfigured(
            f"There is no cluster configuration: {where} does not exist. "
            "Set KUBECONFIG, or run in the cluster."
        )
    await load_kube_config(
        config_file=where, client_configuration=configuration, persist_config=False
    )


def _is_there(where: str) -> bool:
    """Whether at least one of the files is there; KUBECONFIG may name several."""
    return any(Path(path).expanduser().is_file() for path in where.split(os.pathsep) if path)
