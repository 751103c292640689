"""See the catalogue's `order.py` for what these are."""

from bot.balancing.checks import order_groups, order_redirects, order_routes, order_weights
from bot.balancing.checks.scene import SceneCheck

CHECKS: tuple[SceneCheck, ...] = (
    order_routes.shadowed_routes,
    order_routes.partly_taken_routes,
    order_weights.shadowed_weights,
    order_weights.home_page_alone,
    order_weights.named_before,
    order_groups.split_hosts,
    order_redirects.omitted_rules,
    order_redirects.dropped_redirects,
    order_redirects.without_https,
    order_groups.contradictions,
    order_groups.unreadable_orders,
    order_groups.too_many_rules,
    order_groups.too_many_targets,
    order_groups.several_namespaces,
)
#: what is looked for at an Ingress that is in no group
outside = order_groups.impossible_group
