"""The command line of each component, with the reason for each flag that is not obvious."""

from dataclasses import dataclass
from pathlib import Path

LOOPBACK = "127.0.0.1"

_CONTROLLERS = (
    "replicaset-controller",
    "deployment-controller",
    "serviceaccount-controller",
    "endpointslice-controller",
    "garbage-collector-controller",
    "namespace-controller",
)
_UNHURRIED = (
    "--kube-api-qps=500",
    "--kube-api-burst=1000",
)  # many namespaces at once must not wait


@dataclass(frozen=True)
class Site:
    """Where the parts of one bed are: its folder and its ports."""

    folder: Path
    ports: dict[str, int]

    @property
    def etcd_url(self) -> str:
        return f"http://{LOOPBACK}:{self.ports['etcd']}"

    @property
    def api_url(self) -> str:
        return f"https://{LOOPBACK}:{self.ports['api']}"

    @property
    def ca_file(self) -> Path:
        """The API server writes its certificate there, and its authority's behind it."""
        return self.folder / "certificates" / "apiserver.crt"

    @property
    def tokens(self) -> Path:
        return self.folder / "tokens.csv"

    @property
    def service_account_key(self) -> Path:
        return self.folder / "service-accounts.key"

    @property
    def stages(self) -> Path:
        return self.folder / "stages.yaml"

    def kubeconfig(self, user: str) -> Path:
        return self.folder / f"{user}.kubeconfig"


def etcd(site: Site) -> list[str]:
    """One member that need not survive a power cut, and elects itself quickly."""
    peer = f"http://{LOOPBACK}:{site.ports['etcd-peer']}"
    return [
        "server",
        "--name=bed",
        f"--data-dir={site.folder / 'etcd'}",
        f"--listen-client-urls={site.etcd_url}",
        f"--advertise-client-urls={site.etcd_url}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=bed={peer}",
        "--unsafe-no-fsync",
        "--heartbeat-interval=20",
        "--election-timeout=200",
        "--log-level=warn",
    ]


def api_server(site: Site) -> list[str]:
    """A server with RBAC, for users with tokens."""
    key = site.service_account_key
    return [
        "kube-apiserver",
        f"--etcd-servers={site.etcd_url}",
        f"--cert-dir={site.ca_file.parent}",
        f"--bind-address={LOOPBACK}",
        f"--advertise-address={LOOPBACK}",  # a machine without a network has no other
        "--endpoint-reconciler-type=none",  # the `kubernetes` Service must not lead to loopback
        f"--secure-port={site.ports['api']}",
        "--authorization-mode=RBAC",
        f"--token-auth-file={site.tokens}",
        f"--service-account-issuer={site.api_url}",
        f"--service-account-key-file={key}",
        f"--service-account-signing-key-file={key}",
        "--service-cluster-ip-range=10.0.0.0/16",
        # ServiceAccount would wait for accounts that nobody uses here; nothing removes the taint
        # that TaintNodesByCondition puts on the node, so no pod would ever be scheduled.
        "--disable-admission-plugins=ServiceAccount,TaintNodesByCondition",
        "--profiling=false",
    ]


def controller_manager(site: Site) -> list[str]:
    """Only the controllers that releases need."""
    return [
        "kube-controller-manager",
        f"--kubeconfig={site.kubeconfig('admin')}",
        f"--controllers={','.join(_CONTROLLERS)}",
        f"--service-account-private-key-file={site.service_account_key}",
        "--leader-elect=false",
        "--secure-port=0",
        *_UNHURRIED,
    ]


def scheduler(site: Site) -> list[str]:
    return [
        "kube-scheduler",
        f"--kubeconfig={site.kubeconfig('admin')}",
        "--leader-elect=false",
        "--secure-port=0",
        *_UNHURRIED,
    ]


def kwok(site: Site) -> list[str]:
    """Nodes and pods that become ready by themselves."""
    return [
        "kwok",
        f"--kubeconfig={site.kubeconfig('admin')}",
        "--manage-all-nodes=true",
        f"--config={site.stages}",
        "--node-lease-duration-seconds=0",  # nobody here looks whether the node still lives
    ]


def rollouts_controller(site: Site) -> list[str]:
    return [
        "rollouts-controller",
        f"--kubeconfig={site.kubeconfig('admin')}",
        "--leader-elect=false",
        "--alb-ingress-classes=alb",
        f"--metricsPort={site.ports['controller-metrics']}",
        f"--healthzPort={site.ports['controller-health']}",
    ]


COMMANDS = {
    "etcd": etcd,
    "kube-apiserver": api_server,
    "kube-controller-manager": controller_manager,
    "kube-scheduler": scheduler,
    "kwok": kwok,
    "rollouts-controller": rollouts_controller,
}
"""Each component, and what makes its command line; the first word is the program."""
