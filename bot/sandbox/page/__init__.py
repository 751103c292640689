"""
The sandbox in a browser: a page that people recognise as Slack, and the cluster beside it.

    browser ──frames──▶ visit ─▶ deeds ─▶ Person (slack/), Cluster (ports)
    browser ◀─changes── visit ◀─ picture ◀─ Workspace          (what this person sees)

The page sends the bare press: where, which element, what was chosen. What the app gets of it is
written by `bot.sandbox.slack`, so that it can be tested there.

| you want to…                               | go to                               |
|--------------------------------------------|-------------------------------------|
| put the page on a local Slack              | `page.Page`                         |
| show another cluster                       | `ports.Cluster`                     |
| add a lever to the cluster's panel         | `levers`, its table                 |
| change what one person is shown            | `picture`                           |
| let the page say something new             | `frames`, then `deeds`              |
| see who is let in                          | `guard`                             |
| change how it looks                        | `static/`, `static/js/main.js` first|

What never lives here: what the bot says, and what a release does.
"""

from bot.sandbox.page.page import Page
from bot.sandbox.page.ports import Cluster, LeverError

__all__ = ["Cluster", "LeverError", "Page"]
