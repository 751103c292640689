"""
What Slackbot tells a person when the app did not answer: only they see it.

Slack keeps such a line until the page is loaded again; here the last few stay.
"""

from bot.sandbox.slack.model import Message
from bot.sandbox.slack.workspace import Workspace

SLACKBOT = "USLACKBOT"
KEPT = 20


class Notices:
    """The last notices of each person."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._by_person: dict[str, list[Message]] = {}

    def of(self, user_id: str) -> list[Message]:
        """Somebody's notices, oldest first."""
        return self._by_person.get(user_id, [])

    def tell(
        self, user_id: str, text: str, *, channel: str, thread_ts: str | None = None
    ) -> Message:
        """Show somebody a line of Slackbot's."""
        notice = Message(
            channel=channel,
            ts=self._workspace.stamp(),
            user=SLACKBOT,
            text=text,
            thread_ts=thread_ts,
            seen_by=user_id,
        )
        self._by_person[user_id] = [*self.of(user_id), notice][-KEPT:]
        self._workspace.changes.announce()
        return notice
