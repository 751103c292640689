"""The bot of the demo: the real one, which can be ended and started again."""

import asyncio
import os

from bot.app import running
from bot.config import Secrets, load
from bot.demo.folder import Folder
from bot.sandbox.slack import LocalSlack

_LAST_WORDS = 0.5  #: seconds
_PATIENCE = 5.0  #: seconds for which a start is waited for; it goes on without us


class Actor:
    """
    The bot in a task of its own.

    Args:
        folder: where its configuration and its database are.
        slack: that it shall talk to.

    """

    def __init__(self, folder: Folder, slack: LocalSlack) -> None:
        self._folder = folder
        self._slack = slack
        self._task: asyncio.Task[None] | None = None
        # where the cluster room looks
        os.environ["KUBECONFIG"] = str(folder.kubeconfig_of_the_bot)

    @property
    def runs(self) -> bool:
        """Whether it runs."""
        return self._task is not None and not self._task.done()

    async def start(self) -> None:
        """Start it; return when it knows the cluster, or when that takes long. Raises its end."""
        if self.runs:
            return
        ready = asyncio.Event()
        self._task = asyncio.create_task(self._play(ready), name="bot")
        waiting = asyncio.create_task(ready.wait())
        await asyncio.wait(
            {self._task, waiting}, timeout=_PATIENCE, return_when=asyncio.FIRST_COMPLETED
        )
        waiting.cancel()
        if self._task.done():
            self._task.result()

    async def stop(self) -> None:
        """End it as SIGTERM does: what is decided is still told."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        self._task = None

    async def leave(self) -> None:
        """End it, and let it not finish its sentences: nobody is there any more."""
        if self._task is not None:
            self._task.cancel()
            _, busy = await asyncio.wait({self._task}, timeout=_LAST_WORDS)
            if busy:
                self._task.cancel()
        await self.stop()

    async def _play(self, ready: asyncio.Event) -> None:
        config = load(self._folder.configuration)
        environ = {
            "SLACK_BOT_TOKEN": self._slack.bot_token,
            "SLACK_APP_TOKEN": self._slack.app_token,
            "SLACK_API_URL": self._slack.api_url,
        }
        secrets = Secrets.from_environment(environ, config.slack.mode)
        async with running(config, secrets, self._folder.database) as app:
            await app.flows.follow.listed.wait()
            ready.set()
            await app.ended()
