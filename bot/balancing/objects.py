"""Ingress, Service and the classes of Ingresses: the fields that decide where traffic goes."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from bot.release.parts import Part, at

PREFIX = "alb.ingress.kubernetes.io"  #: of the annotations that the ALB controller reads
CLASS = "kubernetes.io/ingress.class"  #: the annotation that beats `ingressClassName`


@dataclass(frozen=True, kw_only=True, slots=True)
class _Object(Part):
    namespace: Annotated[str, at("metadata", "namespace")]
    name: Annotated[str, at("metadata", "name")]
    uid: Annotated[str, at("metadata", "uid")] = ""
    resource_version: Annotated[str, at("metadata", "resourceVersion")] = ""
    tracking_id: Annotated[str, at("metadata", "annotations", "argocd.argoproj.io/tracking-id")] = (
        ""
    )
    managed_fields: Annotated[tuple[dict[str, Any], ...], at("metadata", "managedFields")] = ()
    annotations: Annotated[dict[str, str], at("metadata", "annotations")] = field(
        default_factory=dict
    )
    origin: str = ""  #: where it was read, for people: `shop.yaml:12`; empty: in the cluster

    @property
    def key(self) -> str:
        """`namespace/name`."""
        return f"{self.namespace}/{self.name}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ingress(_Object):
    """
    One Ingress, in the shape of networking.k8s.io/v1 whatever it was written in.

    `legacy` when it was written for `extensions/v1beta1`, which the v1 controller reads.
    """

    deleted_at: Annotated[datetime | None, at("metadata", "deletionTimestamp")] = None
    rules: Annotated[tuple[dict[str, Any], ...], at("spec", "rules")] = ()
    default_backend: Annotated[dict[str, Any] | None, at("spec", "defaultBackend")] = None
    class_name: Annotated[str, at("spec", "ingressClassName")] = ""
    legacy: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ServicePort(Part):
    """One port of a Service (`spec.ports[]`)."""

    port: int = 0
    name: str = ""
    node_port: Annotated[int, at("nodePort")] = 0
    target_port: Annotated[int | str, at("targetPort")] = 0  #: 0: not written, the same as `port`


@dataclass(frozen=True, kw_only=True, slots=True)
class Service(_Object):
    """One Service."""

    selector: Annotated[dict[str, str], at("spec", "selector")] = field(default_factory=dict)
    ports: Annotated[tuple[ServicePort, ...], at("spec", "ports")] = ()
    type: Annotated[str, at("spec", "type")] = "ClusterIP"
    families: Annotated[tuple[str, ...], at("spec", "ipFamilies")] = ()

    @property
    def has_node_ports(self) -> bool:
        """Whether its ports are reached on nodes; files do not show the numbers."""
        return self.type in {"NodePort", "LoadBalancer"}


@dataclass(frozen=True, kw_only=True, slots=True)
class IngressClass(_Object):
    """One IngressClass: which controller it belongs to. It has no namespace."""

    namespace: str = ""
    controller: Annotated[str, at("spec", "controller")] = ""
    parameters: Annotated[dict[str, Any], at("spec", "parameters")] = field(default_factory=dict)

    @property
    def is_default(self) -> bool:
        """Whether Ingresses without a class get this one."""
        return self.annotations.get("ingressclass.kubernetes.io/is-default-class") == "true"


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassParams(_Object):
    """One IngressClassParams of the AWS Load Balancer Controller. It has no namespace."""

    namespace: str = ""
    group: Annotated[str | None, at("spec", "group", "name")] = None
    ssl_redirect_port: Annotated[str, at("spec", "sslRedirectPort")] = ""
    target_type: Annotated[str, at("spec", "targetType")] = ""
    certificates: Annotated[tuple[str, ...], at("spec", "certificateArn")] = ()
    ssl_policy: Annotated[str, at("spec", "sslPolicy")] = ""
    inbound_cidrs: Annotated[tuple[str, ...], at("spec", "inboundCIDRs")] = ()
    spec: Annotated[dict[str, Any], at("spec")] = field(default_factory=dict)  #: all of it
