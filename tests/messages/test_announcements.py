"""Every change has words: who, why, and a point that is complete in itself."""

from datetime import timedelta
from typing import get_args

import pytest

from bot.messages.announcements import line
from bot.release.changes import (
    Aborted,
    Change,
    Deleted,
    Failed,
    Finished,
    Frozen,
    HeaderOnlyReady,
    PublicBack,
    PublicStray,
    Retried,
    RolledBack,
    RouteBack,
    RouteLost,
    Started,
    StepReached,
    StepsEdited,
    StillReached,
    Superseded,
    TrafficBack,
    Undecided,
    Unfrozen,
    Waiting,
    WeightBack,
)
from bot.release.traffic import Pods, Selector
from tests.builders import (
    BY_ANN,
    BY_BEN,
    BY_PLUGIN,
    NOON,
    a_look,
    a_moving,
    a_rollout,
    a_route,
    a_stable,
    a_written,
    an_aborted,
    at_a_gate,
)
from tests.messages.reading_aloud import PICTURE, SIGNS, read

STRAY = Selector(service="tomozo-stable", role="stable", revision="")
REACHED = a_look(
    an_aborted(), reported=50, written=(a_written(50),), stable=Pods(desired=4, available=3)
)

SAID = [
    (
        Started(look=a_look(a_moving()), by=BY_ANN, reason="fix 17"),
        '→ started by @U0ANN: "fix 17": 0.0.1 → 0.0.2',
    ),
    (
        Superseded(look=a_look(), next_image="tomozo-repo/tomozo:0.0.3"),
        "✖ 0.0.2 is superseded by a newer revision 0.0.3. It starts at the first step.",
    ),
    (StepReached(look=a_look(), from_step=0), "✔ weight 10 %   → pause (step 2 of 2)"),
    (Waiting(look=a_look()), "⏸ waits at 10 %: promote (→ 100 %), header-only or abort"),
    (Waiting(look=a_look(at_a_gate())), "⏸ waits at 0 %: promote (→ 10 %) or abort"),
    (
        Undecided(look=a_look(a_rollout(message="no data"))),
        '⚠ undecided at 10 %: the analysis was inconclusive. "no data". Promote',
    ),
    (
        Frozen(look=a_look(), by=BY_BEN, reason="lunch"),
        '⏸ frozen at 10 % by @U0BEN: "lunch". Nothing goes on until it is resumed.',
    ),
    (Unfrozen(look=a_look(), by=BY_PLUGIN), "no longer frozen outside Slack (kubectl-argo"),
    (
        StepsEdited(look=a_look(), previous_weight=50),
        "begins again at step 1, 10 % now. Before, the public had 50 %.",
    ),
    (
        HeaderOnlyReady(look=a_look(at_a_gate()), route=a_route(), back_to=10, by=BY_ANN),
        "The public: 0 %. `X-Canary: true` → canary, 1 pod. Resume returns to 10 %.",
    ),
    (
        WeightBack(look=a_look(), weight=10, by=BY_ANN),
        "✔ header-only has ended by @U0ANN: the weight is 10 % again",
    ),
    (
        Finished(look=a_look(a_stable()), by=BY_ANN),
        "✔ done, 0.0.2 is stable, 4 min, promoted by @U0ANN",
    ),
    (RolledBack(look=a_look(), by=BY_BEN), "✔ rolled back by @U0BEN, 0.0.1 is stable again"),
    (
        Aborted(look=a_look(an_aborted()), by=BY_BEN, reason="5xx", from_weight=50),
        '✖ aborted by @U0BEN at 50 %: "5xx". Traffic is at 0 %.',
    ),
    (
        Aborted(look=REACHED, by=BY_PLUGIN, from_weight=50),
        "outside Slack (kubectl-argo-rollouts) at 50 %. 50 % still reach the canary, I keep",
    ),
    (Retried(look=a_look(a_moving()), by=BY_ANN), "→ started again by @U0ANN: 0.0.1 → 0.0.2"),
    (
        Failed(look=a_look(a_rollout(message="ProgressDeadlineExceeded"))),
        "✖ failed at 10 %: ProgressDeadlineExceeded. The controller does not go on.",
    ),
    (
        RouteLost(look=a_look(), route=a_route(complete=False), by=BY_PLUGIN),
        "⚠ requests with X-Canary: true reach stable: route x-canary-header missing",
    ),
    (RouteBack(look=a_look(), route=a_route()), "✔ requests with X-Canary: true reach the canary"),
    (
        PublicStray(look=a_look(selectors=(STRAY,)), selector=STRAY),
        "⚠ About 28 % of the public reach the canary: Service tomozo-stable selects its pods",
    ),
    (
        PublicBack(look=a_look(), service="tomozo-stable"),
        "✔ Service tomozo-stable selects what it should again: 10 % now",
    ),
    (
        StillReached(look=REACHED),
        "⚠ 50 % still reach the aborted canary: 3 of 4 stable pods are available. I keep looking.",
    ),
    (
        TrafficBack(look=a_look(an_aborted()), seconds=2.2),
        "back at 0 % after 2 s. Requests with `X-Canary: true` reach either revision until 30 s",
    ),
    (
        TrafficBack(look=a_look(an_aborted(aborted_at=NOON - timedelta(seconds=40))), seconds=38),
        "Requests with `X-Canary: true` reach stable.",
    ),
    (Deleted(look=a_look()), "✖ the Rollout object is gone"),
]


@pytest.mark.parametrize(
    ("change", "said"), [pytest.param(*pair, id=type(pair[0]).__name__) for pair in SAID]
)
def test_every_change_has_words(change, said):
    message = line(change, now=NOON)
    shown = read(message)

    assert said in shown
    assert message.text.startswith("tomozo/tomozo: ")
    assert ("tomozo/tomozo" in shown.splitlines()[0]) == (
        change.loud or said.startswith("tomozo/tomozo")
    )
    assert set(PICTURE.findall(shown)) <= SIGNS
    assert "!" not in shown


def test_no_change_is_without_a_test_of_its_words():
    assert {type(change) for change, _ in SAID} == set(get_args(Change))
