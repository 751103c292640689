"""Where the cluster is, and who we are there."""

import pytest
import yaml

from bot.cluster import configuration as module
from bot.cluster.configuration import home_namespace, is_loopback, load_configuration
from bot.cluster.connect import Connection
from bot.cluster.refusals import Misconfigured
from bot.cluster.spelling import spell_as_the_server
from tests.clusterroom.manifests import kubeconfig

IN_CLUSTER = "kubernetes.aio.config.incluster_config"
SESSION = {"middlewares": (spell_as_the_server,)}


@pytest.fixture
def nowhere(tmp_path, monkeypatch):
    """A machine that knows no cluster."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def pod(nowhere, monkeypatch):
    """A pod with an account."""
    (nowhere / "token").write_text("of-the-pod")
    (nowhere / "ca.crt").write_text("a certificate")
    monkeypatch.setattr(f"{IN_CLUSTER}.SERVICE_TOKEN_FILENAME", str(nowhere / "token"))
    monkeypatch.setattr(f"{IN_CLUSTER}.SERVICE_CERT_FILENAME", str(nowhere / "ca.crt"))
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    return nowhere


async def test_in_a_pod_its_account_is_used(pod):
    """Its token is read again every minute by the library."""
    configuration = await load_configuration()

    assert configuration.host == "https://10.0.0.1:443"
    assert await configuration.get_api_key_with_prefix("BearerToken") == "bearer of-the-pod"
    assert configuration.client_session_kwargs == SESSION | {"trust_env": True}


async def test_kubeconfig_counts_before_the_account_of_the_pod(pod, monkeypatch):
    """Also when it was set after the library was imported."""
    file = pod / "config"
    file.write_text(kubeconfig("http://127.0.0.1:1", str(pod / "token")))
    monkeypatch.setenv("KUBECONFIG", f"{pod / 'absent'}:{file}")

    configuration = await load_configuration()

    assert configuration.host == "http://127.0.0.1:1"
    assert configuration.client_session_kwargs == SESSION | {"trust_env": False}


async def test_without_either_the_file_at_home_is_used(nowhere):
    """As kubectl does."""
    (nowhere / ".kube").mkdir()
    (nowhere / "token").write_text("mine")
    (nowhere / ".kube/config").write_text(kubeconfig("http://localhost:1", str(nowhere / "token")))

    assert (await load_configuration()).host == "http://localhost:1"


async def test_no_configuration_at_all_is_said_with_what_to_do(nowhere):
    with pytest.raises(Misconfigured, match="Set KUBECONFIG, or run in the cluster"):
        await load_configuration()


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", "a: b", '{"current-context": "x", "contexts": []}', "clusters: 3", "\x00"],
)
async def test_a_configuration_that_makes_no_sense_is_said_with_its_file(
    nowhere, monkeypatch, text
):
    """Whatever the library trips over."""
    file = nowhere / "config"
    file.write_text(text)
    monkeypatch.setenv("KUBECONFIG", str(file))

    with pytest.raises(Misconfigured, match=str(file)):
        await load_configuration()


async def test_a_certificate_that_is_none_is_said_before_anything_starts(pod):
    """Found when the connection is made, not at the first request."""
    with pytest.raises(Misconfigured, match="certificates"):
        await Connection().open()


async def test_a_login_that_gives_nothing_is_no_bug(nowhere, monkeypatch):
    """Then the server says that it does not know us."""
    file = nowhere / "config"
    file.write_text(kubeconfig("http://127.0.0.1:1", str(nowhere / "absent")))
    monkeypatch.setenv("KUBECONFIG", str(file))

    with pytest.raises(Misconfigured):
        await load_configuration()


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://127.0.0.1:8080", True),
        ("https://127.9.9.9", True),
        ("https://[::1]:6443", True),
        ("https://localhost:6443", True),
        ("https://kind.localhost", True),
        ("https://10.0.0.1", False),
        ("https://kubernetes.default", False),
        ("https://localhost.example", False),
    ],
)
def test_what_is_on_this_machine(address, expected):
    assert is_loopback(address) is expected


def test_in_a_pod_the_namespace_of_its_account_is_home(pod, monkeypatch):
    (pod / "namespace").write_text("ops\n")
    monkeypatch.setattr(module, "_POD_NAMESPACE", pod / "namespace")
    assert home_namespace() == "ops"


def test_outside_the_namespace_of_the_context_is_home(nowhere, monkeypatch):
    file = nowhere / "config"
    monkeypatch.setenv("KUBECONFIG", f"{nowhere / 'absent'}:{file}")
    plain = yaml.safe_load(kubeconfig("http://127.0.0.1:1", str(nowhere / "token")))
    file.write_text(yaml.safe_dump(plain))
    assert home_namespace() == "default"
    plain["contexts"][0]["context"]["namespace"] = "ops"
    file.write_text(yaml.safe_dump(plain))
    assert home_namespace() == "ops"


def test_where_nothing_is_said_default_is_home(nowhere, monkeypatch):
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
    monkeypatch.setattr(module, "_POD_NAMESPACE", nowhere / "absent")
    assert home_namespace() == "default"
