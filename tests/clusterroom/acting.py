"""What somebody was allowed to do, and the patches for it."""

from bot.release.access import Actor, Allowed, Permission
from bot.release.actions import Patch

PROMOTE = Patch(
    status=True,
    operations=(
        {"op": "test", "path": "/metadata/uid", "value": "uid-1"},
        {"op": "test", "path": "/status/currentStepIndex", "value": 1},
        {"op": "remove", "path": "/status/pauseConditions"},
    ),
)
PAUSE = Patch(status=False, operations=({"op": "add", "path": "/spec/paused", "value": True},))


def may(uid="uid-1"):
    """Ann was allowed it."""
    return Allowed(Actor(user="U0ANN"), Permission.PROMOTE, uid)
