"""
Traffic in words: one number when every source says the same, all by name when they differ.

*Asked* is what the step says, *controller* what its status says, then each Ingress. What the
public really reaches may be more: a stable Service that selects canary pods too.
"""

from datetime import datetime

from bot.balancing.repairs import held_by
from bot.messages import words
from bot.messages.blocks import ago, safe
from bot.release.traffic import Look, Selector, Written

_MOST_INGRESSES = 8
_CELLS = 10


# --- how much of the public reaches the canary ----------------------------------------------------


def reach(look: Look) -> str:
    """Tell how much of the public reaches the canary: `10 %`; never a number that is too low."""
    traffic = look.traffic
    if look.stray:
        return f"about {look.public_share} %" if look.public_share else "under 1 %"
    if any(w.canary is None for w in traffic.written):
        return f"at least {traffic.highest} %" if traffic.highest else "an unknown share"
    if not traffic.written and traffic.reported is None:
        return _by_pods(look)
    return f"{look.public_share} %"


def reaches_canary(look: Look) -> bool:
    """Whether any of the public reaches the canary, as far as can be told."""
    return look.stray is not None or not look.traffic.is_zero


def is_certain(look: Look) -> bool:
    """Whether one number is the whole truth."""
    return look.stray is None and _agrees(look) and bool(_sources(look))


def _by_pods(look: Look) -> str:
    """Tell the share without a router: as many requests as pods."""
    canary, stable = look.traffic.canary.available, look.traffic.stable.available
    if not canary:
        return "0 %"
    return f"about {max(1, round(100 * canary / (canary + stable)))} %"


def _sources(look: Look) -> list[tuple[str, int | None]]:
    """Name every source of a weight, with what it says."""
    traffic = look.traffic
    sources: list[tuple[str, int | None]] = []
    if look.rollout.is_releasing:
        sources.append(("asked", traffic.asked))
    if traffic.reported is not None:
        sources.append(("controller", traffic.reported))
    sources += [
        (f"Ingress {safe(w.ingress, words.LONGEST_NAME)}", w.canary)
        for w in traffic.written[:_MOST_INGRESSES]
    ]
    return sources


def _agrees(look: Look) -> bool:
    traffic = look.traffic
    said = {w.canary for w in traffic.written}
    if look.rollout.is_releasing:
        said.add(traffic.asked)
    if traffic.reported is not None:
        said.add(traffic.reported)
    routed = bool(traffic.written) or traffic.reported is not None
    return routed and len(said) == 1 and None not in said


# --- the lines of the card ------------------------------------------------------------------------


def weight_line(look: Look) -> str:
    """Show the weight: a bar when it is certain, every source by name when it is not."""
    if look.stray:
        return f"canary  {bar(look.public_share)}  {reach(look)} of the public"
    if _agrees(look):
        share = look.public_share
        return f"canary  {bar(share)}  {share} %      stable {100 - share} %"
    if not look.traffic.written and look.traffic.reported is None:
        return f"asked {look.traffic.asked} %, without a router: {_by_pods(look)} by pods"
    return " · ".join(_said(name, percent) for name, percent in _sources(look))


def _said(name: str, percent: int | None) -> str:
    return f"{name} {percent} %" if percent is not None else f"{name} unknown"


def bar(percent: int) -> str:
    """Draw a share; the smallest share fills one cell, and only all fills all."""
    full = round(percent * _CELLS / 100)
    if 0 < percent < 100:
        full = min(max(full, 1), _CELLS - 1)
    return "▓" * full + "░" * (_CELLS - full)


def ingress_lines(look: Look, checked: datetime, now: datetime) -> list[str]:
    """Tell what stands on each Ingress, and when it was looked at."""
    written = look.traffic.written
    lines = [_ingress(w) for w in written[:_MOST_INGRESSES]]
    if len(written) > _MOST_INGRESSES:
        rest = written[_MOST_INGRESSES:]
        wrong = sum(w.canary != look.traffic.reported for w in rest)
        lines.append(f"{len(rest)} more Ingresses, {wrong} of them say something else")
    if lines:
        lines[-1] += f" · checked {ago(checked, now)}"
    return lines


