"""
Cron expressions as crontab(5) means them, and when they are due in a time zone.

Not APScheduler's own: its weekdays count from Monday (cron's from Sunday), it wants both the day
of the month and the weekday to fit (cron: either), and when clocks change it fires twice or at a
time that does not exist. Here each scheduled local time is due once:

    it does not exist   (clocks go forward)  at the first moment after the gap
    it exists twice     (clocks go back)     the first time, not again
    several in one gap                       once, together

So `*/15 * * * *` rests while a repeated hour passes a second time. What shall go on at an even
pace, whatever the clocks say, is no matter for cron: `Schedule.every`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Self
from zoneinfo import ZoneInfo

from bot.release.numbers import is_whole

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_PART = re.compile(r"(?:(?P<all>\*)|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>\d+))?")
_DAY = timedelta(days=1)
#: 29 February on a given weekday comes after 40 years at the latest (around 2100)
_LONGEST_WAIT = 41 * 366


class BadCron(ValueError):  # noqa: N818 - its text is shown as it stands
    """It is not a cron expression of five fields."""


@dataclass(frozen=True)
class _Field:
    """What may stand in one of the five places."""

    what: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    def values(self, text: str) -> frozenset[int]:
        """Read the field. Raises BadCron."""
        return frozenset(value for part in text.split(",") for value in self._part(part))

    def _part(self, part: str) -> range:
        match = _PART.fullmatch(part)
        if match is None:
            raise BadCron(f"{self.what}: {part!r} is not understood; {self.allowed}")
        step = int(match["step"] or 1)
        if step == 0:
            raise BadCron(f"{self.what}: a step of 0 never gets anywhere")
        if match["all"]:
            return range(self.low, self.high + 1, step)
        first = self._number(match["first"])
        if match["last"] is None:
            return range(first, (self.high if match["step"] else first) + 1, step)
        last = self._number(match["last"])
        if last == 0 < first and self.names is _WEEKDAYS:
            last = 7  # sat-sun
        if last < first:
            raise BadCron(f"{self.what}: {part!r} runs backwards")
        return range(first, last + 1, step)

    def _number(self, text: str) -> int:
        if text.lower() in self.names:
            return self.names.index(text.lower()) + (1 if self.names is _MONTHS else 0)
        if not (is_whole(text) and self.low <= int(text) <= self.high):
            raise BadCron(f"{self.what}: {text!r} is not allowed; {self.allowed}")
        return int(text)

    @property
    def allowed(self) -> str:
        """Say what may stand there."""
        names = f" or {self.names[0]}-{self.names[-1]}" if self.names else ""
        return f"allowed: {self.low}-{self.high}{names}, *, lists, ranges and steps"


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day of month", 1, 31),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of week", 0, 7, _WEEKDAYS),  # 0 and 7 are Sunday
)


@dataclass(frozen=True)
class Cron:
    """A cron expression that was understood; made by `parse`."""

    text: str
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]  #: 0 is Sunday
    either_day: bool  #: day of month and weekday are both restricted: one of them is enough

    def __str__(self) -> str:
        return self.text

    @classmethod
    def parse(cls, text: str) -> Self:
        """
        Read five fields: minute, hour, day of month, month, day of week.

        Raises:
            BadCron: not understood, or a date that never comes (30 February).

        """
        fields = text.split()
        if len(fields) != len(_FIELDS):
            raise BadCron(
                f"{text!r} has {len(fields)} fields; five are needed: "
                "minute, hour, day of month, month, day of week"
            )
        minutes, hours, days, months, weekdays = (
            field.values(given) for field, given in zip(_FIELDS, fields, strict=True)
        )
        cron = cls(
            text=" ".join(fields),
            minutes=minutes,
            hours=hours,
            days=days,
            months=months,
            weekdays=frozenset(day % 7 for day in weekdays),
            either_day=not fields[2].startswith("*") and not fields[4].startswith("*"),
        )
        # Every kind of year, and 29 February on every weekday, comes within 28 years.
        if not any(cron.falls_on(day) for day in _days(date(2000, 1, 1), 28 * 366)):
            raise BadCron(f"{text!r} never comes: no month it names has such a day")
        return cron

    def falls_on(self, day: date) -> bool:
        """Whether it is due at some time of that day."""
        if day.month not in self.months:
            return False
        by_month, by_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return by_month or by_week if self.either_day else by_month and by_week

    def times(self, first: date, *, step: int = 1) -> Iterator[datetime]:
        """Name its local times, without a zone, from that day on; *step* -1: backwards."""
        times = sorted(product(self.hours, self.minutes), reverse=step < 0)
        for day in _days(first, _LONGEST_WAIT, step):
            if self.falls_on(day):
                for hour, minute in times:
                    yield datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001


def next_due(cron: Cron, timezone: ZoneInfo, after: datetime) -> datetime:
    """Tell the first moment after *after* at which it is due, in UTC."""
    after = after.astimezone(UTC)
    local = after.astimezone(timezone).replace(tzinfo=None)
    return next(
        due
        for time in cron.times(local.date())
        if time > local and (due := _moment(time, timezone)) > after
    )


def previous_due(cron: Cron, timezone: ZoneInfo, before: datetime) -> datetime:
    """Tell the last moment before *before* at which it was due, in UTC."""
    before = before.astimezone(UTC)
    # In an hour that passes for the second time, later local times are past already: a day more.
    last = before.astimezone(timezone).date() + _DAY
    dues = (_moment(time, timezone) for time in cron.times(last, step=-1))
    return next(due for due in dues if due < before)


def _days(first: date, count: int, step: int = 1) -> Iterator[date]:
    return (first + _DAY * (n * step) for n in range(count))


def _moment(time: datetime, timezone: ZoneInfo) -> datetime:
    """Tell when a local time is due, in UTC."""
    before, after = (
        time.replace(tzinfo=timezone, fold=fold).utcoffset() or timedelta() for fold in (0, 1)
    )
    if after <= before:  # it exists; of two the first
        return (time - before).replace(tzinfo=UTC)
    early, late = ((time - offset).replace(tzinfo=UTC) for offset in (after, before))
    while late - early > timedelta(seconds=1):  # the clocks go forward somewhere between them
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        if middle.astimezone(timezone).utcoffset() == before:
            early = middle
        else:
            late = middle
    return late
