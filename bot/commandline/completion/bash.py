"""Completion for bash, 4 and newer. Pure."""

from collections.abc import Iterator

from bot.commandline.completion.outline import Command, Values

_SCRIPT = """\
# Completion of rollout-bot for bash; written by `rollout-bot completion bash`.

_rollout_bot() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}}
    local command="" words="" word
    COMPREPLY=()
    # bash takes --option=value apart at the sign
    if [[ $current == = ]]; then
        current=""
    elif [[ $before == = ]]; then
        before=${{COMP_WORDS[COMP_CWORD - 2]}}
    fi
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case "$command/$word" in
{commands}
        esac
    done
    case "$command/$before" in
{values}
    esac
    if [[ $current == -* ]]; then
        case "$command" in
{options}
        esac
    else
        case "$command" in
{arguments}
        esac
    fi
    COMPREPLY=($(compgen -W "$words" -- "$current"))
}}

complete -F _rollout_bot rollout-bot
"""
#: let readline complete a file, with its own signs for folders and blanks
_FILES = "compopt -o default 2>/dev/null; return ;;"


def script(program: Command) -> str:
    """Write the script."""
    everything = list(program.everything())
    return _SCRIPT.format(
        commands="\n".join(_steps(everything)),
        values="\n".join(line for one in everything for line in _values(one)),
        options="\n".join(_options(one) for one in everything),
        arguments="\n".join(filter(None, map(_arguments, everything))),
    )


def _steps(commands: list[Command]) -> Iterator[str]:
    """Walk from a command to the one below it."""
    for command in commands:
        for below in command.commands:
            word = below.name.rpartition(" ")[2]
            yield f'            "{command.name}/{word}") command="{below.name}" ;;'


def _values(command: Command) -> Iterator[str]:
    """After an option comes its value."""
    for option in command.options:
        if option.values.name:
            names = "|".join(f'"{command.name}/{name}"' for name in option.names)
            yield f"        {names}) {_these(option.values, ends=True)}"


def _options(command: Command) -> str:
    names = " ".join(name for option in command.options for name in option.names)
    return f'            "{command.name}") words="{names}" ;;'


def _arguments(command: Command) -> str:
    below = [one.name.rpartition(" ")[2] for one in command.commands]
    values = Values(name="COMMAND", words=below) if below else command.argument
    if not values.words and not values.are_files:
        return ""
    return f'            "{command.name}") {_these(values)}'


def _these(values: Values, *, ends: bool = False) -> str:
    if values.are_files:
        return _FILES
    words = f'"{" ".join(values.words)}"'
    if ends:
        return f'COMPREPLY=($(compgen -W {words} -- "$current")); return ;;'
    return f"words={words} ;;"
