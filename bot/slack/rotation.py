"""
New tokens while the bot runs: tried first, taken if Slack accepts them, refused in words if not.

    bot token       auth.test says it is the same app in the same workspace ─▶ all calls use it
    app token       links are opened with it ─▶ those that were open are closed
    signing secret  taken at once; the one before stays good for a while
"""

from bot.slack.app import SlackApp
from bot.slack.calls import Calls
from bot.slack.connection import make_client
from bot.slack.credentials import BOT_TOKEN, Denied, who_am_i


async def use_bot_token(slack: SlackApp, calls: Calls, token: str) -> None:
    """
    Call Slack with another token of the same app.

    Raises:
        Denied: Slack refuses it, or it is another app's, which cannot edit what we posted.

    """
    known = await slack.check()
    fresh = await who_am_i(Calls(make_client(token, calls.session, calls.api_url)))
    if (fresh.team, fresh.bot) != (known.team, known.bot):
        where = f"{fresh.user} in {fresh.team_name}"
        raise Denied(BOT_TOKEN, f"it belongs to another app ({where}); that needs a restart")
    calls.use(token)


async def use_app_token(slack: SlackApp, token: str) -> None:
    """Open links to Slack with another token. Raises Denied."""
    await slack.reconnect(token)


def use_signing_secret(slack: SlackApp, secret: str) -> None:
    """Take what is signed with another secret."""
    slack.signatures.use(secret)
