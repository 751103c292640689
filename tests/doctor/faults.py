"""
One fault of a set-up: what it is called, how it is made, and what the doctor must say then.

What cannot be asked because of it is "not checked", and is no fault.
"""

from collections.abc import Callable, Sequence

import pytest

from bot.sandbox.slack.methods import METHODS
from tests.doctor.clinic import Clinic

Break = Callable[[Clinic], None]


def fault(
    what: str,
    mend: str,
    break_it: Break,
    *,
    unchecked: str = "",
    argument: str = "",
    name: str = "",
):
    """
    One fault.

    Args:
        what: the one line that is missing.
        mend: stands in what it says about mending.
        break_it: makes the fault.
        unchecked: lines that cannot be asked then, some of them.
        argument: of the command line.
        name: of the case; "": *what*.

    """
    return pytest.param(what, mend, break_it, unchecked.split(), argument, id=name or what)


def setting(path: str, value: object) -> Break:
    """Write something else into the configuration; None: take it out."""

    def break_it(clinic: Clinic) -> None:
        *parents, last = path.split(".")
        at = clinic.config
        for name in parents:
            at = at[int(name)] if name.isdecimal() else at.setdefault(name, {})
        if value is None:
            del at[last]
        else:
            at[last] = value

    return break_it


def variable(name: str, value: str | None) -> Break:
    """Put something else into the environment; None: take it out."""

    def break_it(clinic: Clinic) -> None:
        clinic.environ.pop(name, None)
        if value is not None:
            clinic.environ[name] = value

    return break_it


def each_of(faults: Sequence[object]) -> pytest.MarkDecorator:
    """Run a test with each of these faults alone."""
    names = ("what", "mend", "break_it", "unchecked", "argument")
    return pytest.mark.parametrize(names, faults)


async def ensure_named(
    clinic: Clinic,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
    mend: str,
    break_it: Break,
    unchecked: Sequence[str],
    argument: str,
) -> None:
    """Make the fault; the doctor names exactly that one, and how to mend it."""
    break_it(clinic)
    for name, method in clinic.slack_methods.items():
        monkeypatch.setitem(METHODS, name, method)

    answer = await clinic.sees(*filter(None, [argument]))

    assert (answer.code, set(answer.missing)) == (1, {what}), answer.out
    assert mend in answer.missing[what]["mend"]
    assert set(unchecked) <= set(answer.those("not checked"))
