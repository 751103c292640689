"""
What must hold of objects of built-in kinds, as far as releases meet it.

Source: kubernetes `pkg/apis/*/validation/validation.go`.
"""

from collections.abc import Callable

from bot.sandbox.cluster import kinds as k
from bot.sandbox.cluster import names
from bot.sandbox.cluster.checking import Found, each, not_negative
from bot.sandbox.cluster.errors import Cause, fault, required
from bot.sandbox.cluster.ingress_checks import ingress, ingress_status
from bot.sandbox.cluster.objects import Manifest
from bot.sandbox.cluster.service_checks import service, service_status
from bot.sandbox.cluster.workload_checks import pod, pod_status, replica_set, replica_set_status


def faults(kind: k.Kind, before: Manifest | None, after: Manifest, subresource: str) -> list[Cause]:
    """Name what is wrong with the object, or with its status where that is written."""
    table = _STATUS if subresource == "status" else _CHECKS
    check = table.get(kind.key)
    return list(check(before, after)) if check else []


def _lease(_: Manifest | None, after: Manifest) -> Found:
    spec = after["spec"]
    seconds = spec.get("leaseDurationSeconds")
    if seconds is not None and seconds <= 0:
        yield fault(
            "spec.leaseDurationSeconds", f"Invalid value: {seconds}: must be greater than 0"
        )
    yield from not_negative("spec.leaseTransitions", spec.get("leaseTransitions") or 0)


def _event(_: Manifest | None, after: Manifest) -> Found:
    space, about = after["metadata"].get("namespace", ""), after["involvedObject"]
    if about.get("namespace", "") != space and not (
        space == "default" and not about.get("namespace")
    ):
        yield fault(
            "involvedObject.namespace",
            f'Invalid value: "{about.get("namespace", "")}": does not match event.namespace',
        )
    if after.get("eventTime"):
        for field in ("reportingInstance", "action", "reason", "reportingComponent"):
            if not after.get(field):
                yield required(field)


def _config_map(before: Manifest | None, after: Manifest) -> Found:
    for field in ("data", "binaryData"):
        for key in after.get(field) or {}:
            yield from each(names.config_key_faults(key), f"{field}[{key}]", key)
    if before is not None and before.get("immutable"):
        if not after.get("immutable"):
            yield _fixed("immutable")
        for field in ("data", "binaryData"):
            if (before.get(field) or {}) != (after.get(field) or {}):
                yield _fixed(field)


def _fixed(field: str) -> Cause:
    words = "Forbidden: field is immutable when `immutable` is set"
    return fault(field, words, "FieldValueForbidden")


_Check = Callable[[Manifest | None, Manifest], Found]
_CHECKS: dict[tuple[str, str], _Check] = {
    k.INGRESSES.key: ingress,
    k.SERVICES.key: service,
    k.REPLICA_SETS.key: replica_set,
    k.PODS.key: pod,
    k.LEASES.key: _lease,
    k.EVENTS.key: _event,
    k.CONFIG_MAPS.key: _config_map,
}
_STATUS: dict[tuple[str, str], _Check] = {
    k.INGRESSES.key: ingress_status,
    k.PODS.key: pod_status,
    k.REPLICA_SETS.key: replica_set_status,
    k.SERVICES.key: service_status,
}
