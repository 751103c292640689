"""
Which rollouts something concerns that is wrong with an Ingress, a Service or a group.

What one member of a group has wrong can stop the rules of all others, so it concerns every
rollout whose Ingresses share the group.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from bot.balancing.argo import alb_ingresses, canary_ingress, nginx_ingresses, root_service
from bot.balancing.groups import Group
from bot.release.rollout import Rollout

Place = tuple[str, str]  #: namespace, name


class Concerned:
    """
    Tells it for one state of the cluster, once it has taken in all groups.

    Args:
        rollouts: all of them.

    """

    def __init__(self, rollouts: Iterable[Rollout]) -> None:
        self._rollouts: dict[Place, Rollout] = {}
        self._by_service: dict[Place, list[Rollout]] = defaultdict(list)
        self._by_ingress: dict[Place, list[Rollout]] = defaultdict(list)
        for rollout in rollouts:
            space = rollout.namespace
            self._rollouts[space, rollout.name] = rollout
            for name in dict.fromkeys(_services(rollout)):
                self._by_service[space, name].append(rollout)
            for name in dict.fromkeys(_ingresses(rollout)):
                self._by_ingress[space, name].append(rollout)
        self._by_group: dict[str, list[Rollout]] = {}
        self._groups: dict[Place, str] = {}

    def take(self, group: Group) -> None:
        """Take in one group."""
        name, found = group.name, dict[Place, Rollout]()
        for member in group.members:
            place = (member.namespace, member.name)
            self._groups[place] = name
            found |= {(r.namespace, r.name): r for r in self._by_ingress.get(place, ())}
        if found:
            self._by_group[name] = list(found.values())

    def of(self, kind: str, namespace: str, name: str, rollout: str = "") -> tuple[Rollout, ...]:
        """
        Tell whom it concerns; nobody: none of the rollouts that are known.

        Args:
            kind: of the object, with its namespace and name.
            namespace: see kind.
            name: see kind.
            rollout: the one that a finding names by itself.

        """
        place = (namespace, name)
        if kind == "Rollout" or rollout:
            found = self._rollouts.get((namespace, rollout or name))
            return (found,) if found else ()
        if kind == "Service":
            return tuple(self._by_service.get(place, ()))
        group = self._groups.get(place, name if kind != "Ingress" else "")
        if group in self._by_group:
            return tuple(self._by_group[group])
        return tuple(self._by_ingress.get(place, ()))


def _services(rollout: Rollout) -> Iterator[str]:
    pair = rollout.ping_pong
    names = [rollout.stable_service, rollout.canary_service, root_service(rollout)]
    names += [pair.ping, pair.pong] if pair else []
    return filter(None, names)


def _ingresses(rollout: Rollout) -> Iterator[str]:
    yield from alb_ingresses(rollout)
    for stable in nginx_ingresses(rollout):
        yield stable
        yield canary_ingress(rollout, stable)
