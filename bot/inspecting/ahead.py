"""Header routes that are not there yet: Argo writes them when a step of the release is reached."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.balancing.foresight import header_routes, with_routes
from bot.balancing.inventory import Inventory
from bot.balancing.model import ListenerModel, Model, build
from bot.balancing.objects import Ingress
from bot.balancing.rules import Rule
from bot.balancing.shadows import Verdict, verdicts


@dataclass(frozen=True, kw_only=True)
class Coming:
    """
    Rules of one listener that steps will make.

    Attributes:
        listener: as it will be with all of them.
        verdicts: of these rules, with the priorities that they will have.
        writers: the rollout of each, by Ingress and backend.

    """

    listener: ListenerModel
    verdicts: tuple[Verdict, ...]
    writers: Mapping[tuple[str, str], str]

    def mark(self, verdict: Verdict) -> str:
        """Tell who writes it, and where it will stand."""
        rollout = self.writers[verdict.rule.ingress, verdict.rule.service]
        return (
            f"header route of Rollout {rollout}: Argo will write it at a step, "
            f"as rule {verdict.priority}"
        )


def coming(inventory: Inventory, model: Model) -> dict[tuple[str, int], Coming]:
    """Tell what steps will add to the listeners of a group, by protocol and port."""
    members, writers = _written(inventory, model.group.members)
    if not writers:
        return {}
    ahead = build(inventory, replace(model.group, members=members))
    there = {_place(rule) for listener in model.listeners for rule in listener.rules}
    found: dict[tuple[str, int], Coming] = {}
    for listener in ahead.listeners:
        new = tuple(
            verdict
            for verdict in verdicts(listener.rules)
            if (verdict.rule.ingress, verdict.rule.service) in writers
            and _place(verdict.rule) not in there
        )
        if new:
            one = Coming(listener=listener, verdicts=new, writers=writers)
            found[listener.protocol, listener.port] = one
    return found


def _written(
    inventory: Inventory, members: Sequence[Ingress]
) -> tuple[tuple[Ingress, ...], dict[tuple[str, str], str]]:
    """Give the members with all routes of the steps, and who writes each."""
    changed = {member.key: member for member in members}
    writers: dict[tuple[str, str], str] = {}
    for key, member in changed.items():
        for rollout in inventory.rollouts_at(member.namespace, member.name):
            changed[key] = with_routes(rollout, changed[key])
            names = (str(route.get("name", "")) for route in header_routes(rollout))
            writers |= {(key, name): rollout.key for name in names}
    return tuple(changed.values()), writers


def _place(rule: Rule) -> tuple[str, str, int]:
    return rule.ingress, rule.service, rule.entry
