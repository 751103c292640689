"""
What keeps pods alive in the local cluster: Kubernetes' own controllers, as releases need them.

    replicasets  makes and removes pods, counts them       kubelet    pods get ready, and end
    endpoints    which ready pods stand behind a Service

There are no nodes: a pod is placed on one that does not exist. Sources: kube-controller-manager
(replicaset, endpointslice), and kwok's stages, which do the same in the test bed.
"""

from bot.sandbox.cluster.nodes.endpoints import EndpointController
from bot.sandbox.cluster.nodes.kubelet import MADE_READY, NEVER_READY, Kubelet
from bot.sandbox.cluster.nodes.replicasets import ReplicaSetController

__all__ = [
    "MADE_READY",
    "NEVER_READY",
    "EndpointController",
    "Kubelet",
    "ReplicaSetController",
]
