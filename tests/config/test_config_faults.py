"""What is wrong is told all at once: where it stands, and what would be right."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.config import ConfigError, Fault, load


@pytest.fixture
def faults(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Gives the faults of a text, without the name of the file."""

    def of(text: str | bytes) -> list[str]:
        file = tmp_path / "bot.yaml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        with pytest.raises(ConfigError) as refused:
            load(file)
        prefix = f"{file}:"
        lines = str(refused.value).splitlines()
        assert [line.startswith(prefix) for line in lines] == [True] * len(lines)
        return [line.removeprefix(prefix) for line in lines]

    return of


EVERYTHING_WRONG = """\
slack:
  mode: sockets
  comand: /rollout
kubernetes:
  namespaces: shop
  writes: "yes"
  writes: true
channels:
  - channel: releases
    tell: [step, drfit]
    digest:
      cron: "0 25 * * *"
      timezone: Asia/Tokio
  - namespaces: []
access:
  - allow: [promote, advance]
    users: ["@ann"]
  - allow: []
header_only: {value: true}
drift:
  every: 60
  grace: 1d
  remind: 100ms
health:
  listen: 8080
chanels: []
"""


TOLD = [
    "2: slack.mode: 'sockets' is not known; did you mean socket?; allowed: socket, http",
    "3: slack.comand: is not known; did you mean command?; allowed: mode, listen, command",
    "5: kubernetes.namespaces: 'shop' must be a list: [shop]",
    "6: kubernetes.writes: 'yes' must be true or false",
    "7: kubernetes.writes: is written twice; the first time in line 6",
    (
        "9: channels[0].channel: 'releases' is not a channel: its id (C…, at the end of the "
        'channel\'s details) or its name in quotes, such as "#releases"'
    ),
    (
        "10: channels[0].tell[1]: 'drfit' is not known; did you mean drift?; allowed: started, "
        "step, waiting, finished, aborted, failed, drift"
    ),
    (
        "12: channels[0].digest.cron: hour: '25' is not allowed; allowed: 0-23, *, lists, "
        "ranges and steps"
    ),
    ("13: channels[0].digest.timezone: 'Asia/Tokio' is not a time zone; did you mean Asia/Tokyo?"),
    "14: channels[1].channel: is missing",
    "14: channels[1].namespaces: must not be empty",
    (
        "16: access[0].allow[1]: 'advance' is not known; allowed: promote, header-only, "
        "resume, abort, pause, retry, full, mute"
    ),
    "17: access[0].users[0]: '@ann' is not a person's id (U…): profile, ⋮, Copy member ID",
    "18: access[1].allow: must not be empty",
    "18: access[1].groups: nobody is allowed: list `users` or `groups`",
    "19: header_only.value: true must be text; put it in quotes",
    (
        "21: drift.every: 60 of what? A duration needs its unit; write it as in Go: 90s, "
        "1h30m, 500ms"
    ),
    (
        "22: drift.grace: '1d' is not a duration (a day is 24h); write it as in Go: 90s, "
        "1h30m, 500ms"
    ),
    "23: drift.remind: must be at least 1s",
    "25: health.listen: 8080 is not host:port, such as 127.0.0.1:8080",
    (
        "26: chanels: is not known; did you mean channels?; allowed: slack, kubernetes, "
        "channels, access, header_only, drift, health"
    ),
]


