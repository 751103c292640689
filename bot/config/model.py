"""
What may be configured, and what it becomes.

The words here are the public face: a field's name is a key of the file.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    StrictBool,
    ValidationInfo,
    field_validator,
)

from bot.balancing.finding import Severity
from bot.config import values
from bot.config.faults import ConfigError, Fault, Loc
from bot.config.source import Source
from bot.release.access import AccessPolicy, Permission, Rule
from bot.release.changes import Topic
from bot.release.routing import Route, Routing


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Slack(_Model):
    """How to reach Slack, and by which word people call us."""

    mode: Literal["socket", "http"] = "socket"
    listen: values.Listen | None = Field(default=None, validate_default=True)
    command: values.Command = "/rollout"

    @field_validator("listen")
    @classmethod
    def _is_there_for_http(
        cls, listen: values.Address | None, info: ValidationInfo
    ) -> values.Address | None:
        if listen is None and info.data.get("mode") == "http":
            raise ValueError("is missing; mode http needs it, such as 0.0.0.0:3000")
        return listen


class Lease(_Model):
    """The Lease by which one of several replicas leads; not used with SQLite: there is one."""

    namespace: values.Namespace | None = None  #: default: the one that the account is of
    name: values.LeaseName = "rollout-bot"
    duration: values.LeaseSpan = timedelta(seconds=15)


class Kubernetes(_Model):
    """What of the cluster is looked at, and whether anything is done to it."""

    cluster: str = ""  #: what people call it; stands in the ledger
    namespaces: values.Namespaces = ()  #: empty: all that the account may read
    selector: values.Selector = ""
    writes: StrictBool = True
    lease: Lease = Lease()


class Digest(_Model):
    """When a channel gets its digest."""

    cron: values.CronText
    timezone: values.Zone


class Channel(_Model):
    """What one channel hears."""

    channel: values.ChannelRef
    namespaces: values.Globs = ("*",)
    rollouts: values.Globs = ("*",)
    tell: frozenset[Topic] = frozenset(Topic)
    digest: Digest | None = None


class Access(_Model):
    """These people may do this, there and on that."""

    allow: Annotated[frozenset[Permission], Field(min_length=1)]
    users: frozenset[values.UserId] = frozenset()
    groups: frozenset[values.GroupId] = Field(default=frozenset(), validate_default=True)
    channels: tuple[values.ChannelRef, ...] = ()
    namespaces: tuple[values.Glob, ...] = ()
    reason_required: StrictBool = False

    @field_validator("groups")
    @classmethod
    def _somebody_is_named(cls, groups: frozenset[str], info: ValidationInfo) -> frozenset[str]:
        if not groups and info.data.get("users") == frozenset():
            raise ValueError("nobody is allowed: list `users` or `groups`")
        return groups


class HeaderOnly(_Model):
    """The header route that is added where a rollout has none."""

    header: values.HeaderName = "X-Canary"
    value: values.HeaderValue = "true"


class Drift(_Model):
    """How often the cluster is compared, and how patient we are."""

    every: values.Pace = timedelta(seconds=60)
    grace: values.Grace = timedelta(seconds=30)
    remind: values.Pace = timedelta(hours=4)
    severity: Severity = Severity.HIGH  #: what is less grave is not told, only shown to who asks


class Health(_Model):
    """Where /healthz, /readyz and /metrics are."""

    listen: values.Listen = values.Address("127.0.0.1", 8080)


class Config(_Model):
    """
    The whole file.

    `resolve` is always the channels that exist: their names, with the `#`, to their ids.
    """

    slack: Slack = Slack()
    kubernetes: Kubernetes = Kubernetes()
    channels: tuple[Channel, ...] = ()
    access: tuple[Access, ...] = ()
    header_only: HeaderOnly = HeaderOnly()
    drift: Drift = Drift()
    health: Health = Health()

    _source: Source = PrivateAttr(default_factory=Source)

    def model_post_init(self, context: object) -> None:
        """Keep where everything stands, to name the line also of what is found out later."""
        if isinstance(context, Source):
            self._source = context

    @property
    def channel_names(self) -> frozenset[str]:
        """All channels that are named, as they are written: `#name` or an id."""
        return frozenset(name for _, name in self._named_channels())

    def ensure_channels(self, resolve: Mapping[str, str]) -> None:
        """
        Make sure that every channel named is one of these, by name or by id.

        Raises:
            ConfigError: naming each that does not exist.

        """
        ids = frozenset(resolve.values())
        self._ensure(lambda name: name in resolve or name in ids)

    def policy(self, resolve: Mapping[str, str]) -> AccessPolicy:
        """Make the access policy. Raises ConfigError: a `#name` that does not exist."""
        self._ensure_names(resolve)
        return AccessPolicy(
            tuple(
                Rule(
                    allow=access.allow,
                    users=access.users,
                    groups=access.groups,
                    channels=frozenset(resolve.get(name, name) for name in access.channels),
                    namespaces=access.namespaces,
                    reason_required=access.reason_required,
                )
                for access in self.access
            )
        )

    def routing(self, resolve: Mapping[str, str]) -> Routing:
        """Make the routing. Raises ConfigError: a `#name` that does not exist."""
        self._ensure_names(resolve)
        return Routing(
            tuple(
                Route(
                    channel=resolve.get(channel.channel, channel.channel),
                    namespaces=channel.namespaces,
                    rollouts=channel.rollouts,
                    tell=channel.tell,
                )
                for channel in self.channels
            )
        )

    def digests(self, resolve: Mapping[str, str]) -> Sequence[tuple[str, Digest]]:
        """Tell which channel gets a digest when. Raises ConfigError as `routing` does."""
        self._ensure_names(resolve)
        return tuple(
            (resolve.get(channel.channel, channel.channel), channel.digest)
            for channel in self.channels
            if channel.digest
        )

    def _ensure_names(self, resolve: Mapping[str, str]) -> None:
        self._ensure(lambda name: not name.startswith("#") or name in resolve)

    def _ensure(self, exists: Callable[[str], bool]) -> None:
        missing = [(loc, name) for loc, name in self._named_channels() if not exists(name)]
        if missing:
            raise ConfigError(self._missing(loc, name) for loc, name in missing)

    def _missing(self, loc: Loc, name: str) -> Fault:
        return self._source.fault(
            loc, f"I see no channel {name} in Slack; a private one must invite me first"
        )

    def _named_channels(self) -> Iterator[tuple[Loc, str]]:
        for n, channel in enumerate(self.channels):
            yield ("channels", n, "channel"), channel.channel
        for n, access in enumerate(self.access):
            for m, name in enumerate(access.channels):
                yield ("access", n, "channels", m), name
