"""What stands on one Ingress about the weights, and what is wrong with it."""

from dataclasses import dataclass
from enum import Enum, auto

from bot.balancing.nginx_kept import Stray
from bot.release.traffic import Written


class Fault(Enum):
    """Why the weights on an Ingress do not have their effect."""

    NO_INGRESS = auto()  #: the rollout names an Ingress that does not exist
    NO_PATH = auto()  #: no path has the backend whose action carries the weights
    NOT_USED = auto()  #: its paths name a port, so the action is ignored
    MISSING = auto()  #: no annotation: the ALB answers 503
    UNREADABLE = auto()  #: the controller refuses the weight annotation
    GROUP_BROKEN = auto()  #: it refuses something else of this Ingress
    ALL_ZERO = auto()  #: no target group has a weight
    OUT_OF_RANGE = auto()  #: AWS refuses a weight
    BAD_TARGETS = auto()  #: AWS refuses the number of target groups
    NOT_HEEDED = auto()  #: NGINX does not heed the weight of a canary Ingress


@dataclass(frozen=True, kw_only=True)
class Reading:
    """
    What stands on one Ingress, and what is wrong with it.

    Attributes:
        written: the weights.
        fault: why they do not have their effect.
        stray: what else of a canary Ingress of NGINX is not as Argo keeps it, the gravest.
        stray_writer: the field manager that wrote that last, if known.

    """

    written: Written
    fault: Fault | None = None
    stray: Stray | None = None
    stray_writer: str = ""
