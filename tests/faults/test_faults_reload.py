"""F19: configuration and secrets change under the bot, for better and for worse."""

import asyncio
import os
import random
import signal
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml

from tests.faults import tally as numbers
from tests.faults import trials
from tests.faults.crowd import buttons
from tests.faults.mounted import Mounted
from tests.faults.theatre import CHANNEL, ON_CALL, PEOPLE, Theatre, theatre

pytestmark = [pytest.mark.faults, pytest.mark.timeout(1_800)]

OTHER = "C0OTHER"
STAYS = "cannot be used as it is now; what was in force before stays in force"


@dataclass
class Stage:
    """The theatre, with what is mounted into the bot."""

    here: Theatre
    config: Mounted
    secrets: Mounted
    base: dict[str, Any]
    tokens: int = 0
    heard: int = field(default=0)

    def write(self, **changes: Any) -> None:
        """Change the configuration at its first level."""
        self.config.put(config=yaml.safe_dump(self.base | changes))

    def new_tokens(self, *, bot: bool = False, app: bool = False) -> None:
        """Let Slack take new tokens, and the old ones no more."""
        self.tokens += 1
        if bot:
            self.here.slack.bot_token = f"xoxb-sandbox-{self.tokens}"
        if app:
            self.here.slack.app_token = f"xapp-sandbox-{self.tokens}"

    def mount_tokens(self) -> None:
        """Bring the tokens that Slack takes to the bot."""
        slack = self.here.slack
        self.secrets.put(bot=slack.bot_token, app=slack.app_token)

    async def says(self, *words: str) -> None:
        """Wait until the log says all of this after what was heard before."""
        log = lambda: self.here.bot.said[self.heard :]  # noqa: E731
        await self.here.until(lambda: all(word in log() for word in words), f"said {words}")
        self.heard = len(self.here.bot.said)

    async def is_ready(self, *, is_valid: bool) -> bool:
        """Whether /readyz says so, and /metrics whether what stands in the files is in force."""
        [line] = [one for one in self.here.bot.said.splitlines() if "health is on" in one][-1:]
        url = f"http://{line.rpartition(' ')[2]}"
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{url}/metrics") as answer:
                shown = await answer.text()
            async with session.get(f"{url}/readyz") as answer:
                is_ready = answer.status == 200
        return is_ready and f"rollout_bot_config_valid {int(is_valid)}.0" in shown


async def another_bot_token(stage: Stage) -> None:
    """Slack revokes the old token; the new one comes some seconds later."""
    stage.new_tokens(bot=True)
    await asyncio.sleep(3)
    stage.mount_tokens()
    await stage.says("in use now: SLACK_BOT_TOKEN")


async def no_good(stage: Stage) -> None:
    """Somebody has made a mistake, and mends it."""
    stage.config.put(config=yaml.safe_dump(stage.base) + "acess: []\n")
    await stage.says(STAYS, "acess: is not known; did you mean access?")
    await asyncio.sleep(5)
    assert "acess" not in stage.here.bot.said[stage.heard :], "said at each look"
    assert await stage.is_ready(is_valid=False)
    stage.write()
    await stage.says("The configuration is good again")
    await asyncio.sleep(2.5)
    assert await stage.is_ready(is_valid=True)


async def deleted(stage: Stage) -> None:
    """The ConfigMap is deleted, and comes back."""
    (stage.config.folder / "..data").unlink()
    await stage.says(STAYS, "cannot be read: No such file or directory")
    assert await stage.is_ready(is_valid=False)
    stage.write()
    await stage.says("The configuration is good again")


async def another_app_token(stage: Stage) -> None:
    """Slack revokes the app-level token and cuts the links that were opened with it."""
    stage.new_tokens(app=True)
    stage.here.slack_door.drop_links()
    await asyncio.sleep(1)
    stage.mount_tokens()
    await stage.says("in use now: SLACK_APP_TOKEN")
    await stage.here.until(lambda: stage.here.slack.socket.open_links, "a link")


