"""Jobs are called when they are due, for the moment at which they were, and ended when we end."""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.schedule import Cron, Schedule

LONG = timedelta(hours=5)
SOON = timedelta(milliseconds=5)
DAILY = Cron.parse("0 9 * * *")
TOKYO = ZoneInfo("Asia/Tokyo")
NINE = datetime(2026, 11, 25, 0, tzinfo=UTC)  # in Tokyo
MOMENT = timedelta(milliseconds=50)
#: A slow machine may need longer than that moment to begin; then the job is called at once.
UNHURRIED = timedelta(minutes=1)


class Diary:
    """A job that writes down when it was due."""

    def __init__(self, work: Callable[[], object] = lambda: None) -> None:
        self.dues: list[datetime] = []
        self.written = asyncio.Event()
        self._work = work

    async def __call__(self, due: datetime) -> None:
        self.dues.append(due)
        self.written.set()
        self._work()

    async def entry(self) -> datetime:
        async with asyncio.timeout(5):
            await self.written.wait()
        self.written.clear()
        return self.dues[-1]


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Sets the clock on APScheduler's wall; it goes on from there."""

    def set_to(now: datetime) -> None:
        shift = now - datetime.now(UTC)

        class Shifted(datetime):
            @classmethod
            def now(cls, tz=None):  # type: ignore[no-untyped-def]
                return datetime.now(tz) + shift

        monkeypatch.setattr("apscheduler.schedulers.base.datetime", Shifted)
        monkeypatch.setattr("apscheduler.executors.base.datetime", Shifted)
        monkeypatch.setattr("bot.schedule.runner._now", lambda: Shifted.now(UTC))

    return set_to


async def test_a_cron_job_is_called_with_the_moment_at_which_it_was_due(set_clock) -> None:
    diary = Diary()
    set_clock(NINE - MOMENT)

    async with Schedule(catch_up=UNHURRIED) as schedule:
        schedule.cron(DAILY, TOKYO, diary, "digest")

        assert await diary.entry() == NINE
    assert diary.dues == [NINE]


async def test_what_was_due_before_the_beginning_is_not_made_up_for(set_clock) -> None:
    digest, beat = Diary(), Diary()
    set_clock(NINE + timedelta(minutes=1))

    async with Schedule() as schedule:
        schedule.cron(DAILY, TOKYO, digest, "digest")
        schedule.every(SOON, beat, "beat")
        await beat.entry()

    assert digest.dues == []


async def test_it_is_made_up_for_where_that_is_wanted(set_clock) -> None:
    diary = Diary()
    set_clock(NINE + timedelta(minutes=1))

    async with Schedule(catch_up=timedelta(minutes=10)) as schedule:
        schedule.cron(DAILY, TOKYO, diary, "digest")

        assert await diary.entry() == NINE


async def test_of_several_times_slept_through_only_the_last_counts(set_clock) -> None:
    diary = Diary()
    set_clock(NINE - LONG)
    async with Schedule() as schedule:
        schedule.cron(DAILY, TOKYO, diary, "digest")

        set_clock(NINE + timedelta(days=3, minutes=5))
        schedule.cron(DAILY, TOKYO, Diary(), "another")  # lets it look at the clock

        assert await diary.entry() == NINE + timedelta(days=3)
    assert len(diary.dues) == 1


async def test_what_is_too_late_is_missed_and_told(set_clock) -> None:
    diary, ends = Diary(), asyncio.Queue[tuple[str, str]]()
    set_clock(NINE - LONG)

    async with Schedule(on_end=lambda *end: ends.put_nowait(end)) as schedule:
        schedule.cron(DAILY, TOKYO, diary, "digest")
        set_clock(NINE + LONG)
        schedule.cron(DAILY, TOKYO, Diary(), "another")

        async with asyncio.timeout(5):
            assert await ends.get() == ("digest", "missed")
    assert diary.dues == []


async def test_a_clock_that_is_set_back_repeats_nothing(set_clock) -> None:
    diary = Diary()
    set_clock(NINE - MOMENT)
    async with Schedule(catch_up=UNHURRIED) as schedule:
        schedule.cron(DAILY, TOKYO, diary, "digest")
        await diary.entry()

        set_clock(NINE - MOMENT)
        another = Diary()
        schedule.cron(DAILY, TOKYO, another, "another")
        await another.entry()  # so the digest's hour came again

    assert diary.dues == [NINE]


