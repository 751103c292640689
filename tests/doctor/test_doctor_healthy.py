"""Set-ups in good health: all is ok, and nothing is changed by the look."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from bot.doctor.rights import ASKING, OPTIONAL, RIGHTS, lease_rights
from bot.doctor.scopes import BOT_SCOPES
from bot.doctor.specimens import SHORT, specimens
from bot.sandbox.cluster.kinds import Kind
from bot.sandbox.slack.workspace import SCOPES
from tests.doctor.clinic import ACCOUNT, ROOT
from tests.messages.test_hostile import BUILDERS

DEPLOYMENTS = Kind(group="apps", version="v1", plural="deployments", kind="Deployment", custom=True)
READING = {
    *("api.test", "auth.test", "bots.info", "conversations.info", "conversations.list"),
    *("users.info", "usergroups.users.list", "apps.connections.open", "blocks.validate"),
}


def a_deployment(name, *arguments, ready=1):
    """A controller, as its chart makes it."""
    container = {"name": "controller", "args": list(arguments)}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": name,
            "namespace": "kube-system",
            "labels": {"app.kubernetes.io/name": name},
        },
        "spec": {"template": {"spec": {"containers": [container]}}},
        "status": {"readyReplicas": ready},
    }


@pytest.fixture
def administrator(clinic):
    """Let the doctor look with an administrator's eyes at a cluster that has Deployments."""
    clinic.cluster.store.kinds[DEPLOYMENTS.key] = DEPLOYMENTS
    clinic.environ["KUBECONFIG"] = str(clinic.cluster.kubeconfig("admin", clinic.folder / "admin"))
    clinic.kinds["Deployment"] = DEPLOYMENTS
    return clinic


async def test_all_is_ok(clinic):
    answer = await clinic.sees()

    assert (answer.code, answer.missing) == (0, {})
    assert set(answer.those("not checked")) == {"controllers"}
    assert ACCOUNT in answer.those("ok")["account"]["detail"]


async def test_each_thing_has_one_line(clinic):
    names = [(line["area"], line["what"]) for line in (await clinic.sees("--messages")).checks]

    assert len(names) == len(set(names))


async def test_nothing_is_changed_by_the_look(clinic):
    version = clinic.cluster.store.version
    await clinic.sees("--messages")
    left = {path.name for path in clinic.folder.iterdir()}

    assert {call.method for call in clinic.slack.calls} <= READING
    assert not clinic.slack.socket.open_links
    assert clinic.cluster.store.version == version
    assert left == {"kubeconfig", "rollout-bot.yaml"}, "no database was made"


async def test_slack_judges_every_kind_of_message(clinic):
    answer = await clinic.sees("--messages")
    judged = [line for line in answer.checks if line["area"] == "messages"]

    assert [line["verdict"] for line in judged] == ["ok"] * len(specimens(SHORT))
    assert len(clinic.slack.called("blocks.validate")) == 2 * len(judged)


def test_there_is_a_specimen_of_every_kind_of_message(monkeypatch):
    """Whatever makes a message or a form is called for one."""
    called = set()

    def noted(build):
        def call(*args, **more):
            called.add(build)
            return build(*args, **more)

        return call

    for build in BUILDERS:
        monkeypatch.setattr(sys.modules[build.__module__], build.__name__, noted(build))
    specimens.__wrapped__("another word than in any other test")

    assert {one.__qualname__ for one in BUILDERS} == {one.__qualname__ for one in called}


async def test_the_mode_with_a_port_needs_the_signing_secret_instead(clinic):
    clinic.config["slack"] = {"mode": "http", "listen": "127.0.0.1:3000"}
    clinic.environ["SLACK_SIGNING_SECRET"] = "s3cret"
    del clinic.environ["SLACK_APP_TOKEN"]

    answer = await clinic.sees()

    assert (answer.code, answer.missing) == (0, {})
    assert "SLACK_SIGNING_SECRET" in answer.those("ok")
    assert not clinic.slack.called("apps.connections.open")


