"""
Real headless Chromium on a sandbox page.

`make test-browser` runs these tests. They need Debian's chromium and the package playwright; what
is missing is said in one sentence. One browser serves all tests, so they and their asynchronous
fixtures share one loop: `@pytest_asyncio.fixture(loop_scope="session")`. Whatever a test does, at
its end no page may have reached beyond 127.0.0.1, and no script may have failed.
"""

import importlib.util
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from tests.browser.stage import Stage, a_stage

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Page

#: Debian's build needs no sandbox of its own in a container, and must not call home.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE = 5_000  # milliseconds

OpenAs = Callable[..., Awaitable["Page"]]
Picture = Callable[["Page", str], Awaitable[Path]]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs a browser, and its loop: `make test` leaves it out."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


def chromium() -> str:
    """Where the browser is; the test fails with what to do if it is nowhere."""
    for package in ("playwright", "axe_playwright_python"):
        if importlib.util.find_spec(package) is None:
            pytest.fail(
                f"{package} is not installed: `make test-browser` installs it.", pytrace=False
            )
    wanted = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
    found = shutil.which(wanted)
    if found is None:
        pytest.fail(
            f"{wanted} is not there: `apt-get install chromium`, or name another in CHROMIUM.",
            pytrace=False,
        )
    return found


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator["Browser"]:
    executable = chromium()
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=executable, headless=True, args=list(ARGUMENTS)
        )
        yield started
        await started.close()


class Watch:
    """What pages did that they must not: requests to elsewhere, errors in their console."""

    def __init__(self) -> None:
        self.foreign: list[str] = []
        self.errors: list[str] = []

    def over(self, page: "Page") -> None:
        """Watch a page from now on."""
        page.on("request", lambda request: self._asked(request.url))
        page.on("websocket", lambda socket: self._asked(socket.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._said)

    def _asked(self, url: str) -> None:
        if not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:")):
            self.foreign.append(url)

    def _said(self, message: Any) -> None:
        # a connection that is cut is an error for Chromium; the tests that cut it know
        if message.type == "error" and "WebSocket connection" not in message.text:
            self.errors.append(message.text)


@pytest_asyncio.fixture(loop_scope="session")
async def stage() -> AsyncIterator[Stage]:
    """A sandbox with a tiny app; tests of the whole bot bring their own."""
    async with a_stage() as started:
        yield started


@pytest.fixture
def watch() -> Watch:
    """What is held against the pages of this test; one that is expected can be taken out."""
    return Watch()


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: "Browser", watch: Watch) -> AsyncIterator[OpenAs]:
    """
    Open any address, in a context of its own.

    `await open_page(url, tour=…, phone=…, script=…, **options of the context)`
    """
    contexts: list[BrowserContext] = []

    async def start(
        url: str, *, tour: bool = False, phone: bool = False, script: str = "", **options: Any
    ) -> "Page":
        options = {"viewport": PHONE if phone else DESK, "has_touch": phone, **options}
        context = await browser.new_context(**options)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        if not tour:
            await context.add_init_script("localStorage.setItem('tour-seen', 'yes')")
        if script:
            await context.add_init_script(script)
        page = await context.new_page()
        watch.over(page)
        await page.goto(url)
        return page

    yield start
    for context in contexts:
        await context.close()
    assert watch.foreign == [], "the page reached beyond this machine"
    assert watch.errors == [], "scripts failed"


@pytest.fixture
def open_as(stage: Stage, open_page: OpenAs) -> OpenAs:
    """
    Open the page as somebody, and wait until all is there.

    `await open_as("U0ANN", tour=…, phone=…, **options of the context)`
    """

    async def start(person: str, **options: Any) -> "Page":
        page = await open_page(stage.page.url(person), **options)
        await page.locator(".rollout").first.wait_for(state="attached")
        return page

    return start


@pytest.fixture
def picture(tmp_path: Path) -> Picture:
    """Keep a screenshot: in BROWSER_ARTEFACTS if that is set, else with the test."""
    folder = Path(os.environ.get("BROWSER_ARTEFACTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)

    async def take(page: "Page", name: str) -> Path:
        path = folder / f"{name}.png"
        await page.screenshot(path=path)
        return path

    return take
