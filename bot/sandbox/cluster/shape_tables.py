"""Which kind has which shape."""

from bot.sandbox.cluster import argo_shapes, built_in_shapes
from bot.sandbox.cluster import kinds as k
from bot.sandbox.cluster.shapes import UNKNOWN, Shape

_SHAPES: dict[tuple[str, str], Shape] = {
    k.ROLLOUTS.key: argo_shapes.ROLLOUT,
    k.ANALYSIS_RUNS.key: argo_shapes.ANALYSIS_RUN,
    k.INGRESSES.key: built_in_shapes.INGRESS,
    k.INGRESS_CLASSES.key: built_in_shapes.INGRESS_CLASS,
    k.SERVICES.key: built_in_shapes.SERVICE,
    k.REPLICA_SETS.key: built_in_shapes.REPLICA_SET,
    k.PODS.key: built_in_shapes.POD,
    k.EVENTS.key: built_in_shapes.EVENT,
    k.LEASES.key: built_in_shapes.LEASE,
    k.CONFIG_MAPS.key: built_in_shapes.CONFIG_MAP,
    k.NAMESPACES.key: built_in_shapes.NAMESPACE,
    k.SERVICE_ACCOUNTS.key: built_in_shapes.SERVICE_ACCOUNT,
    k.ENDPOINT_SLICES.key: built_in_shapes.ENDPOINT_SLICE,
    k.ROLES.key: built_in_shapes.ROLE,
    k.CLUSTER_ROLES.key: built_in_shapes.CLUSTER_ROLE,
    k.ROLE_BINDINGS.key: built_in_shapes.BINDING,
    k.CLUSTER_ROLE_BINDINGS.key: built_in_shapes.BINDING,
    k.WEBHOOKS.key: built_in_shapes.WEBHOOK,
    k.DEFINITIONS.key: built_in_shapes.DEFINITION,
}


def shape_of(kind: k.Kind) -> Shape:
    """The shape of the objects of this kind."""
    return kind.shape or _SHAPES.get(kind.key, UNKNOWN)
