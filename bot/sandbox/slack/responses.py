"""
Response URLs: what the app may say in answer to one command or one press.

Five uses in thirty minutes (docs: handling user interaction). They pass where the app is no member.
The words `used_url` and `expired_url`, and the status of refusals, are from memory.

Whether a post without `replace_original` replaces the message that was pressed is told differently
on different pages; here it does, so that an app which relies on the other answer shows it.
"""

import secrets
from dataclasses import dataclass

from aiohttp import web

from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.content import read_content
from bot.sandbox.slack.errors import RateLimited, SlackError
from bot.sandbox.slack.limits import Limits
from bot.sandbox.slack.model import Message
from bot.sandbox.slack.webapi import FrontDoor, Reply
from bot.sandbox.slack.workspace import Workspace

METHOD = "response_url"
USES = 5
LIFE = 30 * 60.0


@dataclass
class Occasion:
    """What somebody did, in answer to which the app may speak."""

    user: str
    channel: str
    until: float
    source: Message | None = None  #: the message that was pressed; a command has none
    uses: int = 0


class Responses:
    """Gives out response URLs and does what is posted to them."""

    def __init__(self, workspace: Workspace, door: FrontDoor, limits: Limits | None) -> None:
        self._workspace = workspace
        self._door = door
        self._limits = limits
        self._occasions: dict[str, Occasion] = {}

    def issue(self, user: str, channel: str, source: Message | None = None) -> tuple[str, Occasion]:
        """A new URL, and the occasion for which it stands."""
        key = secrets.token_urlsafe(12)
        occasion = Occasion(user, channel, self._workspace.clock() + LIFE, source)
        self._occasions[key] = occasion
        return f"{self._workspace.url}response/{key}", occasion

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one post."""
        key = request.match_info["key"]

        def perform(args: Arguments) -> Reply:
            try:
                self._use(key, args)
            except RateLimited as error:
                return Reply(error.as_json(), 429, {"Retry-After": str(error.seconds)})
            except SlackError as error:
                gone = error.error in ("used_url", "expired_url")
                return Reply(error.as_json(), 404 if gone else 400)
            return Reply("ok")

        return await self._door.serve(request, METHOD, perform)

    def _use(self, key: str, args: Arguments) -> None:
        occasion = self._occasions.get(key)
        if occasion is None or self._workspace.clock() > occasion.until:
            raise SlackError("expired_url")
        if occasion.uses >= USES:
            raise SlackError("used_url")
        if self._limits and args.text("response_type") == "in_channel":
            seconds = self._limits.admit(METHOD, occasion.channel)
            if seconds:
                raise RateLimited(seconds)
        self.show(occasion, args)
        occasion.uses += 1

    def show(self, occasion: Occasion, args: Arguments) -> None:
        """Say what the app answers, by a response URL or with its acknowledgement."""
        source = self._current(occasion.source)
        if source and args.flag("delete_original"):
            self._workspace.remove(source)
            if not args.has("text") and not args.has("blocks"):
                return
        content = read_content(args)
        if source and self._replaces(source, args):
            self._workspace.update(source, content, metadata=args.metadata())
            return
        channel, thread = self._workspace.channels[occasion.channel], args.text("thread_ts")
        if args.text("response_type") == "in_channel":
            metadata = args.metadata()
            self._workspace.post(channel, content, thread_ts=thread, metadata=metadata)
        else:
            self._workspace.whisper(channel, content, to=occasion.user, thread_ts=thread)

    def _current(self, source: Message | None) -> Message | None:
        """The pressed message as it is now, if it still is."""
        if source is None:
            return None
        if source.seen_by:
            return next((m for m in self._workspace.ephemerals if m.ts == source.ts), None)
        try:
            return self._workspace.message(source.channel, source.ts)
        except SlackError:
            return None

    @staticmethod
    def _replaces(source: Message, args: Arguments) -> bool:
        asked = args.flag("replace_original")
        if asked is not None:
            return asked and not args.flag("delete_original")
        kind = "ephemeral" if source.seen_by else "in_channel"
        return not args.flag("delete_original") and args.text("response_type", kind) == kind
