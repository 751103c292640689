"""
What `kubectl argo rollouts VERB` writes: people promote and abort with it beside the bot.

Its patches have no precondition: the status first, then the spec, each whatever has happened since
it looked. Between the two the controller has its turn: a promotion of a frozen rollout ends the
pause that it stands at, the controller forgets that there was one, and pauses again when it is no
longer frozen. Argo: pkg/kubectl-argo-rollouts/cmd.
"""

import asyncio
from collections.abc import Callable

from bot.sandbox.cluster import kinds
from bot.sandbox.cluster.argo.look import Look
from bot.sandbox.cluster.managed import Writer
from bot.sandbox.cluster.objects import Manifest, at, merged
from bot.sandbox.cluster.store import Store

_ROUND_TRIP = 0.02  #: seconds from one request to the next
MANAGER = "kubectl-argo-rollouts"  #: its field manager
#: what it does to spec and to status, by what it sees; empty: nothing
Patches = tuple[Manifest, Manifest]


async def run(store: Store, verb: str, namespace: str, name: str, *, full: bool = False) -> str:
    """Do what the plugin does; what it prints. Raises NotFound, KeyError for an unknown verb."""
    rollout = store.get(kinds.ROLLOUTS, namespace, name)
    patches, said = _VERBS["full" if full else verb]
    spec, status = patches(Look(rollout))
    if status:
        _patch(store, rollout, {"status": status}, "status")
    if status and spec:
        await asyncio.sleep(_ROUND_TRIP)
    if spec:
        _patch(store, rollout, {"spec": spec}, "")
    return f"rollout '{name}' {said}"


def _promote(look: Look) -> Patches:
    spec = _unpaused(look)
    on = {} if look.index is None else {"currentStepIndex": min(look.index + 1, len(look.steps))}
    by_controller = bool(look.status.get("controllerPause"))
    if _is_inconclusive(look) and look.pauses and by_controller:
        return spec, {"pauseConditions": None, "controllerPause": False, **on}
    if look.pauses:
        return spec, {"pauseConditions": None}
    return spec, {"pauseConditions": None, **on} if on else {}


def _promote_fully(look: Look) -> Patches:
    return _unpaused(look), {} if look.is_promoted else {"promoteFull": True}


def _abort(_: Look) -> Patches:
    return {}, {"abort": True}


def _retry(_: Look) -> Patches:
    return {}, {"abort": False}


def _pause(_: Look) -> Patches:
    return {"paused": True}, {}


def _unpaused(look: Look) -> Manifest:
    return {"paused": False} if look.is_paused_by_spec else {}


def _is_inconclusive(look: Look) -> bool:
    run = at(look.rollout, "status", "canary", "currentStepAnalysisRunStatus", "status")
    return bool(run == "Inconclusive")


def _patch(store: Store, rollout: Manifest, change: Manifest, subresource: str) -> None:
    metadata = rollout["metadata"]
    store.update(
        kinds.ROLLOUTS,
        metadata["namespace"],
        metadata["name"],
        lambda newest: merged(newest, change),
        Writer(manager=MANAGER, subresource=subresource),
    )


_VERBS: dict[str, tuple[Callable[[Look], Patches], str]] = {
    "promote": (_promote, "promoted"),
    "full": (_promote_fully, "fully promoted"),
    "abort": (_abort, "aborted"),
    "retry": (_retry, "retried"),
    "pause": (_pause, "paused"),
}
