"""A rollout with its ReplicaSets, as the controller sees them at the beginning of a turn."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bot.sandbox.cluster.argo import sets
from bot.sandbox.cluster.argo.hashes import short_hash
from bot.sandbox.cluster.objects import Manifest, at
from bot.sandbox.cluster.queue import Trouble

MOST = 100  #: percent; ALB knows no other scale, NGINX does: `Look.most`
_ABORT_DELAY = 30  #: seconds until the canary of an aborted rollout is scaled down


@dataclass
class Look:
    """
    One rollout at one moment.

    Attributes:
        rollout: its newest manifest.
        replica_sets: all that it owns, oldest first.
        now: seconds since the epoch.

    """

    rollout: Manifest
    replica_sets: list[Manifest] = field(default_factory=list)
    now: float = 0.0

    # --- the spec -------------------------------------------------------------------------------

    @property
    def spec(self) -> Manifest:
        """What is wanted."""
        spec: Manifest = self.rollout["spec"]
        return spec

    @cached_property
    def canary(self) -> Manifest:
        """How it is released."""
        return dict(at(self.spec, "strategy", "canary", default={}))

    @cached_property
    def alb(self) -> Manifest:
        """How its traffic is routed."""
        return dict(at(self.canary, "trafficRouting", "alb", default={}))

    @cached_property
    def nginx(self) -> Manifest:
        """The same for NGINX."""
        return dict(at(self.canary, "trafficRouting", "nginx", default={}))

    @cached_property
    def most(self) -> int:
        """What the weights of the steps are parts of."""
        return int(at(self.canary, "trafficRouting", "maxTrafficWeight", default=MOST))

    @cached_property
    def steps(self) -> list[Manifest]:
        """The steps of a release."""
        return list(self.canary.get("steps") or ())

    @cached_property
    def replicas(self) -> int:
        """How many pods serve all traffic."""
        return int(at(self.spec, "replicas", default=1))

    @property
    def is_paused_by_spec(self) -> bool:
        """Whether somebody set spec.paused."""
        return bool(self.spec.get("paused"))

    @property
    def is_dynamic(self) -> bool:
        """Whether the stable version shrinks as the canary grows."""
        return bool(self.canary.get("dynamicStableScale"))

    @property
    def managed_routes(self) -> list[str]:
        """The header routes that Argo may write and remove, in their order."""
        routes = at(self.canary, "trafficRouting", "managedRoutes", default=())
        return [route["name"] for route in routes]

    @property
    def abort_delay(self) -> int | None:
        """Seconds until an aborted canary is scaled down; None: never."""
        wanted = self.canary.get("abortScaleDownDelaySeconds")
        if wanted is None:
            return _ABORT_DELAY
        return int(wanted) or None

    # --- the status -----------------------------------------------------------------------------

    @property
    def status(self) -> Manifest:
        """What the controller wrote last."""
        return dict(self.rollout.get("status") or {})

    @cached_property
    def index(self) -> int | None:
        """The current step; None without steps. Raises Trouble below 0: Argo panics there."""
        if not self.steps:
            return None
        index = int(at(self.rollout, "status", "currentStepIndex", default=0))
        if index < 0:
            raise Trouble(f"step {index} does not exist")
        return index

    @property
    def step(self) -> Manifest | None:
        """What is to be done now; None when all steps are done."""
        if self.index is None or self.index >= len(self.steps):
            return None
        return self.steps[self.index]

    @property
    def stable_hash(self) -> str:
        """The last revision that was fully promoted."""
        return str(at(self.rollout, "status", "stableRS", default=""))

    @property
    def current_hash(self) -> str:
        """The revision that the controller was at when it wrote the status."""
        return str(at(self.rollout, "status", "currentPodHash", default=""))

    @property
    def is_promoted(self) -> bool:
        """Whether nothing is on its way; also before the first status."""
        return self.stable_hash == self.current_hash

    @property
    def is_aborted(self) -> bool:
        """Whether status.abort stands there."""
        return bool(at(self.rollout, "status", "abort"))

    @property
    def promotes_fully(self) -> bool:
        """Whether a full promotion was asked for."""
        return bool(at(self.rollout, "status", "promoteFull"))

    @property
    def pauses(self) -> list[Manifest]:
        """What the controller waits for."""
        return list(at(self.rollout, "status", "pauseConditions", default=()))

    def pause(self, reason: str) -> Manifest | None:
        """Give the pause of this reason."""
        return next((one for one in self.pauses if one["reason"] == reason), None)

    @property
    def weights(self) -> Any:
        """What was handed to the router last; None: nothing yet."""
        return at(self.rollout, "status", "canary", "weights")

    # --- its revisions --------------------------------------------------------------------------

    @cached_property
    def wanted_hash(self) -> str:
        """The revision that the spec asks for."""
        return short_hash(self.spec.get("template"))

    @cached_property
    def step_hash(self) -> str:
        """The name of the list of steps."""
        return short_hash(self.canary.get("steps"))

    @cached_property
    def new(self) -> Manifest | None:
        """The ReplicaSet that the spec asks for."""
        return self._of(self.wanted_hash)

    @cached_property
    def stable(self) -> Manifest | None:
        """The stable ReplicaSet; the new one when nothing is on its way."""
        return self._of(self.stable_hash) if self.stable_hash else None

    @property
    def older(self) -> list[Manifest]:
        """All but the new one, the stable one among them."""
        return [one for one in self.replica_sets if sets.hash_of(one) != sets.hash_of(self.new)]

    @property
    def others(self) -> list[Manifest]:
        """Neither new nor stable."""
        return [one for one in self.older if sets.hash_of(one) != sets.hash_of(self.stable)]

    @property
    def has_other_stable(self) -> bool:
        """Whether there is a stable revision besides the new one."""
        return self.stable is not None and sets.hash_of(self.stable) != sets.hash_of(self.new)

    @property
    def is_changed(self) -> bool:
        """Whether template or steps are not those of the status."""
        known = at(self.rollout, "status", "currentStepHash", default="")
        if known != self.step_hash:
            return True
        return bool(self.current_hash) and self.current_hash != self.wanted_hash

    @property
    def rolls_back_within_window(self) -> bool:
        """Whether the new revision is an older one, and no more steps back than may be skipped."""
        window = int(at(self.spec, "rollbackWindow", "revisions", default=0))
        if not window or self.new is None or self.stable is None:
            return False
        new, stable = (one["metadata"]["creationTimestamp"] for one in (self.new, self.stable))
        ages = [one["metadata"]["creationTimestamp"] for one in self.replica_sets]
        return bool(new < stable) and sum(new < age < stable for age in ages) < window

    def replace_set(self, one: Manifest) -> None:
        """Go on with a newer version of one of its ReplicaSets, or with one that is new."""
        kept = [old for old in self.replica_sets if sets.hash_of(old) != sets.hash_of(one)]
        self.replica_sets = sorted([*kept, one], key=sets.age_key)
        for name in ("new", "stable"):
            self.__dict__.pop(name, None)

    def _of(self, revision: str) -> Manifest | None:
        return next((one for one in self.replica_sets if sets.hash_of(one) == revision), None)
