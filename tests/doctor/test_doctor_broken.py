"""
Set-ups with one fault each: the doctor names that one, and says how to mend it.

What cannot be asked because of it is "not checked", and is no fault.
"""

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import pytest
from aiohttp import web

from bot.doctor.rights import RIGHTS
from bot.doctor.scopes import BOT_SCOPES
from bot.sandbox.cluster import kinds
from bot.sandbox.slack.methods import METHODS, Method
from tests.doctor.clinic import PRIVATE, RELEASES, Clinic

Break = Callable[[Clinic], None]
_HOUR = 3600


def fault(
    what: str,
    mend: str,
    break_it: Break,
    *,
    unchecked: str = "",
    argument: str = "",
    name: str = "",
):
    """
    One fault.

    Args:
        what: the one line that is missing.
        mend: stands in what it says about mending.
        break_it: makes the fault.
        unchecked: lines that cannot be asked then, some of them.
        argument: of the command line.
        name: of the case; "": *what*.

    """
    return pytest.param(what, mend, break_it, unchecked.split(), argument, id=name or what)


def setting(path: str, value: object) -> Break:
    """Write something else into the configuration; None: take it out."""

    def break_it(clinic: Clinic) -> None:
        *parents, last = path.split(".")
        at = clinic.config
        for name in parents:
            at = at[int(name)] if name.isdecimal() else at.setdefault(name, {})
        if value is None:
            del at[last]
        else:
            at[last] = value

    return break_it


def variable(name: str, value: str | None) -> Break:
    """Put something else into the environment; None: take it out."""

    def break_it(clinic: Clinic) -> None:
        clinic.environ.pop(name, None)
        if value is not None:
            clinic.environ[name] = value

    return break_it


def channel(**changes: bool) -> Break:
    """Set up the channel of releases otherwise."""

    def break_it(clinic: Clinic) -> None:
        for name, value in changes.items():
            setattr(clinic.slack.workspace.channels[RELEASES], name, value)

    return break_it


def ann(**changes: bool) -> Break:
    """Let her be somebody else."""
    return lambda clinic: clinic.slack.add_person("U0ANN", "ann", **changes) and None


CONFIGURATION = [
    fault("file", "ROLLOUT_BOT_CONFIG", variable("ROLLOUT_BOT_CONFIG", None), unchecked="Slack"),
    fault(
        "slack.mod",
        "config check",
        setting("slack.mod", "socket"),
        unchecked="Slack rights rollouts",
    ),
    fault("channels", '- channel: "#releases"', setting("channels", [])),
    fault(
        "channels[0]", "channels[0]: take `tell` away", setting("channels.0.tell", []), name="tell"
    ),
    fault(
        "channels[1]",
        "kubernetes.namespaces",
        lambda clinic: [
            setting("kubernetes.namespaces", ["shop"])(clinic),
            setting("channels.1.namespaces", ["team-*"])(clinic),
        ],
    ),
    fault("access", "allow: [promote, header-only, resume, abort]", setting("access", [])),
    fault(
        "access[0]",
        "correct access[0].namespaces",
        lambda clinic: [
            setting("kubernetes.namespaces", ["shop"])(clinic),
            setting("access.0.namespaces", ["shopp"])(clinic),
        ],
    ),
]


def another_app(clinic: Clinic) -> None:
    """The bot token is of an app, the app-level token of another."""
    bot = {"bot": {"id": "B0BOT", "app_id": "A0OTHER"}}
    clinic.slack_methods["bots.info"] = Method(lambda *_: bot, "", "users:read")


