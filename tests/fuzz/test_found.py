"""What was found by cases like these, each kept as a test of its own."""

import json
import random

import pytest
import yaml

from bot.cluster.decoding import Decoder, Illegible
from bot.cluster.kinds import ROLLOUTS
from bot.config import ConfigError
from bot.config.load import load
from bot.release.rollout import Rollout
from bot.slack.entrance import understood
from tests.clusterroom.manifests import a_rollout
from tests.fuzz.slackside import ANN, APP, command, event, press, side, submission
from tests.fuzz.test_fuzz_payloads import over
from tests.fuzz.test_fuzz_watch import Listener
from tests.fuzz.watcher import watched

# --- the watch ------------------------------------------------------------------------------------


def line(kind, manifest):
    return json.dumps({"type": kind, "object": manifest}).encode()


def rollout(**canary):
    return a_rollout(canary=canary, metadata={"uid": "u1", "resourceVersion": "7"})


def replica_set(owner):
    owners = [{"kind": "Rollout", "uid": owner, "controller": True}] if owner else []
    return {
        "metadata": {
            "namespace": "shop",
            "name": "checkout-5f6",
            "uid": "rs1",
            "labels": {"rollouts-pod-template-hash": "5f6"},
            "ownerReferences": owners,
        },
    }


def hear(listener, plural, *lines):
    for one in lines:
        listener.hear(plural, one, random.Random(1))


def test_a_rollout_may_name_others_in_the_end_than_before():
    """That ended the watch, and with it the bot."""
    listener = Listener()
    hear(
        listener,
        "rollouts",
        line("ADDED", rollout()),
        line("DELETED", rollout(canaryService="another")),
    )

    assert listener.mirror.known() == ()
    assert len(listener.mirror._named_by) == 0


def test_a_replica_set_that_lost_its_owner_is_not_kept_for_it():
    listener = Listener()
    hear(listener, "rollouts", line("ADDED", rollout()))
    hear(
        listener,
        "replicasets",
        line("ADDED", replica_set("u1")),
        line("MODIFIED", replica_set("")),
    )

    assert listener.mirror.seen("shop", "checkout").replica_sets == ()
    assert listener.mirror._owned_by.of("u1") == ()


@pytest.mark.parametrize("rule", [{"http": "words"}, {"http": {"paths": "words"}}])
def test_a_rule_of_an_ingress_may_be_anything(rule):
    """That ended the watch."""
    listener = Listener()
    ingress = {
        "metadata": {
            "namespace": "shop",
            "name": "checkout",
            "uid": "i1",
            "resourceVersion": "7",
        },
        "spec": {"rules": [rule]},
    }
    hear(listener, "ingresses", line("ADDED", ingress))

    (known,) = listener.mirror.inventory().ingresses
    assert known.rules == (rule,)


@pytest.mark.parametrize("seconds", ["1e400", "-1e400", "1e308", '"inf"', '"nan"', "null"])
def test_a_server_may_ask_to_wait_for_ever(seconds):
    """That ended the watch, too."""
    listener = Listener()
    error = json.dumps({"type": "ERROR", "object": {"code": 429, "details": {"wait": 0}}})
    wrong = error.replace('"wait": 0', f'"retryAfterSeconds": {seconds}')
    hear(listener, "rollouts", wrong.encode(), line("ADDED", rollout()))

    assert len(listener.mirror.known()) == 1


@pytest.mark.parametrize("version", ["9" * 5_000, "٣", "²", "-1", ""])
def test_versions_need_not_be_numbers(version):
    listener, other = Listener(), rollout()
    other["metadata"]["resourceVersion"] = version
    other["status"]["observedGeneration"] = version
    hear(listener, "rollouts", line("ADDED", rollout()), line("MODIFIED", other))
    hear(listener, "rollouts", line("MODIFIED", {**other, "status": {"phase": "Healthy"}}))
    (known,) = listener.mirror.known()

    assert known.state
    assert known.is_observed in (True, False)


@pytest.mark.parametrize(
    "step",
    [
        pytest.param([], id="list"),
        pytest.param({"pause": []}, id="pause"),
        pytest.param({"pause": {"duration": {}}}, id="duration"),
        pytest.param({"setWeight": "ten"}, id="weight"),
        pytest.param({"setWeight": 10**300}, id="huge"),
        pytest.param({"setWeight": 0.5}, id="half"),
        pytest.param({"setCanaryScale": 7}, id="scale"),
        pytest.param({"setCanaryScale": {"replicas": "x"}}, id="replicas"),
        pytest.param({"setHeaderRoute": "x"}, id="route"),
        pytest.param({"setHeaderRoute": {"match": {}}}, id="no-matches"),
        pytest.param({"setHeaderRoute": {"name": 7}}, id="name"),
        pytest.param({"setMirrorRoute": []}, id="mirror"),
        pytest.param({"plugin": "x"}, id="plugin"),
    ],
)
def test_steps_of_another_shape_are_not_read_at_all(step):
    """Each of them made cards, answers and alarms fail, one by one."""
    found = Decoder(Rollout).event(line("MODIFIED", rollout(steps=[{"setWeight": 1}, step])))

    assert isinstance(found, Illegible)
    assert ".steps.1" in found.why


