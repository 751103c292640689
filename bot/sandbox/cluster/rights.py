"""
Who may do what: RBAC, from the roles and bindings that are in the store.

Source: kubernetes `pkg/registry/rbac/validation`, `plugin/pkg/auth/authorizer/rbac`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.sandbox.cluster import errors
from bot.sandbox.cluster.calls import Call, User
from bot.sandbox.cluster.kinds import (
    CLUSTER_ROLE_BINDINGS,
    CLUSTER_ROLES,
    ROLE_BINDINGS,
    ROLES,
    Kind,
)
from bot.sandbox.cluster.objects import Manifest
from bot.sandbox.cluster.store import Store

_MASTERS = "system:masters"
_SERVICE_ACCOUNT = "system:serviceaccount"
Rule = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody wants to do; without a *resource* it is about a *path*."""

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str = ""


class Rights:
    """Looks into the roles and bindings of the store, every time anew."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def ensure(self, call: Call) -> None:
        """Let the call pass. Raises Forbidden."""
        wish = wish_of(call)
        if not self.has(call.user, wish):
            raise _forbidden(call.user, wish)

    def has(self, user: User, wish: Wish) -> bool:
        """Tell whether the user may do that."""
        if _MASTERS in user.groups:
            return True
        return any(_allows(rule, wish) for rule in self._rules(user, wish.namespace))

    def _rules(self, user: User, namespace: str) -> Iterator[Rule]:
        for binding in self._store.all(CLUSTER_ROLE_BINDINGS):
            if _is_bound(user, binding, ""):
                yield from self._rules_of(binding, "")
        if namespace:
            for binding in self._store.all(ROLE_BINDINGS, namespace):
                if _is_bound(user, binding, namespace):
                    yield from self._rules_of(binding, namespace)

    def _rules_of(self, binding: Manifest, namespace: str) -> Sequence[Rule]:
        reference = binding.get("roleRef", {})
        kind, space = _kind_of(reference), namespace
        if kind == CLUSTER_ROLES:
            space = ""
        role = self._store.find(kind, space, reference.get("name", ""))
        return (role or {}).get("rules") or ()


def wish_of(call: Call) -> Wish:
    """Say what the call is about."""
    if not call.plural:
        return Wish(verb=call.method.lower(), path=call.path)
    return Wish(
        verb=call.verb,
        group=call.group,
        resource=call.plural,
        subresource=call.subresource,
        namespace=call.namespace,
        name=call.name,
    )


def _kind_of(reference: Mapping[str, Any]) -> Kind:
    return ROLES if reference.get("kind") == "Role" else CLUSTER_ROLES


def _is_bound(user: User, binding: Manifest, namespace: str) -> bool:
    for subject in binding.get("subjects") or ():
        name = subject.get("name", "")
        match subject.get("kind"):
            case "User" if name == user.name:
                return True
            case "Group" if name in user.groups:
                return True
            case "ServiceAccount":
                space = subject.get("namespace") or namespace
                if user.name == f"{_SERVICE_ACCOUNT}:{space}:{name}":
                    return True
    return False


def _allows(rule: Rule, wish: Wish) -> bool:
    if not _among(rule, "verbs", wish.verb):
        return False
    if wish.path:
        return any(_fits(pattern, wish.path) for pattern in rule.get("nonResourceURLs") or ())
    names = rule.get("resourceNames") or ()
    return (
        _among(rule, "apiGroups", wish.group)
        and _has_resource(rule.get("resources") or (), wish)
        and (not names or wish.name in names)
    )


def _has_resource(resources: Sequence[str], wish: Wish) -> bool:
    if not wish.subresource:
        return "*" in resources or wish.resource in resources
    whole = f"{wish.resource}/{wish.subresource}"
    return any(one in resources for one in ("*", whole, f"*/{wish.subresource}"))


def _among(rule: Rule, field: str, value: str) -> bool:
    values = rule.get(field) or ()
    return "*" in values or value in values


def _fits(pattern: str, path: str) -> bool:
    return pattern == path or (pattern.endswith("*") and path.startswith(pattern[:-1]))


def _forbidden(user: User, wish: Wish) -> errors.Forbidden:
    if wish.path:
        what = f'forbidden: User "{user.name}" cannot {wish.verb} path "{wish.path}"'
        return errors.Forbidden(what, details={})
    resource = f"{wish.resource}/{wish.subresource}" if wish.subresource else wish.resource
    where = f'in the namespace "{wish.namespace}"' if wish.namespace else "at the cluster scope"
    whole = f"{wish.resource}.{wish.group}" if wish.group else wish.resource
    named = f' "{wish.name}"' if wish.name else ""
    details = {"name": wish.name} if wish.name else {}
    details |= {"group": wish.group} if wish.group else {}
    return errors.Forbidden(
        f'{whole}{named} is forbidden: User "{user.name}" cannot {wish.verb} resource "{resource}"'
        f' in API group "{wish.group}" {where}',
        details=details | {"kind": wish.resource},
    )
