"""views.*: modals and Home tabs."""

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.content import read_view
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.model import Json, View
from bot.sandbox.slack.rendering import view_json
from bot.sandbox.slack.workspace import Workspace


def open_modal(workspace: Workspace, args: Arguments) -> Json:
    """views.open; whether a malformed view uses up the trigger is not told: here it does not."""
    body = read_view(args.values["view"], "modal")
    user = workspace.screens.exchange(args.text("trigger_id"))
    return _shown(workspace, workspace.screens.open(user, body))


def push(workspace: Workspace, args: Arguments) -> Json:
    """views.push: on top of the modal that is open."""
    body = read_view(args.values["view"], "modal")
    user = workspace.screens.exchange(args.text("trigger_id"))
    return _shown(workspace, workspace.screens.push(user, body))


def update(workspace: Workspace, args: Arguments) -> Json:
    """views.update: by view_id or external_id, perhaps only if nobody was faster (hash)."""
    if not args.has("view_id") and not args.has("external_id"):
        raise SlackError("invalid_arguments", "missing required field: view_id")
    view = workspace.screens.find(args.text("view_id"), args.text("external_id"))
    body = read_view(args.values["view"], view.type)
    newer = workspace.screens.update(view, body, expected_hash=args.text("hash"))
    return _shown(workspace, newer)


def publish(workspace: Workspace, args: Arguments) -> Json:
    """views.publish: somebody's Home tab."""
    user = workspace.user(args.text("user_id"))
    body = read_view(args.values["view"], "home")
    view = workspace.screens.publish(user.id, body, expected_hash=args.text("hash"))
    return _shown(workspace, view)


def _shown(workspace: Workspace, view: View) -> Json:
    return {"view": view_json(workspace, view)}
