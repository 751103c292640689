"""Ingresses of a group with Services and classes, of which only what matters is named."""

from typing import Any

from bot.balancing.groups import find_groups
from bot.balancing.inventory import Controller, Inventory
from bot.balancing.model import Model, build
from bot.balancing.objects import PREFIX, ClassParams, Ingress, IngressClass, Service

ALB = IngressClass.model_validate(
    {"metadata": {"name": "alb"}, "spec": {"controller": "ingress.k8s.aws/alb"}}
)


def member(
    name: str = "app",
    *paths: dict[str, Any],
    said: dict[str, str] | None = None,
    namespace: str = "shop",
    host: str = "app.test",
    rules: list[dict[str, Any]] | None = None,
    default: dict[str, Any] | None = None,
    group: str = "g",
    class_name: str = "alb",
    **more: Any,
) -> Ingress:
    """An Ingress of a group; *said*: annotations without their prefix."""
    annotations = {f"{PREFIX}/{key}": text for key, text in (said or {}).items()}
    annotations |= {f"{PREFIX}/group.name": group} if group else {}
    entry = {"host": host, "http": {"paths": list(paths)}}
    spec: dict[str, Any] = {"rules": rules if rules is not None else [entry] if paths else []}
    spec |= {"defaultBackend": default} if default else {}
    spec |= {"ingressClassName": class_name} if class_name else {}
    metadata = {"namespace": namespace, "name": name, "annotations": annotations}
    return Ingress.model_validate({"metadata": metadata, "spec": spec} | more)


def service(
    name: str,
    *ports: dict[str, Any],
    said: dict[str, str] | None = None,
    kind: str = "NodePort",
    namespace: str = "shop",
    **spec: Any,
) -> Service:
    """A Service with port 80, named http."""
    annotations = {f"{PREFIX}/{key}": text for key, text in (said or {}).items()}
    listed = list(ports) or [{"name": "http", "port": 80, "nodePort": 30080}]
    return Service.model_validate(
        {
            "metadata": {"namespace": namespace, "name": name, "annotations": annotations},
            "spec": {"type": kind, "ports": listed} | spec,
        }
    )


def params(name: str = "p", **spec: Any) -> tuple[IngressClass, ClassParams]:
    """A class of the controller with parameters."""
    reference = {"apiGroup": "elbv2.k8s.aws", "kind": "IngressClassParams", "name": name}
    return (
        IngressClass.model_validate(
            {
                "metadata": {"name": f"with-{name}"},
                "spec": {"controller": "ingress.k8s.aws/alb", "parameters": reference},
            }
        ),
        ClassParams.model_validate({"metadata": {"name": name}, "spec": spec}),
    )


def inventory(*ingresses: Ingress, services: Any = None, **more: Any) -> Inventory:
    """All objects of a cluster; without *services* all that are asked for exist."""
    known = {"classes": (ALB,), "is_whole": services is not None} | more
    return Inventory(ingresses=ingresses, services=tuple(services or ()), **known)


def model_of(*ingresses: Ingress, services: Any = None, **more: Any) -> Model:
    """What the controller makes of the only group there is."""
    whole = inventory(*ingresses, services=services, **more)
    (group,) = find_groups(whole)
    return build(whole, group)


def models(whole: Inventory) -> tuple[Model, ...]:
    """What the controller makes of every group, by name."""
    return tuple(build(whole, group) for group in find_groups(whole))


def failures(*ingresses: Ingress, **more: Any) -> list[str]:
    """Why it makes nothing of it, in its order."""
    return [f"{failure.id} {failure}" for failure in model_of(*ingresses, **more).failures]


def strict(**flags: Any) -> Controller:
    """A controller that tolerates nothing missing."""
    return Controller(
        **({"tolerates_missing_action": False, "tolerates_missing_service": False} | flags)
    )
