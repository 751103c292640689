"""
The whole bot in the browser: real presses, and what becomes of them in Slack and in the cluster.

Each test has the demo to itself, as a newcomer finds it, and ends by asserting both the page and
the cluster.
"""

import json

import pytest
import pytest_asyncio

from bot.demo.folder import own_folder
from bot.demo.play import stage as a_demo
from bot.sandbox.cluster import kinds
from bot.sandbox.cluster.objects import at
from bot.sandbox.play import cast
from tests.cluster.bed.waiting import holds_within

ACTION = "alb.ingress.kubernetes.io/actions."
LONG = 15_000  #: milliseconds; Slack's limits are on


@pytest_asyncio.fixture(loop_scope="session")
async def demo(monkeypatch_session):
    """The demo, with pods that are quick."""
    with own_folder() as folder:
        async with a_demo(folder, 0) as here:
            here.pods.start = lambda: 0.1
            yield Truth(here)


@pytest.fixture
def monkeypatch_session(monkeypatch):
    """The environment is as before afterwards: the bot is led to its cluster by KUBECONFIG."""
    monkeypatch.setenv("KUBECONFIG", "")
    return monkeypatch


class Truth:
    """The demo, and what the cluster says."""

    def __init__(self, here):
        self.here, self.store = here, here.cluster.store

    def rollout(self, name="checkout", namespace="shop"):
        return self.store.get(kinds.ROLLOUTS, namespace, name)

    def status(self, *path):
        return at(self.rollout(), "status", *path)

    def written(self, ingress="checkout", namespace="shop", rollout="checkout"):
        """The canary's weight on an Ingress."""
        notes = self.store.get(kinds.INGRESSES, namespace, ingress)["metadata"]["annotations"]
        groups = json.loads(notes[f"{ACTION}{rollout}-stable"])["ForwardConfig"]["TargetGroups"]
        return next(g["Weight"] for g in groups if g["ServiceName"] == f"{rollout}-canary")

    async def until(self, holds, what):
        """Wait until the cluster is so."""

        async def looks():
            return holds()

        assert await holds_within(20, looks), f"never {what}: {self.rollout().get('status')}"


@pytest.fixture
def open_demo(demo, open_page):
    """Open the page of the demo as somebody, and wait until the card is there."""

    async def start(person=cast.ANN, **options):
        page = await open_page(demo.here.page.url(person), **options)
        page.set_default_timeout(LONG)
        await card(page).wait_for()
        return page

    return start


def card(page, name="shop/checkout"):
    """The card of a rollout in the channel."""
    return page.locator("li.message", has=page.get_by_role("button")).filter(has_text=name).first


async def press(page, button, confirm=""):
    """Press a button of checkout's card, and confirm."""
    await card(page).get_by_role("button", name=button).click()
    if confirm:
        dialog = page.get_by_role("dialog")
        assert await dialog.inner_text()
        await dialog.get_by_role("button", name=confirm).click()


async def shows(page, words):
    """Wait until the card of checkout shows these words; only cards tell the revision."""
    cards = page.locator("li.message").filter(has_text="· revision 2")
    found = cards.filter(has_text="shop/checkout").filter(has_text=words)
    await found.first.wait_for()


async def test_promote_and_its_confirm_complete_the_release(demo, open_demo, picture):
    page = await open_demo()
    await press(page, "Promote → 100 %")
    dialog = page.get_by_role("dialog")
    await picture(page, "bot-promote-confirm")
    assert "100 %" in await dialog.inner_text()
    assert demo.written() == 10
    await dialog.get_by_role("button", name="Promote").click()

    await shows(page, "Done")
    await picture(page, "bot-promoted")
    await demo.until(lambda: demo.status("phase") == "Healthy", "healthy")
    assert demo.status("stableRS") == demo.status("currentPodHash")
    await demo.until(lambda: demo.written() == 0, "all on stable")


async def test_header_only_and_resume(demo, open_demo, picture):
    page = await open_demo()
    await press(page, "Header-only, 0 %")
    modal = page.get_by_role("dialog", name="Header-only")
    await modal.get_by_text("put in front of the steps").wait_for()
    await modal.get_by_role("textbox").first.fill("smoke test")
    await picture(page, "bot-header-only-modal")
    await modal.get_by_role("button", name="Header-only, 0 %").click()

    await shows(page, "Header-only (0 %, X-Canary: true → canary")
    await picture(page, "bot-header-only")
    assert demo.written() == 0
    assert demo.status("canary", "weights", "canary", "weight") == 0
    assert demo.status("availableReplicas") == 5

    await press(page, "Resume at 10 %", confirm="Resume")
    await shows(page, "Waiting for you")
    await demo.until(lambda: demo.written() == 10, "at 10 % again")


