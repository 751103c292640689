"""
Which weight the canary gets in this turn. Pure.

Argo: rollout/trafficrouting.go, reconcileTrafficRouting; the first rule that fits decides.
"""

from dataclasses import dataclass

from bot.sandbox.cluster.argo import counts, sets
from bot.sandbox.cluster.argo.look import Look
from bot.sandbox.cluster.queue import Trouble


@dataclass(frozen=True, kw_only=True)
class Traffic:
    """
    What the router shall do.

    Attributes:
        weight: of the canary, out of `Look.most`.
        canary, stable: the revisions behind them.
        drops_routes: the managed header routes go.
        turns_canary_service: the canary Service goes to the stable pods.

    """

    weight: int
    canary: str
    stable: str
    drops_routes: bool = False
    turns_canary_service: bool = False


def decide(look: Look, *, aborted: bool) -> Traffic:
    """Decide; *aborted* as this turn sees it."""
    canary, stable = sets.hash_of(look.new), sets.hash_of(look.stable)
    previous = rolling_back_from(look)
    if previous is not None:
        return Traffic(weight=_weight_on_the_way_back(look), canary=previous, stable=stable)
    if look.is_promoted:
        return Traffic(weight=0, canary=canary, stable=stable, drops_routes=True)
    if aborted:
        weight = _weight_on_the_way_back(look)
        return Traffic(
            weight=weight,
            canary=canary,
            stable=stable,
            drops_routes=True,
            turns_canary_service=not look.is_dynamic or weight == 0,
        )
    if sets.available(look.new) == 0:
        return Traffic(weight=0, canary=canary, stable=stable, drops_routes=True)
    if look.promotes_fully:
        weight = _weight_of_a_full_promotion(look)
        return Traffic(weight=weight, canary=canary, stable=stable, drops_routes=True)
    return Traffic(weight=_weight_of_the_steps(look), canary=canary, stable=stable)


def stable_can_serve(look: Look, weight: int) -> bool:
    """Whether enough stable pods are available for the rest; if not, nothing is written at all."""
    if look.stable is None:
        return False
    wanted = (look.most - weight) * look.replicas // look.most
    if sets.available(look.stable) >= wanted:
        return True
    return counts.is_far_enough(look, look.stable, wanted)


def rolling_back_from(look: Look) -> str | None:
    """The revision that a dynamic rollout is on its way back from; None: it is not."""
    if not (look.is_promoted and look.is_dynamic and look.weights):
        return None
    previous = str(look.weights["canary"].get("podTemplateHash", ""))
    if previous == sets.hash_of(look.new) or sets.available(look.new) >= look.replicas:
        return None
    return previous


def _weight_of_the_steps(look: Look) -> int:
    if look.index is None:
        return 0
    if not counts.are_as_desired(look, None):
        if look.index > len(look.steps):
            raise Trouble(f"step {look.index} does not exist")  # Argo panics there
        return counts.weight_before(look, look.index)
    if look.index != len(look.steps):
        return counts.current_weight(look)
    return look.most


def _weight_of_a_full_promotion(look: Look) -> int:
    if look.is_dynamic:
        return look.most * sets.available(look.new) // look.replicas
    return int(look.weights["canary"]["weight"]) if look.weights else 0


def _weight_on_the_way_back(look: Look) -> int:
    """0 at once; step by step where the stable version has to grow first."""
    if not look.is_dynamic or look.stable is None or look.new is None or not look.replicas:
        return 0
    wanted = counts.canary_weight(look)
    share = look.most * sets.available(look.stable) // look.replicas
    expected = max(0, look.most - share)
    if not look.weights:
        return max(expected, wanted)
    current = int(look.weights["canary"]["weight"])
    if wanted <= 0:
        return min(expected, current)
    if share < look.most - wanted:
        return current
    return min(wanted, current)
