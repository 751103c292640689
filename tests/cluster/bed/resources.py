"""Which kinds of objects there are, and where the API keeps them."""

from typing import NamedTuple

_NAMESPACED = {
    "v1": "ConfigMap Event PersistentVolumeClaim Pod Secret Service ServiceAccount",
    "apps/v1": "Deployment ReplicaSet",
    "argoproj.io/v1alpha1": "AnalysisRun AnalysisTemplate Application Experiment Rollout",
    "autoscaling/v2": "HorizontalPodAutoscaler",
    "coordination.k8s.io/v1": "Lease",
    "discovery.k8s.io/v1": "EndpointSlice",
    "monitoring.coreos.com/v1": "PrometheusRule ServiceMonitor",
    "networking.k8s.io/v1": "Ingress NetworkPolicy",
    "policy/v1": "PodDisruptionBudget",
    "rbac.authorization.k8s.io/v1": "Role RoleBinding",
}
_CLUSTER_WIDE = {
    "v1": "Namespace Node",
    "admissionregistration.k8s.io/v1": (
        "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration"
    ),
    "apiextensions.k8s.io/v1": "CustomResourceDefinition",
    "argoproj.io/v1alpha1": "ClusterAnalysisTemplate",
    "authorization.k8s.io/v1": "SelfSubjectAccessReview SubjectAccessReview",
    "networking.k8s.io/v1": "IngressClass",
    "rbac.authorization.k8s.io/v1": "ClusterRole ClusterRoleBinding",
}


class Resource(NamedTuple):
    """A kind of object."""

    kind: str
    group_version: str
    namespaced: bool

    @property
    def plural(self) -> str:
        """Its name in paths."""
        word = self.kind.lower()
        if word.endswith("y"):
            return word[:-1] + "ies"
        return word + ("es" if word.endswith("s") else "s")

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """The path of one object, or of all of them without a name."""
        root = "/api" if self.group_version == "v1" else "/apis"
        inside = f"namespaces/{namespace}" if namespace and self.namespaced else ""
        parts = [root, self.group_version, inside, self.plural, name, subresource]
        return "/".join(part for part in parts if part)


BY_KIND = {
    kind: Resource(kind, group_version, namespaced)
    for table, namespaced in ((_NAMESPACED, True), (_CLUSTER_WIDE, False))
    for group_version, kinds in table.items()
    for kind in kinds.split()
}
BY_PLURAL = {resource.plural: resource for resource in BY_KIND.values()}
