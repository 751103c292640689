"""What is written becomes what the other rooms work with."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from bot.balancing.finding import Severity
from bot.config import Config, ConfigError, Lease, config_file, load
from bot.release.access import Permission, Rule
from bot.release.changes import Topic
from bot.release.routing import Route

CONFIG = Path(__file__).parents[2] / "config"
RESOLVE = {"#releases": "C0RELEASES", "#platform": "C0PLATFORM"}


@pytest.fixture
def written(tmp_path: Path):  # type: ignore[no-untyped-def]
    def write(text: str) -> Config:
        file = tmp_path / "bot.yaml"
        file.write_text(text)
        return load(file)

    return write


def test_the_documented_example_says_what_it_says() -> None:
    config = load(CONFIG / "rollout-bot.yaml")

    assert (config.slack.mode, config.slack.command) == ("socket", "/rollout")
    assert config.kubernetes.writes
    assert config.kubernetes.namespaces == ()
    assert config.kubernetes.lease == Lease()
    assert (config.header_only.header, config.header_only.value) == ("X-Canary", "true")
    assert config.drift.every == timedelta(seconds=60)
    assert config.drift.grace == timedelta(seconds=30)
    assert config.drift.remind == timedelta(hours=4)
    assert config.drift.severity is Severity.HIGH
    assert config.health.listen == ("127.0.0.1", 8080)
    assert list(config.routing(RESOLVE).routes) == [
        Route(channel="C0RELEASES", namespaces=("shop", "team-*")),
        Route(channel="C0PLATFORM", tell=frozenset({Topic.FAILED, Topic.DRIFT})),
    ]
    assert config.policy(RESOLVE).rules[0] == Rule(
        allow=frozenset(map(Permission, ["promote", "header-only", "resume", "abort"])),
        users=frozenset({"U0ANN"}),
        groups=frozenset({"S0ONCALL"}),
        channels=frozenset({"C0RELEASES"}),
        namespaces=("shop",),
    )
    assert config.policy(RESOLVE).rules[1].reason_required
    assert Permission.MUTE in config.policy(RESOLVE).rules[1].allow
    [(channel, digest)] = config.digests(RESOLVE)
    assert (channel, str(digest.cron)) == ("C0RELEASES", "0 9 * * mon-fri")
    assert digest.timezone == ZoneInfo("Asia/Tokyo")


def test_what_the_example_shows_as_default_is_the_default(written) -> None:
    example, least = load(CONFIG / "rollout-bot.yaml"), written("channels: []")

    for section in ("slack", "kubernetes", "header_only", "drift", "health"):
        assert getattr(least, section) == getattr(example, section)
    assert least.channels == least.access == ()


def test_the_minimal_example_has_five_lines_and_lets_somebody_act() -> None:
    file = CONFIG / "minimal.yaml"

    config = load(file)

    assert len(file.read_text().splitlines()) == 5
    assert config.routing(RESOLVE).routes == (Route(channel="C0RELEASES"),)
    assert config.policy(RESOLVE).rules[0].groups == {"S0ONCALL"}


def test_names_of_channels_become_ids_and_ids_stay() -> None:
    config = Config.model_validate(
        {
            "channels": [{"channel": "#platform"}, {"channel": "C0OTHER"}],
            "access": [{"allow": ["abort"], "users": ["U0ANN"], "channels": ["#releases", "C0X1"]}],
        }
    )

    assert [route.channel for route in config.routing(RESOLVE).routes] == ["C0PLATFORM", "C0OTHER"]
    assert config.policy(RESOLVE).rules[0].channels == {"C0RELEASES", "C0X1"}
    assert config.channel_names == {"#platform", "C0OTHER", "#releases", "C0X1"}


def test_channels_that_do_not_exist_are_all_named_with_their_lines(written) -> None:
    config = written(
        "channels:\n- channel: '#releases'\n- channel: '#realeases'\n  rollouts: [api]\n"
        "access:\n- allow: [abort]\n  users: [U0ANN]\n  channels:\n  - C0PLATFORM\n  - C0GONE\n"
    )

    with pytest.raises(ConfigError) as unknown:
        config.ensure_channels(RESOLVE)
    with pytest.raises(ConfigError) as unresolved:
        config.routing(RESOLVE)

    assert [(fault.line, fault.field) for fault in unknown.value.faults] == [
        (3, "channels[1].channel"),
        (10, "access[0].channels[1]"),
    ]
    assert [fault.line for fault in unresolved.value.faults] == [3]
    assert "#realeases" in str(unresolved.value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("1h30m", 5400),
        ("500ms", 0.5),
        ("1.5h", 5400),
        (".5s", 0.5),
        ("1h0m10s", 3610),
        ("20us", 0.00002),
        ("0s", 0),
    ],
)
def test_durations_are_read_as_go_writes_them(written, text: str, seconds: float) -> None:
    config = written(f"drift: {{grace: {text}}}")

    assert config.drift.grace == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("0.0.0.0:3000", ("0.0.0.0", 3000)),
        ("localhost:0", ("localhost", 0)),
        ("'[::1]:8080'", ("::1", 8080)),
    ],
)
def test_addresses(written, text: str, address: tuple[str, int]) -> None:
    assert written(f"health: {{listen: {text}}}").health.listen == address


@pytest.mark.parametrize(
    "selector",
    ["", "a=b", "app.kubernetes.io/name=api,tier!=x", "tier in (web, api), !old", "a==b", "team"],
)
def test_label_selectors(written, selector: str) -> None:
    assert written(f"kubernetes: {{selector: '{selector}'}}").kubernetes.selector == selector


def test_an_entry_can_be_used_again_and_changed(written) -> None:
    config = written(
        "channels:\n- &all\n  channel: C0RELEASES\n  tell: [drift]\n"
        "- <<: *all\n  channel: C0OTHER\n"
    )

    assert [channel.channel for channel in config.channels] == ["C0RELEASES", "C0OTHER"]
    assert [channel.tell for channel in config.channels] == [{Topic.DRIFT}] * 2


def test_a_key_whose_entries_are_all_commented_out_counts_as_not_written(written) -> None:
    assert written("channels:\n# - channel: C0RELEASES\nslack:\n  mode: socket\n").channels == ()


def test_a_configuration_does_not_change() -> None:
    config = load(CONFIG / "minimal.yaml")

    with pytest.raises(ValueError, match="frozen"):
        config.slack.command = "/other"  # type: ignore[misc]


def test_the_file_is_that_of_the_command_line_else_of_the_environment() -> None:
    environ = {"ROLLOUT_BOT_CONFIG": "/etc/bot.yaml"}

    assert config_file(environ, "mine.yaml") == Path("mine.yaml")
    assert config_file(environ) == Path("/etc/bot.yaml")
    with pytest.raises(ConfigError, match="ROLLOUT_BOT_CONFIG: is not set"):
        config_file({})


# --- every file of config/ ----------------------------------------------------------------------

RIGHTS = ("rbac.yaml", "rbac-read-only.yaml")
SLACK = "slack-app-manifest.yaml"  #: held against the code in tests/test_slack_app_manifest.py


def test_every_file_of_the_folder_is_one_that_we_know() -> None:
    for file in CONFIG.iterdir():
        if file.name in RIGHTS:
            assert all(one["kind"] for one in yaml.safe_load_all(file.read_text()))
        elif file.name != SLACK:
            assert isinstance(load(file), Config)


def documents(file: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((CONFIG / file).read_text()))


def rights(file: str, kind: str = "ClusterRole") -> dict[str, set[str]]:
    [role] = [one for one in documents(file) if one["kind"] == kind]
    return {
        "/".join(filter(None, (group, resource))): set(rule["verbs"])
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
    }


READ = {"get", "list", "watch"}
READING = {
    "argoproj.io/rollouts": READ,
    "argoproj.io/applications": {"get"},
    "networking.k8s.io/ingresses": READ,
    "networking.k8s.io/ingressclasses": {"list"},
    "elbv2.k8s.aws/ingressclassparams": {"list"},
    "services": READ,
    "apps/replicasets": {"list", "watch"},
    "events": {"list"},
    "authorization.k8s.io/selfsubjectaccessreviews": {"create"},
}


def test_the_account_may_what_the_bot_does_and_no_more() -> None:
    assert rights("rbac.yaml") == READING | {
        "argoproj.io/rollouts": READ | {"patch"},
        "argoproj.io/rollouts/status": {"patch"},
    }


def test_the_reading_account_changes_nothing() -> None:
    assert rights("rbac-read-only.yaml") == READING


@pytest.mark.parametrize("file", RIGHTS)
def test_leases_only_in_the_own_namespace(file: str) -> None:
    [role] = [one for one in documents(file) if one["kind"] == "Role"]

    assert role["metadata"]["namespace"] == "rollout-bot"
    assert set(rights(file, "Role")) == {"coordination.k8s.io/leases"}


@pytest.mark.parametrize("file", RIGHTS)
def test_each_binding_ties_a_role_of_the_file_to_its_account(file: str) -> None:
    everything = documents(file)
    names = {(one["kind"], one["metadata"]["name"]) for one in everything}
    bindings = [one for one in everything if one["kind"].endswith("Binding")]

    assert len(bindings) == 2
    for binding in bindings:
        role, [account] = binding["roleRef"], binding["subjects"]
        assert (role["kind"], role["name"]) in names
        assert (account["kind"], account["name"]) in names
        assert account["namespace"] == "rollout-bot"


def test_both_accounts_can_be_installed_side_by_side() -> None:
    one, other = ({(d["kind"], d["metadata"]["name"]) for d in documents(file)} for file in RIGHTS)

    assert not one & other


def test_the_lease_may_have_another_place_and_another_term(written) -> None:  # type: ignore[no-untyped-def]
    lease = written(
        "kubernetes: {lease: {namespace: ops, name: releases-bot, duration: 1m30s}}"
    ).kubernetes.lease
    assert (lease.namespace, lease.name, lease.duration) == (
        "ops",
        "releases-bot",
        timedelta(seconds=90),
    )


@pytest.mark.parametrize("span", ["4s", "121s", "7500ms", "0s"])
def test_a_lease_that_proves_nothing_is_refused(written, span: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ConfigError, match="duration: must be whole seconds, from 5s to 2m"):
        written(f"kubernetes: {{lease: {{duration: {span}}}}}")
