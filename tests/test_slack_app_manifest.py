"""
The app's manifest asks Slack for what the code uses, and for nothing else.

Which scope a method takes is written down in the sandbox's table, from Slack's own pages; what the
code calls is read from the code. Slack publishes a schema of manifests (slackapi/manifest-schema):
the limits below are those of its version 1.
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from bot.config.model import Slack
from bot.sandbox.slack.methods import METHODS
from bot.sandbox.slack.webapi import CONNECT
from bot.sandbox.slack.workspace import SCOPES
from bot.slack.channels import KINDS
from bot.slack.scopes import BOT_SCOPES

ROOT = Path(__file__).parent.parent
FILE = ROOT / "config" / "slack-app-manifest.yaml"
SCOPES_OF = {name: method.scopes for name, method in METHODS.items()}
FAMILIES = "|".join(sorted({method.partition(".")[0] for method in (*SCOPES_OF, CONNECT)}))
IN_WORDS = re.compile(rf"(?:{FAMILIES})(?:\.[a-z][A-Za-z]*)+")  # calls("chat.update", …)
#: Direct messages are written, and never read.
OUR_TYPES = {scope.partition(":")[0] for scope in KINDS.values()}
AS_NAME = re.compile(rf"(?!api_call$)(?:{FAMILIES})(?:_[a-zA-Z]+)+")  # client.chat_update(…)


@pytest.fixture(scope="module")
def manifest():
    return yaml.safe_load(FILE.read_text())


@cache
def sources() -> list[ast.AST]:
    """Everything that the bot is made of; the sandbox is Slack, not its caller."""
    paths = [p for p in (ROOT / "bot").rglob("*.py") if "sandbox" not in p.relative_to(ROOT).parts]
    return [node for path in paths for node in ast.walk(ast.parse(path.read_text()))]


def called() -> set[str]:
    """Every method of the Web API that is named."""
    found = set()
    for node in sources():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= {node.value} if IN_WORDS.fullmatch(node.value) else set()
        if _is_call(node) and AS_NAME.fullmatch(node.func.attr):
            found.add(node.func.attr.replace("_", "."))
    return found


def heard() -> set[str]:
    """Every event that has a listener of its own."""
    return {
        node.args[0].value
        for node in sources()
        if _is_call(node)
        and node.func.attr == "event"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }


def _is_call(node: ast.AST) -> bool:
    """Whether a method of something is called."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)


def needed(method: str) -> set[str]:
    """The scopes of a method; where there is one for each type of channel, those of our types."""
    scopes = set(SCOPES_OF[method].split())
    return {scope for scope in scopes if scope.partition(":")[0] in OUR_TYPES} or scopes


def test_the_code_is_read_as_it_calls():
    """Else the tests below would compare with nothing."""
    assert {"chat.postMessage", "conversations.history", "views.open", CONNECT} <= called()
    assert called() - SCOPES_OF.keys() == {CONNECT}, "which scope do these take?"


def test_it_asks_for_the_scopes_that_the_methods_take_and_no_others(manifest):
    """`commands` is the slash command's; apps.connections.open goes with the app-level token."""
    by_method = {method: needed(method) for method in called() - {CONNECT}}
    used = set().union(*by_method.values(), {"commands"})

    asked = manifest["oauth_config"]["scopes"]
    assert asked.keys() == {"bot"}, "the bot acts for nobody"
    assert sorted(asked["bot"]) == sorted(used), by_method


def test_each_scope_has_its_reason_beside_it():
    lines = FILE.read_text().split("\n    bot:\n")[1].split("\nsettings:")[0].splitlines()
    reasons = [line.partition("#")[2].strip() for line in lines]
    assert len(lines) == 8
    assert all(reasons[:-1]), lines
    assert "the same two" in reasons[-2], "the last one shares it"


def test_the_doctor_looks_for_these_scopes_and_no_others(manifest):
    assert {one.name for one in BOT_SCOPES} == set(manifest["oauth_config"]["scopes"]["bot"])


def test_all_other_tests_have_these_scopes_and_no_others(manifest):
    """The sandbox gives the bot no more than the manifest asks for."""
    assert sorted(SCOPES.split()) == sorted(manifest["oauth_config"]["scopes"]["bot"])


def test_it_subscribes_to_the_events_that_are_heard_and_no_others(manifest):
    assert set(manifest["settings"]["event_subscriptions"]["bot_events"]) == heard()


def test_everything_that_the_bot_listens_to_is_turned_on(manifest):
    """As the configuration is when nothing is said: by socket, with /rollout."""
    features, settings = manifest["features"], manifest["settings"]
    [command] = features["slash_commands"]

    assert command["command"] == Slack().command
    assert command["should_escape"], "the parser reads people and channels as ids"
    assert settings["interactivity"] == {"is_enabled": True}
    assert settings["socket_mode_enabled"] == (Slack().mode == "socket")
    assert features["app_home"]["home_tab_enabled"], "views.publish"
    assert features["app_home"]["messages_tab_enabled"], "chat.postMessage to a person"
    assert not settings["token_rotation_enabled"], "nobody would write the new token down"


def test_slack_would_take_it(manifest):
    """The limits of Slack's schema of manifests."""
    shown, [command] = manifest["display_information"], manifest["features"]["slash_commands"]
    assert manifest.keys() == {
        "_metadata",
        "display_information",
        "features",
        "oauth_config",
        "settings",
    }
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert re.fullmatch(r"#[0-9a-f]{6}", shown["background_color"])
    assert re.fullmatch(r"/\S{1,31}", command["command"])
    assert len(command["description"]) <= 2000
    assert len(command["usage_hint"]) <= 1000
    assert len(manifest["features"]["bot_user"]["display_name"]) <= 80
