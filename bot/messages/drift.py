"""The answer to `drift`: what is wrong, what is muted, and what could not be looked at."""

from collections.abc import Sequence
from datetime import datetime

from bot.balancing.checks.scene import Unchecked
from bot.balancing.finding import Finding
from bot.messages import findings, words
from bot.messages.blocks import Block, Message, ago, context, message, safe, section, whole_code
from bot.messages.findings import Shown

_MOST = 10
_MOST_MUTED = 10
_MOST_REASONS = 3
_ROOM = 7_500  #: characters of a message that findings may take; the rest is counted
_NOT_YET = "I have not looked yet since I was started. Ask again in a minute."


def drift(
    shown: Sequence[Shown],
    *,
    now: datetime,
    looked: datetime | None,
    rollout: str = "",
    unchecked: Sequence[Unchecked] = (),
) -> Message:
    """
    Tell where the cluster does something else than the rollouts say, or cannot do it.

    Args:
        shown: the gravest first; the muted ones among them.
        now: the time.
        looked: when everything was looked at last; None: not yet since the start.
        rollout: the one that was asked about; empty: all.
        unchecked: what could not be looked for.

    """
    about = f"{safe(rollout, 2 * words.LONGEST_NAME)}: " if rollout else ""
    loud = [one for one in shown if one.mute is None]
    muted = [one for one in shown if one.mute]
    if looked is None:
        return message(f"{about}{_NOT_YET}", section(f"*{about}{_NOT_YET}*"))
    title = _title(about, len(loud), len(muted))
    blocks = [section(f"*{title}*"), *_loud(loud, now, rollout)]
    blocks += [_muted(one, now) for one in muted[:_MOST_MUTED]]
    if len(muted) > _MOST_MUTED:
        blocks.append(section(f"… {len(muted) - _MOST_MUTED} more are muted."))
    if unchecked:
        blocks.append(section(_unchecked(unchecked)))
    blocks.append(context(f"Looked {ago(looked, now)}."))
    point = f"{title} {safe(loud[0].finding.message, 300)}" if loud else title
    return message(point, *blocks)


def _loud(loud: Sequence[Shown], now: datetime, rollout: str) -> list[Block]:
    """Show as many as there is room for, and count the rest."""
    blocks: list[Block] = []
    room, told = _ROOM, 0
    for one in loud[:_MOST]:
        made = _finding(one, now, with_yaml=bool(rollout))
        room -= sum(len(block["text"]["text"]) for block in made)
        if room < 0 and told:
            break
        blocks += made
        told += 1
    if told < len(loud):
        blocks.append(section(_more(len(loud) - told, rollout)))
    return blocks


def _title(about: str, loud: int, muted: int) -> str:
    aside = f", {muted} more muted" if muted else ""
    if not loud and muted:
        return f"{about}nothing new; {muted} muted."
    if not loud:
        return (
            f"{about}No drift that lasts: every Ingress says what the controller reported, or has "
            "changed a moment ago, and I found nothing wrong with how it is wired."
        )
    return f"{about}{loud} open {'finding' if loud == 1 else 'findings'}{aside}."


def _finding(one: Shown, now: datetime, *, with_yaml: bool) -> list[Block]:
    block = section(*findings.lines(one.finding, now=now))
    made = findings.mute_button(one)
    if made:
        block["accessory"] = made
    if not with_yaml or not one.finding.patch:
        return [block]
    return [block, section(_patch(one.finding))]


def _patch(finding: Finding) -> str:
    """Show the remedy whole or not at all: half of one, applied, takes paths away."""
    where = f" --namespace {safe(finding.namespace, 100)}" if finding.namespace else ""
    return whole_code(finding.patch) or (
        f"The YAML is too long for here: `rollout-bot lint --cluster{where}` prints it."
    )


def _muted(one: Shown, now: datetime) -> Block:
    line = findings.muted_line(one.mute, now) if one.mute else ""
    block = section(findings.line(one.finding), line)
    made = findings.mute_button(one)
    if made:
        block["accessory"] = made
    return block


def _more(count: int, rollout: str) -> str:
    how = "`rollout-bot lint --cluster`" if rollout else "`drift NAMESPACE/NAME`"
    return f"… {count} more: {how} tells more."


def _unchecked(unchecked: Sequence[Unchecked]) -> str:
    """Count what could not be looked for, with the reasons: it is not the same as nothing found."""
    reasons = list(dict.fromkeys(safe(one.reason, 200) for one in unchecked))
    ids = list(dict.fromkeys(safe(one.id, 40) for one in unchecked))
    why = "; ".join(reasons[:_MOST_REASONS])
    more = f"; {len(reasons) - _MOST_REASONS} more reasons" if len(reasons) > _MOST_REASONS else ""
    count = "1 check was" if len(unchecked) == 1 else f"{len(unchecked)} checks were"
    return f"Not checked: {count} not possible ({words.some(ids, 5)}): {why}{more}."