async def test_abort_takes_the_traffic_away(demo, open_demo, picture):
    page = await open_demo()
    await press(page, "Abort → 0 %", confirm="Abort")

    await shows(page, "Aborted by @ann")
    await shows(page, "traffic is back at 0 %")
    await picture(page, "bot-aborted")
    assert demo.written() == 0
    assert demo.status("abort") is True
    assert demo.status("phase") == "Degraded"


async def test_of_two_people_who_press_at_once_one_acts(demo, open_demo, picture):
    ann, ben = await open_demo(cast.ANN), await open_demo(cast.BEN)
    dialogs = []
    for page in (ann, ben):
        await press(page, "Promote → 100 %")
        dialogs.append(page.get_by_role("dialog").get_by_role("button", name="Promote"))
        await dialogs[-1].wait_for()
    for button in dialogs:
        await button.click()

    await shows(ann, "Done")
    await shows(ben, "Done")
    refused = [page for page in (ann, ben) if await _hears(page, "Not done")]
    assert len(refused) == 1
    await picture(refused[0], "bot-second")
    await demo.until(lambda: demo.status("phase") == "Healthy", "healthy")
    assert demo.status("currentStepIndex") == 2


async def _hears(page, words):
    """Whether somebody alone is told this, or that it was done."""
    answer = page.locator("li.message.ephemeral").last
    await answer.wait_for()
    return words in await answer.inner_text()


async def test_a_guest_is_refused_in_words(demo, open_demo, picture):
    page = await open_demo(cast.GUS)
    await press(page, "Abort → 0 %", confirm="Abort")

    told = page.locator("li.message.ephemeral", has_text="Guests of this workspace may read")
    await told.wait_for()
    await picture(page, "bot-guest")
    assert "Only visible to you" in await told.inner_text()
    assert demo.written() == 10
    assert demo.status("abort") is None


async def test_somebody_who_may_only_read_is_told_who_may(demo, open_demo):
    page = await open_demo(cast.EVE)
    await press(page, "Promote → 100 %", confirm="Promote")

    told = page.locator("li.message.ephemeral", has_text="You may not promote in shop")
    await told.wait_for()
    assert "@oncall" in await told.inner_text()
    assert demo.status("currentStepIndex") == 1


async def test_a_typo_gets_a_suggestion(demo, open_demo, picture):
    page = await open_demo()
    box = page.get_by_role("combobox")
    await box.fill("/rollout promot checkuot")
    await box.press("Enter")

    await page.locator("li.message.ephemeral", has_text="Did you mean promote?").wait_for()
    await picture(page, "bot-typo")
    await box.fill("/rollout promote checkuot")
    await box.press("Enter")
    await page.locator("li.message.ephemeral", has_text="Do you mean shop/checkout?").wait_for()
    assert demo.status("currentStepIndex") == 1


async def test_drift_that_is_there_is_told_and_put_right_by_hand(demo, open_demo, picture):
    page = await open_demo()
    await page.get_by_role("button", name="payments").click()
    told = page.locator("li.message", has_text="gives the canary 60 %, the controller wrote 25 %")
    await told.first.wait_for()
    await picture(page, "bot-drift")
    assert demo.written("invoices-2", "pay", "invoices") == 60
    assert "kubectl-edit" in await told.first.inner_text()

    await page.locator("[data-rollout='pay/invoices'] > summary").click()
    await write_by_hand(page, "pay/invoices", "invoices-2", 25)
    await page.locator("li.message", has_text="gone after").first.wait_for()
    assert demo.written("invoices-2", "pay", "invoices") == 25


