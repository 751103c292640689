"""What is wrong, in words: what is true, what to do; who has muted it; what is shown of much."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.balancing.finding import Severity
from bot.messages import findings, muting
from bot.messages.card import card
from bot.messages.drift import drift
from bot.messages.findings import Shown
from bot.release.mute import SPANS, Mute
from tests.builders import BY_ANN, BY_BEN, NOON, a_look, a_story, an_ending, the_offers
from tests.flows.wired import SHADOWED, finding, missing
from tests.messages.reading_aloud import SEAL, buttons, read, read_view

FOUND = replace(SHADOWED, since=NOON - timedelta(minutes=2))
PRESS = SEAL.button("mute", a_look().rollout.sighting(), about=FOUND.fingerprint)
MUTE = Mute(
    key=FOUND.key,
    severity="critical",
    by=BY_ANN,
    reason="migration on Monday",
    at=NOON,
    until=NOON + timedelta(hours=8),
)
NAME = "tomozo/tomozo"
LINES = [
    f"⚠ *{NAME}*: {SHADOWED.message} (ORD-01, critical, first seen 2 min ago)",
    "Evidence: rule 1 takes all requests of rule 2",
    "Make the root path /* of the type ImplementationSpecific.",
]


def test_a_finding_is_told_with_evidence_remedy_and_a_button():
    message = findings.found(Shown(finding=FOUND, press=PRESS), now=NOON)

    assert message.text == f"{NAME}: {SHADOWED.message}"
    assert read(message).splitlines() == [*LINES, "Mute…"]


def test_a_muted_one_says_until_when_by_whom_and_why():
    message = findings.found(Shown(finding=FOUND, press=PRESS, mute=MUTE), now=NOON)

    muted = 'Muted until 20:00 UTC by @U0ANN: "migration on Monday".'
    assert read(message).splitlines() == [*LINES, muted, "End the mute"]
    dialog = buttons(message)["rollout:unmute"]["confirm"]
    assert "It is told again in the channel" in dialog["text"]["text"]


def test_its_message_says_first_that_it_is_gone():
    assert read(findings.past(FOUND, now=NOON)).startswith("✔ Gone after 2 min.\n*tomozo/tomozo*")
    assert not buttons(findings.past(FOUND, now=NOON))


def test_what_is_gone_needs_no_remedy():
    """Since when it was there is said by how long it lasted."""
    assert read(findings.past(FOUND, now=NOON)).splitlines() == [
        "✔ Gone after 2 min.",
        f"*{NAME}*: {SHADOWED.message} (ORD-01, critical)",
        "Evidence: rule 1 takes all requests of rule 2",
    ]


def test_evidence_keeps_its_lines_and_each_is_escaped():
    told = replace(FOUND, evidence="HTTPS 443:\n1: <!channel> /*\n\n2: /* X-Canary: true")
    said = "\n".join(findings.lines(told, now=NOON))

    assert "Evidence: HTTPS 443:\n1: &lt;!channel&gt; /*\n2: /* X-Canary: true" in said


@pytest.mark.parametrize(
    ("severity", "line"),
    [
        (Severity.CRITICAL, "Until then I say nothing more of it here."),
        (
            Severity.HIGH,
            "Until then I say nothing more of it here, unless it gets graver than high.",
        ),
    ],
)
def test_nothing_is_graver_than_critical(severity, line):
    told = read(findings.muted(replace(FOUND, severity=severity), MUTE, now=NOON))

    assert told.splitlines()[1] == line


@pytest.mark.parametrize(
    ("mute", "why"),
    [
        pytest.param(
            replace(MUTE, until=NOON),
            'The mute by @U0ANN has ended: "migration on Monday".',
            id="its-time-is-over",
        ),
        pytest.param(
            replace(MUTE, severity="high"),
            "It was high when it was muted by @U0ANN; now it is critical: the mute has ended.",
            id="graver",
        ),
    ],
)
def test_why_it_is_told_again(mute, why):
    assert why in read(findings.reminded(Shown(finding=FOUND), now=NOON, ended=mute))


def test_many_are_counted_and_the_gravest_named():
    many = [replace(FOUND, id=f"ORD-{n:02}") for n in range(12)]
    message = findings.several(many, "found")

    assert message.text == f"12 findings found. {NAME}: {SHADOWED.message}"
    assert read(message).endswith(
        "… 2 more. `/rollout drift` shows all of them, with evidence and remedy."
    )


def test_what_is_about_no_rollout_is_named_by_its_object():
    group = finding("ORD-11", namespace="shop", rollout="", name="cart")

    assert read(findings.found(Shown(finding=group), now=NOON)).startswith("⚠ *Ingress shop/cart*:")


def test_that_somebody_ended_a_mute_cannot_be_misread():
    assert "the mute was ended by <@U0BEN>" in findings.unmuted(FOUND, by=BY_BEN).text


# --- the answer -----------------------------------------------------------------------------------


def test_the_answer_has_what_is_open_what_is_muted_and_what_is_unchecked():
    shown = [
        Shown(finding=replace(FOUND, patch="spec: {}"), press=PRESS),
        Shown(finding=finding("ORD-09", message="Ports differ."), mute=MUTE, press=PRESS),
    ]
    unchecked = [missing("WIRE-05"), missing("WIRE-06", reason="no Services")]
    message = drift(shown, now=NOON, looked=NOON, rollout=NAME, unchecked=unchecked)

    assert message.text == f"{NAME}: 1 open finding, 1 more muted. {SHADOWED.message}"
    said = read(message)
    assert "spec: {}" in said
    assert f"*{NAME}*: Ports differ. (ORD-09)\nMuted until 20:00 UTC by @U0ANN" in said
    assert "Not checked: 2 checks were not possible (WIRE-05, WIRE-06): no right; no Serv" in said
    assert {"rollout:mute", "rollout:unmute"} == buttons(message).keys()


def test_a_remedy_is_shown_whole_or_not_at_all():
    """Half a patch of an Ingress, applied, would take the paths away that it leaves out."""

    def said(lines):
        patch = "\n".join(f"- path: /{n}  # <&>" for n in range(lines))
        one = Shown(finding=replace(FOUND, patch=patch), press=PRESS)
        return read(drift([one], now=NOON, looked=NOON, rollout=NAME))

    assert "- path: /74  # <&>\n```" in said(75)
    long = said(200)
    assert "- path" not in long
    assert (
        "The YAML is too long for here: `rollout-bot lint --cluster --namespace tomozo` prints it."
    ) in long


def test_of_hundreds_as_many_as_fit_are_shown_and_the_rest_counted():
    many = [Shown(finding=replace(FOUND, place=str(n)), press=PRESS) for n in range(300)]
    said = read(drift(many, now=NOON, looked=NOON))

    assert said.startswith("*300 open findings.*")
    assert "… 290 more: `drift NAMESPACE/NAME` tells more." in said
    long = [Shown(finding=replace(one.finding, evidence="x" * 5_000)) for one in many]
    said = read(drift(long, now=NOON, looked=NOON, rollout=NAME))
    assert "more: `rollout-bot lint --cluster` tells more." in said
    assert "There is more than fits here" not in said


# --- the card -------------------------------------------------------------------------------------


def show(*ahead, differs=False, **story):
    offers = () if story else the_offers()
    return card(
        a_look(),
        a_story(**story),
        offers,
        seal=SEAL,
        now=NOON,
        cluster="test",
        ahead=ahead,
        differs=differs,
    )


def test_the_card_has_one_line_for_the_gravest_and_counts_the_rest():
    lines = read(show(FOUND, finding("ORD-03"), finding("ORD-05"))).splitlines()

    assert lines[2] == f"⚠ {SHADOWED.message.rstrip('.')} (ORD-01) and 2 more  Details"
    assert read(show(FOUND)).splitlines()[2].endswith("(ORD-01)  Details")
    pressed = buttons(show(FOUND))["rollout:drift"]
    assert SEAL.open(pressed["value"]).sighting == a_look().rollout.sighting()


def test_what_the_numbers_show_has_details_at_the_head_and_can_be_muted():
    """A weight that differs is told by the card itself, without a line for the finding."""
    said = buttons(show(differs=True))

    assert SEAL.open(said["rollout:drift"]["value"]).sighting == a_look().rollout.sighting()
    assert "mute" in [o["value"].split()[0] for o in said["rollout:more"]["options"]]
    assert read(show(differs=True)).splitlines()[1].endswith("  Details")
    both = read(show(FOUND, differs=True))
    assert both.count("Details") == 1, "one button tells of all"
    assert "rollout:drift" not in buttons(show())


def test_the_menu_of_such_a_card_mutes():
    options = buttons(show(FOUND))["rollout:more"]["options"]

    assert [o["value"].split()[0] for o in options] == ["full", "pause", "mute", "history", "rules"]


def test_when_the_release_has_ended_the_line_is_gone():
    message = show(FOUND, ending=an_ending())

    assert "ORD-01" not in read(message)
    assert not buttons(message)


# --- the form -------------------------------------------------------------------------------------


def form(*found):
    return muting.form(
        [Shown(finding=one) for one in found],
        seal=SEAL,
        seen=a_look().rollout.sighting(),
        channel="C0RELEASES",
        now=NOON,
    )


def test_the_form_tells_the_finding_and_asks_for_an_end_and_a_reason():
    view = form(FOUND)

    assert read_view(view).startswith("\n".join(LINES))
    inputs = [block for block in view["blocks"] if block["type"] == "input"]
    assert [block["block_id"] for block in inputs] == ["until", "reason"]
    assert [option["value"] for option in inputs[0]["element"]["options"]] == [*SPANS]
    assert inputs[0]["element"]["initial_option"]["value"] == "8h"


def test_of_several_one_is_chosen_and_what_does_not_fit_is_counted():
    view = form(*(replace(FOUND, place=str(n), severity=Severity.HIGH) for n in range(150)))
    (which,) = [block for block in view["blocks"] if block.get("block_id") == "finding"]

    assert len(which["element"]["options"]) == 100
    assert which["hint"]["text"].startswith("50 more do not fit here")
    assert which["element"]["options"][0]["text"]["text"].startswith("ORD-01 (high): The header")
