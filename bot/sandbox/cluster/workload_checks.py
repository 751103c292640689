"""
What must hold of ReplicaSets and pods.

Source: kubernetes `pkg/apis/apps/validation`, `pkg/apis/core/validation`.
"""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.cluster import names
from bot.sandbox.cluster.checking import (
    Found,
    each,
    is_address,
    no_address,
    not_negative,
    unsupported,
)
from bot.sandbox.cluster.errors import fault, required
from bot.sandbox.cluster.objects import Manifest, at, matches
from bot.sandbox.cluster.texts import text_of


def replica_set(before: Manifest | None, after: Manifest) -> Found:
    """What is wrong with counts, selector and template."""
    spec = after["spec"]
    for field in ("replicas", "minReadySeconds"):
        yield from not_negative(f"spec.{field}", spec.get(field) or 0)
    yield from _selector_of_pods(spec)
    yield from _pod_spec(spec["template"]["spec"], "spec.template.spec")
    policy = spec["template"]["spec"].get("restartPolicy", "Always")
    if policy != "Always":
        yield unsupported("spec.template.spec.restartPolicy", policy, ("Always",))
    if before is not None and before["spec"].get("selector") != spec.get("selector"):
        shown = text_of(spec.get("selector")).decode()
        yield fault("spec.selector", f"Invalid value: {shown}: field is immutable")


def _selector_of_pods(spec: Mapping[str, Any]) -> Found:
    selector = spec.get("selector")
    labels = at(spec, "template", "metadata", "labels", default={})
    if selector is None:
        yield required("spec.selector")
    elif not selector:
        words = "Invalid value: {}: empty selector is invalid for deployment"
        yield fault("spec.selector", words)
        return
    wanted = (selector or {}).get("matchLabels") or {}
    if not selector or not matches(labels, wanted):
        yield fault(
            "spec.template.metadata.labels",
            f"Invalid value: {text_of(labels or None).decode()}: `selector` does not match template"
            " `labels`",
        )


_POLICIES = ("Always", "OnFailure", "Never")


def _pod_spec(spec: Mapping[str, Any], field: str) -> Found:
    containers = spec.get("containers") or ()
    if not containers:
        yield required(f"{field}.containers")
    policy = spec.get("restartPolicy", "Always")
    if policy not in _POLICIES:
        yield unsupported(f"{field}.restartPolicy", policy, _POLICIES)
    seen: set[str] = set()
    for index, container in enumerate(containers):
        here, name = f"{field}.containers[{index}]", container.get("name", "")
        if not name:
            yield required(f"{here}.name")
        elif name in seen:
            yield fault(f"{here}.name", f'Duplicate value: "{name}"', "FieldValueDuplicate")
        else:
            yield from each(names.label_faults(name), f"{here}.name", name)
        seen.add(name)
        image = container.get("image", "")
        if not image:
            yield required(f"{here}.image")


def replica_set_status(_: Manifest | None, after: Manifest) -> Found:
    """What is wrong with its counts."""
    status = after["status"]
    counts = ("fullyLabeledReplicas", "readyReplicas", "availableReplicas")
    for field in ("replicas", *counts, "observedGeneration"):
        yield from not_negative(f"status.{field}", status.get(field) or 0)
    for field in counts:
        if (count := status.get(field) or 0) > (status.get("replicas") or 0):
            words = f"Invalid value: {count}: cannot be greater than status.replicas"
            yield fault(f"status.{field}", words)
    if (count := status.get("availableReplicas") or 0) > (status.get("readyReplicas") or 0):
        words = f"Invalid value: {count}: cannot be greater than readyReplicas"
        yield fault("status.availableReplicas", words)


def pod(before: Manifest | None, after: Manifest) -> Found:
    """What is wrong with its containers, or may not change."""
    if before is not None and _fixed_part(before["spec"]) != _fixed_part(after["spec"]):
        yield fault("spec", f"Forbidden: {_FIXED}", "FieldValueForbidden")
    yield from _pod_spec(after["spec"], "spec")
    for index, container in enumerate(after["spec"].get("containers") or ()):
        image = container.get("image", "")
        if image != image.strip():
            words = f'Invalid value: "{image}": must not have leading or trailing whitespace'
            yield fault(f"spec.containers[{index}].image", words)


def pod_status(_: Manifest | None, after: Manifest) -> Found:
    """What is wrong with its addresses."""
    for index, one in enumerate(at(after, "status", "podIPs", default=())):
        if not is_address(one["ip"]):
            yield fault(f"status.podIPs[{index}]", no_address(one["ip"]))


_FIXED = (
    "pod updates may not change fields other than `spec.containers[*].image`,"
    "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions"
    " to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it"
    " was previously negative)"
)


def _fixed_part(spec: Mapping[str, Any]) -> Manifest:
    """What of a pod may not change."""
    rest = {k: v for k, v in spec.items() if k not in ("activeDeadlineSeconds", "tolerations")}
    for field in ("containers", "initContainers"):
        rest[field] = [{**one, "image": ""} for one in spec.get(field) or ()]
    return rest