def _ingress(written: Written) -> str:
    name = safe(written.ingress, words.LONGEST_NAME)
    if written.canary is None:
        return f"{words.ALERT} Ingress {name}: {safe(written.problem, words.LONGEST_QUOTE)}"
    others = f", {written.others} % others" if written.others else ""
    return f"Ingress {name} says {written.canary}/{written.stable or 0}{others}"


def pods_line(look: Look) -> str:
    """Tell how many pods each side has: available of desired."""
    canary, stable = look.traffic.canary, look.traffic.stable
    sides = f"stable {stable.available}/{stable.desired}"
    if look.rollout.is_releasing:
        sides = f"canary {canary.available}/{canary.desired}   {sides}"
    return f"Pods    {sides}"


# --- what is wrong --------------------------------------------------------------------------------


def warnings(look: Look) -> list[str]:
    """Tell differences that a person should know before anything else."""
    found: list[str] = []
    if look.stray:
        found.append(stray(look, look.stray))
    if look.rollout.aborted and not look.traffic.is_zero:
        found.append(still_reached(look))
    found += _differences(look)
    if lost := look.lost_canary_service:
        found.append(_lost(lost))
    return [f"{words.ALERT} {text}" for text in found]


def stray(look: Look, selector: Selector) -> str:
    """Tell that a Service sends the public to canary pods whatever the weight says."""
    name = safe(selector.service, words.LONGEST_NAME)
    hand = f", written by {safe(selector.writer, 60)}" if selector.writer else ""
    if not selector.exists:
        return f"Service {name} does not exist: nobody can say what the public reaches."
    share = reach(look)
    return (
        f"{share[0].upper()}{share[1:]} of the public reach the canary: Service {name} selects "
        f"its pods, whatever the weight says{hand}."
    )


def still_reached(look: Look, reason: str = "") -> str:
    """Tell that an aborted canary is still reached, and why."""
    share = reach(look)
    because = safe(reason, words.LONGEST_QUOTE) if reason else why_not_zero(look)
    return f"{share} still reach the aborted canary: {because.rstrip('.')}. I keep looking."


def why_not_zero(look: Look) -> str:
    """Tell what keeps traffic on an aborted canary."""
    traffic = look.traffic
    if look.stray:
        return f"Service {safe(look.stray.service, words.LONGEST_NAME)} selects its pods"
    if traffic.blocked:
        return f"the controller cannot write: {safe(traffic.blocked, words.LONGEST_QUOTE)}"
    if look.rollout.frozen:
        return "spec.paused keeps the controller from going on"
    if traffic.stable.available < look.rollout.replicas:
        stable = traffic.stable.available
        return f"{stable} of {look.rollout.replicas} stable pods are available"
    if traffic.scaling:
        return "the controller has to scale first"
    if wrong := next((w for w in traffic.written if w.canary is None), None):
        return f"Ingress {safe(wrong.ingress, words.LONGEST_NAME)} cannot be read"
    return "the controller has not written it yet"


def _differences(look: Look) -> list[str]:
    """Tell where an Ingress says something else than the controller."""
    traffic = look.traffic
    found = []
    for written in traffic.written[:_MOST_INGRESSES]:
        if written.canary is None or traffic.reported in {None, written.canary}:
            continue
        hand = f", written by {safe(written.writer, 60)}" if written.writer else ""
        found.append(
            f"Ingress {safe(written.ingress, words.LONGEST_NAME)} gives the canary "
            f"{written.canary} %, the controller says {traffic.reported} %{hand}."
        )
    return found


def _lost(selector: Selector) -> str:
    name = safe(selector.service, words.LONGEST_NAME)
    if not selector.exists:
        return f"Service {name} does not exist: nothing leads to the canary."
    return f"Service {name} does not select the canary's pods alone: what is tested may be stable."


def held(look: Look) -> str:
    """Tell why the weight that was asked for has not come; empty: it has, or is on its way."""
    traffic = look.traffic
    if not look.rollout.is_releasing or (traffic.agree and traffic.reported == traffic.asked):
        return ""
    if traffic.blocked:
        return f"the controller cannot write: {safe(traffic.blocked, words.LONGEST_QUOTE)}"
    return held_by(look)
