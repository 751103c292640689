"""What a parser takes, as shells ask for it. Pure."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

#: how places for files and folders are named in the parser
_FILES = frozenset({"FILE", "PATH"})


@dataclass(frozen=True, kw_only=True)
class Values:
    """
    What may stand in one place.

    Attributes:
        name: as the help calls it; "": nothing may.
        words: these, and no others.
        are_files: a file or a folder.

    """

    name: str = ""
    words: Sequence[str] = ()
    are_files: bool = False


@dataclass(frozen=True, kw_only=True)
class Option:
    """An option: its names, what it is for, and what comes after it."""

    names: Sequence[str]
    about: str
    values: Values


@dataclass(frozen=True, kw_only=True)
class Command:
    """
    A command.

    Attributes:
        name: all its words, such as `config check`; "" is the program.
        about: one line.
        argument: what stands where no option does; *repeats*: more than once.
        commands: those below it.

    """

    name: str
    about: str
    options: Sequence[Option]
    argument: Values
    repeats: bool
    commands: Sequence["Command"]

    def everything(self) -> Iterator["Command"]:
        """This one and all below it."""
        yield self
        for one in self.commands:
            yield from one.everything()


def outline(parser: argparse.ArgumentParser, name: str = "", about: str = "") -> Command:
    """Read a parser."""
    actions = parser._actions
    below = [one for one in actions if isinstance(one, argparse._SubParsersAction)]
    places = [one for one in actions if not one.option_strings and one not in below]
    return Command(
        name=name,
        about=about,
        options=[_option(one) for one in actions if one.option_strings],
        argument=_values(places[0]) if places else Values(),
        repeats=bool(places) and places[0].nargs in ("*", "+"),
        commands=[command for one in below for command in _commands(one, name)],
    )


def _commands(
    group: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str
) -> Iterator[Command]:
    for one in group._choices_actions:  # the lines of the commands are only here
        yield outline(group.choices[one.dest], f"{name} {one.dest}".strip(), one.help or "")


def _option(action: argparse.Action) -> Option:
    about = (action.help or "").partition(";")[0] % vars(action)
    values = Values() if action.nargs == 0 else _values(action)
    return Option(names=action.option_strings, about=about, values=values)


def _values(action: argparse.Action) -> Values:
    name = str(action.metavar or action.dest)
    words = [str(word) for word in action.choices or ()]
    return Values(name=name, words=words, are_files=name in _FILES)
