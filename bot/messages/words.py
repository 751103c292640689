"""
The small phrases that several messages share.

Five signs carry state, and never instead of the word: ⏸ waits, ⚠ look here, ✔ done,
✖ called off or failed, → moves.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bot.messages.blocks import safe
from bot.release.ledger import By, Entry
from bot.release.rollout import Rollout, State
from bot.release.traffic import Look

WAITS, ALERT, GOOD, OFF, MOVES = "⏸", "⚠", "✔", "✖", "→"

LONGEST_NAME = 253
LONGEST_REASON = 300
LONGEST_QUOTE = 400

#: each state in one word, with its sign
STATES = {
    State.STABLE: f"{GOOD} Stable",
    State.PENDING: f"{MOVES} Started",
    State.MOVING: f"{MOVES} Moving",
    State.ANALYSING: f"{MOVES} Analysing",
    State.TIMED: f"{WAITS} Timed pause",
    State.WAITING: f"{WAITS} Waiting for you",
    State.UNDECIDED: f"{ALERT} Undecided",
    State.RESUMING: f"{MOVES} Going on",
    State.FROZEN: f"{WAITS} Frozen",
    State.ABORTED: f"{OFF} Aborted",
    State.FAILED: f"{OFF} Failed",
    State.UNSUPPORTED: "Not a canary",
}

#: what a person did, in the past
DONE = {
    "promote": "promoted",
    "full": "promoted fully",
    "header-only": "set to header-only",
    "resume": "resumed",
    "abort": "aborted",
    "retry": "started again",
    "pause": "frozen",
    "route": "header route restored",
    "tidy-up": "gate taken out",
    "mute": "finding muted",
    "unmute": "mute ended",
    "skip": "analysis skipped",
    "undo": "taken back to an earlier template",
    "restart": "restarted",
    "set-image": "given another image",
}

_USER = re.compile(r"[A-Z0-9]{2,30}")
_GO_DURATION = re.compile(r"(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|ms|s|m|h)")
_GO_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}


def key(rollout: Rollout) -> str:
    """Give `namespace/name`, as people say it."""
    return safe(rollout.key, 2 * LONGEST_NAME)


def done(verb: str) -> str:
    """Put a verb into the past."""
    return DONE.get(verb, safe(verb, 30))


# --- people ---------------------------------------------------------------------------------------


def by(actor: By | None) -> str:
    """Name who did it, with the word before: ` by <@U…>`, ` outside Slack (…)`; empty: unknown."""
    if actor is None:
        return ""
    match actor.kind:
        case "slack":
            return f" by {person(actor)}"
        case "schedule":
            return " by the schedule"
        case _:
            hand = actor.name or actor.id
            return f" outside Slack ({safe(hand, 60)})" if hand else " outside Slack"


def person(actor: By) -> str:
    """Name a person in Slack so that Slack shows who it is."""
    return f"<@{actor.id}>" if _USER.fullmatch(actor.id) else safe(actor.name or actor.id, 60)


def why(reason: str) -> str:
    """Give a reason after a colon; nothing when there is none."""
    return f': "{safe(reason, LONGEST_REASON)}"' if reason.strip() else ""


def who_and_why(actor: By | None, reason: str) -> str:
    """Name who did it and the reason they gave."""
    return f"{by(actor)}{why(reason)}"


# --- versions -------------------------------------------------------------------------------------


def versions(look: Look) -> str:
    """Tell from which version to which: what differs of the two images."""
    old, new = look.traffic.stable_image, look.traffic.canary_image
    if not old or not new or not look.rollout.is_releasing:
        return version(look)
    if old == new:
        return f"{safe(_tag(new), 80)} (same image, other template)"
    names = _differing(old, new)
    return f"{safe(names[0], 100)} {MOVES} {safe(names[1], 100)}"


def version(look: Look) -> str:
    """Name the revision that the look is about: the canary's while one is on its way."""
    rollout, traffic = look.rollout, look.traffic
    image = traffic.canary_image if rollout.is_releasing else traffic.stable_image
    if not image and rollout.containers:
        image = rollout.containers[0].image
    return safe(_tag(image) or f"revision {rollout.number or '?'}", 100)


