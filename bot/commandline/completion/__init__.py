"""
What a shell completes: commands, options, their values, files where a file is meant.

    outline    what there is, read from the parser: so a new option is completed at once
    bash, zsh, fish    the same in the words of a shell

The scripts are whole: nothing of the bot runs while somebody types.
"""

import argparse
from collections.abc import Callable, Mapping

from bot.commandline.completion import bash, fish, zsh
from bot.commandline.completion.outline import Command, outline

_WRITERS: Mapping[str, Callable[[Command], str]] = {
    "bash": bash.script,
    "zsh": zsh.script,
    "fish": fish.script,
}
SHELLS = tuple(_WRITERS)


def script(shell: str, parser: argparse.ArgumentParser) -> str:
    """Write the script of one of the SHELLS for a parser."""
    return _WRITERS[shell](outline(parser))
