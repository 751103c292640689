"""What is logged, in both shapes: no secret, one record one record, and nothing breaks the log."""

import json
import logging
import re
import sys

import pytest

from bot import logs
from bot.slack.redact import keep_secret

SECRET = "s3cr3t-v4lue"
JWT = "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJpc3MiOiJrdWJlcm5ldGVzIn0"
SIGNING = "8f742231b10e8888abcd99yyyzzz85a5"
SHAPES = {
    "bot": f"xoxb-12-34-{SECRET}",
    "person": f"xoxp-12-{SECRET}",
    "workspace": f"xoxa-2-{SECRET}",
    "refresh": f"xoxr-{SECRET}",
    "session": f"xoxs-{SECRET}",
    "cookie": f"xoxc-{SECRET}",
    "expires": f"xoxe-1-{SECRET}",
    "expires-bot": f"xoxe.xoxb-1-{SECRET}",
    "expires-person": f"xoxe.xoxp-1-{SECRET}",
    "app": f"xapp-1-A0-12-{SECRET}",
    "webhook": f"https://hooks.slack.com/services/T0/B0/{SECRET}",
    "response": f"https://hooks.slack.com/commands/T0/12/{SECRET}",
    "response-of-a-press": f"https://hooks.slack.com/actions/T0/12/{SECRET}",
    "response-in-a-form": f"response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT0%2F{SECRET}",
    "ticket": f"wss://wss-primary.slack.com/link/?ticket={SECRET}&app_id=1",
    "bearer": f"Authorization: Bearer {SECRET}",
    "service-account": f"{JWT}.{SECRET}",
    "bearer-jwt": f"authorization: bearer {JWT}.{SECRET}",
    "database": f"postgresql+asyncpg://bot:{SECRET}@db.internal:5432/bot",
    "database-odd": f"postgresql://bot:p@ss/{SECRET}@db.internal/bot",
    "signing": SIGNING,
    "signature": f"v0={'0a' * 32}",
}
HIDDEN = (SECRET, SIGNING, "0a0a0a")


@pytest.fixture(params=["text", "json"])
def log(request, capsys):
    """Set the log up as the command line does, and give what it wrote."""
    root, hook = logging.getLogger(), sys.excepthook
    handlers, level = root.handlers[:], root.level
    logs.set_up("debug", request.param)
    keep_secret(SIGNING)
    yield lambda: capsys.readouterr().err
    root.handlers[:], sys.excepthook = handlers, hook
    root.setLevel(level)


def raised(text):
    """An exception with a cause, as libraries raise them."""
    error = ValueError({"sent": [text]})
    error.__cause__ = OSError(f"no answer from {text}")
    return error


WAYS = {
    "message": lambda at, text: at.warning(f"sent {text}, more"),
    "args": lambda at, text: at.warning("sent %s, %s", text, "more"),
    "object": lambda at, text: at.warning("sent %r, more", {"headers": [text]}),
    "named": lambda at, text: at.warning("sent %(what)s, more", {"what": text}),
    "traceback": lambda at, text: at.error("more", exc_info=raised(text)),
    "extra": lambda at, text: at.error("more", extra={"url": text}),
    "deep-extra": lambda at, text: at.error("more", extra={"body": {"a": [{text: (text,)}]}}),
    "odd-extra": lambda at, text: at.error("more", extra={"error": raised(text)}),
    "misfit": lambda at, text: at.error("more %d", text),
    "bytes": lambda at, text: at.error("more %s", text.encode()),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("shape", SHAPES)
def test_no_shape_of_secret_is_in_the_log(log, shape, way):
    WAYS[way](logging.getLogger("some.library"), SHAPES[shape])
    said = log()

    assert "more" in said
    assert not any(hidden in said for hidden in HIDDEN)


@pytest.mark.parametrize("shape", SHAPES)
def test_nor_in_the_traceback_with_which_the_process_ends(log, shape):
    error = raised(SHAPES[shape])
    sys.excepthook(type(error), error, error.__traceback__)
    said = log()

    assert "ValueError" in said
    assert not any(hidden in said for hidden in HIDDEN)


@pytest.mark.parametrize(
    "foreign",
    [
        pytest.param("a\n2026-01-01 00:00:00,000 ERROR bot.app  all is lost", id="line"),
        pytest.param("a\r\nb\x85c\u2028d\u2029e\x0bf\x0cg", id="all-line-ends"),
        pytest.param("a\x1b[2J\x1b]0;title\x07\x00\x7f", id="terminal"),
        pytest.param("a\u202ecba\u2066\u200b\ufeff", id="turned-round"),
        pytest.param("a\ud800\udfff", id="lone-surrogates"),
    ],
)
def test_foreign_text_makes_no_line_of_its_own(log, foreign):
    # the test runner reads all loggers that have a place, and stumbles over some texts
    logger = logging.Logger("bot.x")  # noqa: LOG001
    logger.addHandler(logging.root.handlers[0])
    logger.warning("said %s", foreign, extra={"user": foreign})
    logger.error("failed", exc_info=ValueError(foreign))
    said = log()
    begins = [line for line in said.splitlines() if not line.startswith("    | ")]

    assert len(begins) == 2
    assert said.replace("\n", "").isprintable()


def test_a_traceback_can_be_read(log):
    logging.getLogger("bot.x").error("failed", exc_info=raised("x"))
    said = log()
    text = json.loads(said)["error"] if said.startswith("{") else said

    assert "OSError: no answer from x" in text
    assert re.search(r"^(    \| )?ValueError", text, re.MULTILINE)


class Broken:
    def __str__(self):
        raise RuntimeError(SECRET)

    __repr__ = __str__


def test_an_object_that_cannot_be_shown_stops_nobody(log):
    logging.getLogger("bot.x").warning("more %s", Broken(), extra={"what": Broken()})
    said = log()

    assert "more" in said
    assert SECRET not in said


def test_extra_fields_do_not_hide_what_is_said(log):
    logging.getLogger("bot.x").warning("said", extra={"at": "never", "level": "none", "me": 1})
    said = log()

    if said.startswith("{"):
        assert json.loads(said)["level"] == "warning"
        assert json.loads(said)["me"] == 1
