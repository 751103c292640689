"""
Requests that write: create, update, patch, apply and delete.

    body ─▶ manifest of its kind ─▶ its place and name ─▶ admission ─▶ rules and checks ─▶ store
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.sandbox.cluster import (
    admission,
    applying,
    bodies,
    checks,
    errors,
    manifests,
    patching,
    refusals,
    rules,
)
from bot.sandbox.cluster.calls import Call
from bot.sandbox.cluster.kinds import PODS, Kind
from bot.sandbox.cluster.managed import Writer
from bot.sandbox.cluster.objects import Manifest, put
from bot.sandbox.cluster.store import Change, Store


def create(store: Store, kind: Kind, call: Call) -> Manifest:
    """Create the object in the body. Raises Refused."""
    manifest = manifests.shaped(kind, call, bodies.manifest_of(kind, call))
    manifest = manifests.with_name(manifests.in_its_place(kind, call, manifest))
    return _created(store, kind, call, manifest, _writer(call))


def update(store: Store, kind: Kind, call: Call) -> tuple[Manifest, bool]:
    """Replace the object by that in the body; tell whether it was created. Raises Refused."""
    manifest = manifests.shaped(kind, call, bodies.manifest_of(kind, call))
    manifests.ensure_name(call, manifest)
    manifest = manifests.in_its_place(kind, call, manifest)
    if kind.puts and store.find(kind, call.namespace, call.name) is None:
        if uid := manifest["metadata"].get("uid"):
            raise refusals.other_object(kind, call, uid, "")
        if not call.dry_run:
            manifest = put(manifest, None, "metadata", "resourceVersion")
        return _created(store, kind, call, manifest, _writer(call)), True

    def wanted(before: Manifest) -> Manifest:
        uid = manifest["metadata"].get("uid")
        if uid and uid != before["metadata"]["uid"]:
            raise refusals.other_object(kind, call, uid, before["metadata"]["uid"])
        return manifest

    return _updated(store, kind, call, wanted, _writer(call)), False


def patch(store: Store, kind: Kind, call: Call) -> tuple[Manifest, bool]:
    """Patch the object; tell whether it was created. Raises Refused."""
    content = patching.content_of(kind, call)
    if content == patching.APPLY:
        return _apply(store, kind, call)

    def wanted(before: Manifest) -> Manifest:
        after = patching.change_of(kind, call, content)(before)
        after = manifests.in_its_place(kind, call, manifests.patched(kind, call, after))
        manifests.ensure_name(call, after)
        bodies.ensure_head(kind, after)
        return after

    return _updated(store, kind, call, wanted, _writer(call)), False


def delete(store: Store, kind: Kind, call: Call) -> tuple[Manifest, bool]:
    """Delete the object, and give its last version; tell whether it is gone. Raises Refused."""
    options = bodies.options_of(call)
    before = store.get(kind, call.namespace, call.name)
    _ensure_preconditions(kind, before, options.get("preconditions") or {})
    admission.ensure_written(store, kind, "DELETE", before, call.subresource)
    is_trial = call.dry_run or bool(options.get("dryRun"))
    if kind == PODS:
        grace = 0 if rules.ends_at_once(PODS, before) else _grace(call, options)
        if is_trial:
            return rules.marked(kind, before, store.clock(), grace), True
        return _delete_pod(store, call, grace)
    if is_trial and before["metadata"].get("finalizers"):
        return rules.marked(kind, before, store.clock(), 0), False
    if is_trial:
        return before, True
    after = store.delete(kind, call.namespace, call.name)
    return after, store.find(kind, call.namespace, call.name) is None


def _delete_pod(store: Store, call: Call, grace: int | None) -> tuple[Manifest, bool]:
    """Pods are marked first, also those that go at once."""
    after = store.delete(PODS, call.namespace, call.name, graceful=True, grace=grace)
    if not rules.is_released(after):
        return after, False
    return store.remove(PODS, call.namespace, call.name), True


def _created(store: Store, kind: Kind, call: Call, manifest: Manifest, writer: Writer) -> Manifest:
    admission.ensure_place(store, kind, call, manifest["metadata"].get("name", ""))
    version = manifest["metadata"].get("resourceVersion")

    def check(before: Manifest | None, after: Manifest) -> None:
        checks.ensure_valid(kind, before, after, call.subresource)
        admission.ensure_written(store, kind, "CREATE", after, call.subresource)
        if version and not call.dry_run:
            raise errors.Broken("resourceVersion should not be set on objects to be created")

    thing = store.create(kind, manifest, writer, dry_run=call.dry_run, check=check)
    return put(thing, version, "metadata", "resourceVersion") if call.dry_run else thing


def _updated(store: Store, kind: Kind, call: Call, wanted: Change, writer: Writer) -> Manifest:
    def change(before: Manifest) -> Manifest:
        after = wanted(before)
        if not after["metadata"].get("resourceVersion") and not kind.unconditional:
            raise refusals.unconditional(kind, call.name)
        return after

    def check(before: Manifest | None, after: Manifest) -> None:
        checks.ensure_valid(kind, before, after, call.subresource)
        admission.ensure_written(store, kind, "UPDATE", after, call.subresource)

    return store.update(
        kind,
        call.namespace,
        call.name,
        change,
        writer,
        dry_run=call.dry_run,
        check=check,
    )


def _apply(store: Store, kind: Kind, call: Call) -> tuple[Manifest, bool]:
    if not call.query.get("fieldManager"):
        raise refusals.no_manager()
    manifest = manifests.applied(kind, call)
    manifests.ensure_name(call, manifest)
    applying.ensure_typed(kind, manifest)
    writer = replace(_writer(call), operation="Apply")
    at = rules.timestamp(store.clock())
    if store.find(kind, call.namespace, call.name) is None:
        if call.subresource:
            raise errors.not_found(kind, call.name)
        if uid := manifest["metadata"].get("uid"):
            raise refusals.no_such_object(kind, call.name, uid)
        new = manifests.in_its_place(kind, call, manifests.converted(kind, manifest))
        new = put(new, applying.first(kind, manifest, writer, at), "metadata", "managedFields")
        new = put(new, None, "metadata", "resourceVersion")
        return _created(store, kind, call, new, writer), True

    def wanted(live: Manifest) -> Manifest:
        result = applying.apply(kind, live, manifest, writer, at, force=call.has("force"))
        manifests.in_its_place(kind, call, manifest)
        return live if result is live else manifests.converted(kind, result)

    return _updated(store, kind, call, wanted, writer), False


def _ensure_preconditions(kind: Kind, thing: Manifest, wanted: Mapping[str, Any]) -> None:
    for field in ("uid", "resourceVersion"):
        found = thing["metadata"][field]
        if wanted.get(field) not in (None, found):
            raise refusals.precondition(kind, thing, field, str(wanted[field]))


def _grace(call: Call, options: Mapping[str, Any]) -> int | None:
    given = call.query.get("gracePeriodSeconds", options.get("gracePeriodSeconds"))
    return int(given) if given is not None and re.fullmatch(r"[0-9]+", str(given)) else None


def _writer(call: Call) -> Writer:
    return Writer(manager=call.manager, subresource=call.subresource)