#: What the wall shows, and after that again, while it is about nine; how often the digest goes out.
JUMPS = {
    "an-hour-back": [NINE + timedelta(minutes=30), NINE - timedelta(minutes=30), NINE],
    "an-hour-on": [NINE - timedelta(minutes=30), NINE + timedelta(minutes=30)],
    "an-hour-on-and-back": [
        NINE - timedelta(minutes=30),
        NINE + timedelta(minutes=30),
        NINE - timedelta(minutes=20),
        NINE,
    ],
    "a-day-on-and-back": [
        NINE - timedelta(minutes=30),
        NINE + timedelta(hours=23, minutes=30),
        NINE - timedelta(minutes=20),
        NINE,
    ],
    "a-day-back": [
        NINE,
        NINE - timedelta(hours=23),
        NINE - timedelta(minutes=1),
        NINE,
    ],
    "back-and-on": [NINE, NINE - timedelta(hours=1), NINE + timedelta(minutes=1)],
}


@pytest.mark.parametrize("walls", JUMPS.values(), ids=JUMPS)
async def test_a_clock_that_jumps_neither_repeats_nor_leaves_out(set_clock, walls) -> None:
    """Each digest that was due while the wall showed its time, or just before it, comes once."""
    diary, beats = Diary(), Diary()
    set_clock(NINE - LONG)
    async with Schedule() as schedule:
        schedule.cron(DAILY, TOKYO, diary, "digest")
        schedule.every(timedelta(hours=1), beats, "drift")

        for wall in walls:
            set_clock(wall)
            await schedule.look()
            for _ in range(5):
                await asyncio.sleep(0)

    assert diary.dues == [NINE]
    assert beats.dues == []  # no clock on the wall makes it go


async def test_a_job_that_is_dropped_is_called_no_more(set_clock) -> None:
    dropped, kept = Diary(), Diary()
    set_clock(NINE - LONG)
    async with Schedule() as schedule:
        schedule.cron(DAILY, TOKYO, dropped, "digest-0")
        schedule.cron(DAILY, TOKYO, kept, "digest-1")
        schedule.drop("digest-0")

        set_clock(NINE)
        await schedule.look()

        assert await kept.entry() == NINE
    assert dropped.dues == []


async def test_a_new_pace_counts_at_once_and_what_runs_goes_on() -> None:
    diary = Diary()
    async with Schedule() as schedule:
        schedule.every(LONG, diary, "drift")
        await asyncio.sleep(0)

        schedule.every(SOON, diary, "drift")

        await diary.entry()
        schedule.every(LONG, diary, "drift")
        await asyncio.sleep(0)
        count = len(diary.dues)
        await asyncio.sleep(0.02)
        assert len(diary.dues) == count


async def test_an_even_pace_goes_on_and_a_failure_does_not_end_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ends = asyncio.Queue[tuple[str, str]]()
    failures = iter([1, 0, 0])  # the first run divides by it and fails

    async with Schedule(on_end=lambda *end: ends.put_nowait(end)) as schedule:
        diary = Diary(lambda: 1 / (1 - next(failures, 0)))
        schedule.every(SOON, diary, "drift")
        async with asyncio.timeout(5):
            told = [await ends.get() for _ in range(3)]

    assert told == [("drift", "failed"), ("drift", "ok"), ("drift", "ok")]
    assert diary.dues == sorted(diary.dues)
    assert [r.action for r in caplog.records if hasattr(r, "action")] == ["job_failed"]


async def test_a_job_does_not_run_twice_at_once() -> None:
    running, most, done = 0, 0, asyncio.Event()
    beats = Diary()

    async def slow(_: datetime) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        for _beat in range(3):
            await beats.entry()
        running -= 1
        done.set()

    async with Schedule() as schedule:
        schedule.every(SOON, slow, "slow")
        schedule.every(SOON, beats, "beats")
        async with asyncio.timeout(5):
            await done.wait()

    assert most == 1


async def test_leaving_the_schedule_ends_what_runs_quietly(
    set_clock, caplog: pytest.LogCaptureFixture
) -> None:
    begun, ended = asyncio.Queue[str](), []

    def endless(name: str):  # type: ignore[no-untyped-def]
        async def job(_: datetime) -> None:
            begun.put_nowait(name)
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(name)

        return job

    set_clock(NINE - MOMENT)
    async with Schedule(catch_up=UNHURRIED) as schedule:
        schedule.cron(DAILY, TOKYO, endless("digest"), "digest")
        schedule.every(SOON, endless("drift"), "drift")
        async with asyncio.timeout(5):
            names = {await begun.get(), await begun.get()}

    assert sorted(ended) == sorted(names) == ["digest", "drift"]
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []
    assert len(asyncio.all_tasks()) == 1


async def test_leaving_just_when_something_is_due_is_quiet_too(
    set_clock, caplog: pytest.LogCaptureFixture
) -> None:
    diary = Diary()
    set_clock(NINE + timedelta(minutes=1))

    async with Schedule(catch_up=timedelta(hours=1)) as schedule:
        schedule.cron(DAILY, TOKYO, diary, "digest")
        await asyncio.sleep(0)  # submitted, but not begun

    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []


async def test_a_schedule_that_is_not_open_takes_no_jobs() -> None:
    with pytest.raises(RuntimeError):
        Schedule().every(SOON, Diary(), "drift")
