"""Completion for zsh. Pure."""

from bot.commandline.completion.outline import Command, Option, Values

_HEAD = """\
#compdef rollout-bot
# Completion of rollout-bot for zsh; written by `rollout-bot completion zsh`.

"""
_LEAF = """\
{function}() {{
    _arguments -s {arguments}
}}

"""
_BRANCH = """\
{function}() {{
    local context state state_descr line
    typeset -A opt_args
    _arguments -s -C {options} '1: :->command' '*:: :->rest'
    case $state in
        command)
            local -a commands=({commands})
            _describe -t commands command commands ;;
        rest)
            case $line[1] in
{rest}
            esac ;;
    esac
}}

"""
_FOOT = """\
if [[ $funcstack[1] == _rollout-bot ]]; then
    _rollout_bot "$@"
else
    compdef _rollout_bot rollout-bot
fi
"""


def script(program: Command) -> str:
    """Write the script; it works as a file of $fpath, and sourced."""
    parts = [_function(one) for one in program.everything()]
    return f"{_HEAD}{''.join(parts)}{_FOOT}"


def _function(command: Command) -> str:
    options = " ".join(_option(option) for option in command.options)
    if not command.commands:
        place = f" {_place(command)}" if command.argument.name else ""
        return _LEAF.format(function=_named(command), arguments=options + place)
    rest = [
        f"                {one.name.rpartition(' ')[2]}) {_named(one)} ;;"
        for one in command.commands
    ]
    described = [_quoted(f"{one.name.rpartition(' ')[2]}:{one.about}") for one in command.commands]
    return _BRANCH.format(
        function=_named(command),
        options=options,
        commands=" ".join(described),
        rest="\n".join(rest),
    )


def _named(command: Command) -> str:
    return "_".join(["_rollout_bot", *command.name.replace("-", "_").split()])


def _option(option: Option) -> str:
    """Say it as _arguments reads it: after one of the names, none of them comes again."""
    about = _plain(option.about)
    value = f":{option.values.name}:{_action(option.values)}" if option.values.name else ""
    if len(option.names) == 1:
        sign = "=" if value else ""
        return _quoted(f"{option.names[0]}{sign}[{about}]{value}")
    others = _quoted(f"({' '.join(option.names)})")
    names = "{" + ",".join(option.names) + "}"
    return f"{others}{names}{_quoted(f'[{about}]{value}')}"


def _place(command: Command) -> str:
    sign = "*" if command.repeats else "1"
    return _quoted(f"{sign}:{command.argument.name}:{_action(command.argument)}")


def _action(values: Values) -> str:
    if values.are_files:
        return "_files"
    return f"({' '.join(values.words)})" if values.words else " "


def _plain(text: str) -> str:
    """Escape what _arguments would read as the end of a description."""
    return text.replace("\\", "\\\\").replace("]", "\\]")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