async def test_scopes_that_nothing_here_needs_may_be_left_out(clinic):
    clinic.slack.workspace.scopes -= {"groups:read", "groups:history", "usergroups:read"}
    clinic.config["channels"] = [{"channel": "#releases"}]
    clinic.config["access"] = [{"allow": ["promote"], "users": ["U0ANN"]}]

    answer = await clinic.sees()

    assert (answer.code, answer.missing) == (0, {})
    assert "not needed" in answer.those("ok")["scope groups:read"]["detail"]


async def test_a_bot_that_only_reads_needs_no_right_to_write_and_nobody_who_acts(clinic):
    clinic.take_right("patch", "rollouts")
    clinic.take_right("patch", "rollouts/status")
    clinic.config["kubernetes"]["writes"] = False
    clinic.config["access"] = []

    answer = await clinic.sees()

    assert (answer.code, answer.missing) == (0, {})
    assert "patch rollouts" not in answer.those("ok")


async def test_for_some_namespaces_roles_there_are_enough(clinic):
    clinic.bind_in("shop")
    clinic.config["kubernetes"]["namespaces"] = ["shop"]

    answer = await clinic.sees()

    assert (answer.code, answer.missing) == (0, {})
    assert "not needed" in answer.those("ok")["list ingressclasses"]["detail"]


async def test_a_namespace_without_a_role_is_named(clinic):
    clinic.bind_in("shop")
    clinic.config["kubernetes"]["namespaces"] = ["shop", "team-a"]

    answer = await clinic.sees()

    assert answer.code == 1
    assert all("not granted in team-a:" in line["detail"] for line in answer.missing.values())
    assert "Role in team-a " in answer.missing["watch rollouts"]["mend"]


async def test_an_administrator_sees_how_the_controllers_are_started(administrator):
    administrator.create(a_deployment("argo-rollouts", "--namespaced"))
    administrator.create(a_deployment("aws-load-balancer-controller", "--watch-namespace=shop"))

    answer = await administrator.sees()

    seen = answer.those("ok")
    assert (answer.code, answer.those("not checked")) == (0, {})
    assert "own namespace only" in seen["controller argo-rollouts"]["detail"]
    assert "--watch-namespace=shop" in seen["controller aws-load-balancer-controller"]["detail"]
    assert "is that the one that the bot has?" in seen["account"]["detail"]


async def test_a_controller_without_a_pod_is_a_fault(administrator):
    administrator.create(a_deployment("argo-rollouts", ready=0))

    answer = await administrator.sees()

    assert (answer.code, set(answer.missing)) == (1, {"controller argo-rollouts"})
    mend = answer.missing["controller argo-rollouts"]["mend"]
    assert mend == "kubectl describe deployment --namespace kube-system argo-rollouts"


def _granted(file: str) -> set[tuple[str, str, str]]:
    """What a file of rights grants: group, resource, verb."""
    documents = yaml.safe_load_all((ROOT / "config" / file).read_text())
    rules = [rule for document in documents for rule in document.get("rules", ())]
    return {
        (group, resource, verb)
        for rule in rules
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }


@pytest.mark.parametrize(
    ("file", "acts"), [("rbac.yaml", True), ("rbac-read-only.yaml", False)], ids=["acts", "reads"]
)
def test_the_rights_that_are_asked_about_are_those_of_the_repository(file, acts):
    asked = [ASKING, *lease_rights("x"), *(one for one in RIGHTS if acts or not one.to_act)]

    assert _granted(file) == {(one.group, one.resource, one.verb) for one in asked}
    assert {one.resource for one in RIGHTS} >= OPTIONAL


def test_the_sandbox_grants_the_scopes_that_the_bot_needs_and_no_others():
    assert set(SCOPES.split()) == {scope.name for scope in BOT_SCOPES}


def test_it_is_a_command_like_the_others():
    """In a process of its own, with nothing in its environment."""
    kept = {"PATH": os.environ["PATH"], "HOME": str(Path("/nonexistent"))}
    ran = subprocess.run(
        [sys.executable, "-m", "bot", "doctor", "--output", "json"],
        capture_output=True,
        text=True,
        env=kept,
        timeout=60,
        check=False,
    )

    said = json.loads(ran.stdout)
    assert (ran.returncode, ran.stderr, said["ok"]) == (1, "", False)
    assert "file" in {one["what"] for one in said["checks"] if one["verdict"] == "missing"}
