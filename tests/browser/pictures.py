"""
Takes the pictures of the README and of `docs/verbs.md`: `make pictures`.

The demo is played as a newcomer finds it. The clock of the pages is that of the machine, so new
pictures differ in their times.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.async_api import async_playwright

from bot.demo.folder import own_folder
from bot.demo.play import Stage
from bot.demo.play import stage as a_demo
from bot.sandbox.play import cast
from tests.browser import verb_pictures
from tests.browser.conftest import ARGUMENTS, PHONE, chromium

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
DESK = {"width": 1280, "height": 940}
TALL = {"width": 1360, "height": 1400}  #: room for whole messages
Scene = Callable[["Page"], Awaitable[None]]


async def light(page: "Page") -> None:
    """A release waits for somebody."""
    await page.get_by_text("waits at 10 %").last.wait_for()


async def dark(page: "Page") -> None:
    """Header-only tells what it will do."""
    await _card(page).get_by_role("button", name="Header-only, 0 %").click()
    modal = page.get_by_role("dialog", name="Header-only")
    await modal.get_by_text("put in front of the steps").wait_for()
    await modal.get_by_role("textbox").first.fill("smoke test of 1.5.0")


async def phone(page: "Page") -> None:
    """The dangerous button asks first."""
    await _card(page).get_by_role("button", name="Abort → 0 %").click()
    await page.get_by_role("dialog").wait_for()


async def drift(page: "Page") -> None:
    """Somebody has edited an Ingress."""
    await page.get_by_role("button", name="payments").click()
    await page.locator("li.message", has_text="the controller wrote 25 %").first.wait_for()
    for name in ("shop/checkout", "pay/invoices"):  # the one is folded, the other unfolded
        await page.locator(f"[data-rollout='{name}'] > summary").click()
    await page.locator("[data-rollout='pay/invoices'] .part-pods").wait_for()
    await page.wait_for_timeout(8_000)  # a line in the chart, not a dot


#: In the order in which they are taken: what waits has waited a while when it is seen.
SCENES: dict[str, tuple[Scene, str, dict[str, object]]] = {
    "dark": (dark, cast.BEN, {"viewport": DESK, "color_scheme": "dark"}),
    "drift": (drift, cast.ANN, {"viewport": DESK}),
    "light": (light, cast.ANN, {"viewport": DESK}),
    "phone": (phone, cast.ANN, {"viewport": PHONE, "device_scale_factor": 2, "has_touch": True}),
}


def _card(page: "Page"):
    cards = page.locator("li.message", has=page.get_by_role("button", name="Promote → 100 %"))
    return cards.filter(has_text="shop/checkout").first


async def take(browser: "Browser", here: Stage, name: str) -> None:
    """Take one picture of the README."""
    scene, person, options = SCENES[name]
    page = await _open(browser, here, person, options)
    await scene(page)
    await page.screenshot(path=FOLDER / f"{name}.png", animations="disabled")
    print(FOLDER / f"{name}.png")
    await page.context.close()


async def take_verbs(browser: "Browser", here: Stage) -> None:
    """Take the pictures of the verbs."""
    folder = FOLDER / "verbs"
    folder.mkdir(exist_ok=True)
    page = await _open(browser, here, cast.ANN, {"viewport": TALL})
    await verb_pictures.take(verb_pictures.Album(here, page, folder))
    await page.context.close()


async def _open(browser: "Browser", here: Stage, person: str, options: dict[str, object]) -> "Page":
    context = await browser.new_context(**options)
    await context.add_init_script("localStorage.setItem('tour-seen', 'yes')")
    page = await context.new_page()
    await page.goto(here.page.url(person))
    await _card(page).wait_for()
    return page


async def main(wanted: Sequence[str]) -> None:
    """Take those that are named, `verbs` for all of the verbs; by default all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium(), headless=True, args=list(ARGUMENTS)
        )
        with own_folder() as folder:
            async with a_demo(folder, 0) as here:
                for name in SCENES:
                    if name in (wanted or SCENES):
                        await take(browser, here, name)
                if not wanted or "verbs" in wanted:
                    await take_verbs(browser, here)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
