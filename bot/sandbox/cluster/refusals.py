"""Refusals of writes that need more words than one."""

from typing import Any

from bot.sandbox.cluster import errors
from bot.sandbox.cluster.calls import Call
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.cluster.objects import Manifest
from bot.sandbox.cluster.texts import text_of

#: where the real server keeps what has not the name of its kind there
_STORED_AS = {"services": "services/specs", "ingresses": "ingress"}


def unconditional(kind: Kind, name: str) -> errors.Invalid:
    """Say that an update must name the version that it is made from."""
    cause = errors.fault(
        "metadata.resourceVersion", "Invalid value: 0: must be specified for an update"
    )
    details = {"name": name, "group": kind.group, "kind": kind.plural, "causes": [cause]}
    return errors.Invalid(
        f'{kind.resource} "{name}" is invalid: {cause["field"]}: {cause["message"]}',
        details={key: value for key, value in details.items() if value},
    )


def other_object(kind: Kind, call: Call, wanted: str, found: str) -> errors.Conflict:
    """Say that an update means an object of another identity; empty: there is none."""
    group = f"{kind.group}/" if kind.custom else ""
    root = "/" if call.dry_run else "/registry/"
    plural = _STORED_AS.get(kind.plural, kind.plural)
    space = f"{call.namespace}/" if call.namespace and kind.namespaced else ""
    return errors.conflict(
        kind,
        call.name,
        f"StorageError: invalid object, Code: 4, Key: {root}{group}{plural}/{space}{call.name},"
        " ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition:"
        f" {wanted}, UID in object meta: {found}",
    )


def no_such_object(kind: Kind, name: str, uid: str) -> errors.Conflict:
    """Say that a manifest which is applied means an object that is gone."""
    return errors.conflict(
        kind,
        name,
        f"uid mismatch: the provided object specified uid {uid}, and no existing object was found",
    )


def precondition(kind: Kind, thing: Manifest, field: str, wanted: str) -> errors.Conflict:
    """Say that a deletion means another object, or another version of it."""
    name, found = thing["metadata"]["name"], thing["metadata"][field]
    called, more = {
        "uid": ("UID", "deleted and then recreated"),
        "resourceVersion": ("ResourceVersion", "modified"),
    }[field]
    group = {"group": kind.group} if kind.group else {}
    return errors.Conflict(
        f'Operation cannot be fulfilled on {kind.title} "{name}": the {called} in the precondition'
        f" ({wanted}) does not match the {called} in record ({found}). The object might have"
        f" been {more}",
        details={"name": name, **group, "kind": kind.kind},
    )


def garbled_patch(after: Any, why: str) -> errors.Invalid:
    """Say that what a patch has made is no object of the kind."""
    value = text_of(after).decode().replace("\\", "\\\\").replace('"', '\\"')
    cause = errors.fault("patch", f'Invalid value: "{value}": {why}')
    return errors.Invalid(f' "" is invalid: patch: {cause["message"]}', details={"causes": [cause]})


def no_manager() -> errors.Invalid:
    """Say that whoever applies must say who it is."""
    cause = errors.required("fieldManager", "is required for apply patch")
    return errors.Invalid(
        f'PatchOptions.meta.k8s.io "" is invalid: fieldManager: {cause["message"]}',
        details={"group": "meta.k8s.io", "kind": "PatchOptions", "causes": [cause]},
    )
