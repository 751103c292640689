"""
What stands open on people's screens: modals, Home tabs, and the triggers that open them.

A trigger is good for three seconds and for one use (docs: handling user interaction).
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.sandbox.slack.changes import Changes
from bot.sandbox.slack.errors import SlackError
from bot.sandbox.slack.model import Json, View

TRIGGER_LIFE = 3.0
TRIGGER_FORM = re.compile(r"\d+\.\d+\.[0-9a-f]+")
#: Modals on top of each other, the first one included.
TALLEST_STACK = 3


@dataclass
class Trigger:
    """The right to open one view for one person, once and soon."""

    user: str
    until: float
    used: bool = False


class Screens:
    """Modals by person, topmost last, and one Home tab for each."""

    def __init__(self, clock: Callable[[], float], changes: Changes) -> None:
        self._clock = clock
        self._changes = changes
        self._triggers: dict[str, Trigger] = {}
        self._stacks: dict[str, list[View]] = {}
        self._homes: dict[str, View] = {}
        self._count = 0

    # --- triggers -------------------------------------------------------------------------------

    def trigger(self, user: str) -> str:
        """Give the app the right to open a view for this person."""
        name = f"{len(self._triggers) + 1000}.{abs(hash(user)) % 10**8}.{secrets.token_hex(16)}"
        self._triggers[name] = Trigger(user, self._clock() + TRIGGER_LIFE)
        return name

    def exchange(self, name: str) -> str:
        """Use up a trigger; whose it was."""
        trigger = self._triggers.get(name)
        if trigger is None or not TRIGGER_FORM.fullmatch(name):
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self._clock() > trigger.until:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger.user

    # --- modals ---------------------------------------------------------------------------------

    def modals(self, user: str) -> tuple[View, ...]:
        """What stands open for somebody, topmost last."""
        return tuple(self._stacks.get(user, ()))

    def open(self, user: str, body: Json) -> View:
        """Open a first modal; whatever stood there of this app is gone."""
        view = self._new(user, body)
        self._stacks[user] = [view]
        self._changes.announce()
        return view

    def push(self, user: str, body: Json) -> View:
        """Open a modal on top of the one that stands there."""
        stack = self._stacks.get(user)
        if not stack:
            raise SlackError("not_found")
        if len(stack) >= TALLEST_STACK:
            raise SlackError("push_limit_reached")
        view = self._new(user, body)
        stack.append(replace(view, root=stack[0].id, previous=stack[-1].id))
        self._changes.announce()
        return stack[-1]

    def find(self, view_id: str = "", external_id: str = "") -> View:
        """A view that stands open, by its own name or by the app's."""
        opened = [*self._homes.values(), *(v for stack in self._stacks.values() for v in stack)]
        for view in opened:
            if view.id == view_id or (external_id and view.body.get("external_id") == external_id):
                return view
        raise SlackError("not_found")

    def update(self, view: View, body: Json, *, expected_hash: str = "") -> View:
        """Show something else in a view's place, unless it is not the one that was expected."""
        if expected_hash and expected_hash != view.hash:
            raise SlackError("hash_conflict")
        newer = replace(view, body=body, blocks=tuple(body["blocks"]), hash=self._hash())
        if view.type == "home":
            self._homes[view.user] = newer
        else:
            stack = self._stacks[view.user]
            if view.id not in [one.id for one in stack]:
                raise SlackError("not_found")
            stack[:] = [newer if one.id == view.id else one for one in stack]
        self._changes.announce()
        return newer

    def close(self, view: View) -> None:
        """Close a modal; the one below it shows again."""
        stack = self._stacks.get(view.user, [])
        self._stacks[view.user] = [one for one in stack if one.id != view.id]
        self._changes.announce()

    def clear(self, user: str) -> None:
        """Close every modal of somebody."""
        self._stacks[user] = []
        self._changes.announce()

    # --- Home tabs ------------------------------------------------------------------------------

    def home(self, user: str) -> View | None:
        """Somebody's Home tab, once it was published."""
        return self._homes.get(user)

    def publish(self, user: str, body: Json, *, expected_hash: str = "") -> View:
        """Show a Home tab."""
        if before := self._homes.get(user):
            return self.update(before, body, expected_hash=expected_hash)
        self._homes[user] = self._new(user, body)
        self._changes.announce()
        return self._homes[user]

    def _new(self, user: str, body: Json) -> View:
        external = body.get("external_id")
        if external and any(
            view.body.get("external_id") == external
            for stack in self._stacks.values()
            for view in stack
        ):
            raise SlackError("duplicate_external_id")
        self._count += 1
        name = f"V{self._count:08d}"
        blocks = tuple(body["blocks"])
        return View(id=name, user=user, body=body, blocks=blocks, hash=self._hash(), root=name)

    def _hash(self) -> str:
        return f"{int(self._clock())}.{secrets.token_hex(4)}"
