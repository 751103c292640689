"""What a changed configuration changes at once, and what it says about the rest."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot import meaning
from bot.config import Config, ConfigError, load
from bot.release.rollout import Rollout
from bot.reloading import Reloading, Rooms, _as_far_as_possible, _differences
from bot.schedule import Schedule
from bot.slack.calls import Refused
from bot.timetable import Timetable
from tests.builders import a_rollout

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


class Calls:
    """Slack knows no channel; nothing else is asked of it."""

    scopes: frozenset[str] = frozenset()

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def __call__(self, method: str, **_args: object) -> dict[str, object]:
        self.asked.append(method)
        if method == "conversations.info":
            raise Refused(method, "channel_not_found")
        return {"channels": []}


class Room:
    """Everything that a configuration reaches, as plain as can be."""

    def __init__(self, config: Config, releasing: Sequence[Rollout] = ()) -> None:
        channels = {name: name for name in config.channel_names}
        self.groups: frozenset[str] = frozenset()
        self.left: list[tuple[str, str]] = []
        self.refreshed: list[str] = []
        self.calls = Calls()
        self.planned: list[timedelta] = []
        self.board = SimpleNamespace(settings=meaning.settings(config, channels), leave=self._leave)
        self.cluster = SimpleNamespace(writes=True, known=lambda: releasing)
        self.tidying = SimpleNamespace(writes=True)
        rooms = Rooms(
            calls=self.calls,
            slack=SimpleNamespace(
                desk=SimpleNamespace(
                    people=SimpleNamespace(
                        watch_groups=lambda groups: setattr(self, "groups", groups)
                    )
                )
            ),
            outbox=None,
            board=self.board,
            follow=SimpleNamespace(
                settling=SimpleNamespace(tidying=self.tidying), refresh=self.refreshed.append
            ),
            cluster=self.cluster,
            timetable=SimpleNamespace(change=lambda every, _digests: self.planned.append(every)),
        )
        self.reloading = Reloading(config, channels, None, rooms, lambda _is_valid: None)

    async def _leave(self, rollout: Rollout, channel: str) -> None:
        self.left.append((rollout.name, channel))

    async def adopt(self, config: Config) -> str:
        source = SimpleNamespace(config=lambda: config)
        said = await self.reloading._adopt_config(source)
        if before := self.reloading._before:
            await self.reloading._show(before)
        return said


CHANGED = """
kubernetes: {cluster: prod, namespaces: [shop], writes: false}
channels: [{channel: C0RELEASES, rollouts: [web]}]
access: [{allow: [abort], groups: [S0ONCALL]}]
drift: {every: 7s}
"""


async def test_a_changed_configuration_reaches_everything_without_slack(tmp_path):
    room = Room(a_config(tmp_path, BASE), [a_rollout(name="api"), a_rollout(name="web")])

    said = await room.adopt(a_config(tmp_path, CHANGED))

    assert said == "in force now: kubernetes, channels, access, drift"
    assert room.groups == {"S0ONCALL"}
    assert (room.board.settings.writes, room.cluster.writes, room.tidying.writes) == (False,) * 3
    [rule] = room.board.settings.policy.rules
    assert rule.groups == {"S0ONCALL"}
    assert room.planned == [timedelta(seconds=7)]
    assert room.left == [("api", "C0RELEASES")]
    assert len(room.refreshed) == 2, "cards are shown anew where they belong"
    assert await room.adopt(a_config(tmp_path, CHANGED)) == "", "nothing new"
    assert room.calls.asked == []


async def test_before_all_channels_are_found_nothing_changes(tmp_path):
    room = Room(a_config(tmp_path, BASE))
    before = room.board.settings

    with pytest.raises(ConfigError, match=r"yaml:3: channels\[0\].channel: I see no channel C0U"):
        await room.adopt(a_config(tmp_path, CHANGED.replace("C0RELEASES", "C0UNKNOWN")))

    assert room.board.settings is before
    assert room.planned == []
    assert room.cluster.writes


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
    async with table.digesting():
        assert jobs == ["+digest-0", "+digest-1"]
        table.change(hour, digests(("C0B", 9), ("C0A", 9)))
        assert len(jobs) == 2, "another order"

        table.change(hour, digests(("C0B", 9), ("C0A", 10)))

        assert jobs[2:] == ["-digest-0", "+digest-0"]
    async with table.digesting():
        assert jobs[4:] == ["+digest-0", "+digest-1"]
