"""
Canary steps: where we are, what comes next, and which pause is a gate.

A *gate* is an endless pause that the public does not reach: no setWeight above
zero stands at or before it, and a setCanaryScale with a fixed count keeps canary
pods there. It is what header-only testing needs. Source: domain facts of the
controller's `utils/replicaset/canary.go`, executed against version 1.10.1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

from bot.release.rollout import Rollout, Step

ROUTE_NAME = "rollout-bot-header"  #: the managed route that an inserted gate brings along


@dataclass(frozen=True, kw_only=True)
class Gate:
    """A pause at which only requests with the header reach the canary."""

    pause: int  #: index of the pause
    pods: int  #: canary pods it keeps
    route: int | None = None  #: index of the setHeaderRoute step before it, if any
    route_name: str = ""


def percent(weight: int, most: int) -> int:
    """Put a weight out of *most* in percent; 0 and 100 only where that is meant."""
    share = Fraction(weight, most)
    return min(max(round(share * 100), 1), 99) if 0 < share < 1 else round(share * 100)


def describe(step: Step, most: int = 100) -> str:
    """Name a step in words, its weight out of *most*; an unknown kind by its own name."""
    match step:
        case {"setWeight": weight}:
            return f"weight {_percent(weight, most)} %"
        case {"pause": {"duration": duration}}:
            return f"pause {duration}s" if str(duration).isdecimal() else f"pause {duration}"
        case {"pause": _}:
            return "pause"
        case {"setCanaryScale": scale}:
            return _describe_scale(scale or {}, most)
        case {"setHeaderRoute": route}:
            verb = "header route" if (route or {}).get("match") else "remove header route"
            return f"{verb} {(route or {}).get('name', '')}".strip()
        case {"setMirrorRoute": route}:
            return f"mirror route {(route or {}).get('name', '')}".strip()
        case {"analysis": _}:
            return "analysis"
        case {"experiment": _}:
            return "experiment"
        case {"plugin": plugin}:
            return f"plugin {(plugin or {}).get('name', '')}".strip()
    return ", ".join(map(str, step)) or "empty step"


def _describe_scale(scale: dict[str, Any], most: int) -> str:
    if scale.get("matchTrafficWeight"):
        return "canary pods follow the weight"
    if scale.get("replicas") is not None:
        return f"canary pods {scale['replicas']}"
    return f"canary pods {_percent(scale.get('weight', 0), most)} %"


def _percent(found: Any, most: int) -> Any:
    """Put what a manifest says in percent; what is no number stays as it is."""
    return percent(found, most) if isinstance(found, int) else found


def set_weight_index(steps: Sequence[Step], index: int) -> int | None:
    """Tell the index of the setWeight in force at *index*; None: there is none."""
    for position in range(min(index, len(steps) - 1), -1, -1):
        if "setWeight" in steps[position]:
            return position
    return None


def weight_at(steps: Sequence[Step], index: int, most: int = 100) -> int:
    """Tell the weight asked for at *index*, percent; past the last step 100."""
    return percent(_weight_at(steps, index, most), most)


def _weight_at(steps: Sequence[Step], index: int, most: int) -> int:
    """Tell it as the steps have it, out of *most*."""
    if index >= len(steps):
        return most
    position = set_weight_index(steps, index)
    return 0 if position is None else int(steps[position]["setWeight"] or 0)


def stops_at(steps: Sequence[Step], index: int, most: int = 100) -> tuple[int, int | None]:
    """
    Tell where a promotion from *index* leads.

    Returns:
        The weight in force there, percent, and the index of the pause at which
        it stops (None: it runs to the end).

    """
    for position in range(index + 1, len(steps)):
        if "pause" in steps[position]:
            return weight_at(steps, position, most), position
    return 100, None


def fixed_scale_at(steps: Sequence[Step], index: int) -> dict[str, Any] | None:
    """Give the setCanaryScale in force at *index*, unless it follows the weight."""
    for position in range(min(index, len(steps) - 1), -1, -1):
        scale = steps[position].get("setCanaryScale")
        if scale is not None:
            return None if scale.get("matchTrafficWeight") else scale
    return None


def canary_pods_at(rollout: Rollout, index: int) -> int:
    """Tell how many canary pods the controller wants at *index* (with traffic routing)."""
    scale = fixed_scale_at(rollout.steps, index)
    if scale is None:
        weight = _weight_at(rollout.steps, index, rollout.most)
        return ceil(Fraction(rollout.replicas * weight, rollout.most))
    if scale.get("replicas") is not None:
        return int(scale["replicas"])
    return ceil(Fraction(rollout.replicas * int(scale.get("weight") or 0), rollout.most))


def is_endless_pause(step: Step | None) -> bool:
    """Whether a person has to end this step."""
    return step is not None and "pause" in step and not (step["pause"] or {}).get("duration")


def gate_at(rollout: Rollout, index: int) -> Gate | None:
    """Give the gate at *index*, if that step is one."""
    steps = rollout.steps
    if not 0 <= index < len(steps) or not is_endless_pause(steps[index]):
        return None
    if any(int(step.get("setWeight") or 0) > 0 for step in steps[: index + 1]):
        return None
    if fixed_scale_at(steps, index) is None or (pods := canary_pods_at(rollout, index)) < 1:
        return None
    route = _route_step_before(steps, index)
    name = "" if route is None else str(steps[route]["setHeaderRoute"].get("name", ""))
    return Gate(pause=index, pods=pods, route=route, route_name=name)


def find_gate(rollout: Rollout) -> Gate | None:
    """Give the last gate of the steps."""
    gates = (gate_at(rollout, index) for index in reversed(range(len(rollout.steps))))
    return next((gate for gate in gates if gate), None)


def gate_now(rollout: Rollout) -> Gate | None:
    """Give the gate at which the rollout stands."""
    return gate_at(rollout, rollout.step)


def routes_in_force(rollout: Rollout) -> dict[str, dict[str, Any]]:
    """
    Tell the header routes that the steps have asked for so far, by name.

    Only steps before the present one count: the controller writes a route while
    its step is current, and goes on at once.
    """
    routes: dict[str, dict[str, Any]] = {}
    for step in rollout.steps[: rollout.step]:
        route = step.get("setHeaderRoute")
        if not route:
            continue
        if route.get("match"):
            routes[route.get("name", "")] = route
        else:
            routes.pop(route.get("name", ""), None)
    return routes


def header_route_step(header: str, value: str, name: str = ROUTE_NAME) -> Step:
    """Make the step that leads requests with this header to the canary."""
    match = [{"headerName": header, "headerValue": {"exact": value}}]
    return {"setHeaderRoute": {"name": name, "match": match}}


def insert_gate(steps: Sequence[Step], *, pods: int, route: Step | None) -> tuple[Step, ...]:
    """
    Put a gate in front of the steps.

    After their first setWeight the pods follow the weight again; otherwise the
    gate's fixed count would stay in force for all later weights.
    """
    gate: list[Step] = [{"setCanaryScale": {"replicas": pods}}]
    if route is not None:
        gate.append(route)
    gate.append({"pause": {}})
    first = first_set_weight(steps)
    rest = list(steps)
    if first is not None:
        rest.insert(first + 1, {"setCanaryScale": {"matchTrafficWeight": True}})
    return (*gate, *rest)


def index_behind_gate(steps: Sequence[Step], index: int, *, with_route: bool) -> int:
    """Tell where step *index* stands after `insert_gate`."""
    first = first_set_weight(steps)
    moved = index + (3 if with_route else 2)
    return moved + 1 if first is not None and index > first else moved


def first_set_weight(steps: Sequence[Step]) -> int | None:
    """Tell the index of the first setWeight."""
    return next((i for i, step in enumerate(steps) if "setWeight" in step), None)


def _route_step_before(steps: Sequence[Step], index: int) -> int | None:
    for position in range(index, -1, -1):
        route = steps[position].get("setHeaderRoute")
        if route:
            return position if route.get("match") else None
    return None
