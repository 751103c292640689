"""What a changed configuration changes at once, and what it says about the rest."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.config import Config, load
from bot.reloading import _as_far_as_possible, _differences
from bot.schedule import Schedule
from bot.timetable import Timetable

BASE = """
kubernetes: {cluster: prod, namespaces: [shop], writes: true}
channels: [{channel: C0RELEASES}]
access: [{allow: [promote], users: [U0ANN]}]
"""


def a_config(folder: Path, text: str) -> Config:
    file = folder / "rollout-bot.yaml"
    file.write_text(text)
    return load(file)


@pytest.mark.parametrize(
    ("old", "new", "now", "later"),
    [
        pytest.param("U0ANN", "U0BEN", ["access"], [], id="access"),
        pytest.param("C0RELEASES", "C0OTHER", ["channels"], [], id="channels"),
        pytest.param("writes: true", "writes: false", ["kubernetes"], [], id="writes"),
        pytest.param("cluster: prod", "cluster: test", [], ["kubernetes.cluster"], id="cluster"),
        pytest.param("[shop]", "[shop, web]", [], ["kubernetes.namespaces"], id="namespaces"),
        pytest.param(
            "writes: true}",
            "writes: true, selector: team=shop}",
            [],
            ["kubernetes.selector"],
            id="selector",
        ),
        pytest.param(
            "access:",
            "slack: {mode: http, listen: '0.0.0.0:1', command: /deploy}\naccess:",
            [],
            ["slack.command", "slack.listen", "slack.mode"],
            id="slack",
        ),
        pytest.param(
            "access:",
            "health: {listen: '0.0.0.0:9'}\ndrift: {every: 5s}\naccess:",
            ["drift"],
            ["health.listen"],
            id="both",
        ),
        pytest.param("access:", "# a comment\naccess:", [], [], id="nothing"),
    ],
)
def test_what_changes_now_and_what_at_the_next_start(tmp_path, old, new, now, later):
    current = a_config(tmp_path, BASE)
    wanted = a_config(tmp_path, BASE.replace(old, new))

    taken, left = _as_far_as_possible(wanted, current)

    assert _differences(taken, current) == now
    assert left == later
    assert _differences(_as_far_as_possible(current, taken)[0], current) == []


class Patrol:
    async def look_for_drift(self, _now): ...

    async def digest(self, _channel, _due, _since): ...


async def test_digests_that_stay_as_they_were_go_on_untouched(tmp_path, monkeypatch):
    jobs: list[str] = []
    cron, drop = Schedule.cron, Schedule.drop
    monkeypatch.setattr(
        Schedule, "cron", lambda s, *a, **k: (jobs.append(f"+{a[3]}"), cron(s, *a, **k))
    )
    monkeypatch.setattr(Schedule, "drop", lambda s, name: (jobs.append(f"-{name}"), drop(s, name)))

    def digests(*channels: tuple[str, int]):
        listed = "".join(
            f"\n- {{channel: {c}, digest: {{cron: '0 {h} * * *', timezone: UTC}}}}"
            for c, h in channels
        )
        config = a_config(tmp_path, f"channels:{listed}\n")
        return config.digests({})

    hour = timedelta(hours=1)
    table = Timetable(Patrol(), lambda *_: None, hour, digests(("C0A", 9), ("C0B", 9)))
    table.change(hour, digests(("C0A", 9), ("C0B", 9)))
    assert jobs == [], "somebody else leads"
    async with table.running():
        assert jobs == ["+digest-0", "+digest-1"]
        table.change(hour, digests(("C0B", 9), ("C0A", 9)))
        assert len(jobs) == 2, "another order"

        table.change(hour, digests(("C0B", 9), ("C0A", 10)))

        assert jobs[2:] == ["-digest-0", "+digest-0"]
    async with table.running():
        assert jobs[4:] == ["+digest-0", "+digest-1"]
