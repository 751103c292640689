"""What would have to be in git, as YAML, where the bot may not or cannot write it."""

import json

from bot.release.actions import HeaderOnly
from bot.release.errors import Refusal
from bot.release.header_only import gate_for_git, header_for_git
from bot.release.ownership import Ownership
from bot.release.traffic import Look


def to_commit(action: HeaderOnly, look: Look, owner: Ownership) -> str:
    """
    Write what header-only testing needs under `spec.strategy.canary`.

    The header, behind NGINX; the steps with a gate, each in its flow style. Where only the
    header is missing, the bot can edit the steps itself. Empty: nothing that is known.
    """
    header = header_for_git(action, look)
    lines = [f"      {key}: {json.dumps(value)}" for key, value in header.items()]
    if lines:
        lines = ["trafficRouting:", "  nginx:", "    additionalIngressAnnotations:", *lines]
    if lines and not owner.reverts_spec:
        return "\n".join(lines)
    try:
        steps = gate_for_git(action, look)
    except Refusal:
        return ""
    return "\n".join([*lines, "steps:", *(f"- {json.dumps(step)}" for step in steps)])
