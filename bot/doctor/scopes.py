"""Each scope of the bot token by what it is for. The list itself is Slack's room's."""

from collections.abc import Collection, Iterator

from bot.doctor.verdict import Area, Line, missing, ok, unchecked
from bot.slack.scopes import BOT_SCOPES, GROUPS, PRIVATE

__all__ = ["BOT_SCOPES", "GROUPS", "PRIVATE", "judge", "named", "unasked"]

_MEND = """api.slack.com/apps, your app, OAuth & Permissions, Bot Token Scopes: add {0}, then \
Reinstall to Workspace; in config/slack-app-manifest.yaml that is
oauth_config:
  scopes:
    bot:
      - {0}"""


def named(scope: str) -> str:
    """Name the line about a scope."""
    return f"scope {scope}"


def judge(granted: Collection[str], needs: Collection[str]) -> Iterator[Line]:
    """
    Say of each scope whether it is there.

    Args:
        granted: those that the token has; empty: Slack did not tell.
        needs: the conditions that are true here.

    """
    if not granted:
        yield from unasked("Slack does not tell which scopes the token has", needs)
        return
    for scope in BOT_SCOPES:
        if scope.name in granted:
            yield ok(Area.SLACK, named(scope.name), scope.purpose)
        elif not scope.needed_for or scope.needed_for in needs:
            mend = _MEND.format(scope.name)
            yield missing(Area.SLACK, named(scope.name), scope.loss, mend)
        else:
            detail = f"not granted, and not needed: there is no {scope.needed_for}"
            yield ok(Area.SLACK, named(scope.name), detail)
    if more := sorted(set(granted) - {scope.name for scope in BOT_SCOPES}):
        yield ok(Area.SLACK, "other scopes", f"granted, and not needed: {', '.join(more)}")


def unasked(why: str, needs: Collection[str] = (GROUPS, PRIVATE)) -> Iterator[Line]:
    """Give the same lines where they cannot be asked."""
    for scope in BOT_SCOPES:
        if not scope.needed_for or scope.needed_for in needs:
            yield unchecked(Area.SLACK, named(scope.name), why)
