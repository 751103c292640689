"""What configuration and secrets mean to the rooms; the channels that they name have ids then."""

from collections.abc import Mapping

from bot.config import Config, Secrets
from bot.flows.settings import Settings
from bot.slack.app import Settings as SlackSettings
from bot.slack.calls import Calls
from bot.slack.channels import UnknownChannel, resolve


async def channel_ids(
    config: Config, calls: Calls, known: Mapping[str, str] | None = None
) -> Mapping[str, str]:
    """
    Find the ids of all channels that the configuration names, however long it takes.

    Args:
        known: what was found before; Slack is asked for the others only.

    Raises:
        ConfigError: naming each channel that does not exist.
        Denied: the token may not look.

    """
    found = {name: id_ for name, id_ in (known or {}).items() if name in config.channel_names}
    names = sorted(config.channel_names - found.keys())
    try:
        return {**found, **await resolve(calls, names)}
    except UnknownChannel as unknown:
        found |= {name: name for name in names if name not in unknown.names}
        config.ensure_channels(found)
        raise


def settings(config: Config, channels: Mapping[str, str]) -> Settings:
    """Tell the flows."""
    return Settings(
        cluster=config.kubernetes.cluster,
        writes=config.kubernetes.writes,
        policy=config.policy(channels),
        routing=config.routing(channels),
        header=config.header_only.header,
        value=config.header_only.value,
        drift_grace=config.drift.grace,
        drift_remind=config.drift.remind,
        drift_severity=config.drift.severity,
    )


def slack_settings(config: Config, secrets: Secrets) -> SlackSettings:
    """Tell the Slack app."""
    app, signing, listen = secrets.app_token, secrets.signing_secret, config.slack.listen
    return SlackSettings(
        mode=config.slack.mode,
        app_token=app.get_secret_value() if app else "",
        signing_secret=signing.get_secret_value() if signing else "",
        listen=f"{listen.host}:{listen.port}" if listen else "",
        command=config.slack.command,
        groups=groups(config),
    )


def groups(config: Config) -> frozenset[str]:
    """Name the user groups of which the access policy has to know who is in them."""
    return frozenset(group for access in config.access for group in access.groups)
