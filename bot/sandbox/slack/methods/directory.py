"""Who is who: auth, team, users, user groups."""

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.model import Json
from bot.sandbox.slack.rendering import group_json, user_json
from bot.sandbox.slack.workspace import Workspace


def api_test(_: Workspace, args: Arguments) -> Json:
    """api.test: whether Slack answers at all; it says what it was sent."""
    if args.has("error"):
        raise SlackError(args.text("error"))
    return {"args": args.values}


def auth_test(workspace: Workspace, _: Arguments) -> Json:
    """auth.test: who the token belongs to."""
    return {
        "url": workspace.url,
        "team": workspace.name,
        "user": workspace.app.name,
        "team_id": workspace.id,
        "user_id": workspace.app.user,
        "bot_id": workspace.app.bot,
        "is_enterprise_install": False,
    }


def bots_info(workspace: Workspace, args: Arguments) -> Json:
    """bots.info: the app's own bot, which is the only one."""
    app = workspace.app
    if args.text("bot", app.bot) != app.bot:
        raise SlackError("bot_not_found")
    bot = {"id": app.bot, "app_id": app.id, "user_id": app.user, "name": app.name}
    return {"bot": {**bot, "deleted": False}}


def team_info(workspace: Workspace, _: Arguments) -> Json:
    """team.info."""
    return {"team": {"id": workspace.id, "name": workspace.name, "domain": workspace.domain}}


def users_info(workspace: Workspace, args: Arguments) -> Json:
    """users.info."""
    return {"user": user_json(workspace.user(args.text("user")))}


def usergroups_list(workspace: Workspace, args: Arguments) -> Json:
    """usergroups.list."""
    with_users = bool(args.flag("include_users"))
    groups = workspace.groups.values()
    return {"usergroups": [group_json(workspace, g, with_users=with_users) for g in groups]}


def usergroups_users_list(workspace: Workspace, args: Arguments) -> Json:
    """usergroups.users.list."""
    group = workspace.groups.get(args.text("usergroup"))
    if group is None:
        raise SlackError("no_such_subteam")
    return {"users": list(group.users)}
