"""Configuration or Slack has one fault: the doctor names that one, and how to mend it."""

from bot.doctor.scopes import BOT_SCOPES
from bot.sandbox.slack.methods import Method
from tests.doctor.clinic import PRIVATE, RELEASES, Clinic
from tests.doctor.faults import Break, each_of, ensure_named, fault, setting, variable


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


@each_of([*CONFIGURATION, *SLACK])
async def test_exactly_that_fault_is_named(
    clinic, monkeypatch, what, mend, break_it, unchecked, argument
):
    await ensure_named(clinic, monkeypatch, what, mend, break_it, unchecked, argument)


async def test_faults_that_have_nothing_to_do_with_each_other_are_all_named(clinic):
    del clinic.environ["SLACK_APP_TOKEN"]
    clinic.take_right("list", "events")
    clinic.environ["ROLLOUT_BOT_DATABASE_URL"] = "mysql://host/name"
    channel(archived=True)(clinic)

    answer = await clinic.sees()

    assert set(answer.missing) == {"SLACK_APP_TOKEN", "list events", "database", "#releases"}
