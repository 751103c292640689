"""
Which patrol goes when. The only room that knows APScheduler.

    cron.py     Cron: what the five fields mean; when such a time is due, also when clocks change
    runner.py   Schedule: calls jobs when they are due, one run of each at a time

What never lives here: what a patrol does, and whether it may (`flows/patrol.py`; only the leader
has a schedule).
"""

from bot.schedule.cron import BadCron, Cron, next_due, previous_due
from bot.schedule.runner import Job, Schedule

__all__ = ["BadCron", "Cron", "Job", "Schedule", "next_due", "previous_due"]
