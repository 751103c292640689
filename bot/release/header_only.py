"""
Header-only testing: weight 0 for the public, the header still reaches the canary.

One patch in, one patch out (`way_out.py`), so that a crash leaves nothing half done. Where the
steps have a gate (`steps.Gate`), the index is moved to it and the spec stays as
it is. Otherwise a gate is put in front of the steps; the controller starts again
at step 1, which keeps the pods and takes the weight. Executed against the
controller 1.10.1.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import NoReturn

from bot.release.actions import HeaderOnly, Patch, Plan, ReturnPoint
from bot.release.checks import ensure_in_flight, ensure_not_shadowed, ensure_seen
from bot.release.errors import Hazard, NotNow, plain
from bot.release.guards import (
    CONTROLLER_PAUSE,
    INDEX,
    MANAGED_ROUTES,
    PAUSES,
    STEPS,
    Operation,
    put,
    remove,
    same_pause,
    same_place,
    test,
)
from bot.release.ownership import Ownership, SyncPolicy
from bot.release.rollout import Rollout, State, Step
from bot.release.steps import (
    Gate,
    find_gate,
    gate_now,
    header_route_step,
    insert_gate,
    routes_in_force,
)
from bot.release.story import Story
from bot.release.traffic import HeaderRoute, Look
from bot.release.way_out import goes_on, way_back

_ALWAYS = "always"  #: the value with which NGINX takes a header to the canary without being told


def enter(action: HeaderOnly, look: Look, story: Story) -> Plan:
    """Plan the way in. Raises NotNow, Hazard."""
    _ensure_possible(look, story)
    gate = find_gate(look.rollout)
    if gate and look.rollout.state is State.WAITING and (gate.route is not None or _static(look)):
        return _move_to(gate, look, story)
    return _insert(action, look, story.ownership)


def restore_route(look: Look) -> Plan:
    """Plan that the controller writes the route of this gate again. Raises NotNow."""
    rollout = look.rollout
    ensure_in_flight(rollout)
    ensure_seen(rollout)
    gate = gate_now(rollout)
    if gate is None or gate.route is None or rollout.pause is None:
        raise NotNow(f"{rollout.key} does not stand at a gate with a header route of its own.")
    ensure_not_shadowed(look)
    stable = look.traffic.stable
    if stable.available < rollout.replicas:
        # The controller counts the step as completed without writing the route.
        raise NotNow(
            f"{stable.available} of {rollout.replicas} stable pods are available: the controller "
            "would not write the route now. Try again when all are."
        )
    if not look.traffic.canary.available:
        raise NotNow(
            "No canary pod is available: the controller would drop the route again. "
            "Try again when one is."
        )
    operations = _move(rollout, gate.route)
    return Plan(
        patches=(Patch(status=True, operations=operations),),
        effect=(
            f"The controller writes the route {plain(gate.route_name)} again; the weight stays 0 %."
        ),
    )


def gate_for_git(action: HeaderOnly, look: Look) -> tuple[Step, ...]:
    """Give the steps with a gate, to be committed where the bot may not edit them."""
    route = None if header_for_git(action, look) else _route(action, look)
    return insert_gate(look.rollout.steps, pods=max(1, look.traffic.canary.desired), route=route)


def header_for_git(action: HeaderOnly, look: Look) -> dict[str, str]:
    """Give what `nginx.additionalIngressAnnotations` lacks, so that a header reaches the canary."""
    rollout = look.rollout
    if rollout.alb or not rollout.nginx or look.traffic.routes:
        return {}
    value = {} if action.value == _ALWAYS else {"canary-by-header-value": action.value}
    return {"canary-by-header": action.header, **value}


def _ensure_possible(look: Look, story: Story) -> None:
    rollout = look.rollout
    ensure_in_flight(rollout)
    ensure_seen(rollout)
    if rollout.frozen:
        raise NotNow(f"{rollout.key} is paused by `spec.paused`: use `resume` first.")
    if story.stay:
        raise NotNow("Header-only is on already.")
    if gate_now(rollout) and rollout.state is State.WAITING:
        raise NotNow(f"{rollout.key} stands at its gate: the public gets 0 % already.")
    if not rollout.ingresses:
        raise Hazard(
            f"{rollout.key} has no traffic routing by Ingress: its weight follows the pods."
        )
    for selector in look.traffic.selectors:
        if not selector.revision or look.stray == selector:
            raise Hazard(
                f"Service {plain(selector.service)} does not select one revision only: about "
                f"{look.public_share} % of the public would reach the canary whatever the weight."
            )


def _static(look: Look) -> tuple[HeaderRoute, ...]:
    """Give the routes that stand in the Ingress itself and lead to the canary."""
    return tuple(route for route in look.routes_to_canary if not route.managed)


def _move_to(gate: Gate, look: Look, story: Story) -> Plan:
    """Way 1: the steps have a gate; only the status is patched."""
    rollout = look.rollout
    if gate.route is not None and story.ownership.reverts_spec:
        raise Hazard(
            f"{_owner(story.ownership)} would remove the header path {plain(gate.route_name)} "
            "within seconds. Put a static header route into the Ingress in git."
        )
    enter_at = gate.pause if gate.route is None else gate.route
    back = way_back(look, gate.pods, gate=gate.pause, enter=enter_at)
    return Plan(
        patches=(Patch(status=True, operations=_move(rollout, enter_at)),),
        effect=f"0 % of the public, {_pods(gate.pods)}: it moves to the pause that is step "
        f"{gate.pause + 1} of its own steps. The spec is not changed.",
        hazards=tuple(_hazards(look, back)),
        way_back=back,
    )


def _insert(action: HeaderOnly, look: Look, owner: Ownership) -> Plan:
    """Way 2: a gate is put in front of the steps."""
    rollout = look.rollout
    _ensure_mine_to_edit(action, owner)
    route = _route(action, look)
    pods = max(1, look.traffic.canary.available)
    inserted = insert_gate(rollout.steps, pods=pods, route=route)
    name = "" if route is None else str(route["setHeaderRoute"]["name"])
    is_new = bool(name) and name not in {managed.name for managed in rollout.managed_routes}
    gate = 1 if route is None else 2
    back = replace(
        way_back(look, pods, gate=gate, enter=0, inserted=inserted), route=name if is_new else ""
    )
    operations = (
        *same_place(rollout),
        test(STEPS, list(rollout.steps)),
        put(STEPS, list(inserted)),
        *(_add_managed(rollout, name) if is_new else ()),
    )
    return Plan(
        patches=(Patch(status=False, operations=operations),),
        effect=f"0 % of the public, {_pods(pods)}: a pause is put in front of the steps"
        f"{_added(rollout, route) if is_new else ''}. "
        "It is taken out again when the release is done.",
        hazards=tuple(_hazards(look, back, owner)),
        way_back=back,
    )


def _ensure_mine_to_edit(action: HeaderOnly, owner: Ownership) -> None:
    if owner.reverts_spec:
        policy = "self-heal" if owner.policy is SyncPolicy.SELF_HEAL else "policy not readable"
        raise Hazard(
            f"{_owner(owner)} ({policy}) puts git's steps back, and the public would reach the "
            "canary again. Commit the gate to git instead."
        )
    if owner.is_owned and not action.accepts_revert:
        raise Hazard(
            f"{_owner(owner)} may put git's steps back: {_revert(owner)} That has to be ticked "
            "in the dialog of the Header-only button."
        )


def _revert(owner: Ownership) -> str:
    if owner.policy is SyncPolicy.AUTOMATED:
        return "the next commit of any file ends header-only and the public gets step 1's weight."
    return "the next sync ends header-only and the public gets step 1's weight."


def _owner(owner: Ownership) -> str:
    return f"Argo CD application {plain(owner.application)}" if owner.application else "Argo CD"


def _route(action: HeaderOnly, look: Look) -> Step | None:
    """Give the route step that the gate needs: none, the one in force, or a new one."""
    rollout = look.rollout
    if _static(look):
        return None
    if not rollout.alb:
        _refuse_without_header(look)
    in_force = tuple(routes_in_force(rollout).values())
    if in_force:
        return {"setHeaderRoute": in_force[-1]}
    return header_route_step(action.header, action.value)


def _refuse_without_header(look: Look) -> NoReturn:
    """Refuse, as behind NGINX no step adds a header. Raises NotNow, Hazard."""
    rollout = look.rollout
    for route in look.traffic.routes:
        raise NotNow(
            f"Ingress {plain(route.ingress)} does not lead {plain(route.header)} to the canary "
            "now, though the rollout asks for it. The controller writes it again when it next "
            "looks at the rollout; try again then."
        )
    raise Hazard(
        f"{rollout.key} has no header that leads to its canary, and behind NGINX no step can add "
        "one: set `canary-by-header` in `nginx.additionalIngressAnnotations`. That changes no "
        "step: the release stays where it is."
    )


def _add_managed(rollout: Rollout, name: str) -> tuple[Operation, ...]:
    if rollout.managed_routes:
        return (put(f"{MANAGED_ROUTES}/-", {"name": name}),)
    return (put(MANAGED_ROUTES, [{"name": name}]),)


def _added(rollout: Rollout, route: Step | None) -> str:
    if route is None:
        return ""
    match = route["setHeaderRoute"]["match"][0]
    value = (match.get("headerValue") or {}).get("exact", "…")
    header = f"{match.get('headerName', '…')}: {value}"
    where = " and ".join(rollout.ingresses)
    return f", and a header route {header} → canary is added to Ingress {where}"


def _hazards(look: Look, back: ReturnPoint, owner: Ownership | None = None) -> Iterator[str]:
    rollout, stable = look.rollout, look.traffic.stable
    late = _late_route(look, back)
    if owner is not None and owner.is_owned:
        yield f"{_owner(owner)}: {_revert(owner)}"
    if stable.available < rollout.replicas and not rollout.dynamic_stable_scale:
        yield (
            f"{stable.available} of {rollout.replicas} stable pods are available: the weight "
            f"stays until all are.{late}"
        )
    if rollout.dynamic_stable_scale:
        yield f"The stable version is scaled up first; the weight goes to 0 % after that.{late}"
    if back.first is not None:
        yield (
            f"On Resume the public gets {back.first} % first, while canary pods come up, then "
            f"{back.weight} %."
        )
    for warning in goes_on(back.inserted or rollout.steps, back, rollout.most):
        yield f"Resume returns to {back.weight} %. {warning}"
    if rollout.state is State.TIMED:
        yield "The timed pause starts again from its beginning after Resume."
    if rollout.background_analysis or rollout.state is State.ANALYSING:
        yield "Analysis judges a canary without public traffic meanwhile, and may abort."


def _late_route(look: Look, back: ReturnPoint) -> str:
    """Warn that the controller passes a new route without writing it while it cannot take 0 %."""
    way = (back.inserted or look.rollout.steps)[back.enter : back.gate]
    if look.routes_to_canary or not any("setHeaderRoute" in step for step in way):
        return ""
    return " The controller leaves the header route out till then; a button then puts it back."


def _move(rollout: Rollout, index: int) -> tuple[Operation, ...]:
    return (
        *same_place(rollout),
        *same_pause(rollout),
        remove(PAUSES),
        put(CONTROLLER_PAUSE, value=False),
        put(INDEX, index),
    )


def _pods(count: int) -> str:
    return f"{count} canary pod{'' if count == 1 else 's'} for the header"
