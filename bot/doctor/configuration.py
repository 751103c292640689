"""The file: what is wrong, and what is right but tells nobody or allows nobody."""

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from bot.config import Config, ConfigError, Fault, config_file, load
from bot.doctor.verdict import Area, Line, missing, ok

_CHANNELS = """in the configuration:
channels:
  - channel: "#releases\""""
_ACCESS = """in the configuration:
access:
  - allow: [promote, header-only, resume, abort]
    groups: [S0ONCALL]   # the id of a Slack user group
or, for a bot that only tells:
kubernetes:
  writes: false"""
_MINIMAL = "the smallest file that does something is config/minimal.yaml; {}"


def read(environ: Mapping[str, str], given: str | None) -> tuple[Config | None, list[Line]]:
    """Read it, and say what it does; None where it cannot be read, with a line for each fault."""
    try:
        file = config_file(environ, given)
    except ConfigError as error:
        (fault,) = error.faults
        how = _MINIMAL.format("set ROLLOUT_BOT_CONFIG to yours, or pass --config FILE")
        return None, [missing(Area.CONFIGURATION, "file", f"{fault.field} {fault.message}", how)]
    try:
        config = load(file)
    except ConfigError as error:
        return None, [_wrong(fault) for fault in error.faults]
    return config, [ok(Area.CONFIGURATION, "file", str(file)), *_effects(config)]


def _wrong(fault: Fault) -> Line:
    where = f"line {fault.line} of {fault.file}" if fault.line else fault.file
    mend = f"correct it; `rollout-bot config check {fault.file}` tells whether it is right"
    return missing(Area.CONFIGURATION, fault.field or "file", f"{where}: {fault.message}", mend)


def _effects(config: Config) -> Iterator[Line]:
    yield from _told(config)
    yield from _allowed(config)


def _told(config: Config) -> Iterator[Line]:
    """Say whether anybody hears of anything."""
    if not config.channels:
        detail = "nothing is listed under `channels`: nobody hears of any release"
        yield missing(Area.CONFIGURATION, "channels", detail, _CHANNELS)
    else:
        yield ok(Area.CONFIGURATION, "channels", f"{len(config.channels)} listed")
    for number, channel in enumerate(config.channels):
        what = f"channels[{number}]"
        if not channel.tell and not channel.digest:
            detail = f"{channel.channel} hears nothing: `tell` is empty, and there is no digest"
            mend = f"{what}: take `tell` away (then it hears all), or list what it shall hear"
            yield missing(Area.CONFIGURATION, what, detail, mend)
        elif _is_elsewhere(channel.namespaces, config):
            yield _elsewhere(what, f"{channel.channel} hears nothing", channel.namespaces, config)


def _allowed(config: Config) -> Iterator[Line]:
    """Say whether anybody may do anything."""
    if not config.kubernetes.writes:
        detail = "nobody acts: kubernetes.writes is false"
        yield ok(Area.CONFIGURATION, "access", detail)
        return
    if not config.access:
        detail = "nothing is listed under `access`: everybody may read, nobody may act"
        yield missing(Area.CONFIGURATION, "access", detail, _ACCESS)
    else:
        yield ok(Area.CONFIGURATION, "access", _counted(len(config.access), "rule"))
    for number, access in enumerate(config.access):
        if _is_elsewhere(access.namespaces or ("*",), config):
            what = f"access[{number}]"
            yield _elsewhere(what, "allows nothing", access.namespaces, config)


def _is_elsewhere(globs: Sequence[str], config: Config) -> bool:
    """Whether none of the namespaces that are looked at is meant."""
    spaces = config.kubernetes.namespaces
    return bool(spaces) and not any(fnmatchcase(s, glob) for s in spaces for glob in globs)


def _elsewhere(what: str, effect: str, globs: Sequence[str], config: Config) -> Line:
    looked = ", ".join(config.kubernetes.namespaces)
    detail = f"{effect}: I look at {looked} only, and none of them is among {', '.join(globs)}"
    mend = f"correct {what}.namespaces, or list its namespaces under kubernetes.namespaces too"
    return missing(Area.CONFIGURATION, what, detail, mend)


def _counted(count: int, name: str) -> str:
    return f"{count} {name}" if count == 1 else f"{count} {name}s"
