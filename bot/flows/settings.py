"""What the configuration means to the flows."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.balancing.finding import Severity
from bot.release.access import AccessPolicy, Permission, Rule
from bot.release.routing import Routing


@dataclass(frozen=True, kw_only=True)
class Settings:
    """
    What the flows must know of the configuration.

    Attributes:
        cluster: what people call the cluster.
        writes: whether anything may be patched; False: no action is offered.
        header: the header of the route that is added where a rollout has none; with its value.
        drift_grace: how long the controller may be slower than its own status.
        drift_remind: when an open finding is told again.
        drift_severity: how grave a finding must be to be told in a channel.

    """

    cluster: str = ""
    writes: bool = True
    policy: AccessPolicy = field(default_factory=AccessPolicy)
    routing: Routing = field(default_factory=Routing)
    header: str = "X-Canary"
    value: str = "true"
    drift_grace: timedelta = timedelta(seconds=30)
    drift_remind: timedelta = timedelta(hours=4)
    drift_severity: Severity = Severity.HIGH

    @property
    def rules(self) -> Sequence[Rule]:
        """Who may do what; with *writes* off only mute, which patches nothing."""
        if self.writes:
            return self.policy.rules
        silent = [replace(r, allow=r.allow & {Permission.MUTE}) for r in self.policy.rules]
        return [rule for rule in silent if rule.allow]
