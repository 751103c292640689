"""The card over its whole life: what is true about traffic, then what is asked of people."""

from datetime import timedelta

import pytest

from bot.messages.buttons import kept
from bot.messages.card import card
from bot.release.parts import AnalysisStatus, PauseCondition
from bot.release.traffic import Pods
from tests.builders import (
    BY_ANN,
    BY_BEN,
    BY_CLOCK,
    BY_PLUGIN,
    NOON,
    a_look,
    a_moving,
    a_rollout,
    a_stable,
    a_stay,
    a_story,
    a_written,
    an_aborted,
    an_ending,
    an_offer,
    at_a_gate,
    the_offers,
)
from tests.messages.reading_aloud import PICTURE, SEAL, SIGNS, buttons, read, undated


def show(look=None, story=None, offers=(), **changes):
    return card(
        look or a_look(),
        story or a_story(),
        offers,
        **{"seal": SEAL, "now": NOON, "cluster": "test", **changes},
    )


def test_the_card_at_the_seeds_pause():
    message = show(offers=the_offers(), checked=NOON - timedelta(seconds=12))

    pressable = ["Promote → 100 %", "Header-only, 0 %", "Abort → 0 %"]
    pressable += ["Promote fully", "Freeze", "Steps", "History", "Rules"]

    assert message.text == "tomozo/tomozo waits at 10 %: promote, header-only or abort"
    assert read(message).splitlines() == [
        "*tomozo/tomozo*   ⏸ Waiting for you · since 3 min ago",
        "0.0.1 → 0.0.2 · revision 2 · step 2 of 2",
        "canary  ▓░░░░░░░░░  10 %      stable 90 %",
        "Ingress tomozo says 10/90 · checked 12 s ago",
        "✔ weight 10 %   ⏸ pause   → 100 %",
        "Pods    canary 1/1   stable 4/4",
        "Header  X-Canary: true → canary",
        "  ".join(pressable),
    ]


def test_the_message_names_its_revision():
    assert show().metadata == {
        "event_type": "rollout_card",
        "event_payload": {
            "cluster": "test",
            "namespace": "tomozo",
            "name": "tomozo",
            "uid": "u1",
            "revision": "7c9f",
        },
    }


@pytest.mark.parametrize(
    ("look", "story", "title", "point"),
    [
        pytest.param(
            a_look(a_moving(), canary=Pods(), reported=0, written=(a_written(0),)),
            a_story(),
            "→ Started, moving to 10 %",
            "started, moving to 10 %",
            id="started",
        ),
        pytest.param(
            a_look(a_moving(), canary=Pods(desired=4, available=1)),
            a_story(),
            "→ Moving to 10 % (1 of 4 pods)",
            "is moving to 10 % (1 of 4 pods)",
            id="moving",
        ),
        pytest.param(
            a_look(
                a_rollout(
                    steps=({"setWeight": 10}, {"pause": {"duration": "10m"}}),
                )
            ),
            a_story(),
            "⏸ Timed pause at 10 %, ends 12:07 UTC",
            "pauses at 10 % and goes on by itself in 7 min",
            id="timed",
        ),
        pytest.param(
            a_look(a_rollout(steps=({"setWeight": 10}, {"pause": {"duration": "48h"}}))),
            a_story(),
            "⏸ Timed pause at 10 %, ends 2026-11-26 11:57 UTC",
            "pauses at 10 % and goes on by itself in 47 h 57 min",
            id="timed for days",
        ),
        pytest.param(
            a_look(
                a_moving(
                    step=1,
                    steps=({"setWeight": 10}, {"analysis": {}}),
                    step_analysis=AnalysisStatus(status="Running", message="2 of 5"),
                )
            ),
            a_story(),
            "→ Analysing at 10 %: Running, 2 of 5",
            "is analysing at 10 %: Running, 2 of 5",
            id="analysing",
        ),
        pytest.param(
            a_look(
                a_rollout(
                    pauses=(
                        PauseCondition(
                            reason="InconclusiveAnalysisRun", started=NOON - timedelta(minutes=1)
                        ),
                    ),
                    message="no data",
                )
            ),
            a_story(),
            "⚠ Undecided: the analysis was inconclusive · since 1 min ago · no data",
            "is undecided at 10 %, the analysis was inconclusive",
            id="undecided",
        ),
        pytest.param(
            a_look(a_rollout(frozen=True)),
            a_story(),
            "⏸ Frozen by spec.paused: nothing goes on until it is resumed",
            "is frozen at 10 %",
            id="frozen",
        ),
        pytest.param(
            a_look(at_a_gate()),
            a_story(),
            "⏸ Waiting for you for header tests only · since 3 min ago",
            "waits at 0 % for header tests only",
            id="gate",
        ),
        pytest.param(
            a_look(at_a_gate()),
            a_story(stay=a_stay()),
            "⏸ Header-only (0 %, X-Canary: true → canary, since 5 min ago, "
            'by @U0ANN: "smoke test")',
            "is header-only and ready for testing: X-Canary: true → canary, 0 % of the public",
            id="header-only",
        ),
        pytest.param(
            a_look(at_a_gate(), reported=10, written=(a_written(10),)),
            a_story(stay=a_stay(missing=("weight 0 % on Ingress tomozo",))),
            "→ Header-only is not ready: still missing weight 0 % on Ingress tomozo (10 %",
            "is not header-only yet, 10 % reach the canary: still missing weight 0 %",
            id="header-only-not-ready",
        ),
        pytest.param(
            a_look(a_rollout(phase="Degraded", message="InvalidSpec: no such Service <x>")),
            a_story(),
            "✖ Failed: InvalidSpec: no such Service <x>",
            "failed: InvalidSpec: no such Service",
            id="failed",
        ),
        pytest.param(
            a_look(a_rollout(observed_generation="1")),
            a_story(),
            "→ Started: the controller has not looked at the newest spec yet",
            "started: the controller has not looked",
            id="pending",
        ),
        pytest.param(
            a_look(a_moving(step=1, controller_pause=True)),
            a_story(),
            "→ Going on: the pause was ended",
            "goes on at 10 %",
            id="resuming",
        ),
    ],
)
def test_the_card_over_its_life(look, story, title, point):
    message, an_hour_later = (
        show(look, story, checked=NOON, now=NOON + timedelta(hours=h)) for h in (0, 1)
    )

    assert title in read(message)
    assert point in message.text
    assert undated(an_hour_later) == undated(message), "nobody edits it while nothing happens"


