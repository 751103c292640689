"""
When things are due.

The oracle walks through real time minute by minute and looks at the clock on the wall; the code
under test goes the other way, from the wall to real time.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.schedule import BadCron, Cron, next_due, previous_due

MINUTE = timedelta(minutes=1)
Fits = Callable[[datetime], bool]

ZONES = {
    "Europe/Berlin": (2024, 2025, 2026, 2027),
    "America/New_York": (2025, 2026, 2027),
    "Australia/Lord_Howe": (2025, 2026),  # by half an hour
    "America/Santiago": (2025, 2026),  # at midnight: a day without 0:00
    "Africa/Casablanca": (2026,),  # around Ramadan
    "Pacific/Apia": (2011,),  # 30 December did not exist
    "Asia/Tokyo": (2026,),  # never
}
CRONS: dict[str, Fits] = {
    "30 2 * * *": lambda t: (t.hour, t.minute) == (2, 30),
    "0 9 * * mon-fri": lambda t: (t.hour, t.minute) == (9, 0) and t.weekday() < 5,
    "0 0 * * *": lambda t: (t.hour, t.minute) == (0, 0),
    "0,15 0-3 * * *": lambda t: t.hour <= 3 and t.minute in (0, 15),
}


def real_minutes(begin: datetime, end: datetime) -> Iterator[datetime]:
    while begin < end:
        yield begin
        begin += MINUTE


def on_the_wall(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None)


def oracle(fits: Fits, zone: ZoneInfo, begin: datetime, end: datetime) -> list[datetime]:
    """Every moment at which the clock on the wall comes to, or jumps over, a fitting new time."""
    dues = []
    furthest = on_the_wall(begin - MINUTE, zone)  # what the wall has shown already
    for moment in real_minutes(begin, end):
        wall = on_the_wall(moment, zone)
        new = [furthest + MINUTE * n for n in range(1, (wall - furthest) // MINUTE + 1)]
        if any(fits(time) for time in new):
            dues.append(moment)
        furthest = max(furthest, wall)
    return dues


def windows(zone: ZoneInfo, year: int) -> Iterator[tuple[datetime, datetime]]:
    """Five days around each change of the clocks; and the first days of the year."""
    days = [datetime(year, 1, 1, 12, tzinfo=UTC) + timedelta(days=n) for n in range(-1, 366)]
    yield days[0], days[5]
    for before, after in pairwise(days):
        if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset():
            yield before - timedelta(days=2), after + timedelta(days=2)


def dues_between(cron: Cron, zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    due = next_due(cron, zone, begin - MINUTE)
    while due < end:
        yield due
        due = next_due(cron, zone, due)


@pytest.mark.parametrize("text", CRONS)
@pytest.mark.parametrize("name", ZONES)
def test_each_local_time_is_due_once_also_when_clocks_change(name: str, text: str) -> None:
    zone, cron = ZoneInfo(name), Cron.parse(text)
    for year in ZONES[name]:
        for begin, end in windows(zone, year):
            expected = oracle(CRONS[text], zone, begin, end)

            dues = list(dues_between(cron, zone, begin, end))

            assert dues == expected
            assert [previous_due(cron, zone, due + MINUTE) for due in dues] == expected
            assert [previous_due(cron, zone, due) for due in dues[1:]] == expected[:-1]


@pytest.mark.parametrize(
    ("zone", "text", "after", "due"),
    [
        pytest.param(
            "Europe/Berlin", "30 2 * * *", "2026-03-28T12:00Z", "2026-03-29T01:00Z", id="gap"
        ),
        pytest.param(
            "Europe/Berlin", "30 2 * * *", "2026-10-24T12:00Z", "2026-10-25T00:30Z", id="first"
        ),
        pytest.param(
            "Europe/Berlin", "30 2 * * *", "2026-10-25T00:30Z", "2026-10-26T01:30Z", id="only"
        ),
        pytest.param(
            "Asia/Tokyo", "0 9 * * mon-fri", "2026-11-27T00:00Z", "2026-11-30T00:00Z", id="weekend"
        ),
        pytest.param("UTC", "0 0 29 2 *", "2026-01-01T00:00Z", "2028-02-29T00:00Z", id="leap-day"),
        pytest.param("UTC", "0 0 1 1 *", "2026-12-31T23:59Z", "2027-01-01T00:00Z", id="new-year"),
        pytest.param("UTC", "0 0 29 2 */7", "2088-03-01T00:00Z", "2128-02-29T00:00Z", id="rare"),
    ],
)
def test_when_it_is_due_next(zone: str, text: str, after: str, due: str) -> None:
    found = next_due(Cron.parse(text), ZoneInfo(zone), datetime.fromisoformat(after))

    assert found == datetime.fromisoformat(due)
    assert found.tzinfo is UTC


@given(
    moment=st.datetimes(
        min_value=datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
        max_value=datetime(2037, 1, 1),  # noqa: DTZ001
        timezones=st.sampled_from([ZoneInfo(name) for name in ZONES]),
    ),
    text=st.sampled_from(["30 2 * * *", "0 0 * * *", "*/20 * * * *", "59 23 31 12 *"]),
    name=st.sampled_from(list(ZONES)),
)
def test_nothing_is_due_between_the_previous_and_the_next(
    moment: datetime, text: str, name: str
) -> None:
    cron, zone, moment = Cron.parse(text), ZoneInfo(name), moment.astimezone(UTC)

    before, after = previous_due(cron, zone, moment), next_due(cron, zone, moment)

    assert before < moment < after
    assert next_due(cron, zone, before) in (moment, after)
    assert previous_due(cron, zone, after) in (moment, before)


# --- what the fields mean -----------------------------------------------------------------------

SUNDAY = datetime(2026, 11, 1, tzinfo=UTC)
WEEK = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]


@pytest.mark.parametrize(
    ("field", "days"),
    [
        ("0", "sun"),
        ("7", "sun"),
        ("1", "mon"),
        ("6", "sat"),
        ("1-5", "mon tue wed thu fri"),
        ("5-7", "sun fri sat"),
        ("sat-sun", "sun sat"),
        ("MON,3", "mon wed"),
        ("*/2", "sun tue thu sat"),
        ("1/2", "sun mon wed fri"),
        ("*", "sun mon tue wed thu fri sat"),
    ],
)
def test_weekdays_count_from_sunday_as_in_crontab(field: str, days: str) -> None:
    cron = Cron.parse(f"0 0 * * {field}")

    fitting = [WEEK[n] for n in range(7) if cron.falls_on((SUNDAY + timedelta(days=n)).date())]

    assert fitting == days.split()


@pytest.mark.parametrize(
    ("fields", "days"),
    [
        pytest.param("13 * fri", [6, 13, 20, 27], id="either"),
        pytest.param("*/2 * sun", [1, 15, 29], id="both"),
        pytest.param("1-10/3 nov *", [1, 4, 7, 10], id="range-with-step"),
        pytest.param("* DEC *", [], id="another-month"),
    ],
)
def test_day_of_month_and_weekday_go_together_as_in_crontab(fields: str, days: list[int]) -> None:
    cron = Cron.parse(f"0 0 {fields}")
    november = [SUNDAY.date() + timedelta(days=n) for n in range(30)]

    assert [day.day for day in november if cron.falls_on(day)] == days


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "has 0 fields; five are needed"),
        ("0 9 * *", "has 4 fields"),
        ("0 0 9 * * *", "has 6 fields"),
        ("60 9 * * *", "minute: '60' is not allowed; allowed: 0-59"),
        ("0 24 * * *", "hour: '24'"),
        ("0 9 0 * *", "day of month: '0'"),
        ("0 9 * 13 *", "month: '13' is not allowed; allowed: 1-12 or jan-dec"),
        ("0 9 * * 8", "day of week: '8'"),
        ("0 9 * * monday", "day of week: 'monday' is not allowed; allowed: 0-7 or sun-sat"),
        ("0 9 * * fri-mon", "runs backwards"),
        ("*/0 9 * * *", "a step of 0"),
        ("-5 9 * * *", "is not understood"),
        ("1,,2 9 * * *", "is not understood"),
        ("٣ 9 * * *", "is not allowed"),
        ("0 9 30 feb *", "never comes"),
        ("@daily", "has 1 fields"),
    ],
)
def test_what_is_no_cron_expression_is_refused_with_what_is_allowed(text: str, says: str) -> None:
    with pytest.raises(BadCron) as refused:
        Cron.parse(text)

    assert says in str(refused.value)