@pytest.mark.parametrize("name", ["currentPodHash", "stableRS", "currentStepHash"])
def test_what_no_button_has_room_for_is_not_read(name):
    """The card could not be made: its buttons carry what they are about."""
    manifest = rollout()
    manifest["status"][name] = "x" * 3_000
    found = Decoder(Rollout).event(line("MODIFIED", manifest))

    assert isinstance(found, Illegible)


def test_steps_stay_as_they_are_written():
    steps = [
        {"setWeight": 10},
        {"pause": None},
        {"pause": {"duration": 30}},
        {"pause": {"duration": "1h"}},
        {"setHeaderRoute": {"name": "x"}},
        {"setHeaderRoute": {"match": [{"headerName": "X", "headerValue": {"prefix": "y"}}]}},
        {"analysis": {"templates": [{"templateName": "t"}], "args": [1]}},
        {"replaceProgress": 7},
    ]
    event_ = Decoder(ROLLOUTS.model).event(line("ADDED", rollout(steps=steps)))

    assert list(event_.object.steps) == steps


# --- configuration --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    ["!!bool maybe", "!!float ''", "!!timestamp soon", "!!int x", "!!binary '@'", "!!set x"],
)
def test_a_tag_that_does_not_fit_is_a_fault_of_its_line(tmp_path, value):
    file = tmp_path / "c.yaml"
    file.write_text(f"slack:\n  command: {value}\n")

    with pytest.raises(ConfigError, match=r"c\.yaml:2: slack\.command"):
        load(file)


def test_what_no_terminal_shows_is_told_as_its_escape(tmp_path):
    file = tmp_path / "c.yaml"
    file.write_text(yaml.safe_dump({"access": [{"groups": "\ud83d\x1b[2J"}]}))
    with pytest.raises(ConfigError) as refused:
        load(file)

    assert str(refused.value).replace("\n", "").isprintable()


# --- payloads -------------------------------------------------------------------------------------

ODD = [None, [], {}, [[]], 7, "", "\ud800", {"id": []}, [None], True]
BUTTON = {"action_id": "rollout:promote", "type": "button", "value": "x"}
FORM = {"type": "modal", "callback_id": "rollout:full", "private_metadata": "x", "blocks": []}


def everything():
    yield command("abort tomozo")
    yield press(BUTTON, None)
    yield submission(FORM, {})
    yield event("app_home_opened", tab="home")


def broken():
    """Each field of each payload, and each field in it, as something else."""
    for payload in everything():
        for name, value in payload.items():
            for odd in ODD:
                yield {**payload, name: odd}
                if isinstance(value, dict):
                    yield from ({**payload, name: {**value, key: odd}} for key in value)


async def test_no_field_need_be_what_it_should():
    here = await side()
    with watched() as watcher:
        for number, payload in enumerate(broken()):
            if isinstance(payload.get("trigger_id"), str):
                payload["trigger_id"] += str(number)
            assert await here.take(payload) in {200, 400, 403, 404}
    assert watcher.found == []
    assert not any("Something went wrong" in message.text for _, message in here.voice.told)
    await over(here)


async def test_a_form_has_room_for_every_channel():
    here = await side()
    for number, verb in enumerate(("header-only tomozo", "abort tomozo", "status tomozo")):
        asked = command(verb) | {"channel_id": "C" * 3_000, "trigger_id": f"1.{number}"}
        assert await here.take(asked) == 200

    assert here.calls.shown
    assert not any("Something went wrong" in message.text for _, message in here.voice.told)
    await over(here)


@pytest.mark.parametrize("body", [None, [], "x", 7, {}, {"type": []}, {"type": "shortcut"}])
def test_what_is_no_payload_goes_no_further(body):
    assert understood(body) is None


def test_only_what_is_read_goes_on():
    found = understood(press(BUTTON | {"block_id": "b", "style": "danger"}, None) | {"x": "y"})

    assert found["actions"] == [{"action_id": "rollout:promote", "value": "x"}]
    assert found["user"] == {"id": ANN, "team_id": "T0HOME"}
    assert found["api_app_id"] == APP
    assert {"x", "token", "state", "enterprise"}.isdisjoint(found)


def test_no_database_has_to_take_what_is_no_text():
    found = understood(command("abort \ud800\0 x") | {"user_id": "U\0\udfff"})

    assert found["text"] == "abort ? x"
    assert found["user_id"] == "U?"
