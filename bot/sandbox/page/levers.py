"""
The levers of the cluster's panel, one table: the page draws it, `read_arguments` checks against it.

A lever stands beside the thing it moves: a rollout, one of its pods or Ingresses, or a part of the
system. What it is pulled with are the names of that thing, and its own fields.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from bot.sandbox.page.ports import Json, LeverError

Scope = Literal["rollout", "pod", "ingress", "system"]

#: How the thing beside which a lever stands is named.
NAMES: dict[Scope, tuple[str, ...]] = {
    "rollout": ("namespace", "name"),
    "pod": ("namespace", "name", "pod"),
    "ingress": ("namespace", "name", "ingress"),
    "system": (),
}
LONGEST = 200


@dataclass(frozen=True, kw_only=True)
class Field:
    """
    Something to fill in before a lever is pulled.

    Attributes:
        name: under which the value is sent.
        label: what people read.
        kind: a line of text, a whole number, or one of *choices*.
        least, most: of a number.

    """

    name: str
    label: str
    kind: Literal["text", "number", "choice"] = "text"
    hint: str = ""
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 100


@dataclass(frozen=True, kw_only=True)
class Lever:
    """
    One lever.

    Attributes:
        group: the heading under which it stands.
        about: one sentence on what it does.
        part: of the system, which `Cluster.system` tells whether it runs.
        offered: only when the part runs, or the pod is ready (True), or not (False).
        danger: it breaks something.

    """

    id: str
    label: str
    scope: Scope
    group: str
    about: str
    fields: tuple[Field, ...] = ()
    part: str = ""
    offered: bool | None = None
    danger: bool = False


TAG = Field(name="tag", label="Image tag", hint="0.0.3")
WEIGHT = Field(name="weight", label="Canary weight in %", kind="number", hint="50")
VERDICT = Field(
    name="verdict", label="Result", kind="choice", choices=("pass", "fail", "undecided")
)

RELEASE, PLUGIN, POD, INGRESS = "Release", "kubectl argo rollouts", "Pod", "Ingress"

LEVERS = (
    Lever(
        id="new-image",
        label="Set image",
        scope="rollout",
        group=RELEASE,
        about="Writes a new tag into the Rollout, as a deployment does. A release starts.",
        fields=(TAG,),
    ),
    Lever(
        id="analysis",
        label="End analysis",
        scope="rollout",
        group=RELEASE,
        about="Lets the running analysis end so.",
        fields=(VERDICT,),
    ),
    Lever(
        id="plugin-promote",
        label="promote",
        scope="rollout",
        group=PLUGIN,
        about="Leaves the pause, without Slack.",
    ),
    Lever(
        id="plugin-pause",
        label="pause",
        scope="rollout",
        group=PLUGIN,
        about="Sets spec.paused, without Slack.",
    ),
    Lever(
        id="plugin-retry",
        label="retry",
        scope="rollout",
        group=PLUGIN,
        about="Starts an aborted release again, without Slack.",
    ),
    Lever(
        id="plugin-abort",
        label="abort",
        scope="rollout",
        group=PLUGIN,
        about="Sends all traffic to stable, without Slack.",
        danger=True,
    ),
    Lever(
        id="break-pod",
        label="Break it",
        scope="pod",
        group=POD,
        about="The pod is no longer ready.",
        offered=True,
        danger=True,
    ),
    Lever(
        id="mend-pod",
        label="Mend it",
        scope="pod",
        group=POD,
        about="The pod becomes ready again.",
        offered=False,
    ),
    Lever(
        id="edit-annotation",
        label="Write by hand",
        scope="ingress",
        group=INGRESS,
        about="Writes the weight into the annotation behind the controller's back: drift, unless "
        "it is put back.",
        fields=(WEIGHT,),
        danger=True,
    ),
    Lever(
        id="bot-restart",
        label="Restart",
        scope="system",
        group="Bot",
        about="Ends the bot and starts it again, with what it remembers.",
        part="bot",
        offered=True,
    ),
    Lever(
        id="bot-stop",
        label="Stop",
        scope="system",
        group="Bot",
        about="Ends the bot: nobody answers in Slack.",
        part="bot",
        offered=True,
        danger=True,
    ),
    Lever(
        id="bot-start",
        label="Start",
        scope="system",
        group="Bot",
        about="Starts the bot, with what it remembers.",
        part="bot",
        offered=False,
    ),
    Lever(
        id="slack-cut",
        label="Cut",
        scope="system",
        group="Slack",
        about="Cuts the bot off from Slack, both ways.",
        part="slack",
        offered=True,
        danger=True,
    ),
    Lever(
        id="slack-mend",
        label="Mend",
        scope="system",
        group="Slack",
        about="Lets the bot reach Slack again.",
        part="slack",
        offered=False,
    ),
    Lever(
        id="api-cut",
        label="Cut",
        scope="system",
        group="API server",
        about="The API server answers nobody.",
        part="api",
        offered=True,
        danger=True,
    ),
    Lever(
        id="api-mend",
        label="Mend",
        scope="system",
        group="API server",
        about="The API server answers again.",
        part="api",
        offered=False,
    ),
    Lever(
        id="controller-stop",
        label="Stop",
        scope="system",
        group="Controller",
        about="Argo Rollouts stands still: what is asked of it is not done.",
        part="controller",
        offered=True,
        danger=True,
    ),
    Lever(
        id="controller-start",
        label="Start",
        scope="system",
        group="Controller",
        about="Argo Rollouts goes on.",
        part="controller",
        offered=False,
    ),
)
BY_ID = {lever.id: lever for lever in LEVERS}


def as_json() -> list[Json]:
    """The table as the page gets it."""
    return [asdict(lever) for lever in LEVERS]


def read_arguments(lever_id: str, given: Json) -> Json:
    """
    What a lever is pulled with: every name and field, of the right type.

    Raises:
        LeverError: there is no such lever, or something is missing, too much or out of range.

    """
    lever = BY_ID.get(lever_id)
    if lever is None:
        raise LeverError(f"There is no lever {lever_id!r}.")
    names = NAMES[lever.scope]
    if extra := given.keys() - {*names, *(field.name for field in lever.fields)}:
        raise LeverError(f"{lever.label} takes no {', '.join(sorted(extra))}.")
    read: Json = {name: _text(name, given.get(name)) for name in names}
    return read | {field.name: _value(field, given.get(field.name)) for field in lever.fields}


def _value(field: Field, value: Any) -> str | int:
    match field.kind:
        case "number":
            is_number = isinstance(value, int) and not isinstance(value, bool)
            if not is_number or not field.least <= value <= field.most:
                raise LeverError(
                    f"{field.label}: a whole number from {field.least} to {field.most}."
                )
            return int(value)
        case "choice" if value not in field.choices:
            raise LeverError(f"{field.label}: one of {', '.join(field.choices)}.")
        case _:
            return _text(field.label, value)


def _text(label: str, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise LeverError(f"{label} is missing.")
    if len(value) > LONGEST:
        raise LeverError(f"{label}: at most {LONGEST} characters.")
    return value.strip()
