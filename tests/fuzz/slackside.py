"""The Slack app with the real flows behind it, and nobody at the other end of the line."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from bot.flows import operate
from bot.messages.blocks import Message
from bot.slack.app import Settings, SlackApp
from bot.slack.calls import Refused
from bot.slack.credentials import Identity
from bot.slack.limits import Rate, Rules
from bot.slack.occasions import Occasion
from tests.flows.room import RELEASES, Room
from tests.memory import Memory
from tests.messages.reading_aloud import SEAL

ANN, TEAM, APP = "U0ANN", "T0HOME", "A0APP"
_MANY = Rate(burst=10**9, a_minute=10**9)
NO_LIMITS = Rules(read=_MANY, act=_MANY, abort=_MANY, channel=_MANY, refusals=10**6)


@dataclass
class Calls:
    """Slack's Web API, which knows one person; what is shown is kept."""

    shown: list[dict[str, Any]] = field(default_factory=list)
    api_url: str = "http://127.0.0.1:9/api/"
    asked: int = 0

    async def __call__(self, method: str, **args: Any) -> dict[str, Any]:
        await asyncio.sleep(0)
        self.asked += 1
        json.dumps(args).encode()  # what is not JSON, or no text, could not be sent
        match method:
            case "users.info" if args["user"] in {ANN, "U0BEN"}:
                user = {"id": args["user"], "name": "ann", "team_id": TEAM}
                return {"user": user}
            case "users.info":
                raise Refused(method, "user_not_found")
            case "views.open" | "views.update" | "views.publish":
                self.shown.append(args["view"])
                return {"view": {"id": "V1"}}
        return {"ok": True, "users": []}


@dataclass
class Voice:
    """Keeps what people are told."""

    told: list[tuple[Occasion, Message]] = field(default_factory=list)

    async def tell(self, occasion: Occasion, message: Message) -> bool:
        await asyncio.sleep(0)
        self.told.append((occasion, message))
        return True


@dataclass
class Side:
    """Everything that a case needs."""

    room: Room
    app: SlackApp
    calls: Calls
    voice: Voice
    answers: list[Any] = field(default_factory=list)  #: what came with acknowledgements

    async def take(self, body: Any) -> int:
        """Bring a payload in, and wait until everything is done; the status of the answer."""
        answer = await self.app._entrance.take(body)
        if answer.body:
            self.answers.append(json.loads(answer.body) if answer.body[:1] == "{" else answer.body)
        await self.app.desk.finish(30)
        return answer.status


async def side(room: Room | None = None) -> Side:
    """Begin anew: 0.0.2 waits at 10 %, a finding is open, and the app knows who it is."""
    operate._PATIENCE = 0.0  # nobody waits for an effect that will not come
    if room is None:
        room = Room(Memory())
        room.deploy()
        room.deploy(name="second")
        bot = await room.start()
        room.release()
        await room.settled()
    bot, calls, voice = room.bots[0], Calls(), Voice()
    app = SlackApp(
        Settings(mode="http", listen="127.0.0.1:0", signing_secret="s" * 20, rules=NO_LIMITS),
        calls=calls,
        seal=SEAL,
        bulletin=bot.bulletin,
        operate=bot.operate,
        answer=bot.answer,
    )
    app.desk.voice = voice
    app.desk.team = TEAM
    app._identity = Identity(team=TEAM, team_name="shop", user="U0BOT", bot="B0BOT", url="")
    app._doorman.knows(APP)
    return Side(room, app, calls, voice)


def command(text: str) -> dict[str, Any]:
    """A slash command."""
    return {
        "token": "x",
        "team_id": TEAM,
        "team_domain": "shop",
        "channel_id": RELEASES,
        "channel_name": "releases",
        "user_id": ANN,
        "user_name": "ann",
        "command": "/rollout",
        "text": text,
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": "https://hooks.slack.com/commands/T0/1/x",
        "trigger_id": "1.2.x",
    }


def _interaction(kind: str) -> dict[str, Any]:
    return {
        "type": kind,
        "user": {"id": ANN, "username": "ann", "name": "ann", "team_id": TEAM},
        "api_app_id": APP,
        "token": "x",
        "trigger_id": "1.2.x",
        "team": {"id": TEAM, "domain": "shop"},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def press(action: dict[str, Any], message: Message | None) -> dict[str, Any]:
    """A press on a message."""
    container = {"type": "message", "message_ts": "1.1", "channel_id": RELEASES}
    body = _interaction("block_actions") | {
        "container": {**container, "is_ephemeral": message is None, "thread_ts": "1.0"},
        "channel": {"id": RELEASES, "name": "releases"},
        "state": {"values": {}},
        "response_url": "https://hooks.slack.com/actions/T0/1/x",
        "actions": [{**action, "action_ts": "1.3", "block_id": "card-controls"}],
    }
    if message:
        body["message"] = {
            "type": "message",
            "user": "U0BOT",
            "bot_id": "B0BOT",
            "app_id": APP,
            "ts": "1.1",
            "team": TEAM,
            "text": message.text,
            "blocks": list(message.blocks),
            "metadata": message.metadata,
        }
    return body


def submission(view: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """A form was sent."""
    told = {"id": "V1", "team_id": TEAM, "hash": "1.h", "app_id": APP, "bot_id": "B0BOT"}
    return _interaction("view_submission") | {
        "view": view | told | {"state": {"values": values}, "root_view_id": "V1"},
        "response_urls": [],
    }


def event(kind: str, **more: Any) -> dict[str, Any]:
    """Something happened."""
    return {
        "token": "x",
        "team_id": TEAM,
        "api_app_id": APP,
        "type": "event_callback",
        "event_id": "Ev1",
        "event_time": 1,
        "authorizations": [{"enterprise_id": None, "team_id": TEAM, "user_id": "U0BOT"}],
        "is_ext_shared_channel": False,
        "event": {"type": kind, "user": ANN, "channel": RELEASES, "event_ts": "1.1", **more},
    }
