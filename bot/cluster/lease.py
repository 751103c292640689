"""
Who leads: one of several replicas, by a Lease.

    GET ─▶ nobody's, ours, or not renewed for too long ─▶ PUT with the version that was read
                                                     └▶ to lead: until the deadline after GET began

Two things make that safe. Another replica's lease counts as expired when it did not change for its
duration *on our own clock* since we saw it change: clocks of machines are never compared. And to
lead is a span of time, see `Term`: a process that was stopped and wakes up does not lead before it
has done anything.

The electors of the client library go on leading when the API server does not answer, and cannot
create a Lease. The rules are those of client-go's `tools/leaderelection`, except that a Lease that
vanishes is not free at once: who held it still leads.
"""

import asyncio
import json
import logging
import math
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.cluster.clients import Request
from bot.cluster.connect import Connection
from bot.cluster.kinds import path_of
from bot.cluster.refusals import Ask, Denied, Forbidden
from bot.flows.leadership import Leadership, Term, boot_time
from bot.release.errors import NotFound, OutOfDate, Refusal

log = logging.getLogger(__name__)

API = "/apis/coordination.k8s.io/v1"
_PLURAL = "leases"
_LONGEST = 600.0  #: seconds; a lease that claims to be longer was not written by one of us
_NEVER = float("-inf")
_VERBS = {"GET": "get", "POST": "create", "PUT": "update"}

Json = dict[str, Any]


@dataclass(frozen=True)
class _Seen:
    """A state of the Lease, and since when it has not changed. *version* "": it vanished."""

    version: str
    since: float


