"""Cluster, database or clocks have one fault: the doctor names that one, and how to mend it."""

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

from aiohttp import web

from bot.doctor.rights import RIGHTS
from bot.sandbox.cluster import kinds
from tests.doctor.clinic import Clinic
from tests.doctor.faults import each_of, ensure_named, fault, setting, variable

_HOUR = 3600


def revoke(clinic: Clinic) -> None:
    """The cluster does not know the token any more."""
    file = clinic.folder / "kubeconfig"
    known = json.loads(file.read_text())
    known["users"][0]["user"]["token"] = "expired"
    file.write_text(json.dumps(known))


def nobody(clinic: Clinic) -> None:
    """The kubeconfig holds no credentials at all."""
    file = clinic.folder / "kubeconfig"
    known = json.loads(file.read_text())
    known["users"][0]["user"] = {}
    file.write_text(json.dumps(known))


def a_proxy(clinic: Clinic) -> None:
    """What stands where the API server should be answers everything with a page."""

    async def page(_request: web.BaseRequest) -> web.Response:
        clinic.cluster.faults.append(page)
        return web.Response(text="<html>Sign in</html>", content_type="text/html")

    clinic.cluster.faults.append(page)


def without_status(clinic: Clinic) -> None:
    """The definition of Rollouts is an old one."""
    served = clinic.cluster.store.kinds
    served[kinds.ROLLOUTS.key] = replace(kinds.ROLLOUTS, status=False)


def no_questions(clinic: Clinic) -> None:
    """Neither the role that everybody has nor the bot's own lets it ask what it may do."""
    store = clinic.cluster.store
    store.remove(kinds.CLUSTER_ROLE_BINDINGS, "", "system:basic-user")
    clinic.take_right("create", "selfsubjectaccessreviews")


def lacking(right) -> object:
    """Take a right away."""
    return fault(
        right.what,
        f"- apiGroups: [{right.group or chr(34) * 2}]\n  resources: [{right.resource}]\n"
        f"  verbs: [{right.verb}]",
        lambda clinic: clinic.take_right(right.verb, right.resource),
        unchecked={"list rollouts": "rollouts"}.get(right.what, ""),
    )


CLUSTER = [
    fault(
        "API server",
        "KUBECONFIG",
        variable("KUBECONFIG", "/nowhere/kubeconfig"),
        unchecked="account rollouts",
        name="no-kubeconfig",
    ),
    fault("API server", "kubectl version", a_proxy, unchecked="account rollouts", name="a-proxy"),
    fault(
        "account", "kubectl auth whoami", revoke, unchecked="rollouts controllers", name="refused"
    ),
    fault("account", "kubectl auth whoami", nobody, unchecked="rollouts", name="anonymous"),
    fault(
        "kind Rollout",
        "kubectl apply -n argo-rollouts",
        lambda clinic: clinic.cluster.store.kinds.pop(kinds.ROLLOUTS.key) and None,
        unchecked="rollouts",
    ),
    fault("kind Rollout", "kubectl apply", without_status, name="no-status"),
    fault("rollouts", "kubernetes.selector", setting("kubernetes.selector", "team=shopp")),
    fault("create selfsubjectaccessreviews", "verbs: [create]", no_questions),
    *(
        lacking(right)
        for right in RIGHTS
        if right.resource not in ("applications", "ingressclassparams")
    ),
]


def newer(clinic: Clinic) -> None:
    """The database was written by a program that comes later."""
    folder = clinic.folder / "state"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "rollout-bot.sqlite3")) as database, database:
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        database.execute("INSERT INTO alembic_version VALUES ('9999')")


def damaged(clinic: Clinic) -> None:
    """Something else stands where the database was."""
    folder = clinic.folder / "state"
    folder.mkdir()
    (folder / "rollout-bot.sqlite3").write_text("no database " * 100)


DATABASE = [
    fault("database", "ROLLOUT_BOT_STATE_DIR=", newer, name="newer"),
    fault("database", "ROLLOUT_BOT_STATE_DIR=", damaged, name="damaged"),
    fault(
        "database",
        "ROLLOUT_BOT_STATE_DIR=",
        lambda clinic: variable("ROLLOUT_BOT_STATE_DIR", f"{clinic.folder}/kubeconfig/x")(clinic),
        name="no-folder",
    ),
    fault(
        "database",
        "postgresql://user:password@host/name",
        variable("ROLLOUT_BOT_DATABASE_URL", "mysql://host/name"),
        name="another-kind",
    ),
    fault(
        "database",
        "postgresql://user:password@host/name",
        variable("ROLLOUT_BOT_DATABASE_URL", "postgresql://bot:secret@127.0.0.1:9/bot"),
        name="server-away",
    ),
]


def ahead(clock: Callable[[], float], seconds: float) -> Callable[[], float]:
    """A clock that is ahead of another."""
    return lambda: clock() + seconds


CLOCKS = [
    fault(
        "beside Slack",
        "timedatectl",
        lambda clinic: setattr(clinic.slack.workspace, "clock", ahead(time.time, -_HOUR)),
    ),
    fault(
        "beside the API server",
        "timedatectl",
        lambda clinic: setattr(clinic.cluster.store, "clock", ahead(time.time, _HOUR)),
    ),
]


@each_of([*CLUSTER, *DATABASE, *CLOCKS])
async def test_exactly_that_fault_is_named(
    clinic, monkeypatch, what, mend, break_it, unchecked, argument
):
    await ensure_named(clinic, monkeypatch, what, mend, break_it, unchecked, argument)


async def test_a_server_that_is_away_is_one_fault(clinic):
    await clinic.cluster.stop()

    answer = await clinic.sees()

    assert set(answer.missing) == {"API server"}
    assert "kubectl version" in answer.missing["API server"]["mend"]


async def test_a_cluster_that_hides_what_it_serves_is_no_fault(clinic):
    """The bot goes straight to what it reads; a hardened cluster has no system:discovery."""
    clinic.cluster.store.remove(kinds.CLUSTER_ROLE_BINDINGS, "", "system:discovery")

    answer = await clinic.sees()

    assert (answer.code, answer.missing) == (0, {})
    assert "kind Rollout" in answer.those("not checked")
    assert "rollouts" in answer.those("ok")