def stable_version(look: Look) -> str:
    """Name the stable version."""
    return safe(_tag(look.traffic.stable_image) or "stable", 100)


def tag(image: str) -> str:
    """Name the version of an image: its tag, or its digest shortened."""
    return safe(_tag(image) or "?", 100)


def _split(image: str) -> tuple[str, str, str]:
    """Take an image apart: repository, tag, digest."""
    rest, _, digest = image.partition("@")
    head, colon, label = rest.rpartition(":")
    return (head, label, digest) if colon and "/" not in label else (rest, "", digest)


def _short(digest: str) -> str:
    algorithm, _, value = digest.rpartition(":")
    return f"{algorithm}:{value[:8]}" if algorithm else value[:8]


def _tag(image: str) -> str:
    repository, label, digest = _split(image)
    return label or (_short(digest) if digest else repository.rpartition("/")[2])


def _differing(old: str, new: str) -> tuple[str, str]:
    """Tell the part by which two images differ."""
    (old_repo, old_tag, old_digest), (new_repo, new_tag, new_digest) = _split(old), _split(new)
    if old_repo != new_repo:
        names = [repo.rpartition("/")[2] for repo in (old_repo, new_repo)]
        if names[0] == names[1]:
            names = [old_repo, new_repo]
        return f"{names[0]}:{_tag(old)}", f"{names[1]}:{_tag(new)}"
    if old_tag == new_tag and old_digest != new_digest:
        return (_short(old_digest) or old_tag, _short(new_digest) or new_tag)
    return _tag(old), _tag(new)


# --- places and times -----------------------------------------------------------------------------


def revision(rollout: Rollout) -> str:
    """Tell the number that `kubectl argo rollouts` shows."""
    return f"revision {safe(rollout.number, 20)}" if rollout.number else ""


def place(rollout: Rollout) -> str:
    """Tell the step as people count: from one."""
    count = len(rollout.steps)
    if not count:
        return "no steps"
    if rollout.step >= count:
        return f"all {count} steps done" if count > 1 else "the step is done"
    return f"step {rollout.step + 1} of {count}"


def pause_ends(rollout: Rollout) -> datetime | None:
    """Tell when a timed pause ends by itself; None: it does not, or it cannot be told."""
    step, pause = rollout.current_step, rollout.pause
    if step is None or pause is None or pause.started is None:
        return None
    length = go_duration((step.get("pause") or {}).get("duration"))
    return pause.started + length if length is not None else None


def go_duration(said: object) -> timedelta | None:
    """Read a duration as Argo does: `90s`, `1h30m`; a bare number means seconds."""
    text = str(said or "").strip()
    try:
        if text.isascii() and text.isdecimal():
            return timedelta(seconds=int(text))
        parts = _GO_DURATION.findall(text)
        if not parts or "".join(parts) != text:
            return None
        units = (part.lstrip("0123456789.") for part in parts)
        pairs = ((float(part[: -len(unit)]), unit) for part, unit in zip(parts, units, strict=True))
        return timedelta(seconds=sum(number * _GO_UNITS[unit] for number, unit in pairs))
    except (OverflowError, ValueError):
        return None


def some(names: Sequence[str], most: int = 5) -> str:
    """Name a few of many."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def either(names: Iterable[str]) -> str:
    """Name alternatives: `promote, header-only or abort`."""
    *first, last = [*names] or [""]
    return f"{', '.join(first)} or {last}" if first else last


def missing(parts: Sequence[str]) -> str:
    """Tell what is not there yet."""
    return some([safe(part, 200) for part in parts], 6)


def outcome(entry: Entry) -> str:
    """Put how an act ended into words."""
    how, _, detail = entry.outcome.partition(":")
    words = {"done": "done", "pending": "not seen to work yet", "refused": "not done"}
    named = words.get(how, "failed" if how == "failed" else safe(how, 30))
    return f"{named} ({safe(detail, 100)})" if detail else named
