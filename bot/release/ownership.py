"""Whether Argo CD owns a rollout, and what it would do to an edit of the spec."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeGuard

from bot.release.rollout import Rollout


class SyncPolicy(StrEnum):
    """What happens to a difference from git."""

    NONE = "none"  #: nobody owns it
    MANUAL = "manual"  #: stays until somebody syncs
    AUTOMATED = "automated"  #: stays until the next commit of any file
    SELF_HEAL = "self-heal"  #: put back within seconds
    UNKNOWN = "unknown"  #: owned, but the Application cannot be read: treated as self-heal


@dataclass(frozen=True, kw_only=True, slots=True)
class Ownership:
    """The Argo CD Application that owns a rollout."""

    policy: SyncPolicy = SyncPolicy.NONE
    application: str = ""  #: its name, as people say it
    server_side_apply: bool = False
    selectors_protected: bool = False  #: ignoreDifferences keeps the Services' selectors

    @property
    def is_owned(self) -> bool:
        """Whether an Application owns the rollout."""
        return self.policy is not SyncPolicy.NONE

    @property
    def reverts_spec(self) -> bool:
        """Whether an edit of the spec would be put back by itself, or might be."""
        return self.policy in {SyncPolicy.SELF_HEAL, SyncPolicy.UNKNOWN}


@dataclass(frozen=True)
class Owner:
    """Where the owning Application is found; an empty namespace: Argo CD's own."""

    namespace: str
    name: str


def find_owner(rollout: Rollout) -> Owner | None:
    """
    Tell which Application owns a rollout, by its tracking annotation.

    Believed only when group, kind, namespace and name are the object's own: ReplicaSets carry a
    copy of their Rollout's annotation.
    """
    application, _, tracked = rollout.tracking_id.partition(":")
    if not application or tracked != f"argoproj.io/Rollout:{rollout.namespace}/{rollout.name}":
        return None
    namespace, _, name = application.rpartition("_")
    return Owner(namespace, name)


def classify(owner: Owner | None, application: Mapping[str, Any] | None) -> Ownership:
    """Tell what Argo CD would do to an edit of the spec; None: it could not be read."""
    if owner is None:
        return Ownership()
    if application is None:
        return Ownership(policy=SyncPolicy.UNKNOWN, application=owner.name)
    spec = _mapping(application.get("spec"))
    sync = _mapping(spec.get("syncPolicy"))
    options = sync.get("syncOptions")
    return Ownership(
        policy=_policy(sync.get("automated")),
        application=owner.name,
        server_side_apply=isinstance(options, list) and "ServerSideApply=true" in options,
        selectors_protected=_protects_selectors(spec.get("ignoreDifferences")),
    )


def _policy(automated: object) -> SyncPolicy:
    if not isinstance(automated, Mapping) or automated.get("enabled") is False:
        return SyncPolicy.MANUAL
    return SyncPolicy.SELF_HEAL if automated.get("selfHeal") is True else SyncPolicy.AUTOMATED


def _protects_selectors(ignored: object) -> bool:
    rules = [rule for rule in ignored if isinstance(rule, Mapping)] if _is_list(ignored) else []
    return any(
        rule.get("kind") == "Service" and "selector" in str({**rule, "kind": ""}) for rule in rules
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)