@pytest.mark.parametrize(
    ("look", "ending", "said"),
    [
        pytest.param(
            a_look(a_stable()),
            an_ending("done", by=BY_ANN),
            "✔ Done, 0.0.2 is stable, 4 min · promoted by @U0ANN",
            id="done",
        ),
        pytest.param(
            a_look(a_stable()),
            an_ending("done", by=BY_PLUGIN),
            "✔ Done, 0.0.2 is stable, 4 min · promoted outside Slack (kubectl-argo-rollouts)",
            id="done-outside",
        ),
        pytest.param(
            a_look(an_aborted()),
            an_ending("aborted", by=BY_BEN, from_weight=50, seconds=2.1, reason="5xx"),
            '✖ Aborted by @U0BEN at 50 %: "5xx", traffic is back at 0 % after 2 s',
            id="aborted",
        ),
        pytest.param(
            a_look(),
            an_ending("superseded", by=BY_CLOCK),
            "✖ Superseded by a newer revision, 4 min by the schedule",
            id="superseded",
        ),
        pytest.param(
            a_look(),
            an_ending("rolled back", by=BY_BEN),
            "✔ Rolled back, 0.0.1 is stable again, 4 min by @U0BEN",
            id="rolled-back",
        ),
        pytest.param(a_look(), an_ending("deleted"), "✖ Deleted", id="deleted"),
    ],
)
def test_when_it_ends_the_buttons_go_and_a_short_line_stays(look, ending, said):
    message = show(look, a_story(ending=ending))

    assert said in read(message)
    assert len(message.blocks) == 1
    assert not buttons(message)


def test_an_aborted_release_can_still_be_started_again():
    offers = [an_offer("retry", "Retry from step 1")]
    message = show(a_look(an_aborted()), a_story(ending=an_ending("aborted")), offers)

    assert "rollout:retry" in buttons(message)


def test_dangerous_buttons_are_red_and_ask_first():
    pressed = buttons(show(offers=the_offers()))

    assert pressed["rollout:abort"]["style"] == "danger"
    assert pressed["rollout:abort"]["confirm"]["text"]["text"] == "No one gets 0.0.2."
    assert pressed["rollout:abort"]["confirm"]["style"] == "danger"
    assert "confirm" not in pressed["rollout:header-only"]
    assert SEAL.open(pressed["rollout:abort"]["value"]).sighting == a_rollout().sighting()


def test_what_is_read_is_always_behind_the_dots():
    options = buttons(show())["rollout:more"]["options"]
    seen = a_rollout().sighting()

    assert [SEAL.open_option(o["value"]) for o in options] == [
        (verb, SEAL.short(seen)) for verb in ("steps", "history", "rules", "drift")
    ]


def test_what_is_rare_is_behind_the_dots_and_the_rest_a_button():
    offers = [an_offer(verb, primary=False) for verb in ("resume", "full", "pause", "route")]
    pressed = buttons(show(offers=offers))
    verbs = [o["value"].split()[0] for o in pressed["rollout:more"]["options"]]

    assert verbs == ["full", "pause", "steps", "history", "rules"]
    assert {"rollout:resume", "rollout:route"} <= pressed.keys()
    alone = buttons(show(offers=[an_offer("route", primary=False)]))
    assert "rollout:route" in alone


def test_what_the_menu_stands_for_is_named_to_be_kept():
    look = a_look()
    seen = look.rollout.sighting()

    assert kept(seen, the_offers(), SEAL) == {SEAL.short(seen): seen}


def test_only_five_signs_are_used_and_nobody_shouts():
    looks = [a_look(), a_look(a_moving()), a_look(an_aborted()), a_look(a_stable())]
    for look in looks:
        said = read(show(look, offers=the_offers()))
        assert set(PICTURE.findall(said)) <= SIGNS
        assert "!" not in said
