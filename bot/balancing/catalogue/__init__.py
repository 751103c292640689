"""
The catalogue of findings: ids, severities, words and remedies. What finds them is in `checks`.

    entry.py     one kind of finding
    wiring.py    WIRE-…, ING-…: Rollout and Ingress
    contents.py  ANN-…: what annotations say
    order.py     ORD-…: order, shadowing, listeners, groups
"""

from collections.abc import Mapping

from bot.balancing.catalogue import contents, order, wiring
from bot.balancing.catalogue.entry import Entry

#: every kind of finding by its id, in the order in which people read them
CATALOGUE: Mapping[str, Entry] = {
    entry.id: entry for part in (wiring, contents, order) for entry in part.ENTRIES
}

__all__ = ["CATALOGUE", "Entry"]
