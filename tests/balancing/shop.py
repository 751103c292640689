"""Ingress shop/shop with its Services and its Rollout, as manifests."""

from bot.balancing.inspection import inspect
from bot.balancing.objects import PREFIX
from tests.balancing.loading import take_in

ROOT = f"{PREFIX}/actions.shop-root"
CANARY = (
    '{"type":"forward","forwardConfig":{"targetGroups":['
    '{"serviceName":"shop-canary","servicePort":80}]}}'
)
WEIGHTS = (
    '{"type":"forward","forwardConfig":{"targetGroups":['
    '{"serviceName":"shop-canary","servicePort":80,"weight":10},'
    '{"serviceName":"shop-stable","servicePort":80,"weight":90}]}}'
)
HEADER = '[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"X-Canary","values":["1"]}}]'


def an_ingress(*backends, paths=("/*",), hosts=("shop.example.com",), default="", **annotations):
    """Ingress shop/shop: every backend with every path, on every host."""
    port = {"name": "use-annotation"}
    listed = [
        {
            "path": path,
            "pathType": "ImplementationSpecific",
            "backend": {"service": {"name": name, "port": port}},
        }
        for name in backends
        for path in paths
    ]
    spec = {"rules": [{"host": host, "http": {"paths": listed}} for host in hosts]}
    if default:
        spec["defaultBackend"] = {"service": {"name": default, "port": port}}
    written = {f"{PREFIX}/{key}": value for key, value in annotations.items()}
    fixed = {"kubernetes.io/ingress.class": "alb", f"{PREFIX}/target-type": "ip"}
    meta = {"namespace": "shop", "name": "shop", "annotations": fixed | written}
    return {
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": meta, "spec": spec
    }  # fmt: skip


def a_service(name, **annotations):
    written = {f"{PREFIX}/{key}": value for key, value in annotations.items()}
    meta = {"namespace": "shop", "name": name, "annotations": written}
    return {
        "apiVersion": "v1", "kind": "Service", "metadata": meta, "spec": {"ports": [{"port": 80}]}
    }  # fmt: skip


def a_rollout(name="shop", root="shop-root", ingress="shop"):
    alb = {"ingress": ingress, "rootService": root, "servicePort": 80}
    canary = {
        "canaryService": "shop-canary",
        "stableService": "shop-stable",
        "trafficRouting": {"alb": alb},
        "steps": [{"setWeight": 10}, {"pause": {}}],
    }
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Rollout",
        "metadata": {"namespace": "shop", "name": name},
        "spec": {"strategy": {"canary": canary}},
    }


SERVICES = (a_service("shop-canary"), a_service("shop-stable"))


def found(*documents, controller=None):
    """The findings about contents, by key."""
    report = inspect(take_in(*documents, controller=controller))
    return [finding for finding in report.findings if finding.id.startswith("ANN-")]


def keys(*documents, **kw):
    return [finding.key for finding in found(*documents, **kw)]


def unchecked(*documents):
    gaps = inspect(take_in(*documents)).unchecked
    return {gap.id: gap.reason for gap in gaps if gap.id.startswith("ANN-")}
