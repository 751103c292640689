"""No secret stays in a log line, in whatever shape it came."""

import logging

import pytest

from bot.slack.connection import proxy_for
from bot.slack.redact import Redacting, redact

SECRET = "s3cr3tvalue"


@pytest.mark.parametrize(
    "text",
    [
        *(f"xox{letter}-12-{SECRET}" for letter in "abeprs"),
        f"xapp-1-A0-{SECRET}",
        f"xoxe.xoxp-1-{SECRET}",
        f"xoxe-1-{SECRET}",
        f"https://hooks.slack.com/commands/T0/1/{SECRET}",
        f"https://hooks.slack.com/actions/T0/1/{SECRET}",
        f"https://hooks.slack-gov.com/services/T0/B0/{SECRET}",
        f"wss://wss-primary.slack.com/link/?ticket={SECRET}&app_id=1",
        f"Authorization: Bearer {SECRET}",
    ],
)
def test_every_shape_of_secret(text):
    said = redact(f"<{text}>, and more")

    assert SECRET not in said
    assert "and more" in said


def test_a_whole_record_is_redacted():
    info = (RuntimeError, RuntimeError(f"xoxb-1-{SECRET}"), None)
    record = logging.LogRecord("x", 40, "f", 1, "token %s", (f"xoxb-2-{SECRET}",), info)
    record.url = f"https://hooks.slack.com/actions/{SECRET}"
    assert Redacting().filter(record)

    said = logging.Formatter("%(message)s %(url)s").format(record)
    assert "RuntimeError: xoxb-…redacted" in said
    assert SECRET not in said


def test_this_machine_is_never_behind_a_proxy(monkeypatch):
    """slack_sdk ignores NO_PROXY."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy:3128")
    monkeypatch.setenv("NO_PROXY", "slack.internal")

    assert proxy_for("https://slack.com/api/") == "http://proxy:3128"
    assert proxy_for("wss://wss-primary.slack.com/link") == "http://proxy:3128"
    assert proxy_for("https://slack.internal/api/") is None
    assert proxy_for("http://127.0.0.1:8080/api/") is None
    assert proxy_for("http://localhost:8080/api/") is None
