"""
See the catalogue's `contents.py` for what these are.

    contents_json.py        what the JSON says: types, fields, keys
    contents_actions.py     weights, target groups, stickiness
    contents_conditions.py  conditions, host and path of a rule together
    contents_values.py      limits of AWS for single values
    contents_services.py    Services beside the annotations: ports, set-up
    contents_auth.py        the same: who is asked to log in
    contents_paths.py       paths that are refused
"""

from bot.balancing.checks import (
    contents_actions,
    contents_auth,
    contents_conditions,
    contents_json,
    contents_paths,
    contents_services,
    contents_values,
)
from bot.balancing.checks.scene import SceneCheck

CHECKS: tuple[SceneCheck, ...] = (
    *contents_json.CHECKS,
    *contents_paths.CHECKS,
    *contents_actions.CHECKS,
    *contents_conditions.CHECKS,
    *contents_values.CHECKS,
    *contents_services.CHECKS,
    *contents_auth.CHECKS,
)