SLACK = [
    fault(
        "Slack",
        "SLACK_API_URL",
        variable("SLACK_API_URL", "not an address"),
        unchecked="SLACK_BOT_TOKEN SLACK_APP_TOKEN socket #releases U0ANN",
        name="address",
    ),
    fault(
        "Slack",
        "egress",
        lambda clinic: clinic.slack.cut(),
        unchecked="SLACK_BOT_TOKEN SLACK_APP_TOKEN socket #releases U0ANN S0ONCALL",
        name="away",
    ),
    fault(
        "SLACK_BOT_TOKEN",
        "OAuth & Permissions",
        variable("SLACK_BOT_TOKEN", None),
        unchecked="#releases U0ANN S0ONCALL",
        name="no-bot-token",
    ),
    fault(
        "SLACK_BOT_TOKEN",
        "xoxb-",
        variable("SLACK_BOT_TOKEN", "xapp-swapped"),
        unchecked="#releases",
        name="swapped",
    ),
    fault(
        "SLACK_BOT_TOKEN",
        "Bot User OAuth Token",
        lambda clinic: clinic.slack.fail_next("auth.test", error="token_revoked"),
        unchecked="#releases",
        name="revoked",
    ),
    fault(
        "SLACK_APP_TOKEN",
        "connections:write",
        variable("SLACK_APP_TOKEN", None),
        unchecked="socket",
        name="no-app-token",
    ),
    fault(
        "SLACK_APP_TOKEN",
        "App-Level Tokens",
        variable("SLACK_APP_TOKEN", "xapp-wrong"),
        unchecked="socket",
        name="wrong-app-token",
    ),
    fault("SLACK_APP_TOKEN", "App-Level Tokens", another_app, name="another-app"),
    fault(
        "SLACK_SIGNING_SECRET",
        "Signing Secret",
        setting("slack", {"mode": "http", "listen": "127.0.0.1:3000"}),
    ),
    fault("socket", "egress", lambda clinic: setattr(clinic.slack, "_port", 9)),
    *(
        fault(
            f"scope {scope.name}",
            f"- {scope.name}",
            lambda clinic, name=scope.name: clinic.slack.workspace.scopes.discard(name),
            unchecked={
                "users:read": "U0ANN",
                "usergroups:read": "S0ONCALL",
                "channels:read": "#releases",
                "groups:read": PRIVATE,
            }.get(scope.name, ""),
        )
        for scope in BOT_SCOPES
    ),
    fault("#relases", "correct it", setting("channels.0.channel", "#relases")),
    fault("C0NOWHERE", "/invite", setting("channels.0.channel", "C0NOWHERE")),
    fault("#releases", "/invite @rollouts", channel(members=["U0ANN"]), name="not-a-member"),
    fault("#releases", "unarchive", channel(archived=True), name="archived"),
    fault("#releases", "restriction", channel(is_read_only=True), name="read-only"),
    fault("#releases", "restriction", channel(is_thread_only=True), name="thread-only"),
    fault("#releases", "restriction", channel(is_non_threadable=True), name="non-threadable"),
    fault("U0ANN", "under `access`", ann(is_restricted=True), name="guest"),
    fault("U0ANN", "under `access`", ann(deleted=True), name="deactivated"),
    fault(
        "S0ONCALL", "user group", lambda clinic: clinic.slack.add_group("S0ONCALL", "oncall", [])
    ),
    fault("S0NONE", "the S… in the address", setting("access.0.groups", ["S0NONE"])),
    fault(
        "home",
        "report it",
        lambda clinic: clinic.slack.fail_next(
            "blocks.validate",
            error="invalid_view",
            where=lambda args: args.get("view", {}).get("type") == "home",
        ),
        argument="--messages",
    ),
]


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


@pytest.mark.parametrize(
    ("what", "mend", "break_it", "unchecked", "argument"),
    [*CONFIGURATION, *SLACK, *CLUSTER, *DATABASE, *CLOCKS],
)
async def test_exactly_that_fault_is_named(
    clinic, monkeypatch, what, mend, break_it, unchecked, argument
):
    break_it(clinic)
    for name, method in clinic.slack_methods.items():
        monkeypatch.setitem(METHODS, name, method)

    answer = await clinic.sees(*filter(None, [argument]))

    assert (answer.code, set(answer.missing)) == (1, {what}), answer.out
    assert mend in answer.missing[what]["mend"]
    assert set(unchecked) <= set(answer.those("not checked"))


async def test_a_server_that_is_away_is_one_fault(clinic):
    await clinic.cluster.stop()

    answer = await clinic.sees()

    assert set(answer.missing) == {"API server"}
    assert "kubectl version" in answer.missing["API server"]["mend"]


async def test_faults_that_have_nothing_to_do_with_each_other_are_all_named(clinic):
    del clinic.environ["SLACK_APP_TOKEN"]
    clinic.take_right("list", "events")
    clinic.environ["ROLLOUT_BOT_DATABASE_URL"] = "mysql://host/name"
    channel(archived=True)(clinic)

    answer = await clinic.sees()

    assert set(answer.missing) == {"SLACK_APP_TOKEN", "list events", "database", "#releases"}


async def test_a_cluster_that_hides_what_it_serves_is_no_fault(clinic):
    """The bot goes straight to what it reads; a hardened cluster has no system:discovery."""
    clinic.cluster.store.remove(kinds.CLUSTER_ROLE_BINDINGS, "", "system:discovery")

    answer = await clinic.sees()

    assert (answer.code, answer.missing) == (0, {})
    assert "kind Rollout" in answer.those("not checked")
    assert "rollouts" in answer.those("ok")
