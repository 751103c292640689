"""Configuration files and environments, wrong in a few places: read, or refused in words."""

import random

import pytest
import yaml

from bot.config import Config, ConfigError, Secrets
from bot.config.load import load
from bot.slack import redact
from tests.fuzz.cases import cases, replay
from tests.fuzz.mutations import a_text, garbled, mutated

pytestmark = pytest.mark.timeout(7_200)

WHOLE = {
    "slack": {"mode": "http", "listen": "0.0.0.0:3000", "command": "/rollout"},
    "kubernetes": {
        "cluster": "eu",
        "namespaces": ["shop", "pay"],
        "selector": "team=a",
        "writes": True,
    },
    "channels": [
        {
            "channel": "#releases",
            "namespaces": ["shop*"],
            "rollouts": ["*"],
            "tell": ["started", "finished"],
            "digest": {"cron": "0 9 * * mon-fri", "timezone": "Europe/Berlin"},
        }
    ],
    "access": [
        {"allow": ["promote", "abort"], "groups": ["S0ONCALL"], "channels": ["C0RELEASES"]},
        {"allow": ["promote"], "users": ["U0ANN"], "namespaces": ["shop"], "reason_required": True},
    ],
    "header_only": {"header": "X-Canary", "value": "true"},
    "drift": {"every": "60s", "grace": "30s", "remind": "4h", "severity": "high"},
    "health": {"listen": "127.0.0.1:8080"},
}
ODD = [
    b"!!int x",
    b"!!float ''",
    b"!!bool maybe",
    b"!!timestamp soon",
    b"!!binary '@'",
    b"!!set {a}",
    b"!!omap [a: 1]",
    b"!!python/object:os.system x",
    b"&a [*a, *a]",
    b"<<: [{a: 1}, 7]",
    b"2026-13-45",
    b"12:61:61",
    b"0x",
    b"1e999",
    b".nan",
    b"? [a, b] : c",
    b"- - - - x",
    b"\t",
    b"%YAML 9.9\n---",
    b"---\n---\n",
    b"...",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"|\n  x",
    b"\x85",
    b"'",
    b"@",
    b"*unknown",
    b"!",
]


def content(rng: random.Random) -> bytes:
    """A file: wrong as data, wrong as text, or with something odd of YAML in it."""
    data = mutated(WHOLE, rng) if rng.random() < 0.8 else WHOLE
    try:
        text = yaml.dump(data, allow_unicode=True, Dumper=yaml.CSafeDumper).encode()
    except (yaml.YAMLError, UnicodeError, RecursionError):
        return repr(data).encode("utf-8", "surrogatepass")
    if rng.random() < 0.3:
        text = garbled(text, rng).replace(b"[" * 2_000, b"[" * 200)  # PyYAML takes seconds
    if rng.random() < 0.2:
        lines = text.split(b"\n")
        at = rng.randrange(len(lines))
        head, colon, _ = lines[at].partition(b":")
        lines[at] = head + colon + b" " + rng.choice(ODD) if colon else rng.choice(ODD)
        text = b"\n".join(lines)
    return text[:20_000]


def ensure_said(error: ConfigError) -> None:
    """What is wrong is told in lines that people can read."""
    said = str(error)
    assert said.strip()
    assert "Traceback" not in said
    assert "s3cr3t" not in said
    said.encode()


def use(config: Config) -> None:
    """Make everything of it that the bot makes."""
    for known in ({}, {"#releases": "C0RELEASES"}):
        for make in (config.policy, config.routing, config.digests, config.ensure_channels):
            try:
                make(known)
            except ConfigError as error:
                ensure_said(error)


def test_configuration_files(tmp_path):
    file = tmp_path / "rollout-bot.yaml"
    for number, rng in cases():
        file.write_bytes(content(rng))
        try:
            use(load(file))
        except ConfigError as error:
            ensure_said(error)
        except Exception as error:
            error.add_note(f"{replay(number)}\n{file.read_bytes()[:2_000]!r}")
            raise


NAMES = ["SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_API_URL"]


def test_environments(tmp_path, monkeypatch):
    """No secret is told with what is wrong about it."""
    monkeypatch.setattr(redact, "_known", set())  # else it would be a hundred thousand
    for number, rng in cases():
        environ = {name: f"xoxb-s3cr3t{a_text(rng)}" for name in NAMES if rng.random() < 0.7}
        for name in NAMES:
            if rng.random() < 0.3:
                path = tmp_path / f"s{number % 50}"
                path.write_bytes(b"xapp-s3cr3t" + a_text(rng)[:50].encode(errors="replace"))
                environ[f"{name}_FILE"] = rng.choice([str(path), str(tmp_path), "/none", ""])
        try:
            Secrets.from_environment(environ, rng.choice(["socket", "http"]))
        except ConfigError as error:
            ensure_said(error)
        except Exception as error:
            error.add_note(f"{replay(number)} {environ}")
            raise
