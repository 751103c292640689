"""Whether Argo CD owns a rollout, and what it would do to an edit of the spec."""

from dataclasses import dataclass
from enum import StrEnum


class SyncPolicy(StrEnum):
    """What happens to a difference from git."""

    NONE = "none"  #: nobody owns it
    MANUAL = "manual"  #: stays until somebody syncs
    AUTOMATED = "automated"  #: stays until the next commit of any file
    SELF_HEAL = "self-heal"  #: put back within seconds
    UNKNOWN = "unknown"  #: owned, but the Application cannot be read: treated as self-heal


@dataclass(frozen=True, kw_only=True)
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
