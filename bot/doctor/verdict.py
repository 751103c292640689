"""One line of the doctor's answer. Pure."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How it stands with one thing."""

    OK = "ok"
    MISSING = "missing"
    UNCHECKED = "not checked"  #: it could not be asked; the detail says why


class Area(StrEnum):
    """What a line is about, in the order in which people mend things."""

    CONFIGURATION = "configuration"
    SLACK = "slack"
    CHANNELS = "channels"
    PEOPLE = "people"
    MESSAGES = "messages"
    CLUSTER = "cluster"
    RIGHTS = "rights"
    DATABASE = "database"
    CLOCK = "clock"


@dataclass(frozen=True, kw_only=True)
class Line:
    """
    One thing that was looked at.

    Attributes:
        area: see there.
        what: the thing, in few words; the same in every run, and only once.
        verdict: see there.
        detail: what was found, or what does not work without it.
        mend: what to do, also several lines of YAML; empty where nothing is to be done.

    """

    area: Area
    what: str
    verdict: Verdict = Verdict.OK
    detail: str = ""
    mend: str = ""

    @property
    def is_fault(self) -> bool:
        """Whether something has to be mended."""
        return self.verdict is Verdict.MISSING


def ok(area: Area, what: str, detail: str = "") -> Line:
    """All is well with this."""
    return Line(area=area, what=what, detail=detail)


def missing(area: Area, what: str, detail: str, mend: str) -> Line:
    """This is not as it must be."""
    return Line(area=area, what=what, verdict=Verdict.MISSING, detail=detail, mend=mend)


def unchecked(area: Area, what: str, why: str) -> Line:
    """This could not be asked."""
    return Line(area=area, what=what, verdict=Verdict.UNCHECKED, detail=why)
