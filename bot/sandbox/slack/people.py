"""
People: they type, press, fill in and read, and the app hears of it as Slack would tell it.

    ann = slack.person("U0ANN")
    await ann.types("/rollout promote shop/api", channel="C0RELEASES")
    await ann.presses(card, "rollout:promote")
    assert "done" in ann.ephemerals[-1].plain

Nobody checks what they press: an old copy of a message is pressed as it was.
"""

from collections.abc import Awaitable, Callable, Mapping

from bot.sandbox.slack import reading
from bot.sandbox.slack.arguments import Arguments
from bot.sandbox.slack.content import read_view
from bot.sandbox.slack.delivery import Delivery, Kind
from bot.sandbox.slack.errors import BadAck, SlackError
from bot.sandbox.slack.forms import Filled, state
from bot.sandbox.slack.model import Channel, Content, Json, Message, User, View
from bot.sandbox.slack.payloads import Payloads, action
from bot.sandbox.slack.responses import Occasion, Responses
from bot.sandbox.slack.workspace import Workspace

#: Brings a payload to the app and waits for its acknowledgement.
Deliver = Callable[[Kind, Json], Awaitable[Delivery]]


class Person:
    """Somebody in the workspace; *errors* are those under the inputs of the last submission."""

    def __init__(
        self, user_id: str, workspace: Workspace, responses: Responses, deliver: Deliver
    ) -> None:
        self.id = user_id
        self.errors: dict[str, str] = {}
        self._workspace = workspace
        self._responses = responses
        self._payloads = Payloads(workspace, responses)
        self._deliver = deliver

    @property
    def user(self) -> User:
        """How the workspace knows them now."""
        return self._workspace.user(self.id)

    # --- what they see --------------------------------------------------------------------------

    @property
    def ephemerals(self) -> list[Message]:
        """The messages that only they see, oldest first."""
        return [m for m in self._workspace.ephemerals if m.seen_by == self.id]

    @property
    def modal(self) -> View | None:
        """The modal in front of them."""
        return self.modals[-1] if self.modals else None

    @property
    def modals(self) -> tuple[View, ...]:
        """All their open modals, topmost last."""
        return self._workspace.screens.modals(self.id)

    @property
    def home(self) -> View | None:
        """The app's Home tab, once the app has published it for them."""
        return self._workspace.screens.home(self.id)

    # --- what they do ---------------------------------------------------------------------------

    async def types(self, line: str, *, channel: str) -> Delivery:
        """Send a slash command."""
        command, _, text = line.partition(" ")
        payload, occasion = self._payloads.slash_command(
            self.user, self._in(channel), command, text.strip()
        )
        delivery = await self._deliver("slash_commands", payload)
        self._show(occasion, delivery.answer or {})
        return delivery

    async def presses(
        self,
        what: Message | View,
        action_id: str,
        *,
        option: str | None = None,
        value: str | None = None,
        filled: Mapping[str, Filled] | None = None,
    ) -> Delivery:
        """
        Press a button, or choose from a menu, of a message, modal or Home tab.

        *option* begins the value of what is chosen. *value* is a forgery, sent in place of what was
        on the screen. *filled* is what stands in the inputs of a view meanwhile.
        """
        block, element = reading.find(what.blocks, action_id)
        pressed = action(block, element, at=self._workspace.stamp(), option=option, value=value)
        if isinstance(what, Message):
            payload = self._payloads.press_on_message(self.user, what, pressed)
        else:
            payload = self._payloads.press_in_view(self.user, what, pressed, filled or {})
        return await self._deliver("interactive", payload)

    async def submits(self, view: View, filled: Mapping[str, Filled] | None = None) -> Delivery:
        """
        Submit a modal; inputs are named by action_id or block_id, the others keep what they show.

        Raises Incomplete where Slack's client would not send it at all.
        """
        values = state(view.blocks, filled or {}, complete=True)
        payload = self._payloads.view_submission(self.user, view, values)
        delivery = await self._deliver("interactive", payload)
        self._follow(view, delivery.answer or {})
        return delivery

    async def closes(self, view: View, *, everything: bool = False) -> Delivery | None:
        """Close a modal (or the whole stack); the app is told only if it asked for it."""
        if everything:
            self._workspace.screens.clear(self.id)
        else:
            self._workspace.screens.close(view)
        if not view.body.get("notify_on_close"):
            return None
        payload = self._payloads.view_closed(self.user, view, is_cleared=everything)
        return await self._deliver("interactive", payload)

    async def opens_home(self) -> Delivery:
        """Look at the app's Home tab."""
        channel = self._workspace.direct_channel(self.id)
        return await self._happens(
            {
                "type": "app_home_opened",
                "user": self.id,
                "channel": channel.id,
                "tab": "home",
                "event_ts": self._workspace.stamp(),
            }
        )

    async def says(self, text: str, *, channel: str, thread: Message | None = None) -> Message:
        """Write a message; the app hears of it if it is mentioned."""
        message = self._workspace.post(
            self._in(channel),
            Content(text=text),
            user=self.id,
            thread_ts=thread.ts if thread else None,
        )
        if f"<@{self._workspace.app.user}>" in text:
            event = {
                "type": "app_mention",
                "user": self.id,
                "text": text,
                "ts": message.ts,
                "channel": channel,
                "event_ts": message.ts,
            }
            await self._happens(event | ({"thread_ts": thread.ts} if thread else {}))
        return message

    async def _happens(self, event: Json) -> Delivery:
        return await self._deliver("events_api", self._payloads.event(event))

    def _in(self, channel_id: str) -> Channel:
        channel = self._workspace.channels[channel_id]
        if self.id not in channel.members:
            raise LookupError(f"{self.user.name} is not in {channel.name}")
        return channel

    def _show(self, occasion: Occasion, answer: Json) -> None:
        """Show a message that came with the acknowledgement of a command."""
        if not answer.get("text") and not answer.get("blocks"):
            return
        try:
            self._responses.show(occasion, Arguments(answer))
        except SlackError as error:
            raise BadAck(f"{error.error}: {error.messages}") from error

    def _follow(self, view: View, answer: Json) -> None:
        """Do with the modals what the acknowledgement of a submission says."""
        screens = self._workspace.screens
        self.errors = {}
        try:
            match answer.get("response_action"):
                case None:
                    screens.close(view)
                case "errors":
                    self.errors = _errors(view, answer)
                    self._workspace.changes.announce()
                case "update":
                    screens.update(view, read_view(answer["view"], "modal"))
                case "push":
                    screens.push(self.id, read_view(answer["view"], "modal"))
                case "clear":
                    screens.clear(self.id)
                case unknown:
                    raise BadAck(f"response_action {unknown}")
        except SlackError as error:
            raise BadAck(f"{error.error}: {error.messages}") from error


def _errors(view: View, answer: Json) -> dict[str, str]:
    """The errors by input; Slack shows them only under input blocks that exist."""
    errors: dict[str, str] = answer["errors"]
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not errors or not errors.keys() <= inputs:
        raise BadAck(f"errors for {sorted(errors)}, but the inputs are {sorted(inputs)}")
    return errors
