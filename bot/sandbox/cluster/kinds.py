"""
The kinds that the local cluster serves, and what of their rules it keeps.

A kind that is not here is added by applying its CustomResourceDefinition, as on a real server.
Which rules a kind has: the strategies of the real one (pkg/registry/…/strategy.go), held against it
by the comparison of generated requests.
"""

from dataclasses import dataclass, field
from typing import Literal

from bot.sandbox.cluster.shapes import Shape

#: When `metadata.generation` grows: never, with the spec, or with anything but metadata and a
#: status of its own.
Generation = Literal["none", "spec", "content"]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """
    One kind of object.

    Attributes:
        group: of its API; empty: the core.
        plural, kind: its name in paths, and in manifests.
        namespaced: whether it lives in a namespace.
        short: what people write instead of the plural.
        status: whether its status is written at `…/status` and nowhere else.
        generation: when `metadata.generation` grows.
        custom: defined by a CustomResourceDefinition.
        unconditional: whether an update may leave out the version that it is made from.
        puts: whether an update creates what is not there.
        returned: whether the answer to a deletion is the object that is gone.
        shape: what a CustomResourceDefinition says of its objects.

    """

    group: str
    version: str
    plural: str
    kind: str
    namespaced: bool = True
    short: str = ""
    status: bool = False
    generation: Generation = "none"
    custom: bool = False
    unconditional: bool = True
    puts: bool = False
    returned: bool = False
    shape: Shape | None = field(default=None, compare=False)

    @property
    def api_version(self) -> str:
        """As in manifests: `apps/v1`, `v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def resource(self) -> str:
        """As in messages: `rollouts.argoproj.io`, `pods`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def title(self) -> str:
        """As in messages about what is not valid: `Rollout.argoproj.io`, `Pod`."""
        return f"{self.kind}.{self.group}" if self.group else self.kind

    @property
    def key(self) -> tuple[str, str]:
        """What makes it unique here: group and plural."""
        return self.group, self.plural

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """The path of one object, or of all of them without a name."""
        root = f"/apis/{self.api_version}" if self.group else f"/api/{self.version}"
        inside = f"namespaces/{namespace}" if namespace and self.namespaced else ""
        return "/".join(filter(None, (root, inside, self.plural, name, subresource)))


def _argo(
    plural: str, kind: str, short: str, *, namespaced: bool = True, status: bool = False
) -> Kind:
    return Kind(
        group="argoproj.io",
        version="v1alpha1",
        plural=plural,
        kind=kind,
        short=short,
        namespaced=namespaced,
        status=status,
        generation="content",
        custom=True,
        unconditional=False,
    )


ROLLOUTS = _argo("rollouts", "Rollout", "ro", status=True)
ANALYSIS_RUNS = _argo("analysisruns", "AnalysisRun", "ar")
ANALYSIS_TEMPLATES = _argo("analysistemplates", "AnalysisTemplate", "at")
CLUSTER_TEMPLATES = _argo(
    "clusteranalysistemplates", "ClusterAnalysisTemplate", "cat", namespaced=False
)
EXPERIMENTS = _argo("experiments", "Experiment", "exp")
INGRESSES = Kind(
    group="networking.k8s.io",
    version="v1",
    plural="ingresses",
    kind="Ingress",
    short="ing",
    status=True,
    generation="spec",
)
INGRESS_CLASSES = Kind(
    group="networking.k8s.io",
    version="v1",
    plural="ingressclasses",
    kind="IngressClass",
    namespaced=False,
    generation="spec",
)
REPLICA_SETS = Kind(
    group="apps",
    version="v1",
    plural="replicasets",
    kind="ReplicaSet",
    short="rs",
    status=True,
    generation="spec",
)
PODS = Kind(
    group="",
    version="v1",
    plural="pods",
    kind="Pod",
    short="po",
    status=True,
    generation="spec",
    returned=True,
)
SERVICES = Kind(
    group="",
    version="v1",
    plural="services",
    kind="Service",
    short="svc",
    status=True,
    puts=True,
    returned=True,
)
EVENTS = Kind(group="", version="v1", plural="events", kind="Event", short="ev", puts=True)
CONFIG_MAPS = Kind(group="", version="v1", plural="configmaps", kind="ConfigMap", short="cm")
NAMESPACES = Kind(
    group="",
    version="v1",
    plural="namespaces",
    kind="Namespace",
    short="ns",
    namespaced=False,
    status=True,
    returned=True,
)
SERVICE_ACCOUNTS = Kind(
    group="",
    version="v1",
    plural="serviceaccounts",
    kind="ServiceAccount",
    short="sa",
    returned=True,
)
LEASES = Kind(
    group="coordination.k8s.io",
    version="v1",
    plural="leases",
    kind="Lease",
    unconditional=False,
    puts=True,
)
ENDPOINT_SLICES = Kind(
    group="discovery.k8s.io",
    version="v1",
    plural="endpointslices",
    kind="EndpointSlice",
    generation="content",
)


def _rights(plural: str, kind: str, *, namespaced: bool = True) -> Kind:
    return Kind(
        group="rbac.authorization.k8s.io",
        version="v1",
        plural=plural,
        kind=kind,
        namespaced=namespaced,
        puts=True,
    )


ROLES = _rights("roles", "Role")
ROLE_BINDINGS = _rights("rolebindings", "RoleBinding")
CLUSTER_ROLES = _rights("clusterroles", "ClusterRole", namespaced=False)
CLUSTER_ROLE_BINDINGS = _rights("clusterrolebindings", "ClusterRoleBinding", namespaced=False)
WEBHOOKS = Kind(
    group="admissionregistration.k8s.io",
    version="v1",
    plural="validatingwebhookconfigurations",
    kind="ValidatingWebhookConfiguration",
    namespaced=False,
    generation="content",
    unconditional=False,
)
DEFINITIONS = Kind(
    group="apiextensions.k8s.io",
    version="v1",
    plural="customresourcedefinitions",
    kind="CustomResourceDefinition",
    short="crd",
    namespaced=False,
    status=True,
    generation="spec",
    unconditional=False,
)

BUILT_IN = (
    ROLLOUTS,
    ANALYSIS_RUNS,
    ANALYSIS_TEMPLATES,
    CLUSTER_TEMPLATES,
    EXPERIMENTS,
    INGRESSES,
    INGRESS_CLASSES,
    REPLICA_SETS,
    PODS,
    SERVICES,
    EVENTS,
    CONFIG_MAPS,
    NAMESPACES,
    SERVICE_ACCOUNTS,
    LEASES,
    ENDPOINT_SLICES,
    ROLES,
    ROLE_BINDINGS,
    CLUSTER_ROLES,
    CLUSTER_ROLE_BINDINGS,
    WEBHOOKS,
    DEFINITIONS,
)
