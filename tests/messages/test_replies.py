"""Answers to the person who acted, and the line that the thread keeps."""

import pytest

from bot.messages import replies
from bot.release.errors import NotAllowed, NotNow, OutOfDate, Unclear
from bot.release.ledger import failed, refused
from tests.builders import BY_ANN, a_look, a_rollout, a_stable, an_aborted, an_entry
from tests.messages.reading_aloud import SEAL, buttons, read


def test_done_says_what_it_was_and_where_it_stands():
    message = replies.done(
        "promote", a_look(), by=BY_ANN, effect="It moves to 50 %.", reason="looks good"
    )

    assert read(message) == (
        'Done: tomozo/tomozo promoted by @U0ANN: "looks good".\n'
        "It moves to 50 %.\n"
        "Now: ⏸ Waiting for you, 10 % of the public reach 0.0.2."
    )
    assert message.text.startswith("Done: tomozo/tomozo promoted by <@U0ANN>")


def test_accepted_says_what_is_still_missing():
    message = replies.accepted(
        "abort", a_look(an_aborted()), by=BY_ANN, missing=("weight 0 % on Ingress tomozo",)
    )

    assert "Abort of tomozo/tomozo accepted by @U0ANN. Still missing: weight 0 %" in read(message)


def test_overtaken_says_what_came_first():
    message = replies.overtaken("promote", a_look(), "it was aborted meanwhile")

    assert "Promote of tomozo/tomozo was accepted, but it was aborted meanwhile." in read(message)


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (OutOfDate("Ben promoted this 4 s ago."), "Not done: Ben promoted this 4 s ago."),
        (NotAllowed("You may not abort in shop. <@U0BEN> may."), "You may not abort in shop."),
        (Unclear("I do not know `foo`."), "I do not know `foo`."),
        (NotNow("Not done: it is stable."), "Not done: it is stable."),
    ],
)
def test_a_refusal_says_why_and_where_it_stands(refusal, said):
    shown = read(replies.refused(refusal, a_look(a_stable())))

    assert shown == f"{said}{' @U0BEN may.' if 'abort' in said else ''}\nNow: ✔ Stable, 0.0.2."


def test_one_of_several_is_chosen_from_buttons():
    rollouts = [a_rollout(namespace=f"team-{n}") for n in range(30)]
    message = replies.choose("promote", rollouts, seal=SEAL, reason="why not")
    pressed = buttons(message)

    assert "Which one? 30 rollouts have that name. 5 more do not fit here" in read(message)
    assert list(pressed)[:2] == ["rollout:choose:1", "rollout:choose:2"]
    opened = SEAL.open(pressed["rollout:choose:2"]["value"])
    assert (opened.verb, opened.sighting.namespace, opened.reason) == (
        "promote",
        "team-1",
        "why not",
    )


@pytest.mark.parametrize(
    ("entry", "why", "said"),
    [
        (an_entry("promote", reason="ok"), "", '✔ promoted by @U0ANN: "ok"'),
        (
            an_entry("abort", refused("not-allowed")),
            "You may not abort.",
            "✖ abort by @U0ANN not done. You may not abort.",
        ),
        (
            an_entry("abort", refused("not-allowed"), detail={"text": "because"}),
            "",
            "✖ abort by @U0ANN not done. because",
        ),
        (
            an_entry("header-only", "pending", reason="test"),
            "the header route",
            '→ header-only by @U0ANN accepted: "test". Still missing: the header route.',
        ),
        (an_entry("abort", failed("no-effect")), "", "✖ abort by @U0ANN failed. no-effect"),
    ],
)
def test_the_thread_keeps_who_and_why(entry, why, said):
    message = replies.in_thread(entry, a_look(), why=why)

    assert read(message).splitlines()[0] == said
    assert message.text.startswith("tomozo/tomozo: ")


def test_what_went_wrong_has_a_number():
    assert "4711" in read(replies.broken("4711"))
