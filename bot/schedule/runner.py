"""
Schedule: calls jobs when they are due.

What follows the clock on the wall (`cron`) goes by APScheduler; what goes at an even pace (`every`)
by the clock of the loop: a wall clock that is set back must not stop the search for drift.

APScheduler keeps the next time of each job. After a wall clock that ran ahead was set back, that
time is one beyond all that the wrong clock passed over, so nothing would be called until then.
Therefore what was called is remembered, and the next time is found anew at each look at the wall.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

from apscheduler.events import (
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    EVENT_JOB_SUBMITTED,
    JobExecutionEvent,
    JobSubmissionEvent,
)
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from bot.schedule.cron import Cron, next_due, previous_due

log = logging.getLogger(__name__)

#: A job is called with the moment at which it was due, UTC.
Job = Callable[[datetime], Awaitable[None]]
#: Told how a run ended: the name of the job, and `ok`, `failed`, `missed` or `skipped`.
OnEnd = Callable[[str, str], None]

#: later than this, what was due is not worth doing any more
GRACE = timedelta(hours=1)
#: how often the wall clock is looked at: while a machine sleeps, the loop's clock stands still
_LOOK = timedelta(seconds=30)
#: how long it is remembered what was called; a wall clock is hardly ever set back by more
_REMEMBERED = timedelta(days=8)


def _now() -> datetime:
    return datetime.now(UTC)


class Schedule:
    """
    Calls each job when it is due; an async context manager, which ends all runs when it is left.

    A job never runs twice at once: what becomes due meanwhile is skipped. Of several times that
    were slept through only the last one counts, and only within *grace*. What a job raises is
    logged, and it goes on. A wall clock that is set forward calls what was due in between, once and
    within *grace*; one that is set back calls nothing again, and nothing is left out.

    Args:
        grace: how late a cron job may start.
        catch_up: how long before the beginning a cron job may have been due to be called at once;
            for jobs that know what they did already, because then a restart repeats them.
        on_end: told how each run ended.

    """

    def __init__(
        self,
        *,
        grace: timedelta = GRACE,
        catch_up: timedelta = timedelta(0),
        on_end: OnEnd = lambda _name, _how: None,
    ) -> None:
        logging.getLogger("apscheduler").setLevel(logging.WARNING)  # it tells every run otherwise
        self._catch_up = catch_up
        self._on_end = on_end
        self._due: dict[str, datetime] = {}
        self._called: dict[str, set[datetime]] = {}  # for which times each cron job was called
        self._beats: dict[str, _Beat] = {}
        self._runs: set[asyncio.Task[None]] = set()  # what is ended at the end
        self._waits: set[asyncio.Task[None]] = set()  # what waits for a run on APScheduler's behalf
        self._is_open = False
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            job_defaults={
                "coalesce": True,
                "max_instances": 1,
                "misfire_grace_time": max(1, int(grace.total_seconds())),
            },
        )
        self._scheduler.add_listener(
            self._heard, EVENT_JOB_SUBMITTED | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES
        )

    async def __aenter__(self) -> Self:
        self._is_open = True
        self._scheduler.start()
        self._start(self._follow(_Beat(_LOOK), self.look))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._is_open = False
        self._scheduler.remove_all_jobs()
        await asyncio.sleep(0)  # a run that was submitted but has not begun sees that we close
        for run in self._runs:
            run.cancel()
        # APScheduler would log a cancelled run as an error, so it must find none that is cancelled.
        await asyncio.gather(*self._runs, *self._waits, return_exceptions=True)
        self._scheduler.shutdown(wait=False)
        await asyncio.sleep(0)  # it shuts down at the loop's next turn

    def every(self, span: timedelta, job: Job, name: str) -> None:
        """
        Call a job at an even pace, for the first time when one *span* is over.

        A name that is taken gets the new pace: it is counted from now, and what runs goes on.
        """
        self._ensure_open()
        if span <= timedelta(0):
            raise ValueError("a span must be longer than nothing")
        if name in self._beats:
            self._beats[name].change(span)
            return

        async def run() -> None:
            await self._run(job, datetime.now(UTC), name)

        self._beats[name] = _Beat(span)
        self._start(self._follow(self._beats[name], run))

    def cron(
        self, cron: Cron, timezone: ZoneInfo, job: Job, name: str, *, catch_up: bool = True
    ) -> None:
        """Call a job at these times of day. The name must be its own; *catch_up*: see Schedule."""
        self._ensure_open()

        async def run() -> None:
            if not self._is_open:
                return
            waiting = asyncio.current_task()
            assert waiting is not None  # noqa: S101 - APScheduler runs coroutines in tasks
            self._waits.add(waiting)
            try:
                await asyncio.wait([self._start(self._run(job, self._due[name], name))])
            finally:
                self._waits.discard(waiting)

        called = self._called[name] = set()
        trigger = _Times(cron, timezone, self._catch_up if catch_up else timedelta(0), called)
        self._scheduler.add_job(run, trigger, id=name, name=name)

    def drop(self, name: str) -> None:
        """Call a cron job no more; what runs goes on."""
        self._scheduler.remove_job(name)
        del self._called[name]

    async def look(self) -> None:
        """Look at the clock on the wall, which may have been set."""
        now = _now()
        for job in self._scheduler.get_jobs():
            due = job.trigger.next_after(now)
            if due < job.next_run_time:
                self._scheduler.modify_job(job.id, next_run_time=due)
        self._scheduler.wakeup()

    def _ensure_open(self) -> None:
        if not self._is_open:
            raise RuntimeError("the schedule is not open")

    def _start(self, run: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = asyncio.create_task(run)
        self._runs.add(task)
        task.add_done_callback(self._runs.discard)
        return task

    async def _follow(self, beat: "_Beat", run: Callable[[], Awaitable[None]]) -> None:
        """Run again and again, always whole spans after the beginning."""
        clock = asyncio.get_running_loop().time
        due = clock()
        while True:
            seconds = beat.span.total_seconds()
            due += seconds * max(1, (clock() - due) // seconds + 1)  # what was missed is skipped
            if await beat.is_changed_within(due - clock()):
                due = clock()
            else:
                await run()

    async def _run(self, job: Job, due: datetime, name: str) -> None:
        try:
            await job(due)
        except Exception:
            log.exception("%s failed", name, extra={"action": "job_failed", "job": name})
            self._on_end(name, "failed")
        else:
            self._on_end(name, "ok")

    def _heard(self, event: JobSubmissionEvent | JobExecutionEvent) -> None:
        """Keep for which moment a run was submitted, before it begins; APScheduler does not say."""
        if event.code == EVENT_JOB_SUBMITTED:
            due = self._due[event.job_id] = event.scheduled_run_times[-1]
            called = self._called.get(event.job_id, set())
            called.add(due)
            called -= {old for old in called if due - old > _REMEMBERED}
        elif event.code == EVENT_JOB_MISSED:
            self._called.get(event.job_id, set()).discard(event.scheduled_run_time)
            self._on_end(event.job_id, "missed")
        else:
            self._on_end(event.job_id, "skipped")


class _Beat:
    """An even pace that can be changed."""

    def __init__(self, span: timedelta) -> None:
        self.span = span
        self._changed = asyncio.Event()

    def change(self, span: timedelta) -> None:
        """Go at another pace from now on."""
        if span != self.span:
            self.span = span
            self._changed.set()

    async def is_changed_within(self, seconds: float) -> bool:
        """Wait so long; whether the pace changed meanwhile."""
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return False
        self._changed.clear()
        return True


@dataclass
class _Times(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """
    Tells APScheduler when a cron expression is due; of several past times only the last.

    Attributes:
        called: the times for which it was called already.

    """

    cron: Cron
    timezone: ZoneInfo
    catch_up: timedelta
    called: set[datetime]

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """Tell the next time after *previous*, or the last one that is past already."""
        last = previous_due(self.cron, self.timezone, now + timedelta(microseconds=1))
        since = previous if previous is not None else now - self.catch_up
        if last > since and last not in self.called:
            return last
        return self.next_after(now)

    def next_after(self, now: datetime) -> datetime:
        """Tell the first time after now for which it was not called yet."""
        due = now
        while (due := next_due(self.cron, self.timezone, due)) in self.called:
            pass
        return due
