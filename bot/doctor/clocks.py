"""How far our clock is from somebody else's, by the `Date` of an answer."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.doctor.verdict import Area, Line, missing, ok, unchecked

SLACK, SERVER = "beside Slack", "beside the API server"

_LOSS = {
    SLACK: "digests come at the wrong time; in mode http requests are refused from 300 s on",
    SERVER: "the ages on cards are wrong, and drift is told too early or too late",
}
_MEND = "let the clock that is wrong be set by NTP: `timedatectl set-ntp true` on that machine"

#: By more than that the ages on cards mislead. `Date` itself has whole seconds only.
MOST = timedelta(seconds=30)


def compare(what: str, date: str) -> Line:
    """
    Compare with the clock of somebody whose answer has just come.

    Args:
        what: whose: one of the two names above.
        date: the `Date` of the answer; "": there was none.

    """
    whose = what.removeprefix("beside ")
    try:
        skew = datetime.now(UTC) - parsedate_to_datetime(date)
    except (ValueError, TypeError):  # TypeError: it names no zone
        return unchecked(Area.CLOCK, what, f"{whose} does not tell the time")
    seconds = round(skew.total_seconds())
    if abs(skew) <= MOST:
        return ok(Area.CLOCK, what, f"{abs(seconds)} s apart")
    way = "ahead of" if seconds > 0 else "behind"
    detail = f"this machine is {abs(seconds)} s {way} {whose}: {_LOSS[what]}"
    return missing(Area.CLOCK, what, detail, _MEND)
