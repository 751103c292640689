"""
A local Slack that speaks Slack's wire: Web API, response URLs, Socket Mode, signed HTTP requests.

The bot under test is the real bot with `SLACK_API_URL` pointing here. Nothing in this package knows
the bot, and neither slack_sdk nor slack_bolt: what it says is written down from Slack's own pages,
so a mistake of theirs or ours shows as a difference.

    bot ──Web API──▶ webapi ─▶ methods/ ─▶ workspace, screens     (what Slack remembers)
                       │ faults, limits, judge                     (what Slack refuses)
    bot ◀──socket or signed HTTP── delivery ◀─ payloads ◀─ people  (what persons do)

| you want to…                                   | go to                          |
|------------------------------------------------|--------------------------------|
| start one, wait for something, break something | `server.LocalSlack`            |
| let somebody type, press, submit               | `people.Person`                |
| read what is on the screen                     | `model.Message`, `room.Room`   |
| see what Slack would refuse                    | `judge`, its tables `grammar`  |
| add a Web API method                           | `methods/`, its table          |

What it is not: a store (everything is in memory) and a copy of Slack's looks (`bot/sandbox/page`).
"""

from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.errors import BadAck, NeverHappened, NoAck, NoApp, Unanswered
from bot.sandbox.slack.model import Message, View
from bot.sandbox.slack.people import Person
from bot.sandbox.slack.room import Room
from bot.sandbox.slack.server import LocalSlack
from bot.sandbox.slack.webapi import Call

__all__ = [
    "BadAck",
    "Call",
    "Delivery",
    "LocalSlack",
    "Message",
    "NeverHappened",
    "NoAck",
    "NoApp",
    "Person",
    "Room",
    "Unanswered",
    "View",
]
