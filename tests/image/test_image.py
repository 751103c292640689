"""The image of the last commit, as an administrator starts it: nothing but what it is given."""

import asyncio
import contextlib
import re
import signal
import time
import tomllib

import aiohttp
import pytest

from bot.sandbox.play import cast
from tests.image.dockerfile import ROOT
from tests.image.sandbox import PATIENCE

pytestmark = [pytest.mark.image, pytest.mark.timeout(300)]


@pytest.fixture
async def session():
    async with aiohttp.ClientSession() as opened:
        yield opened


async def until(holds):
    """Wait until it holds, looking often."""
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110 - another process rings no bell
            await asyncio.sleep(0.002)


async def ready(session, world, program):
    """Wait until it says so; the seconds since it was started."""
    async with asyncio.timeout(PATIENCE):
        while program.process.returncode is None:
            with contextlib.suppress(aiohttp.ClientConnectionError):
                async with session.get(f"http://127.0.0.1:{world.port}/readyz") as answer:
                    if answer.status == 200:
                        return time.monotonic() - program.started_at
            await asyncio.sleep(0.01)
    raise AssertionError(await program.ended())


async def test_it_says_its_version_which_stands_in_one_place(start):
    program = await start("--version")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]

    assert await program.ended() == (0, f"rollout-bot {version}\n", "")


async def test_it_runs_as_its_user_without_any_right(start, image):
    """And nothing can be written, by whatever it may be talked into."""
    script = (
        "import os, pathlib\n"
        "known = sorted(os.environ.keys() - {'LC_CTYPE'})  # Python's own\n"
        "print(os.getpid(), os.getuid(), known)\n"
        "status = pathlib.Path('/proc/self/status').read_text().splitlines()\n"
        "print([line for line in status if line.startswith(('CapEff', 'NoNewPrivs'))])\n"
        "for place in ('/', '/tmp', '/opt/rollout-bot', '/usr', '/etc', '/var/lib/rollout-bot'):\n"
        "    try: (pathlib.Path(place) / 'x').touch()\n"
        "    except OSError: continue\n"
        "    print('written', place)\n"
    )
    code, said, _ = await (await start("-c", script, entry=["python"])).ended()

    first, second, *written = said.splitlines()
    assert code == 0
    assert first.startswith("1 ")
    assert first.endswith(f"{sorted(image.environ)}")
    assert second == "['CapEff:\\t0000000000000000', 'NoNewPrivs:\\t1']"
    assert written == []


async def test_it_checks_configurations(start):
    examples = {"/config": (ROOT / "config", "ro")}
    program = await start("config", "check", "/config/rollout-bot.yaml", volumes=examples)

    assert await program.ended() == (0, "/config/rollout-bot.yaml: ok\n", "")


async def test_every_module_of_the_bot_can_be_loaded(start):
    """What was left out of other packages is needed nowhere, also where no test comes by."""
    script = (
        "import importlib, pkgutil, bot\n"
        "for one in pkgutil.walk_packages(bot.__path__, 'bot.'):\n"
        "    if not one.name.endswith(('__main__', 'migrations.env')):\n"
        "        importlib.import_module(one.name)\n"
        "import kubernetes.aio.config, kubernetes.aio.config.exec_provider\n"
    )
    assert await (await start("-c", script, entry=["python"])).ended() == (0, "", "")


async def test_the_demo_shows_its_page_and_leaves_nothing(start, session, port, volume):
    files = volume("tmp")
    program = await start(
        *("demo", "--no-browser", "--port", str(port)), volumes={"/tmp": (files, "rw")}
    )
    address = await program.line()
    async with session.get(address) as answer:
        page = await answer.text()
    scripts = re.findall(r'(?:src|href)="([^"]+\.(?:js|css))"', page)
    assert scripts
    for name in scripts:
        async with session.get(f"http://127.0.0.1:{port}/{name.lstrip('/')}") as answer:
            assert answer.status == 200, name

    program.send(signal.SIGTERM)
    code, _, said = await program.ended()
    assert (code, "Traceback" in said) == (0, False), said
    assert list(files.iterdir()) == []


async def test_it_runs_until_sigterm_and_shows_a_first_card(start, session, world, image, measured):
    await world.deploy(cast.CHECKOUT)
    program = await start(*image.command, volumes=world.volumes, environ=world.environ)
    seconds = await ready(session, world, program)
    measured["image: start to ready"] = f"{seconds:.2f} s"
    assert seconds < 3, "beside the sandbox, on two cores"

    world.release(cast.CHECKOUT)
    channel = world.slack.channel(cast.RELEASES)
    await world.slack.until(lambda: channel.find("Waiting for you"), "a card", timeout=PATIENCE)
    health = [word.replace("8080", str(world.port)) for word in image.health]
    assert await (await start(entry=health)).ended() == (0, "", "")
    assert [file.name for file in world.state.iterdir()].count("rollout-bot.sqlite3") == 1

    program.send(signal.SIGTERM)
    code, out, said = await program.ended()
    assert (code, out) == (0, ""), said
    assert "stopped" in said
    assert "Traceback" not in said
    assert await (await start(entry=health)).ended() != (0, "", ""), "nobody is there any more"


async def test_it_ends_also_when_it_is_asked_while_it_still_loads(start, world):
    """Process 1 gets no signal of which it has not said what it does: it says so first of all."""
    program = await start("run", volumes=world.volumes, environ=world.environ)
    await until(lambda: program.hears(signal.SIGTERM))

    program.send(signal.SIGTERM)

    assert await program.ended() == (0, "", "")
    assert list(world.state.iterdir()) == [], "nothing was begun"


async def test_it_ends_also_while_it_waits_for_slack(start, world):
    nowhere = world.environ | {"SLACK_API_URL": "http://127.0.0.1:9/api/"}
    program = await start("run", volumes=world.volumes, environ=nowhere)
    await until(lambda: list(world.state.iterdir()))

    program.send(signal.SIGTERM)

    code, _, said = await program.ended()
    assert code == 0, said
    assert "Traceback" not in said
