"""A channel as a person reads it."""

from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.model import Channel, Message
from bot.sandbox.slack.workspace import Workspace


class Room:
    """What is on the screen in one channel, at the moment of asking."""

    def __init__(self, workspace: Workspace, channel: Channel) -> None:
        self._workspace = workspace
        self.channel = channel

    @property
    def messages(self) -> list[Message]:
        """The messages in the channel itself, oldest first; replies only if broadcast."""
        return [m for m in self._workspace.messages(self.channel.id) if m.is_top_level]

    def thread(self, ts: str) -> list[Message]:
        """The replies to a message, oldest first."""
        return self._workspace.thread(self.channel.id, ts)

    def message(self, ts: str) -> Message | None:
        """What a message looks like now; None once it is deleted."""
        try:
            return self._workspace.message(self.channel.id, ts)
        except SlackError:
            return None

    def find(self, words: str) -> Message | None:
        """The newest message of the channel that shows these words."""
        return next((m for m in reversed(self.messages) if words in m.plain), None)

    def remove(self, message: Message) -> None:
        """Somebody deletes a message."""
        self._workspace.remove(message)

    def archive(self) -> None:
        """Somebody archives the channel."""
        self.channel.archived = True
        self._workspace.changes.announce()
