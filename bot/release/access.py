"""
Who may do what.

Nothing listed: everybody may read, nobody may act. Guests, bots and people of
other workspaces never act, whatever is listed. The channel is context, not
identity: a rule may limit where a right counts, it never grants by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from bot.release.errors import NotAllowed
from bot.release.rollout import Rollout


class Permission(StrEnum):
    """What a person can be allowed to do; the words of `access: allow`."""

    PROMOTE = "promote"
    HEADER_ONLY = "header-only"
    RESUME = "resume"
    ABORT = "abort"
    PAUSE = "pause"
    RETRY = "retry"
    FULL = "full"
    #: of its own: to silence an alarm does nothing to a release, and whoever may promote need not
    #: be allowed to
    MUTE = "mute"


class Standing(StrEnum):
    """What somebody is in this workspace."""

    MEMBER = "member"
    GUEST = "guest"
    BOT = "bot"
    STRANGER = "stranger"  #: of another workspace
    UNKNOWN = "unknown"  #: Slack could not be asked: may read, may not act


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A person in Slack. Only ids from the payload and Slack's own answers count."""

    user: str
    name: str = ""
    standing: Standing = Standing.UNKNOWN
    groups: frozenset[str] = frozenset()
    #: group memberships could not be read: rules by group do not count for now
    groups_unknown: bool = False


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One entry of `access`: these people may do this, there and on that."""

    allow: frozenset[Permission]
    users: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()  #: ids; empty: everywhere
    namespaces: tuple[str, ...] = ()  #: globs; empty: all
    reason_required: bool = False

    def is_about(self, permission: Permission, rollout: Rollout) -> bool:
        """Whether this rule speaks of that act on that rollout."""
        return permission in self.allow and (
            not self.namespaces
            or any(fnmatchcase(rollout.namespace, glob) for glob in self.namespaces)
        )

    def names(self, actor: Actor) -> bool:
        """Whether this rule lists that person, by name or by group."""
        return actor.user in self.users or bool(self.groups & actor.groups)


@dataclass(frozen=True)
class Allowed:
    """Proof that the access policy was asked and said yes. Made by `AccessPolicy.check` only."""

    actor: Actor
    permission: Permission
    uid: str


@dataclass(frozen=True)
class AccessPolicy:
    """All rules; the first that fits allows."""

    rules: Sequence[Rule] = field(default_factory=tuple)

    def check(
        self, actor: Actor, permission: Permission, rollout: Rollout, *, channel: str, reason: str
    ) -> Allowed:
        """
        Ask whether this person may do this here.

        Raises:
            NotAllowed: saying why, and who may.

        """
        _refuse_by_standing(actor)
        about = [rule for rule in self.rules if rule.is_about(permission, rollout)]
        naming = [rule for rule in about if rule.names(actor)]
        here = [rule for rule in naming if not rule.channels or channel in rule.channels]
        if any(not rule.reason_required or reason for rule in here):
            return Allowed(actor, permission, rollout.uid)
        if here:
            raise NotAllowed(
                f'A reason is needed to {permission} {rollout.key}: add `--reason "…"`.'
            )
        if naming:
            places = sorted({f"<#{c}>" for rule in naming for c in rule.channels})
            raise NotAllowed(f"You may {permission} {rollout.key} in {_either(places)}, not here.")
        if actor.groups_unknown and any(rule.groups for rule in about):
            raise NotAllowed(
                "Slack does not tell me now who is in the user groups, so I cannot see "
                "whether you may. Try again in a minute."
            )
        raise NotAllowed(f"You may not {permission} in {rollout.namespace}. {_who_may(about)}")


def _refuse_by_standing(actor: Actor) -> None:
    match actor.standing:
        case Standing.MEMBER:
            return
        case Standing.GUEST:
            raise NotAllowed("Guests of this workspace may read, never act.")
        case Standing.BOT:
            raise NotAllowed("Bots never act.")
        case Standing.STRANGER:
            raise NotAllowed("People of other workspaces may read, never act.")
        case Standing.UNKNOWN:
            raise NotAllowed(
                "Slack does not tell me now who you are, so I cannot see whether you may. "
                "Try again in a minute."
            )


def _who_may(rules: Sequence[Rule]) -> str:
    groups = sorted({f"<!subteam^{group}>" for rule in rules for group in rule.groups})
    users = sorted({f"<@{user}>" for rule in rules for user in rule.users})
    if not groups and not users:
        return "Nobody may: no rule under `access` in my configuration allows it."
    return f"{_either([*groups, *users])} may."


def _either(names: Sequence[str]) -> str:
    return " or ".join(names)
