"""
`rollout-bot demo`: the whole bot in a browser, without an account and without a cluster.

    play     puts Slack, cluster, page and bot together and brings the rollouts to where it begins
    actor    the bot, which the panel can end and start
    folder   where the demo keeps its files, and what a killed one left behind
    tell     progress, and the address

Everything runs in this process, on loopback; when it ends nothing is left.
"""

from bot.demo.play import CannotPlay, perform

__all__ = ["CannotPlay", "perform"]
