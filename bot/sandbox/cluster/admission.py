"""
What may stand against a write although the object is right: its namespace, and webhooks.

A webhook is never called: where its rules match, it counts as one that cannot be reached.
"""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.cluster import errors, selectors
from bot.sandbox.cluster.calls import Call
from bot.sandbox.cluster.kinds import NAMESPACES, WEBHOOKS, Kind
from bot.sandbox.cluster.objects import Manifest, at, name_of
from bot.sandbox.cluster.store import Store


def ensure_place(store: Store, kind: Kind, call: Call, name: str) -> None:
    """Refuse to create in a namespace that is not there, or on its way out."""
    if not kind.namespaced:
        return
    namespace = store.get(NAMESPACES, "", call.namespace)
    if "deletionTimestamp" in namespace["metadata"]:
        raise errors.terminating(kind, name, call.namespace)


def ensure_written(
    store: Store, kind: Kind, operation: str, thing: Manifest, subresource: str = ""
) -> None:
    """Refuse what a webhook that may not fail would have to be asked about."""
    resource = f"{kind.plural}/{subresource}" if subresource else kind.plural
    for configuration in store.all(WEBHOOKS):
        for webhook in configuration.get("webhooks") or ():
            if webhook.get("failurePolicy", "Fail") != "Fail":
                continue
            if _matches(store, webhook, kind, resource, operation, thing):
                raise _unreachable(webhook)


def _matches(
    store: Store,
    webhook: Mapping[str, Any],
    kind: Kind,
    resource: str,
    operation: str,
    thing: Manifest,
) -> bool:
    if not any(_rules(rule, kind, resource, operation) for rule in webhook.get("rules") or ()):
        return False
    if not _selects(webhook.get("objectSelector"), thing):
        return False
    if not kind.namespaced:
        return True
    namespace = store.find(NAMESPACES, "", name_of(thing)[0])
    return _selects(webhook.get("namespaceSelector"), namespace or {})


def _rules(rule: Mapping[str, Any], kind: Kind, resource: str, operation: str) -> bool:
    wanted = (
        ("operations", (operation,)),
        ("apiGroups", (kind.group,)),
        ("apiVersions", (kind.version,)),
        ("resources", (resource,)),
    )
    return all(
        any(one in ("*", *values) for one in rule.get(field) or ()) for field, values in wanted
    )


def _selects(selector: Mapping[str, Any] | None, thing: Manifest) -> bool:
    test = selectors.by_labels(selectors.as_text(selector or {}))
    return test is None or test(thing)


def _unreachable(webhook: Mapping[str, Any]) -> errors.Internal:
    url = at(webhook, "clientConfig", "url", default="")
    return errors.Internal(
        f'failed calling webhook "{webhook.get("name", "")}": failed to call webhook: Post'
        f' "{url}?timeout={webhook.get("timeoutSeconds", 10)}s": dial tcp: connect:'
        " connection refused"
    )
