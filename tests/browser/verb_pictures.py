"""
The pictures of `docs/verbs.md`: what the bot says to each verb, in the order of one evening.

    card ─▶ what is read ─▶ pause ─▶ abort ─▶ retry ─▶ header-only ─▶ resume ─▶ full ─▶ promote
    ─▶ history ─▶ a header route that was lost ─▶ a mute
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.async_api import TimeoutError as TooLate

from bot.demo.play import Stage
from bot.sandbox.cluster import kinds, programs
from bot.sandbox.cluster.managed import Writer
from bot.sandbox.cluster.objects import Manifest, at, merged
from bot.sandbox.play import cast, deeds
from bot.sandbox.play.truth import rollout_as_json
from tests.cluster.bed.waiting import holds_within

if TYPE_CHECKING:
    from playwright.async_api import Locator, Page

CHECKOUT, EDITED = "shop/checkout", "the controller wrote 25 %"
TEST = "smoke test of 1.5.0"  #: why
#: what is read first: what is typed, and a word of the answer
READ = {
    "status": (f"status {CHECKOUT}", "1.4.2"),
    "list": ("list", "shop/search"),
    "steps": (f"steps {CHECKOUT}", "weight 10 %"),
    "rules": (f"rules {CHECKOUT}", "X-Canary"),
    "drift": ("drift pay/invoices", "invoices-2"),
    "who": (f"who {CHECKOUT}", "oncall"),
    "help": ("help abort", "All traffic to stable"),
    "digest": ("digest", "Needs a person"),
}
PROFILE = cast.Part(
    namespace="shop",
    name="profile",
    steps=[{"setWeight": 20}, {"pause": {}}],
    tags=("3.1.0", "3.2.0"),
)
_GIT = Writer(manager="argocd-controller")
_BY_KIND = {kind.kind: kind for kind in kinds.BUILT_IN}
_PATIENCE = 20.0  #: seconds


@dataclass
class Album:
    """Takes pictures of the page that Ann has before her."""

    here: Stage
    page: "Page"
    folder: Path

    async def keep(self, name: str, shown: "Locator") -> None:
        """Take a picture of one thing on the page."""
        await self.page.mouse.move(0, 0)  # nothing is lit up because it is pointed at
        await shown.screenshot(path=self.folder / f"{name}.png", animations="disabled")
        print(self.folder / f"{name}.png")

    async def say(self, text: str, words: str) -> "Locator":
        """Type a command, and wait for its answer, which has these words."""
        told = self.page.locator("li.message.ephemeral")
        answer = told.nth(await told.count())
        box = self.page.get_by_role("combobox")
        await box.fill(f"/rollout {text}")
        await box.press("Enter")
        await answer.filter(has_text=words).wait_for()
        return answer

    def card(self, name: str, words: str = "· revision 2") -> "Locator":
        """The card of a rollout that shows these words."""
        found = self.page.locator("li.message:not(.ephemeral)").filter(has_text="· revision 2")
        return found.filter(has_text=name).filter(has_text=words).first

    def dialog(self, words: str) -> "Locator":
        """The form or question that is open."""
        return self.page.get_by_role("dialog").filter(has_text=words)


async def take(album: Album) -> None:
    """Take all of them."""
    album.here.pods.start = lambda: 0.1
    told = album.here.slack.channel(cast.PAYMENTS).find
    await album.here.slack.until(lambda: told(EDITED), "the drift", timeout=_PATIENCE)
    await album.keep("card", album.card(CHECKOUT, "Waiting for you"))
    for name, (said, words) in READ.items():
        await album.keep(name, await album.say(said, words))
    await _steer(album)
    await album.keep("history", await album.say(f"history {CHECKOUT}", TEST))
    await _lose_a_route(album)
    await _mute(album)


async def _steer(album: Album) -> None:
    """Take checkout through everything that can be done to it."""
    await _keep_answers(
        album,
        ("pause", 'pause {} --reason "wait for the database team"', "frozen by"),
        ("", "resume {}", "goes on where it stood"),
        ("abort", 'abort {} --reason "it answers 500"', "aborted by"),
        ("retry", 'retry {} --reason "the database was it"', "started again by"),
    )
    form = await _ask_for_header_only(album)
    await form.get_by_role("textbox").first.fill(TEST)
    await album.keep("header-only", form)
    await form.get_by_role("button", name="Header-only, 0 %").click()
    told = album.page.locator("li.message.ephemeral", has_text="set to header-only by")
    await told.wait_for()
    await _keep_answers(album, ("resume", 'resume {} --reason "it passed"', "resumed by"))
    await album.card(CHECKOUT, "Waiting for you").wait_for()
    await album.card(CHECKOUT).get_by_role("button", name="More actions").click()
    await album.page.get_by_role("menuitem", name="Promote fully").click()
    form = album.dialog("100 % of the public")
    await album.keep("full", form)
    await form.get_by_role("button", name="Leave as it is").click()
    await _keep_answers(album, ("promote", "promote {}", "promoted by"))
    await _until(album, cast.CHECKOUT, lambda one: len(_steps(one)) == len(cast.CHECKOUT.steps))


async def _ask_for_header_only(album: Album) -> "Locator":
    """Press until the form opens: a card is a second behind, and who presses an old one is told."""
    button = album.card(CHECKOUT, "Waiting for you").get_by_role("button", name="Header-only, 0 %")
    form = album.dialog("put in front of the steps")

    async def opens() -> bool:
        await button.click()
        with suppress(TooLate):
            await form.wait_for(timeout=2_000)
            return True
        return False

    assert await holds_within(_PATIENCE, opens)
    return form


async def _keep_answers(album: Album, *said: tuple[str, str, str]) -> None:
    """Type commands; keep the answers that have a name."""
    for name, text, words in said:
        answer = await album.say(text.format(CHECKOUT), words)
        if name:
            await album.keep(name, answer)


async def _mute(album: Album) -> None:
    """Ask for a mute of what somebody has edited."""
    await album.page.get_by_role("button", name="payments").click()
    told = album.page.locator("li.message", has_text=EDITED)
    await told.get_by_role("button", name="Mute…").first.click()
    form = album.dialog("For how long")
    await form.get_by_role("textbox").first.fill("the team mends it tomorrow")
    await album.keep("mute", form)
    await form.get_by_role("button", name="Leave as it is").click()


async def _lose_a_route(album: Album) -> None:
    """Deploy a rollout without a header path of its own; let Argo lose the route that it gets."""
    store = album.here.cluster.store
    for manifest in cast.manifests(PROFILE, "http://127.0.0.1:9"):
        kind = _BY_KIND[manifest["kind"]]
        if store.find(kind, PROFILE.namespace, manifest["metadata"]["name"]) is None:
            programs.create(store, kind, _without_route(manifest), _GIT)
    await _until(album, PROFILE, lambda one: at(one, "status", "phase") == "Healthy")
    change = cast.image_patch(PROFILE, PROFILE.tags[1])
    place = (kinds.ROLLOUTS, PROFILE.namespace, PROFILE.name)
    store.update(*place, lambda one: merged(one, change), _GIT)
    name = f"{PROFILE.namespace}/{PROFILE.name}"
    await album.card(name, "Waiting for you").get_by_role("button", name="Header-only").click()
    form = album.dialog("a header route X-Canary: true")
    await form.get_by_role("button", name="Header-only, 0 %").click()
    await album.card(name, "Resume at 20 %").wait_for()
    shown = rollout_as_json(store, store.get(*place), ())
    pod = next(pod["name"] for pod in shown["pods"] if pod["role"] == "canary")
    deeds.set_ready(store, PROFILE.namespace, pod, ready=False)
    await (
        album.card(name, "Put the header route back")
        .or_(album.card(name, "canary 0/1"))
        .first.wait_for()
    )
    deeds.set_ready(store, PROFILE.namespace, pod, ready=True)
    lost = album.card(name, "Put the header route back")
    await lost.filter(has_text="canary 1/1").wait_for()
    await album.keep("route", lost)


def _without_route(manifest: Manifest) -> Manifest:
    """Take the header path out of an Ingress; everything else is as it is."""
    if manifest["kind"] != "Ingress":
        return manifest
    notes = manifest["metadata"]["annotations"]
    manifest["metadata"]["annotations"] = {
        key: value for key, value in notes.items() if "x-canary-header" not in key
    }
    for rule in manifest["spec"]["rules"]:
        paths = rule["http"]["paths"]
        rule["http"]["paths"] = [path for path in paths if "x-canary-header" not in str(path)]
    return manifest


def _steps(rollout: Manifest) -> Sequence[Manifest]:
    found: Sequence[Manifest] = at(rollout, "spec", "strategy", "canary", "steps")
    return found


async def _until(album: Album, part: cast.Part, holds: Callable[[Manifest], bool]) -> None:
    """Wait until a rollout is so."""
    store = album.here.cluster.store

    async def looks() -> bool:
        return holds(store.get(kinds.ROLLOUTS, part.namespace, part.name))

    assert await holds_within(_PATIENCE, looks), f"never so: {part.namespace}/{part.name}"
