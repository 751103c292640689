"""
The sections of the file, each key with what it means and an example.

The words here are the public face: a field's name is a key of the file. Meanings and examples are
also what `docs/configuration.md` says; it is written anew by `make docs`.
"""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationInfo, field_validator

from bot.balancing.finding import Severity
from bot.config import values
from bot.release.access import Permission
from bot.release.changes import Topic


class Section(BaseModel):
    """A mapping of the file: frozen, and a key that is not known is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Slack(Section):
    """How to reach Slack, and by which word people call us."""

    mode: Literal["socket", "http"] = Field(
        "socket",
        description="`socket`: the bot calls Slack, no port is open. `http`: Slack calls the bot.",
        examples=["socket"],
    )
    listen: values.Listen | None = Field(
        None,
        validate_default=True,
        description="Where Slack's requests arrive; needed with `mode: http`, unused otherwise.",
        examples=["0.0.0.0:3000"],
    )
    command: values.Command = Field(
        "/rollout", description="The slash command of your Slack app.", examples=["/rollout"]
    )

    @field_validator("listen")
    @classmethod
    def _is_there_for_http(
        cls, listen: values.Address | None, info: ValidationInfo
    ) -> values.Address | None:
        if listen is None and info.data.get("mode") == "http":
            raise ValueError("is missing; mode http needs it, such as 0.0.0.0:3000")
        return listen


class Lease(Section):
    """The Lease by which one of several replicas leads; not used with SQLite: there is one."""

    namespace: values.Namespace | None = Field(
        None,
        description="Where the Lease is. Default: the namespace that the account is of.",
        examples=["rollout-bot"],
    )
    name: values.LeaseName = Field(
        "rollout-bot",
        description="Its name; the bot's Role must allow it by this name.",
        examples=["rollout-bot"],
    )
    duration: values.LeaseSpan = Field(
        timedelta(seconds=15),
        description="A leader that died is replaced after this; whole seconds, `5s` to `2m`. It "
        "posts nothing after three fifths of it without a renewal.",
        examples=["15s"],
    )


class Kubernetes(Section):
    """What of the cluster is looked at, and whether anything is done to it."""

    cluster: str = Field(
        "",
        description="What people call the cluster; it stands in the ledger.",
        examples=["production"],
    )
    namespaces: values.Namespaces = Field(
        (),
        description="The namespaces to look at, by name. Empty: all that the account may read.",
        examples=[["shop", "pay"]],
    )
    selector: values.Selector = Field(
        "", description="Labels of the rollouts to look at. Empty: all.", examples=["team=shop"]
    )
    writes: StrictBool = Field(
        default=True,
        description="`false`: read-only, no action is offered or taken.",
        examples=[False],
    )
    lease: Lease = Lease()


class Digest(Section):
    """When a channel gets its digest."""

    cron: values.CronText = Field(
        description="Minute, hour, day of month, month, day of week (0 and 7: Sunday). When clocks "
        "change, each time of day still comes once.",
        examples=["0 9 * * mon-fri"],
    )
    timezone: values.Zone = Field(
        description="The time zone in which that is meant.", examples=["Asia/Tokyo"]
    )


class Channel(Section):
    """What one channel hears; a list. Without an entry nobody hears anything."""

    channel: values.ChannelRef = Field(
        description="Its id, or its name in quotes. Invite the bot there.", examples=["#releases"]
    )
    namespaces: values.Globs = Field(
        ("*",), description="Names or patterns; default: all.", examples=[["shop", "team-*"]]
    )
    rollouts: values.Globs = Field(
        ("*",), description="Names or patterns; default: all.", examples=[["checkout", "search-*"]]
    )
    tell: frozenset[Topic] = Field(
        frozenset(Topic),
        description="What it hears of; default: all of these.",
        examples=[["failed", "drift"]],
    )
    digest: Digest | None = Field(None, description="A summary, at these times; default: none.")


class Access(Section):
    """
    These people may do this, there and on that; a list, and the first entry that fits allows.

    Without an entry everybody may read and nobody may act. Guests, bots and people of other
    workspaces never act, whatever is listed.
    """

    allow: Annotated[frozenset[Permission], Field(min_length=1)] = Field(
        description="What they may do.",
        examples=[["promote", "header-only", "resume", "abort"]],
    )
    users: frozenset[values.UserId] = Field(
        frozenset(),
        description="Ids of people. `users` or `groups` must name somebody.",
        examples=[["U0ANN"]],
    )
    groups: frozenset[values.GroupId] = Field(
        frozenset(),
        validate_default=True,
        description="Ids of Slack user groups; who is in them is asked of Slack, at most a minute "
        "old.",
        examples=[["S0ONCALL"]],
    )
    channels: tuple[values.ChannelRef, ...] = Field(
        (), description="Only in these channels; empty: everywhere.", examples=[["C0RELEASES"]]
    )
    namespaces: tuple[values.Glob, ...] = Field(
        (), description="Names or patterns; empty: all.", examples=[["shop", "team-*"]]
    )
    reason_required: StrictBool = Field(
        default=False,
        description='`true`: only with `--reason "…"`; it goes to the ledger and the thread.',
        examples=[True],
    )

    @field_validator("groups")
    @classmethod
    def _somebody_is_named(cls, groups: frozenset[str], info: ValidationInfo) -> frozenset[str]:
        if not groups and info.data.get("users") == frozenset():
            raise ValueError("nobody is allowed: list `users` or `groups`")
        return groups


class HeaderOnly(Section):
    """The header route that is added where a rollout has none."""

    header: values.HeaderName = Field(
        "X-Canary", description="The name of the header.", examples=["X-Canary"]
    )
    value: values.HeaderValue = Field(
        "true", description="The value that leads to the canary.", examples=["true"]
    )


class Drift(Section):
    """How often the cluster is compared, and how patient we are."""

    every: values.Pace = Field(
        timedelta(seconds=60),
        description="How often Ingresses are compared and looked through; at least `1s`.",
        examples=["60s"],
    )
    grace: values.Grace = Field(
        timedelta(seconds=30),
        description="A controller needs a moment: a difference that is younger is no drift yet.",
        examples=["30s"],
    )
    remind: values.Pace = Field(
        timedelta(hours=4),
        description="A finding is told once more after this, while it lasts.",
        examples=["4h"],
    )
    severity: Severity = Field(
        Severity.HIGH,
        description="A channel hears of what is as grave as this, or graver. The rest is counted "
        "in digests and shown by `/rollout drift`.",
        examples=["high"],
    )


class Health(Section):
    """Where /healthz, /readyz and /metrics are."""

    listen: values.Listen = Field(
        values.Address("127.0.0.1", 8080),
        description="In a pod: `0.0.0.0:8080`.",
        examples=["127.0.0.1:8080"],
    )
