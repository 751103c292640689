"""
The configuration: a YAML file and the environment as frozen models, valid before anything starts.

    load.py      a file -> Config, or all its faults at once
    model.py     the whole file, and what it becomes: AccessPolicy, Routing
    keys.py      its sections: each key, what it means, an example
    values.py    durations, addresses, ids, time zones: what a single value may be
    source.py    YAML -> plain data, and where in the file each of it stands
    faults.py    what is wrong, where, and what would be right
    secrets.py   tokens and the like, from the environment only
    sources.py   both again, while the bot runs, and whether they have changed

What never lives here: asking Slack or the cluster whether what is named exists. Names of channels
are resolved by whoever can ask; the models take the answers (`resolve`).
"""

from bot.config.faults import ConfigError, Fault
from bot.config.keys import Channel, Digest, Lease
from bot.config.load import config_file, load
from bot.config.model import Config
from bot.config.secrets import Secrets
from bot.config.sources import Sources
from bot.config.values import Address

__all__ = [
    "Address",
    "Channel",
    "Config",
    "ConfigError",
    "Digest",
    "Fault",
    "Lease",
    "Secrets",
    "Sources",
    "config_file",
    "load",
]
