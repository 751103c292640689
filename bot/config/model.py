"""The whole file, and what it becomes: AccessPolicy, Routing, digests."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from pydantic import PrivateAttr

from bot.config.faults import ConfigError, Fault, Loc
from bot.config.keys import (
    Access,
    Channel,
    Digest,
    Drift,
    HeaderOnly,
    Health,
    Kubernetes,
    Section,
    Slack,
)
from bot.config.source import Source
from bot.release.access import AccessPolicy, Rule
from bot.release.routing import Route, Routing


class Config(Section):
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
