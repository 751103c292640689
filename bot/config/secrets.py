"""
What the environment says: tokens, never shown, and where Slack is.

Each secret is a variable, or a file whose name is in the variable with `_FILE` at its end.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr

from bot.config.faults import ConfigError, Fault
from bot.slack.redact import keep_secret

BOT_TOKEN = "SLACK_BOT_TOKEN"  # noqa: S105 - the name of a variable, as are the others
APP_TOKEN = "SLACK_APP_TOKEN"  # noqa: S105
SIGNING_SECRET = "SLACK_SIGNING_SECRET"  # noqa: S105
API_URL = "SLACK_API_URL"
#: the variables that name a file instead
FILES = tuple(f"{name}_FILE" for name in (BOT_TOKEN, APP_TOKEN, SIGNING_SECRET))

#: with what a token of another kind begins: the usual mistake is to swap them
_NOT = {BOT_TOKEN: ("xapp-", "xoxp-"), APP_TOKEN: ("xoxb-", "xoxp-")}
_KIND = {
    BOT_TOKEN: "the bot token (xoxb-…), from OAuth & Permissions",
    APP_TOKEN: "the app-level token (xapp-…) with connections:write, from Basic Information",
    SIGNING_SECRET: "the signing secret, from Basic Information",
}


class Secrets(BaseModel):
    """What opens Slack. Nothing of it is in `repr`, and `str` of a secret shows asterisks."""

    model_config = ConfigDict(frozen=True)

    bot_token: SecretStr
    app_token: SecretStr | None = None  #: in socket mode
    signing_secret: SecretStr | None = None  #: in http mode
    api_url: str = ""  #: with a slash at the end; empty: Slack's own

    @classmethod
    def from_environment(cls, environ: Mapping[str, str], mode: Literal["socket", "http"]) -> Self:
        """
        Read what this mode needs.

        Raises:
            ConfigError: naming each variable that is missing or cannot be right.

        """
        secrets, faults = cls.as_far_as_given(environ, mode)
        if faults:
            raise ConfigError(faults)
        return secrets

    @classmethod
    def as_far_as_given(
        cls, environ: Mapping[str, str], mode: Literal["socket", "http"]
    ) -> tuple[Self, Sequence[Fault]]:
        """Read what this mode needs; what is missing or cannot be right is empty, and told."""
        faults: list[Fault] = []
        second = APP_TOKEN if mode == "socket" else SIGNING_SECRET
        bot_token = _secret(environ, BOT_TOKEN, faults)
        other = _secret(environ, second, faults)
        api_url = _api_url(environ.get(API_URL, ""), faults)
        secrets = cls(
            bot_token=bot_token,
            app_token=other if mode == "socket" else None,
            signing_secret=other if mode == "http" else None,
            api_url=api_url,
        )
        return secrets, faults


def _secret(environ: Mapping[str, str], name: str, faults: list[Fault]) -> SecretStr:
    """Read one secret. What is wrong with it is told without a letter of it."""

    def fault(message: str, variable: str = name) -> SecretStr:
        faults.append(Fault("environment", 0, variable, message))
        return SecretStr("")

    file = f"{name}_FILE"
    text = environ.get(name, "").strip()
    path = environ.get(file, "")
    if text and path:
        return fault(f"is set, and {file} too; take one away")
    if path:
        try:
            text = Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            return fault(f"{path} cannot be read: {error.strerror}", file)
        except UnicodeDecodeError:
            return fault(f"{path} is not text", file)
        if not text:
            return fault(f"{path} is empty", file)
    if not text:
        return fault(f"is not set (nor is {file}); it must be {_KIND[name]}")
    if text.startswith(_NOT.get(name, ())):
        return fault(f"is a token of another kind; it must be {_KIND[name]}")
    if not text.isascii() or not text.isprintable() or " " in text:
        return fault(f"has a character that no token has; it must be {_KIND[name]}")
    keep_secret(text)  # from now on it is in no log
    return SecretStr(text)


def _api_url(text: str, faults: list[Fault]) -> str:
    text = text.strip()
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query
    except ValueError:
        is_good = False
    if not is_good:
        message = "is not an address with a path, such as http://127.0.0.1:8080/api/"
        faults.append(Fault("environment", 0, API_URL, message))
        return ""
    return text if text.endswith("/") else f"{text}/"
