"""Completion for fish. Pure."""

from collections.abc import Iterator

from bot.commandline.completion.outline import Command, Option, Values

_HEAD = """\
# Completion of rollout-bot for fish; written by `rollout-bot completion fish`.

# Whether these are the words before the cursor, options and their values left aside.
function __rollout_bot_at
    set -l words
    for word in (commandline -opc)[2..-1]
        if not string match -q -- '-*' $word
            set -a words $word
        end
    end
    set -l count (count $argv)
    if test $count -eq 0
        test (count $words) -eq 0
    else
        set words $words[1..$count]
        test "$words" = "$argv"
    end
end

complete -c rollout-bot -f
"""


def script(program: Command) -> str:
    """Write the script."""
    return _HEAD + "\n".join(line for one in program.everything() for line in _lines(one)) + "\n"


def _lines(command: Command) -> Iterator[str]:
    at = f"__rollout_bot_at {command.name}".strip()
    below = " ".join(one.name.rpartition(" ")[2] for one in command.commands)
    is_between = below and command.name  # after the program's name nothing else was said yet
    here = f"{at}; and not __fish_seen_subcommand_from {below}" if is_between else at
    for one in command.commands:
        yield _line(here, f"-a {one.name.rpartition(' ')[2]} -d {_quoted(one.about)}")
    if not command.commands and (takes := _takes(command.argument)):
        yield _line(here, takes)
    for option in command.options:
        yield _line(here, _option(option))


def _line(condition: str, rest: str) -> str:
    return f"complete -c rollout-bot -n {_quoted(condition)} {rest}"


def _option(option: Option) -> str:
    names = [f"-l {n[2:]}" if n.startswith("--") else f"-s {n[1:]}" for n in option.names]
    about = f"-d {_quoted(option.about)}"
    if option.values.are_files:
        return " ".join([*names, "-r -F", about])
    value = ["-x", _takes(option.values)] if option.values.name else []
    return " ".join(filter(None, [*names, *value, about]))


def _takes(values: Values) -> str:
    if values.are_files:
        return "-F"
    return f"-a {_quoted(' '.join(values.words))}" if values.words else ""


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
