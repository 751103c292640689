"""
What somebody does on the page, done as that person.

    frame ─▶ may they see it? ─▶ Person ─▶ the app ─▶ an answer for the page

The answer is `{"ok": true, …}` or `{"ok": false, "text": …}`; errors under inputs come as *errors*.
Where the app did not answer, the person is told beside what they pressed; of a command Slackbot
tells it.
"""

import re

from bot.sandbox.page import levers
from bot.sandbox.page.frames import (
    Closed,
    Frame,
    HomeOpened,
    Pressed,
    PressedInView,
    Pulled,
    Submitted,
    Typed,
    Values,
)
from bot.sandbox.page.notices import Notices
from bot.sandbox.page.ports import Cluster, Json, LeverError
from bot.sandbox.slack import LocalSlack, reading
from bot.sandbox.slack.errors import BadAck, SlackError, Unanswered
from bot.sandbox.slack.forms import Filled, Incomplete, choose
from bot.sandbox.slack.model import Message, View
from bot.sandbox.slack.people import Person

SILENT = "the app did not respond"
NAMED = re.compile(r"(?<![\w<])@([a-z0-9][\w.-]*)")
ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


class NotDone(Exception):  # noqa: N818 - what the person is told
    """It was not done; the text says why."""


class Deeds:
    """Does what frames say."""

    def __init__(
        self, slack: LocalSlack, cluster: Cluster, notices: Notices, *, command: str
    ) -> None:
        self._slack = slack
        self._cluster = cluster
        self._notices = notices
        self._command = command

    async def do(self, person: Person, frame: Frame) -> Json:
        """Do it, and give the answer for the page."""
        try:
            return {"ok": True} | await self._do(person, frame)
        except (NotDone, Incomplete, LeverError) as error:
            return {"ok": False, "text": str(error)}
        except Unanswered as error:
            return {"ok": False, "text": _sentence(error)}
        except LookupError:
            return {"ok": False, "text": "That is not there any more."}
        except SlackError as error:
            return {"ok": False, "text": f"Slack refuses this: {error.error}."}

    async def _do(self, person: Person, frame: Frame) -> Json:
        match frame:
            case Typed():
                await self._type(person, frame)
            case Pressed():
                message = self._seen(person, frame)
                _check_press(message, frame)
                await person.presses(message, frame.action, option=frame.option)
            case PressedInView():
                view = self._open(person, frame.view)
                _check_press(view, frame)
                filled = _filled(view, frame.values)
                await person.presses(view, frame.action, option=frame.option, filled=filled)
            case Submitted():
                view = self._open(person, frame.view)
                await person.submits(view, _filled(view, frame.values))
                return {"errors": dict(person.errors)}
            case Closed():
                view = self._open(person, frame.view)
                await person.closes(view, everything=frame.everything)
            case HomeOpened():
                await person.opens_home()
            case Pulled():
                arguments = levers.read_arguments(frame.lever, dict(frame.arguments))
                return {"text": await self._cluster.pull(frame.lever, arguments)}
        return {}

    # --- typing ---------------------------------------------------------------------------------

    async def _type(self, person: Person, frame: Typed) -> None:
        """Send a command or a message, as Slack's box does."""
        text, workspace = frame.text.strip(), self._slack.workspace
        channel = workspace.channels.get(frame.channel)
        if channel is None or person.id not in channel.members:
            raise NotDone("You are not in this channel.")
        if channel.archived:
            raise NotDone("This channel is archived: nobody can write here.")
        if not text:
            raise NotDone("There is nothing to send.")
        if text.startswith("/"):
            await self._command_typed(person, frame, text)
            return
        parent = workspace.message(channel.id, frame.thread) if frame.thread else None
        await person.says(self._with_mentions(text), channel=channel.id, thread=parent)

    async def _command_typed(self, person: Person, frame: Typed, text: str) -> None:
        name, *rest = text.split(maxsplit=1)
        if name != self._command:
            self._tell(person, frame, f"`{_safe(name)}` is not a valid command.")
        elif frame.thread:
            self._tell(person, frame, f"`{name}` is not supported in threads. Sorry!")
        else:
            try:
                await person.types(" ".join([name, *rest]), channel=frame.channel)
            except Unanswered as error:
                self._tell(person, frame, f"`{name}` failed: {_reason(error)}.")

    def _tell(self, person: Person, frame: Typed, text: str) -> None:
        """Let Slackbot say something that only this person sees."""
        self._notices.tell(person.id, text, channel=frame.channel, thread_ts=frame.thread)

    def _with_mentions(self, text: str) -> str:
        """Escape what was typed, and turn names into mentions, as Slack's own box does."""
        ids = {user.name: user.id for user in self._slack.workspace.users.values()}

        def mention(found: re.Match[str]) -> str:
            return f"<@{ids[found[1]]}>" if found[1] in ids else found[0]

        return NAMED.sub(mention, text.translate(ENTITIES))

    # --- finding --------------------------------------------------------------------------------

    def _seen(self, person: Person, frame: Pressed) -> Message:
        """The version of a message that stood on this person's screen."""
        channel = self._slack.workspace.channels[frame.channel]
        if person.id not in channel.members:
            raise NotDone("You are not in this channel.")
        own = (m for m in person.ephemerals if m.ts == frame.ts and m.channel == channel.id)
        message = next(own, None) or self._slack.channel(channel.id).message(frame.ts)
        if message is None or frame.version > len(message.history):
            raise NotDone("This message is gone.")
        return message.history[frame.version - 1]

    @staticmethod
    def _open(person: Person, view_id: str) -> View:
        """A modal or Home tab that stands open for this person."""
        views = [*person.modals, *([person.home] if person.home else [])]
        for view in views:
            if view.id == view_id:
                return view
        raise NotDone("This view is closed.")


def _check_press(what: Message | View, frame: Pressed | PressedInView) -> None:
    """
    Refuse a press that would go out as another one.

    `Person.presses` knows elements by action_id alone, which two blocks may share, and options by
    how their value begins.
    """
    block, element = reading.find(what.blocks, frame.action)
    if block["block_id"] != frame.block:
        raise NotDone(f"Two blocks share the action_id {frame.action}: only the first is heard.")
    if frame.option is not None and element["type"] != "plain_text_input":
        _check_option(element, frame.option)


def _filled(view: View, values: Values) -> dict[str, Filled]:
    """What stands in the inputs of a view, each option one that is offered."""
    elements = {block["block_id"]: element for block, element in reading.interactive(view.blocks)}
    for block_id, value in values.items():
        element = elements[block_id]
        if reading.options_of(element):
            for option in [value] if isinstance(value, str) else value:
                _check_option(element, option)
        elif not isinstance(value, str):
            raise NotDone(f"{block_id} is filled in with text.")
    return dict(values)


def _check_option(element: Json, value: str) -> None:
    if choose(element, value).get("value") != value:
        raise NotDone(f"{value} is not offered, or another option begins like it.")


def _reason(error: Unanswered) -> str:
    if isinstance(error, BadAck):
        return f"the app answered with something that Slack cannot show ({_safe(str(error))})"
    return SILENT


def _sentence(error: Unanswered) -> str:
    reason = _reason(error)
    return f"{reason[0].upper()}{reason[1:]}."


def _safe(text: str) -> str:
    """Foreign words in a line of mrkdwn."""
    return text.translate(ENTITIES).replace("`", "'")
