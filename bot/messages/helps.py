"""Help: what can be said, in the words of the command."""

from bot.messages.blocks import Message, message, paragraphs, safe

#: verb: (what comes after it, what it does, what it does not do)
READING = {
    "status": ("NAME", "What the card shows.", ""),
    "list": ("[NAMESPACE|needs-me]", "Rollouts with state and weight.", ""),
    "steps": ("NAME", "The steps, and where it stands.", ""),
    "rules": (
        "NAME",
        "The rules of its balancer, in the order in which they are tried.",
        "With the header path and the weighted path marked, and who takes their requests first.",
    ),
    "drift": (
        "[NAME]",
        "What is wrong with Ingresses: they differ from the controller, or are wired wrong.",
        "With evidence and remedy; what is muted, and what could not be checked. Its buttons mute.",
    ),
    "history": ("[NAME]", "Who did what, and why.", ""),
    "digest": ("[24h]", "A span of time, summed up.", ""),
    "who": ("[NAME|@person]", "Who may do what.", ""),
    "help": ("[VERB]", "This.", ""),
}
ACTING = {
    "promote": (
        "NAME",
        "Leaves the pause at which it stands.",
        "It does not skip the steps after that.",
    ),
    "header-only": (
        "NAME",
        "0 % for the public; requests with the header still reach the canary.",
        "Canary pods stay. `resume` returns to the old weight.",
    ),
    "resume": (
        "NAME",
        "Ends header-only at the old weight; otherwise takes `spec.paused` away.",
        "",
    ),
    "abort": (
        "NAME",
        "All traffic to stable.",
        "The new version stays in the spec: a retry, or a fix in git, comes after it.",
    ),
    "retry": ("NAME", "Starts an aborted release again at its first step.", ""),
    "pause": (
        "NAME",
        "Sets `spec.paused`: nothing goes on until resumed.",
        "The weight stays as it is.",
    ),
    "full": (
        "NAME",
        "Skips all remaining steps, pauses and analyses.",
        "The public reaches the new version as soon as it has all its pods.",
    ),
    "route": (
        "NAME",
        "Lets the controller write its header route again, during header-only.",
        "The weight stays 0 %.",
    ),
}
#: understood, and refused: what they need is not built yet
NOT_YET = frozenset({"skip", "undo", "restart", "set-image"})
ALIASES = {"advance": "promote", "next": "promote"}


def overview(command: str = "/rollout", *, writes: bool = True) -> Message:
    """List what can be said."""
    name = safe(command, 40)
    lines = [
        f"`{name} VERB [NAMESPACE/]NAME`. A bare `{name}` shows what needs a person.",
        "*Read*",
    ]
    lines += [_line(verb, *told) for verb, told in READING.items()]
    if writes:
        lines += ["*Act*", *(_line(verb, *told) for verb, told in ACTING.items())]
        lines.append('Every act takes `--reason "…"`; it goes to the thread and the ledger.')
    else:
        lines.append("This bot only reads: `kubernetes.writes` is off.")
    verbs = [*READING, *(ACTING if writes else ())]
    return message(f"{name} understands {', '.join(verbs)}", *paragraphs(lines))


def about(verb: str, command: str = "/rollout", *, writes: bool = True) -> Message:
    """Tell all about one verb; an unknown one leads to the overview."""
    known = {**READING, **ACTING}
    name = ALIASES.get(verb.lower(), verb.lower())
    if name not in known:
        return overview(command, writes=writes)
    after, does, does_not = known[name]
    reason = ' [--reason "…"]' if name in ACTING else ""
    also = [alias for alias, meant in ALIASES.items() if meant == name]
    lines = [f"`{safe(command, 40)} {name} {after}{reason}`", does, does_not]
    if also:
        lines.append(f"Also: {', '.join(f'`{alias}`' for alias in also)}.")
    return message(f"{name}: {does} {does_not}", *paragraphs(line for line in lines if line))


def _line(verb: str, after: str, does: str, _does_not: str) -> str:
    return f"`{verb} {after}`  {does}"
