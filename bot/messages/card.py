"""
The card: one message that follows one revision from its start to its end.

    name, state ─▶ what is wrong ─▶ version ─▶ what will go wrong ─▶ weights ─▶ steps
    ─▶ pods, header, owner ─▶ buttons

First what is true about traffic, then what is asked of people, then the rest. When the release
has ended the buttons go and one short line stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.balancing.finding import Finding
from bot.messages import headers, weights, words
from bot.messages.blocks import (
    Block,
    Element,
    Message,
    ago,
    button,
    context,
    fitting,
    message,
    safe,
    section,
)
from bot.messages.buttons import controls
from bot.messages.headlines import OVER, headline
from bot.messages.seal import Seal
from bot.release.actions import Offer
from bot.release.ownership import Ownership, SyncPolicy
from bot.release.rollout import Rollout, State
from bot.release.steps import describe, is_endless_pause
from bot.release.story import Pursuit, Story
from bot.release.traffic import Look

EVENT = "rollout_card"
_LONGEST_AHEAD = 240
_BEFORE, _AFTER = 2, 4  # steps that are shown around the current one


@dataclass(frozen=True, kw_only=True)
class Moment:
    """When the card is made, and when the cluster was looked at (else: the same time)."""

    now: datetime
    checked: datetime | None = None


def card(
    look: Look,
    story: Story,
    offers: Sequence[Offer],
    *,
    seal: Seal,
    now: datetime,
    cluster: str,
    checked: datetime | None = None,
    ahead: Sequence[Finding] = (),
    differs: bool = False,
) -> Message:
    """
    Show one revision with the buttons that are legal now.

    Args:
        look: what the cluster says.
        story: what the bot knows beyond it.
        offers: what may be pressed; in the order in which it is offered.
        seal: for the values of the buttons.
        now: the time.
        cluster: its name, for the metadata.
        checked: when the Ingresses were looked at; by default now.
        ahead: what is wired so that this release will not go as its steps say, the gravest first.
        differs: whether something is open that the numbers show: it has no line of its own.

    """
    rollout, moment = look.rollout, Moment(now=now, checked=checked)
    details = seal.button("drift", rollout.sighting())
    shown = summary(look, story, offers, moment, ahead=ahead, details=details)
    blocks = list(shown.blocks)
    if differs and not ahead and not is_over(look, story, offers):
        blocks[0] = blocks[0] | {"accessory": _details(details)}
    if not is_over(look, story, offers):
        blocks.append(controls(rollout.sighting(), offers, seal, wrong=bool(ahead) or differs))
    payload = {
        "cluster": cluster,
        "namespace": rollout.namespace,
        "name": rollout.name,
        "uid": rollout.uid,
        "revision": rollout.revision,
    }
    metadata = {"event_type": EVENT, "event_payload": payload}
    return Message(text=shown.text, blocks=fitting(blocks), metadata=metadata)


def summary(
    look: Look,
    story: Story,
    offers: Sequence[Offer],
    moment: Moment,
    *,
    ahead: Sequence[Finding] = (),
    details: str = "",
) -> Message:
    """
    Say what the card says, without its buttons: for people who only read.

    Args:
        look: what the cluster says; with story, offers and ahead as for the card.
        story: see look.
        offers: see look.
        moment: the time.
        ahead: see look.
        details: the sealed value of the button that tells all about what is ahead; empty: none.

    """
    rollout, line = look.rollout, headline(look, story, offers, moment.now)
    name = words.key(rollout)
    warned = [] if _has_left(story) else weights.warnings(look)
    told = [*warned[:1], line.title, *warned[1:]]
    head = section(f"*{name}*   {told[0]}", *told[1:], _version_line(look))
    text = f"{name} {line.point}"
    if warned and not _tells_all(look):
        text = f"{text}. {warned[0]}"
    if is_over(look, story, offers):
        return message(text, head)
    warning = [_ahead(ahead, details)] if ahead else []
    return message(text, head, *warning, *_body(look, story, moment))


def _ahead(findings: Sequence[Finding], details: str) -> Block:
    """Tell in one line what is wired wrong: the gravest, and how many more."""
    first = findings[0]
    more = f" and {len(findings) - 1} more" if len(findings) > 1 else ""
    told = safe(first.message, _LONGEST_AHEAD).rstrip(".")
    block = section(f"{words.ALERT} {told} ({safe(first.id, 40)}){more}")
    if details:
        block["accessory"] = _details(details)
    return block


def _details(sealed: str) -> Element:
    return button("rollout:drift", "Details", sealed)


def is_over(look: Look, story: Story, offers: Sequence[Offer]) -> bool:
    """Whether the release has ended: nothing is left to look at or to press."""
    if story.ending is None:
        return False
    if story.ending.how in OVER:
        return True
    return not offers and not weights.reaches_canary(look)


def _has_left(story: Story) -> bool:
    """Whether the look is about something else by now."""
    return story.ending is not None and story.ending.how in {"superseded", "deleted"}


def _tells_all(look: Look) -> bool:
    """Whether the point already carries what the first warning says."""
    return look.stray is not None or (look.rollout.aborted and not look.traffic.is_zero)


def _version_line(look: Look) -> str:
    rollout = look.rollout
    parts = [words.versions(look), words.revision(rollout)]
    if rollout.is_releasing and not rollout.aborted:
        parts.append(words.place(rollout))
    return " · ".join(part for part in parts if part)


def _body(look: Look, story: Story, moment: Moment) -> list[Block]:
    checked = moment.checked or moment.now
    numbers = [weights.weight_line(look), *weights.ingress_lines(look, checked, moment.now)]
    if look.rollout.state is State.UNSUPPORTED:
        numbers = []
    rest = [
        weights.pods_line(look),
        *headers.header_lines(look, moment.now),
        _pursuit(story.pursuit, moment.now) if story.pursuit else "",
        owner(story.ownership),
    ]
    blocks = [section(*numbers)] if numbers else []
    if line := _steps_line(look.rollout):
        blocks.append(section(line))
    return [*blocks, context(*rest)]


def _steps_line(rollout: Rollout) -> str:
    """Show the steps around the current one: those behind, this one, those ahead."""
    if not rollout.is_releasing or rollout.aborted or not rollout.steps:
        return ""
    first = max(0, rollout.step - _BEFORE)
    last = min(len(rollout.steps), rollout.step + _AFTER)
    parts = [f"… {first} before"] if first else []
    parts += [step_words(rollout, index) for index in range(first, last)]
    if last < len(rollout.steps):
        parts.append(f"… {len(rollout.steps) - last} more")
    return "   ".join([*parts, f"{words.MOVES} 100 %"])


def step_words(rollout: Rollout, index: int) -> str:
    """Name one step with its sign: behind, here, or ahead."""
    step = rollout.steps[index]
    name = safe(describe(step, rollout.most), 100)
    if index < rollout.step:
        return f"{words.GOOD} {name}"
    if index > rollout.step:
        return name
    return f"{words.WAITS if is_endless_pause(step) or 'pause' in step else words.MOVES} {name}"


def _pursuit(pursuit: Pursuit, now: datetime) -> str:
    """Tell that something was accepted and what is still missing."""
    lacking = words.missing(pursuit.missing)
    lacking = f", still missing: {lacking}" if lacking else ""
    return (
        f"{words.MOVES} {safe(pursuit.verb, 30)}{words.by(pursuit.by)} accepted "
        f"{ago(pursuit.since, now)}{lacking}. I keep looking."
    )


def owner(ownership: Ownership) -> str:
    """Tell who else writes the rollout: `Argo CD application shop, self-heal`."""
    if not ownership.is_owned:
        return ""
    name = safe(ownership.application, words.LONGEST_NAME) if ownership.application else ""
    policy = {
        SyncPolicy.UNKNOWN: "cannot be read, so treated as self-heal",
        SyncPolicy.SELF_HEAL: "self-heal",
        SyncPolicy.AUTOMATED: "automated sync",
        SyncPolicy.MANUAL: "manual sync",
    }[ownership.policy]
    return f"Argo CD application {name}, {policy}".replace(" ,", ",")
