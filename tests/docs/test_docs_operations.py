"""What `docs/operations.md` and `docs/configuration.md` name is what the bot has."""

import re
from collections.abc import Iterator

from bot.health import Metrics
from tests.docs.pages import ROOT, Page

OPERATIONS, CONFIGURATION = (
    Page(ROOT / "docs" / f"{name}.md") for name in ("operations", "configuration")
)
_VARIABLE = re.compile(r"(?:SLACK|ROLLOUT_BOT)_[A-Z_]+")
_IN_QUOTES = re.compile(rf'"({_VARIABLE.pattern})"')
_ACTION = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)


async def test_every_metric_is_explained_with_its_labels() -> None:
    """Some are numbers of the loop that asks."""
    told = {span for span in OPERATIONS.spans if re.fullmatch(r"rollout_bot_\w+(\{.*\})?", span)}

    assert told == set(_metrics())


def _metrics() -> Iterator[str]:
    """Name all metrics as Prometheus shows them, with their labels."""
    metrics = Metrics()
    metrics.watch(lambda: {"rollouts": 0}, lambda: {"rollouts": 0})
    metrics.lost(lambda: {"is_archived": 0}, float)
    metrics.slack_call("chat.update", "ok")
    metrics.action("promote", "done")
    metrics.job("drift", "ok")
    metrics.findings({"ORD-01": 1})
    for family in metrics.registry.collect():
        if not family.name.startswith("rollout_bot_"):
            continue
        labels = [name for name in family.samples[0].labels if name != "le"]
        name = f"{family.name}_total" if family.type == "counter" else family.name
        yield f"{name}{{{', '.join(labels)}}}" if labels else name


def test_every_variable_of_the_environment_is_explained() -> None:
    read = {
        name
        for file in (ROOT / "bot").rglob("*.py")
        for name in _IN_QUOTES.findall(file.read_text(encoding="utf-8"))
    }
    told = set(_VARIABLE.findall(CONFIGURATION.text))

    assert read - told == set()
    assert told - read == {
        f"SLACK_{one}_FILE" for one in ("BOT_TOKEN", "APP_TOKEN", "SIGNING_SECRET")
    }


def test_actions_of_the_log_are_those_that_are_logged() -> None:
    """Those that the page says to look for."""
    source = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "bot").rglob("*.py"))
    told = _ACTION.findall(OPERATIONS.text.partition("| `action` |")[2])

    assert [one for one in told if f'"action": "{one}"' not in source] == []
    assert len(told) > 3
