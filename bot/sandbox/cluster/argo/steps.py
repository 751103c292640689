"""Steps as text, and when a pause is over. Argo: utils/rollout/rolloututil.go, rollout/pause.go."""

import re
from datetime import datetime
from typing import Any

from bot.sandbox.cluster.argo.turn import STEP_PAUSE, Turn
from bot.sandbox.cluster.objects import Manifest

#: the kinds of steps that are moved here; exactly one of them in each step
KINDS = ("setWeight", "pause", "setCanaryScale", "setHeaderRoute", "analysis")
_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)")


def as_text(step: Manifest) -> str:
    """A step as Argo spells it in Events: `setWeight: 20`, `pause: 5m`."""
    kind = next((kind for kind in KINDS if step.get(kind) is not None), "")
    value: Any = step.get(kind)
    match kind:
        case "pause":
            duration = value.get("duration")
            return "pause" if duration is None else f"pause: {duration}"
        case "setCanaryScale":
            keys = ("weight", "matchTrafficWeight", "replicas")
            key = next((key for key in keys if value.get(key) is not None), "")
            shown = str(value.get(key)).lower()
            return f"setCanaryScale{{{key}: {shown}}}" if key else "setCanaryScale"
        case "setHeaderRoute":
            return f"setHeaderRoute: {value.get('name')}"
        case "setWeight":
            return f"setWeight: {value}"
    return kind or "invalid"


def seconds(duration: int | str) -> int:
    """A pause's duration: seconds, or as Go writes them; -1: it cannot be read."""
    if isinstance(duration, int) or duration.isdecimal():
        return int(duration)
    parts = _PART.findall(duration)
    if "".join(number + unit for number, unit in parts) != duration:
        return -1
    return int(sum(float(number) * _UNITS[unit] for number, unit in parts))


def begin_pause(turn: Turn) -> bool:
    """Wait where the current step says so; whether it is a pause."""
    look = turn.look
    step = look.step
    if look.is_paused_by_spec or look.promotes_fully or step is None or step.get("pause") is None:
        return False
    begun = look.pause(STEP_PAUSE)
    if begun is None:
        # With controllerPause but without a condition somebody has ended the pause.
        if not look.status.get("controllerPause"):
            turn.decided.added.append(STEP_PAUSE)
        return True
    duration = step["pause"].get("duration")
    if duration is not None and (left := _left(turn, begun, duration)) > 0:
        turn.look_again(left)
    return True


def pause_is_over(turn: Turn, pause: Manifest) -> bool:
    """Whether somebody, or the time, has ended the pause of the current step."""
    begun = turn.look.pause(STEP_PAUSE)
    if begun is None:
        return bool(turn.look.status.get("controllerPause"))
    duration = pause.get("duration")
    return duration is not None and _left(turn, begun, duration) < 0


def _left(turn: Turn, begun: Manifest, duration: int | str) -> float:
    since = datetime.fromisoformat(begun["startTime"]).timestamp()
    return since + seconds(duration) - turn.look.now
