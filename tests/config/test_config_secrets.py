"""Tokens come from the environment, and are never shown."""

import pickle
from pathlib import Path

import pytest

from bot.config import ConfigError, Secrets

BOT, APP, SIGNING = "xoxb-1-bot", "xapp-1-app", "0123abcd"
SOCKET = {"SLACK_BOT_TOKEN": BOT, "SLACK_APP_TOKEN": APP}
HTTP = {"SLACK_BOT_TOKEN": BOT, "SLACK_SIGNING_SECRET": SIGNING}


def faults(environ: dict[str, str], mode: str = "socket") -> list[str]:
    with pytest.raises(ConfigError) as refused:
        Secrets.from_environment(environ, mode)  # type: ignore[arg-type]
    return str(refused.value).splitlines()


def test_socket_mode_needs_the_app_token() -> None:
    secrets = Secrets.from_environment(SOCKET, "socket")

    assert secrets.bot_token.get_secret_value() == BOT
    assert secrets.app_token is not None
    assert secrets.app_token.get_secret_value() == APP
    assert secrets.signing_secret is None
    assert secrets.api_url == ""


def test_http_mode_needs_the_signing_secret() -> None:
    secrets = Secrets.from_environment(HTTP, "http")

    assert secrets.signing_secret is not None
    assert secrets.signing_secret.get_secret_value() == SIGNING
    assert secrets.app_token is None


@pytest.mark.parametrize(
    ("environ", "mode", "missing"),
    [
        ({}, "socket", ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"]),
        ({}, "http", ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"]),
        (HTTP, "socket", ["SLACK_APP_TOKEN"]),
        (SOCKET | {"SLACK_BOT_TOKEN": " "}, "socket", ["SLACK_BOT_TOKEN"]),
    ],
)
def test_each_variable_that_is_missing_is_named(
    environ: dict[str, str], mode: str, missing: list[str]
) -> None:
    told = faults(environ, mode)

    assert [fault.split(": ")[1] for fault in told] == missing
    assert all("is not set" in fault for fault in told)


def test_a_secret_can_be_in_a_file(tmp_path: Path) -> None:
    for name, text in SOCKET.items():
        (tmp_path / name).write_text(f"{text}\n")

    secrets = Secrets.from_environment(
        {f"{name}_FILE": str(tmp_path / name) for name in SOCKET}, "socket"
    )

    assert secrets == Secrets.from_environment(SOCKET, "socket")


def test_a_file_of_a_secret_must_be_there_and_say_something(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")

    def told(file: str) -> str:
        environ = {"SLACK_BOT_TOKEN": BOT, "SLACK_APP_TOKEN_FILE": str(tmp_path / file)}
        [fault] = faults(environ)
        return fault

    assert told("none").endswith("none cannot be read: No such file or directory")
    assert told("empty").endswith("empty is empty")
    assert told("binary").endswith("binary is not text")
    assert told("none").startswith("environment: SLACK_APP_TOKEN_FILE: ")


def test_a_secret_in_two_places_is_refused() -> None:
    [fault] = faults(SOCKET | {"SLACK_APP_TOKEN_FILE": "/run/token"})

    assert fault == (
        "environment: SLACK_APP_TOKEN: is set, and SLACK_APP_TOKEN_FILE too; take one away"
    )


def test_swapped_tokens_are_noticed() -> None:
    told = faults({"SLACK_BOT_TOKEN": APP, "SLACK_APP_TOKEN": BOT})

    assert ["another kind" in fault for fault in told] == [True, True]


@pytest.mark.parametrize("token", ["xoxb-1\r\nX-Evil: 1", "xoxb 1", "xoxb-ü"])
def test_what_no_token_has_is_refused_without_repeating_it(token: str) -> None:
    [fault] = faults(SOCKET | {"SLACK_BOT_TOKEN": token})

    assert "no token has" in fault
    assert token not in fault


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("http://127.0.0.1:8080/api/", "http://127.0.0.1:8080/api/"),
        ("https://slack.example/api", "https://slack.example/api/"),
        ("", ""),
    ],
)
def test_another_slack(given: str, url: str) -> None:
    assert Secrets.from_environment(SOCKET | {"SLACK_API_URL": given}, "socket").api_url == url


@pytest.mark.parametrize("given", ["slack.example/api", "ftp://slack.example/", "http://[", "/api"])
def test_what_is_no_address_is_refused(given: str) -> None:
    [fault] = faults(SOCKET | {"SLACK_API_URL": given})

    assert fault.startswith("environment: SLACK_API_URL: is not an address")


def test_no_secret_is_ever_shown() -> None:
    for secrets in (
        Secrets.from_environment(SOCKET, "socket"),
        Secrets.from_environment(HTTP, "http"),
    ):
        shown = f"{secrets} {secrets!r} {secrets.model_dump()} {secrets.bot_token}"

        assert not any(secret in shown for secret in (BOT, APP, SIGNING))
    assert not any(secret in str(faults({"SLACK_BOT_TOKEN": APP})) for secret in (BOT, APP))
    assert pickle.loads(pickle.dumps(secrets)) == secrets