async def truncated(stage: Stage) -> None:
    """The file is half written for a while."""
    whole = yaml.safe_dump(stage.base)
    stage.config.put(config=whole[: len(whole) // 2])
    await asyncio.sleep(0.2)
    stage.config.put(config="")
    await stage.says(STAYS, "is empty")
    stage.write()
    await stage.says("The configuration is good again")


async def nobody_may(stage: Stage) -> None:
    """Everybody loses their rights, and gets them back."""
    stage.write(access=[])
    await stage.says("in force now: access")
    here = stage.here
    await here.until(lambda: here.crowd.offering(CHANNEL, "abort"), "a card")
    card = here.crowd.offering(CHANNEL, "abort")[-1]
    told = len(here.slack.workspace.ephemerals)
    await here.crowd.press("U0ANN", card, "abort")
    await here.until(lambda: len(here.slack.workspace.ephemerals) > told, "an answer")
    assert not any(here.status(part, "abort") for part in here.parts)
    stage.write()
    await stage.says("in force now: access")


async def no_such_channel(stage: Stage) -> None:
    """A channel is named that does not exist yet."""
    name = f"#made-{stage.tokens}-{stage.heard}"
    stage.write(channels=[*stage.base["channels"], {"channel": name}])
    await stage.says(STAYS, f"channels[1].channel: I see no channel {name} in Slack")
    stage.write()
    await stage.says("The configuration is good again")


async def another_channel(stage: Stage) -> None:
    """A second channel is told, for a while."""
    here = stage.here
    if OTHER not in here.slack.workspace.channels:
        here.slack.add_channel(OTHER, "other", members=["U0ANN"])
    stage.write(channels=[*stage.base["channels"], {"channel": "#other"}])
    await stage.says("in force now: channels")
    await here.until(lambda: here.crowd.cards(OTHER), "a card in the other channel")
    stage.write()
    await stage.says("in force now: channels")
    await here.until(
        lambda: not here.crowd.cards(OTHER), "no button in the other channel", numbers.times(30, 90)
    )


async def no_token(stage: Stage) -> None:
    """The file holds something that is no token."""
    stage.secrets.put(bot="xapp-swapped", app=stage.here.slack.app_token)
    await stage.says(STAYS, "SLACK_BOT_TOKEN: is a token of another kind")
    stage.mount_tokens()
    await stage.says("A secret is good again")


async def only_at_the_next_start(stage: Stage) -> None:
    """What cannot change now is said, and the rest is taken over."""
    stage.write(slack={"command": "/other"}, header_only={"header": "X-Test"})
    await stage.says("in force now: header_only; takes effect at the next start: slack.command")
    stage.write()
    await stage.says("in force now: header_only")


CHANGES: list[Callable[[Stage], Awaitable[None]]] = [
    another_bot_token,
    no_good,
    another_app_token,
    deleted,
    nobody_may,
    no_such_channel,
    another_channel,
    truncated,
    no_token,
    only_at_the_next_start,
]


def a_stage(here: Theatre, folder: Path) -> Stage:
    """Mount what the bot was given."""
    base = yaml.safe_load((folder / "bot.yaml").read_text())
    base["access"] = [{**rule, "groups": [ON_CALL]} for rule in base["access"]]
    stage = Stage(here, Mounted(folder / "config"), Mounted(folder / "secrets"), base)
    stage.write()
    stage.mount_tokens()
    return stage


def environ(folder: Path) -> dict[str, str]:
    """Where the bot finds it."""
    return {
        "ROLLOUT_BOT_CONFIG": str(folder / "config" / "config"),
        "SLACK_BOT_TOKEN": "",
        "SLACK_BOT_TOKEN_FILE": str(folder / "secrets" / "bot"),
        "SLACK_APP_TOKEN": "",
        "SLACK_APP_TOKEN_FILE": str(folder / "secrets" / "app"),
    }


async def press_some(here: Theatre, rng: random.Random, count: int) -> None:
    """Press some buttons while there are any, for some seconds."""
    ends = time.monotonic() + 15
    while count and time.monotonic() < ends:
        await asyncio.sleep(rng.uniform(0.3, 1.2))
        cards = here.crowd.offering(CHANNEL, "abort")
        if cards:
            card, count = rng.choice(cards), count - 1
            verb = "promote" if "promote" in buttons(card) else "abort"
            await here.crowd.press(rng.choice(list(PEOPLE)), card, verb)


async def test_f19_configuration_and_secrets_change_under_the_bot(tmp_path, tally):
    """People press meanwhile; the last good stays, the new comes without a start."""
    rng, rounds = numbers.rng_for("F19"), numbers.times(4, 10)
    async with theatre(tmp_path, environ=environ(tmp_path)) as here:
        stage = a_stage(here, tmp_path)
        await trials.begin(here, 3)
        recovery: list[float] = []

        async def work() -> None:
            for number in range(rounds):
                for part in here.parts:
                    here.release(part, str(number + 3))
                pressing = asyncio.create_task(press_some(here, rng, 6))
                await CHANGES[number % len(CHANGES)](stage)
                await pressing
                recovery.append(await trials.come_to_rest(here))

        found, _ = await trials.judged(here, work)
        what = "configuration and secrets change under it"
        tally.count("F19", what, tried=rounds, violations=found, recovery=recovery)
        assert len(here.history.starts) == 1, "without a start"
    assert not found, "\n".join(map(str, found))


async def test_an_old_button_is_good_after_another_token_and_a_start(tmp_path):
    """What people see was sealed when another token was in use."""
    async with theatre(tmp_path, environ=environ(tmp_path)) as here:
        stage = a_stage(here, tmp_path)
        await trials.begin(here, 1)
        await here.until(lambda: here.crowd.offering(CHANNEL, "promote"), "a pause")
        card = here.crowd.offering(CHANNEL, "promote")[-1]
        await here.bot.stop()
        stage.new_tokens(bot=True, app=True)
        stage.mount_tokens()
        await here.bot.start()
        await here.ready()

        await here.crowd.press("U0ANN", card, "promote")

        await here.until(lambda: here.status(here.parts[0], "currentStepIndex") > 1, "promoted")


async def test_sighup_looks_at_once_and_says_what_comes_of_it(tmp_path):
    """Also where nothing has changed, and while it starts it does no harm."""
    async with theatre(tmp_path, environ=environ(tmp_path)) as here:
        stage = a_stage(here, tmp_path)
        await trials.begin(here, 1)
        await stage.says("I am running")

        os.kill(here.bot.pid, signal.SIGHUP)

        await stage.says("The configuration: as it was", "A secret: as it was")
        assert here.bot.runs
