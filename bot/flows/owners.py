"""Which Argo CD Application owns a rollout; read again before each edit of a spec."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.flows.ports import Cluster, Unreadable
from bot.release.errors import Unreachable
from bot.release.ownership import Owner, Ownership, classify, find_owner
from bot.release.rollout import Rollout

ARGOCD = "argocd"  #: where Applications live, unless their tracking id says otherwise
_KEEP = timedelta(seconds=30)
_MANY = 1_000  #: answers; then those that are too old are dropped


class Owners:
    """Asks for Applications, and keeps the answers for half a minute."""

    def __init__(self, cluster: Cluster, clock: Callable[[], datetime]) -> None:
        self._cluster = cluster
        self._clock = clock
        self._kept: dict[Owner, tuple[datetime, Ownership]] = {}

    async def of(self, rollout: Rollout, *, anew: bool = False) -> Ownership:
        """Tell who owns it and what that means; an owner that cannot be read is unknown."""
        owner = find_owner(rollout)
        if owner is None:
            return Ownership()
        at, kept = self._kept.get(owner, (None, Ownership()))
        if at and not anew and self._clock() - at < _KEEP:
            return kept
        ownership = await self._ask(owner)
        if len(self._kept) >= _MANY:
            now = self._clock()
            self._kept = {one: known for one, known in self._kept.items() if now - known[0] < _KEEP}
        self._kept[owner] = (self._clock(), ownership)
        return ownership

    async def _ask(self, owner: Owner) -> Ownership:
        try:
            application = await self._cluster.application(owner.namespace or ARGOCD, owner.name)
        except (Unreadable, Unreachable):
            return classify(owner, None)
        return classify(owner, application)
