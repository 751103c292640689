"""What people should know of one rule: whose header path or weights it is, and what shadows it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from bot.balancing.annotations import Forward
from bot.balancing.argo import alb_ingresses
from bot.balancing.inventory import Inventory
from bot.balancing.model import ListenerModel
from bot.balancing.objects import PREFIX, Ingress
from bot.balancing.rules import Rule, read_rules
from bot.balancing.served import Role, role_of
from bot.balancing.shadows import Verdict
from bot.inspecting.words import percent
from bot.release.rollout import Rollout

_NAMED = 5


@dataclass(frozen=True)
class Roles:
    """
    Which rollouts write on which Ingress.

    Attributes:
        rollouts: by the key of the Ingress.
        foreseen: keys of the Ingresses on which Argo will write first weights.
        unwritten: for each Ingress that no rollout at hand names, the backends that ask for an
            annotation which is not there; only where more rollouts may exist than are at hand.

    """

    rollouts: Mapping[str, tuple[Rollout, ...]]
    foreseen: frozenset[str]
    unwritten: frozenset[tuple[str, str]] = frozenset()

    def of(self, rule: Rule, *, is_dead: bool = False) -> Iterator[str]:
        """Tell what a rule is to a canary; one that is never reached leads nowhere."""
        if rule.by_annotation and (rule.ingress, rule.service) in self.unwritten:
            yield "no annotation here; Argo may write it: its Rollout is not in the files"
        for rollout in self.rollouts.get(rule.ingress, ()):
            share, role = rule.share_of(rollout.canary_service_now), role_of(rule, rollout)
            if role is Role.WEIGHTED and rule.by_annotation:
                yield self._weighted(rule, rollout, share)
            elif role is Role.HEADER:
                always = "" if is_dead else ": always the canary"
                yield f"header path of Rollout {rollout.key}{always}"
            elif share == 1:
                yield f"leads to the canary of Rollout {rollout.key}"

    def _weighted(self, rule: Rule, rollout: Rollout, share: Fraction) -> str:
        told = f"weighted path of Rollout {rollout.key}"
        if rule.ingress in self.foreseen:
            return f"{told}; no weights are written yet, Argo will write 0/100 here"
        if rule.broken or not isinstance(rule.action, Forward):
            return told
        return f"{told}: canary {percent(share)}"


def roles(inventory: Inventory, before: Inventory, *, from_files: bool = False) -> Roles:
    """
    Tell which rollouts write where.

    Args:
        inventory: with what Argo will write.
        before: without.
        from_files: whether there may be rollouts that are not at hand.

    """
    rollouts: dict[str, list[Rollout]] = defaultdict(list)
    for rollout in inventory.rollouts:
        for name in alb_ingresses(rollout):
            rollouts[f"{rollout.namespace}/{name}"].append(rollout)
    plain = {one.key: one for one in before.ingresses}
    foreseen = (i.key for i in inventory.ingresses if i.annotations != plain[i.key].annotations)
    alone = (one for one in before.ingresses if from_files and one.key not in rollouts)
    unwritten = ((one.key, name) for one in alone for name in _unwritten(one))
    found = {key: tuple(several) for key, several in rollouts.items()}
    return Roles(found, frozenset(foreseen), frozenset(unwritten))


def _unwritten(ingress: Ingress) -> Iterator[str]:
    """Tell the backends that ask for an annotation which is not there."""
    for rule in read_rules(ingress, PREFIX):
        if rule.by_annotation and f"{PREFIX}/actions.{rule.service}" not in ingress.annotations:
            yield rule.service


def shadow(verdict: Verdict, listener: ListenerModel) -> str:
    """Tell what the rules before one leave of it; empty: everything."""
    if verdict.covered_by is not None:
        number = listener.priority_of(verdict.covered_by)
        return f"never reached: rule {number} ({verdict.covered_by}) takes all its requests"
    parts = [str(listener.priority_of(rule)) for rule in verdict.partly_by]
    if parts:
        more = f" and {len(parts) - _NAMED} more" if len(parts) > _NAMED else ""
        return f"some of its requests go to rule {', '.join(parts[:_NAMED])}{more} first"
    if verdict.unsure_of:
        number = listener.priority_of(verdict.unsure_of[0])
        return f"rule {number} may take its requests first: that cannot be told from here"
    return ""
