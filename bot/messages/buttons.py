"""Offers as buttons: each with its effect on the label and, where it matters, in a dialog."""

from collections.abc import Iterable, Mapping, Sequence

from bot.messages.blocks import MOST_BUTTONS, MOST_OPTIONS, Block, Element
from bot.messages.blocks import actions as row
from bot.messages.blocks import button as make_button
from bot.messages.blocks import confirm as ask
from bot.messages.blocks import overflow as menu
from bot.messages.seal import Seal
from bot.release.actions import Offer
from bot.release.rollout import Sighting

MORE = "rollout:more"
#: behind the dots, as many as have room (Slack's menu has five): they change nothing on the rollout
READING = {"steps": "Steps", "history": "History", "rules": "Rules", "drift": "Drift"}
#: the same where the card tells of a finding: that can be muted; its details have a button
_WRONG = {"mute": "Mute…", "history": "History", "rules": "Rules", "steps": "Steps"}
_KEPT_FREE = 3  #: entries of the menu that acts leave for reading
#: behind the dots while something else can be pressed
HIDDEN = ("full", "pause")
#: opens a form of its own, which asks and tells
WITH_FORM = frozenset({"header-only"})
_TITLES = {
    "promote": "Promote",
    "full": "Promote fully",
    "resume": "Resume",
    "abort": "Abort",
    "retry": "Start again",
    "pause": "Freeze",
    "route": "Restore the route",
}


def controls(seen: Sighting, offers: Sequence[Offer], seal: Seal, *, wrong: bool = False) -> Block:
    """
    Make the row of buttons of a card; what is read and what is rare stand behind the dots.

    Args:
        seen: what the card shows.
        offers: what may be pressed.
        seal: for the values.
        wrong: whether the card tells of a finding, with a button to its details.

    """
    shown, hidden = split(offers)
    options = [(offer.label, seal.option(offer.verb, offer.seen)) for offer in hidden]
    reading = _WRONG if wrong else READING
    options += [(label, seal.option(verb, seen)) for verb, label in reading.items()]
    elements = [_press(offer, seal) for offer in shown[: MOST_BUTTONS - 1]]
    return row("card-controls", [*elements, menu(MORE, options)])


def split(offers: Iterable[Offer]) -> tuple[list[Offer], list[Offer]]:
    """Tell which offers are buttons, and which stand behind the dots."""
    each = list({offer.verb: offer for offer in offers}.values())
    rare = [offer for offer in each if offer.verb in HIDDEN and not offer.primary]
    room = MOST_OPTIONS - _KEPT_FREE
    rare = sorted(rare, key=lambda offer: HIDDEN.index(offer.verb))[:room]
    return [offer for offer in each if offer not in rare], rare


def kept(seen: Sighting, offers: Sequence[Offer], seal: Seal) -> Mapping[str, Sighting]:
    """Tell what the bulletin has to keep for the menu of this card."""
    hidden = split(offers)[1]
    return {seal.short(one): one for one in (seen, *(offer.seen for offer in hidden))}


def _press(offer: Offer, seal: Seal) -> Element:
    style = "danger" if offer.danger else "primary" if offer.verb in {"promote", "resume"} else ""
    dialog = None
    if offer.effect and offer.verb not in WITH_FORM:
        title = f"{_TITLES.get(offer.verb, offer.verb)} {offer.seen.name}"
        yes = _TITLES.get(offer.verb, "Do it")
        dialog = ask(title, offer.effect, yes, danger=offer.danger)
    value = seal.button(offer.verb, offer.seen)
    return make_button(f"rollout:{offer.verb}", offer.label, value, style=style, confirm=dialog)
