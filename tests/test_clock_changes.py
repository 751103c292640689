"""
F15: what is scheduled, across everything that clocks do.

The oracle below goes through real time minute by minute, and reads the clock on the wall of each
zone as a person would. It knows neither the scheduler nor how the bot reads cron expressions.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.release.ledger import By
from bot.release.mute import SPANS, Mute
from bot.schedule import Cron, next_due, previous_due

MINUTE = timedelta(minutes=1)
DAYS = 5

#: What happens there, in the zone's own words: around which day of which year.
EVENTS = {
    "berlin-forward": ("Europe/Berlin", "2026-03-29"),
    "berlin-back": ("Europe/Berlin", "2026-10-25"),
    "new-york-forward": ("America/New_York", "2026-03-08"),
    "new-york-back": ("America/New_York", "2026-11-01"),
    "lord-howe-forward": ("Australia/Lord_Howe", "2026-10-04"),
    "lord-howe-back": ("Australia/Lord_Howe", "2026-04-05"),
    "casablanca-back": ("Africa/Casablanca", "2026-02-15"),
    "casablanca-forward": ("Africa/Casablanca", "2026-03-22"),
    "apia-skips-a-day": ("Pacific/Apia", "2011-12-30"),
    "santiago-no-midnight": ("America/Santiago", "2026-09-06"),
    "troll-two-hours": ("Antarctica/Troll", "2026-03-29"),
    "leap-day": ("Europe/Berlin", "2028-02-29"),
    "year-end": ("America/New_York", "2026-12-31"),
    "tokyo-never": ("Asia/Tokyo", "2026-03-29"),
}
CRONS = (
    "0 9 * * mon-fri",
    "30 2 * * *",
    "0 0 * * *",
    "*/20 0-3 * * *",
    "15 2 * * sun",
    "59 23 28-31 * *",
)
WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@cache
def numbers(field: str) -> set[int]:
    """What a field of the expressions above means."""
    found: set[int] = set()
    for part in field.split(","):
        text, _, step = part.partition("/")
        first, _, last = text.partition("-")
        low, high = (0, 59) if text == "*" else (int(first), int(last or first))
        found.update(range(low, high + 1, int(step or 1)))
    return found


@cache
def weekdays(field: str) -> set[str]:
    """The days that are meant."""
    first, _, last = field.partition("-")
    return set(WEEK[WEEK.index(first) : WEEK.index(last or first) + 1])


def fits(text: str, wall: datetime) -> bool:
    """Whether a person who looks at this clock would say that it is time."""
    minute, hour, day, _, week = text.split()
    return (
        (minute == "*" or wall.minute in numbers(minute))
        and (hour == "*" or wall.hour in numbers(hour))
        and (day == "*" or wall.day in numbers(day))
        and (week == "*" or WEEK[wall.weekday()] in weekdays(week))
    )


def minutes(begin: datetime, end: datetime) -> Iterator[datetime]:
    """All of them, in real time."""
    for number in range(int((end - begin) / MINUTE)):
        yield begin + MINUTE * number


def oracle(text: str, zone: ZoneInfo, begin: datetime, end: datetime) -> list[datetime]:
    """
    When a patient person, who never does the same local time twice, would do it.

    Of what the clock jumps over, all is done together when it has jumped.
    """
    seen = (begin - MINUTE).astimezone(zone).replace(tzinfo=None)
    due = []
    for moment in minutes(begin, end):
        wall = moment.astimezone(zone).replace(tzinfo=None)
        is_time = False
        while seen < wall:  # one minute, as a rule; more where the clock was put forward
            seen += MINUTE
            is_time = is_time or fits(text, seen)
        if is_time:
            due.append(moment)
    return due


CASES = [
    pytest.param(zone, day, text, id=f"{event}: {text}")
    for event, (zone, day) in EVENTS.items()
    for text in CRONS
]


def test_the_table_is_long_enough():
    assert len(CASES) >= 60


@pytest.mark.parametrize(("name", "day", "text"), CASES)
def test_a_digest_is_due_when_the_oracle_says(name: str, day: str, text: str) -> None:
    zone, cron = ZoneInfo(name), Cron.parse(text)
    noon = datetime.fromisoformat(f"{day}T12:00Z")
    begin, end = noon - timedelta(days=DAYS / 2), noon + timedelta(days=DAYS / 2)
    expected = oracle(text, zone, begin, end)

    found, moment = [], begin - MINUTE
    while (moment := next_due(cron, zone, moment)) < end:
        found.append(moment)

    assert found == expected
    backwards, moment = [], end
    while (moment := previous_due(cron, zone, moment)) >= begin:
        backwards.insert(0, moment)
    assert backwards == expected


@pytest.mark.parametrize(
    ("day", "text"),
    [
        pytest.param("2026-03-29", "30 2 * * *", id="not-there"),
        pytest.param("2026-10-25", "30 2 * * *", id="twice"),
    ],
)
def test_the_oracle_itself_does_it_once(day: str, text: str) -> None:
    noon = datetime.fromisoformat(f"{day}T12:00Z")

    due = oracle(text, ZoneInfo("Europe/Berlin"), noon - timedelta(days=1), noon)

    assert len(due) == 1


@pytest.mark.parametrize("span", SPANS)
@pytest.mark.parametrize("event", ["berlin-forward", "berlin-back", "lord-howe-back", "leap-day"])
def test_a_mute_lasts_as_long_as_was_said_whatever_clocks_do(event: str, span: str) -> None:
    """A day is 24 hours: nobody has to think about which night it is."""
    zone, day = EVENTS[event]
    at = datetime.fromisoformat(f"{day}T00:30").replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    mute = Mute(
        key="k",
        severity="high",
        by=By(kind="slack", id="U0ANN"),
        reason="known",
        at=at,
        until=at + SPANS[span],
    )

    lasted = sum(not mute.is_over(now) for now in minutes(at, at + timedelta(days=8)))

    assert lasted == {"1h": 60, "8h": 480, "1d": 1440, "7d": 10080}[span]


ASK = """
import sys
from datetime import datetime
from zoneinfo import ZoneInfo
from bot.app import now
from bot.schedule import Cron, next_due
due = next_due(
    Cron.parse("0 9 * * *"), ZoneInfo("Asia/Tokyo"), datetime.fromisoformat("2026-11-25T12:00Z")
)
print(due.isoformat(), now().utcoffset())
"""


@pytest.mark.parametrize("zone", [None, "", "America/New_York", "Nowhere/At_All"])
def test_the_zone_of_the_machine_means_nothing(zone: str | None) -> None:
    root = Path(__file__).parents[1]
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(root)}
    if zone is not None:
        environ["TZ"] = zone

    said = subprocess.run(
        [sys.executable, "-c", ASK], env=environ, check=True, capture_output=True, text=True
    )

    assert said.stdout.split() == ["2026-11-26T00:00:00+00:00", "0:00:00"]