async def test_drift_by_the_lever_is_told_and_ends_with_the_controller(demo, open_demo, picture):
    """What the tour says: stop the controller, write another weight, and the bot tells."""
    page = await open_demo()
    await write_by_hand(page, "shop/checkout", "checkout", 77)
    results = page.locator(".results")
    await results.get_by_text("The controller has put it back already").wait_for()
    assert demo.written() == 10

    controller = page.get_by_role("group", name="Controller")
    await controller.get_by_role("button", name="Stop: Controller").click()
    await controller.get_by_text("stopped").wait_for()
    await write_by_hand(page, "shop/checkout", "checkout", 50)
    await results.get_by_text("It stays.").wait_for()
    told = page.locator("li.message", has_text="gives the canary 50 %, the controller wrote 10 %")
    await told.first.wait_for()
    await shows(page, "⚠ Ingress checkout gives the canary 50 %")
    await picture(page, "bot-drift-lever")
    assert "kubectl-edit" in await told.first.inner_text()
    assert demo.written() == 50

    await controller.get_by_role("button", name="Start: Controller").click()
    await page.locator("li.message", has_text="gone after").first.wait_for()
    await shows(page, "Ingress checkout says 10/90")
    assert demo.written() == 10


async def write_by_hand(page, rollout, ingress, weight):
    """Pull the lever of an Ingress."""
    form = page.locator(f"[data-rollout='{rollout}'] .ingress[data-name='{ingress}'] form")
    await form.get_by_label("Canary weight in %").fill(str(weight))
    await form.get_by_role("button", name="Write by hand").click()


async def test_a_button_of_before_a_restart_works_after_it(demo, open_demo):
    page = await open_demo()
    part = page.get_by_role("group", name="Bot")
    await part.get_by_role("button", name="Restart: Bot").click()
    await page.get_by_text("The bot was ended and started again").wait_for()
    button = page.get_by_role("button", name="Promote → 100 %")
    cards = page.locator("li.message", has=button).filter(has_text="shop/checkout")
    assert await cards.count() == 1
    await press(page, "Promote → 100 %", confirm="Promote")

    await shows(page, "Done")
    await demo.until(lambda: demo.status("phase") == "Healthy", "healthy")


async def test_what_happens_while_slack_is_cut_off_is_told_when_it_is_back(demo, open_demo):
    page = await open_demo()
    slack = page.get_by_role("group", name="Slack")
    await slack.get_by_role("button", name="Cut: Slack").click()
    await slack.get_by_role("button", name="Mend: Slack").wait_for()
    await _promote_with_the_plugin(page)
    await demo.until(lambda: demo.status("phase") == "Healthy", "healthy")
    await slack.get_by_role("button", name="Mend: Slack").click()

    told = page.locator("li.message", has_text="promoted outside Slack").first
    await told.wait_for(timeout=60_000)
    assert demo.written() == 0


async def test_without_the_api_server_a_press_is_refused_and_counts_later(demo, open_demo):
    page = await open_demo()
    api = page.get_by_role("group", name="API server")
    await api.get_by_role("button", name="Cut: API server").click()
    await api.get_by_role("button", name="Mend: API server").wait_for()
    await press(page, "Promote → 100 %", confirm="Promote")
    await page.locator("li.message.ephemeral", has_text="The cluster cannot be reached").wait_for()
    assert demo.status("currentStepIndex") == 1
    await api.get_by_role("button", name="Mend: API server").click()
    await api.get_by_role("button", name="Cut: API server").wait_for()
    await press(page, "Promote → 100 %", confirm="Promote")

    await shows(page, "Done")
    await demo.until(lambda: demo.status("phase") == "Healthy", "healthy")


async def _promote_with_the_plugin(page):
    """Promote checkout as if nobody knew the bot."""
    await page.locator("[data-rollout='shop/checkout'] .lever-box summary").click()
    await page.locator("[data-rollout='shop/checkout'] [data-lever=plugin-promote]").click()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_on_a_phone_a_release_is_promoted(demo, open_demo, picture, scheme):
    page = await open_demo(phone=True, color_scheme=scheme)
    await picture(page, f"bot-phone-{scheme}")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await press(page, "Promote → 100 %", confirm="Promote")

    await shows(page, "Done")
    await demo.until(lambda: demo.status("phase") == "Healthy", "healthy")


async def test_in_the_dark_the_page_is_dark_and_search_goes_on_by_itself(demo, open_demo, picture):
    page = await open_demo(color_scheme="dark")
    await picture(page, "bot-dark")
    background = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert sum(map(int, background[4:-1].split(","))) < 200, background
    await card(page, "shop/search").get_by_text("Timed pause").wait_for()
    assert at(demo.rollout("search"), "status", "pauseConditions", 0, "reason") == "CanaryPauseStep"