def test_all_faults_are_told_at_once_in_the_order_of_the_lines(faults) -> None:
    assert faults(EVERYTHING_WRONG) == TOLD


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (
            "drift: {severity: hihg}",
            "1: drift.severity: 'hihg' is not known; did you mean high?; allowed: critical, high",
        ),
        ("drift: {every: 999ms}", "1: drift.every: must be at least 1s"),
        ("drift: {every: -5s}", "1: drift.every: '-5s' is not a duration; write it as in Go"),
        ("drift: {every: 1h 30m}", "1: drift.every: '1h 30m' is not a duration"),
        ("drift: {every: ''}", "1: drift.every: '' is not a duration"),
        ("drift: {every: 1e9s}", "1: drift.every: '1e9s' is not a duration"),
        ("drift: {every: 99999999999h}", "1: drift.every: '99999999999h' is longer than anybody"),
        ("drift: {every: [60s]}", "1: drift.every: ['60s'] is not a duration"),
        ("drift: 60s", "1: drift: '60s' must have keys; allowed: every, grace, remind"),
        ("slack: {mode: http}", "1: slack.listen: is missing; mode http needs it"),
        ("slack: {command: rollout}", "1: slack.command: 'rollout' is not a command such as"),
        ("slack: {command: /Rollout}", "1: slack.command: '/Rollout' is not a command such as"),
        ("health: {listen: '127.0.0.1:80800'}", "1: health.listen: '127.0.0.1:80800' is not host"),
        ("health: {listen: 'localhost'}", "1: health.listen: 'localhost' is not host:port"),
        ("kubernetes: {namespaces: [team-*]}", "1: kubernetes.namespaces[0]: 'team-*' is not the"),
        ("kubernetes: {selector: 'a in web'}", "1: kubernetes.selector: 'a in web' is not a label"),
        ("header_only: {header: 'X Canary'}", "1: header_only.header: 'X Canary' is not the name"),
        ("header_only: {value: ''}", "1: header_only.value: '' is not the value of a header"),
        (
            "channels: [{channel: C0A1, digest: {cron: 0 9 * * *}}]",
            "1: channels[0].digest.timezone: is missing",
        ),
        (
            "channels: [{channel: C0A1, digest: {cron: 0 9 * * 8, timezone: UTC}}]",
            "1: channels[0].digest.cron: day of week: '8' is not allowed",
        ),
        (
            "channels: [{channel: C0A1, digest: {cron: 0 9 * * *, timezone: Asia}}]",
            "1: channels[0].digest.timezone: 'Asia' is not a time zone",
        ),
        (
            "channels: [{channel: C0A1, digest: {cron: 0 9 * * *, timezone: ../UTC}}]",
            "1: channels[0].digest.timezone: '../UTC' is not a time zone",
        ),
        (
            "channels: [{channel: C0A1, digest: {cron: 9, timezone: 9}}]",
            "1: channels[0].digest.cron: 9 must be text, in quotes: five fields",
        ),
        ("channels: {channel: C0A1}", "1: channels: {'channel': 'C0A1'} must be a list"),
        ("channels: [C0A1]", "1: channels[0]: 'C0A1' must have keys; allowed: channel, namespaces"),
        ("access: [{allow: [abort], groups: [oncall]}]", "1: access[0].groups[0]: 'oncall' is not"),
        ("- slack", "1: ['slack'] must have keys; allowed: slack, kubernetes, channels"),
        ("hello", "1: 'hello' must have keys; allowed: slack"),
        ("", "1: is empty"),
        ("# nothing\n", "1: is empty"),
        ("slack: {mode: socket", "1: is not YAML: while parsing a flow mapping, "),
        ("a: 1\n---\nb: 2", "2: is not YAML: expected a single document"),
        ("slack:\n\tmode: http", "2: is not YAML: while scanning for the next token"),
        ("1: x", "1: line 1: a key must be text"),
        ("slack: {? [a] : b}", "1: slack: line 1: a key must be text"),
        ("slack: !!python/name:os.system x", "1: slack: 'x' is not understood; put it in quotes"),
        ("slack: {command: 2026-13-45}", "1: slack.command: '2026-13-45' is not understood"),
        ("channels: &all [*all]", "1: channels[0]: contains itself"),
        ("slack: {<<: 5}", "1: slack: <<: only a mapping can be merged"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(faults, text: str, fault: str) -> None:
    assert faults(text)[0].startswith(fault)


def test_a_fault_in_what_was_used_again_stands_where_it_was_written(faults) -> None:
    text = "access:\n- &rule\n  allow: [abort]\n  users: [U0ANN]\n- <<: *rule\n  users: [ann]\n"

    assert [fault.split(" ")[:2] for fault in faults(text)] == [["6:", "access[1].users[0]:"]]


def test_a_long_value_is_not_repeated_in_full(faults) -> None:
    [fault] = faults(f"slack: {{command: {'x' * 5000}}}")

    assert len(fault) < 200


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"slack: \x00", b"\xc3("])
def test_what_is_not_text_is_told(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "bot.yaml"
    file.write_bytes(content)

    with pytest.raises(ConfigError, match="is not YAML"):
        load(file)


def test_a_file_that_is_nested_without_end_is_told(tmp_path: Path) -> None:
    file = tmp_path / "bot.yaml"
    file.write_text("[" * 20_000)

    with pytest.raises(ConfigError, match="nested too deeply"):
        load(file)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as missing:
        load(tmp_path / "none.yaml")
    with pytest.raises(ConfigError) as folder:
        load(tmp_path)

    assert missing.value.faults == (
        Fault(str(tmp_path / "none.yaml"), 0, "", "cannot be read: No such file or directory"),
    )
    assert str(missing.value).endswith("none.yaml: cannot be read: No such file or directory")
    assert "Is a directory" in str(folder.value)


keys = st.sampled_from(["slack", "mode", "channels", "channel", "digest", "cron", "drift", "<<"])
trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | keys,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(tree=trees)
def test_whatever_is_written_is_either_good_or_told(tmp_path: Path, tree: object) -> None:
    file = tmp_path / "bot.yaml"
    file.write_text(json.dumps(tree))
    faults: tuple[Fault, ...] = ()
    try:
        config = load(file)
    except ConfigError as error:
        config, faults = None, error.faults

    assert (config is None) == bool(faults)
    assert all(fault.message for fault in faults)
