"""
The scopes of the bot token: what each is for, and what does not work without it.

The only list of them: the app's manifest asks for these and no others, and the doctor looks for
them.
"""

from dataclasses import dataclass

#: Conditions under which a scope is needed.
PRIVATE, GROUPS = "private channel", "access rule with user groups"


@dataclass(frozen=True, kw_only=True)
class Scope:
    """
    One scope.

    Attributes:
        name: as Slack writes it.
        purpose: what the bot does with it.
        loss: what does not work without it.
        needed_for: one of the conditions above; "": always.

    """

    name: str
    purpose: str
    loss: str
    needed_for: str = ""


BOT_SCOPES = (
    Scope(
        name="chat:write",
        purpose="post cards and answers, and keep them up to date",
        loss="nothing can be told",
    ),
    Scope(name="commands", purpose="hear the slash command", loss="no slash command arrives"),
    Scope(
        name="users:read",
        purpose="know who is a guest, a bot or of another workspace: they never act",
        loss="nobody can act, because I cannot see who is a guest or a bot",
    ),
    Scope(
        name="usergroups:read",
        purpose="know who is in the user groups that may act",
        loss="rules by user group do not count",
        needed_for=GROUPS,
    ),
    Scope(
        name="channels:read",
        purpose="find public channels by name, and see whether I am in them",
        loss="public channels cannot be found by name",
    ),
    Scope(
        name="channels:history",
        purpose="find in public channels what was posted, after a lost answer or a lost database",
        loss="a post whose answer was lost may appear twice, and a lost database is not rebuilt",
    ),
    Scope(
        name="groups:read",
        purpose="the same as channels:read for private channels",
        loss="private channels cannot be found",
        needed_for=PRIVATE,
    ),
    Scope(
        name="groups:history",
        purpose="the same as channels:history for private channels",
        loss="in private channels a post whose answer was lost may appear twice, and a lost "
        "database is not rebuilt",
        needed_for=PRIVATE,
    ),
)
