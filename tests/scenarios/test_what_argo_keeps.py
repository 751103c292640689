"""
The canary Ingress that Argo's controller keeps for NGINX is what `balancing` foretells.

As in test_what_argo_writes: on the local cluster and on the real one.
"""

import pytest

from bot.balancing.argo import canary_ingress
from bot.balancing.nginx_kept import kept
from bot.balancing.objects import Ingress
from bot.release.rollout import Rollout
from tests.cluster.bed.api import Manifest
from tests.scenarios.cast import nginx_seed

NGINX = "nginx.ingress.kubernetes.io"


def plain(ingress: Manifest) -> None:
    """As in the article."""


def by_class_name(ingress: Manifest) -> None:
    """The class stands in the spec."""
    ingress["metadata"]["annotations"] = {f"{NGINX}/rewrite-target": "/"}
    ingress["spec"]["ingressClassName"] = "nginx"


def other_paths(ingress: Manifest) -> None:
    """Paths of others beside the stable one, a host of others, a default backend."""
    other = {"service": {"name": "other", "port": {"name": "http"}}}
    api = {"path": "/api", "pathType": "Exact", "backend": other}
    (rule,) = ingress["spec"]["rules"]
    rule["http"]["paths"] = [api, *rule["http"]["paths"], {**api, "path": "/more"}]
    ingress["spec"]["rules"] = [{"host": "other.tokyo", "http": {"paths": [api]}}, rule]
    ingress["spec"]["defaultBackend"] = other


SHAPES = {
    "plain": ({}, plain),
    "class-in-the-spec": ({}, by_class_name),
    "paths-of-others": ({}, other_paths),
    "several": ({"ingresses": 2}, plain),
    "out-of-a-thousand": ({"routing": {"maxTrafficWeight": 1000}}, plain),
    "annotations": (
        {
            "nginx": {
                "annotationPrefix": "custom.example",
                "additionalIngressAnnotations": {
                    "canary-by-header": "X-Canary",
                    "custom.example/canary-by-header-pattern": "^(1|2)$",
                    "custom.example.org/canary-by-cookie": "beta",
                    "canary-weight": "99",
                },
                "canaryIngressAnnotations": {
                    "custom.example/canary-by-header": "X-Other",
                    "custom.example/canary": "false",
                    "a.example/b": "c",
                },
            }
        },
        plain,
    ),
}


@pytest.mark.parametrize(("changes", "edit"), SHAPES.values(), ids=SHAPES)
async def test_what_is_kept_at_a_pause(operator, changes, edit):
    *ingresses, stable, canary, rollout = nginx_seed(**changes)
    for ingress in ingresses:
        edit(ingress)
    await operator.apply(*ingresses, stable, canary, rollout)
    await operator.phase("Healthy")
    await operator.paused_at()

    live = Rollout.model_validate(await operator.rollout())
    for ingress in ingresses:
        name = ingress["metadata"]["name"]
        there = await operator.kube.get("ingresses", name, operator.namespace)
        wanted = kept(live, Ingress.model_validate(there), 10)
        found = await operator.kube.get("ingresses", wanted.name, operator.namespace)
        assert wanted.name == canary_ingress(live, name)
        assert found["metadata"]["annotations"] == wanted.annotations
        one = Ingress.model_validate(found)
        assert (one.rules, one.class_name, one.default_backend) == (
            wanted.rules,
            wanted.class_name,
            wanted.default_backend,
        )
