"""When it is an errand's turn: pace, what Slack told to rest, and its own waiting."""

from bot.slack.calls import Calls, Limited
from bot.slack.errands import Card, Errand, Lines
from bot.slack.pace import Pace
from bot.slack.posting import EDIT, POST


class Turns:
    """Tells how long an errand has to wait, and counts those that go."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._pace = Pace()

    def wait(self, errand: Errand, now: float) -> float:
        """Seconds until it may go."""
        if not errand.method or (isinstance(errand, Card) and errand.is_shown):
            return errand.not_before - now  # no call, at most the bulletin has to hear of it
        rest = max(errand.not_before - now, self._calls.rest(errand.method))
        if isinstance(errand, Lines):
            if errand.in_doubt:
                return errand.not_before - now  # first they are looked for
            rest = max(rest, errand.ready_at - now)
        if isinstance(errand, Card) and errand.place:
            return max(rest, self._pace.wait_to_edit(errand.slot, errand.lane, now))
        return max(rest, self._pace.wait_to_post(errand.channel, now))

    def count(self, errand: Errand, now: float) -> None:
        """Note that it goes now."""
        match errand:
            case Card(is_shown=True) | Errand(method=""):
                return
            case Lines() if errand.in_doubt:
                return
            case Card(place=None):
                self._pace.posts(errand.channel, now, errand.slot)
            case Card():
                self._pace.edits(errand.slot, errand.lane, now)
            case _:
                self._pace.posts(errand.channel, now)

    def needs(self, channel: str, posts: int, edits: int, now: float) -> float:
        """Seconds that so many posts there, and edits anywhere, take together."""
        return self._pace.needs(channel, posts, edits, now)

    def limited(self, errand: Errand, error: Limited, now: float) -> None:
        """Let the method rest as long as Slack says; the others go on."""
        until = now + error.seconds
        if error.method == POST:
            self._pace.posts_refused(errand.channel, until)
        elif error.method == EDIT:
            self._pace.edits_refused(until)
        else:
            errand.not_before = until