@dataclass
class Elector(Leadership):
    """
    Stands for election until it is cancelled.

    Args:
        connection: to the API server.
        namespace, name: of the Lease.
        identity: of this process; no two may have the same, not even one after the other.
        term: see there.
        clock: seconds, monotonic.
        sleep: for so many seconds.
        jitter: by what a pause is longer: two that lose against each other must not go in step.
        now: the time of day; written for people, never read.

    """

    connection: Connection
    namespace: str
    name: str
    identity: str
    term: Term = field(default_factory=Term)
    clock: Callable[[], float] = boot_time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    jitter: Callable[[], float] = lambda: random.uniform(1.0, 1.2)  # noqa: S311 - no secret
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    _renewed: float = _NEVER  #: when the last renewal began that succeeded
    _seen: _Seen | None = None
    _led: bool = False
    _elected: asyncio.Event = field(default_factory=asyncio.Event)
    _complaint: str = ""  #: what was logged last

    @property
    def leads(self) -> bool:
        """Whether this process may act as the leader at this moment."""
        return self.seconds_left > 0

    @property
    def seconds_left(self) -> float:
        """For how many seconds it may still begin something."""
        return max(0.0, self._renewed + self.term.deadline - self.clock())

    @property
    def room(self) -> float:
        """For how many seconds a call that begins now may go on; 0: it must not begin."""
        return self.term.call if self.leads else 0.0

    @property
    def is_heard(self) -> bool:
        """Whether the server lets us stand for election, as far as is known."""
        return not self._complaint

    async def rise(self) -> None:
        """Wait until it leads."""
        while not self.leads:
            self._elected.clear()
            await self._elected.wait()

    async def fall(self) -> None:
        """Wait until it does not lead any more: by the clock, whatever the server does."""
        while self.leads:
            await self.sleep(self.seconds_left)
        self._tell()

    async def run(self) -> None:
        """Try for ever; `leads` tells with what success."""
        while True:
            is_answered = await self.turn()
            pause = self.term.retry * self.jitter()
            await self.sleep(pause if is_answered else pause / 4)

    async def resign(self) -> None:
        """Give the lease back, so that nobody has to wait for its end; only what is surely ours."""
        held, self._renewed = self.leads, _NEVER
        self._tell()
        if not held:
            return
        try:
            async with asyncio.timeout(self.term.retry):
                lease = _manifest(await self._ask("GET"))
                spec = lease.get("spec") or {}
                if spec.get("holderIdentity") == self.identity:
                    lease["spec"] = {**spec, "holderIdentity": ""}
                    await self._ask("PUT", lease)
        except (Refusal, TimeoutError, ValueError) as error:
            log.warning("I could not give my lease back: %s", error, extra={"action": "lease_kept"})

    async def turn(self) -> bool:
        """Try once to become the leader, or to stay it; whether the server answered in time."""
        try:
            return await self._turn()
        finally:
            self._tell()

    async def _turn(self) -> bool:
        began = self.clock()
        try:
            async with asyncio.timeout(self.term.deadline / 2):
                holds = await self._hold()
        except (OutOfDate, NotFound):
            # Somebody else wrote it, or deleted it. Who they are is seen next time; until then
            # what was renewed holds.
            return False
        except (Refusal, TimeoutError) as silence:
            self._complain(silence)
            return False
        except (ValueError, TypeError, AttributeError) as junk:
            self._complain(junk)
            return True
        self._complaint = ""
        self._renewed = began if holds else _NEVER
        return True

    async def _hold(self) -> bool:
        """Take or renew the lease; False: another holds it."""
        try:
            lease = _manifest(await self._ask("GET"))
        except NotFound:
            if self._seen and not self.leads and not self._is_over("", self.term.lease):
                return False  # who held it still believes so
            await self._ask("POST", self._claimed({}))
            return True
        spec = lease.get("spec") or {}
        holder = spec.get("holderIdentity") or ""
        version = str((lease.get("metadata") or {}).get("resourceVersion", ""))
        is_over = self._is_over(version, _seconds(spec, self.term.lease))
        if holder not in {"", self.identity} and not is_over:
            return False
        await self._ask("PUT", self._claimed(lease))
        return True

    def _is_over(self, version: str, seconds: float) -> bool:
        """Whether it has not changed for its whole duration since we saw it change."""
        now = self.clock()
        if self._seen is None or self._seen.version != version:
            self._seen = _Seen(version, now)
        return now >= self._seen.since + seconds

    def _claimed(self, lease: Json) -> Json:
        """Give the lease with us as its holder; the version in it guards against others."""
        before, moment = lease.get("spec") or {}, _micro_time(self.now())
        is_new = before.get("holderIdentity") != self.identity
        changes = int(before.get("leaseTransitions") or 0) + (1 if is_new and before else 0)
        return {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": lease.get("metadata") or {"name": self.name, "namespace": self.namespace},
            "spec": {
                **before,
                "holderIdentity": self.identity,
                "leaseDurationSeconds": math.ceil(self.term.lease),
                "acquireTime": moment if is_new else before.get("acquireTime", moment),
                "renewTime": moment,
                "leaseTransitions": changes,
            },
        }

    async def _ask(self, method: str, body: Json | None = None) -> bytes:
        name = "" if method == "POST" else self.name
        ask = Ask(verb=_VERBS[method], resource=_PLURAL, namespace=self.namespace, name=self.name)
        path = path_of(API, _PLURAL, self.namespace, name)
        request = Request(method=method, path=path, ask=ask, body=body, is_alone=True)
        return await self.connection.request(request)

    def _tell(self) -> None:
        """Log when it becomes the leader, and when it is not any more."""
        leads = self.leads
        if leads != self._led:
            what = "I lead now" if leads else "I do not lead any more"
            about = {"lease": f"{self.namespace}/{self.name}", "identity": self.identity}
            log.info(what, extra={"action": "leads" if leads else "led", **about})
        self._led = leads
        if leads:
            self._elected.set()

    def _complain(self, error: Exception) -> None:
        """Log why it cannot stand for election: once for each reason, and loudly where for good."""
        what = str(error) or "no answer in time"
        if what == self._complaint:
            return
        self._complaint = what
        is_for_good = isinstance(error, Forbidden | Denied) or not isinstance(error, Refusal)
        is_grave = is_for_good and not isinstance(error, TimeoutError)
        place, level = f"{self.namespace}/{self.name}", logging.ERROR if is_grave else logging.INFO
        words = "I cannot hold the Lease %s, and who does not lead posts nothing: %s"
        log.log(level, words, place, what, extra={"action": "lease_refused"})


def _manifest(body: bytes) -> Json:
    """Read the Lease. Raises ValueError: that is none."""
    found = json.loads(body)
    if not isinstance(found, dict) or not isinstance(found.get("spec") or {}, dict):
        raise ValueError("what the server answers is no Lease")  # noqa: TRY004 - as bad JSON is
    return found


def _seconds(spec: Json, ours: float) -> float:
    """Tell how long the lease lasts; where that is not written, or cannot be, as long as ours."""
    written = spec.get("leaseDurationSeconds")
    if not isinstance(written, int | float) or isinstance(written, bool):
        return ours
    return float(written) if 0 < written <= _LONGEST else ours


def _micro_time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"
