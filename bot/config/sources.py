"""
Where configuration and secrets come from, and whether that has changed.

Looked at again and again, not listened to: a mounted ConfigMap changes by a symbolic link that is
swapped, an editor replaces the file, and neither can be relied on to be heard of.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Literal

from bot.config.load import load
from bot.config.model import Config
from bot.config.secrets import FILES, Secrets


@dataclass(frozen=True)
class Sources:
    """The configuration file, and the environment with the files that it names."""

    file: Path
    environ: Mapping[str, str] = field(repr=False)

    def config(self) -> Config:
        """Read the configuration. Raises ConfigError."""
        return load(self.file)

    def secrets(self, mode: Literal["socket", "http"]) -> Secrets:
        """Read what this mode needs. Raises ConfigError."""
        return Secrets.from_environment(self.environ, mode)

    def config_print(self) -> bytes:
        """Tell one content of the configuration from another; also that it cannot be read."""
        return _print(self.file)

    def secrets_print(self) -> bytes:
        """Tell one content of the secrets' files from another."""
        named = (self.environ.get(name, "") for name in FILES)
        return b"".join(_print(Path(name)) for name in named if name)


def _print(file: Path) -> bytes:
    try:
        return sha256(file.read_bytes()).digest()
    except OSError as error:
        return type(error).__name__.encode()
