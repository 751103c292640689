"""See the catalogue's `order.py` for what these are."""

from collections.abc import Iterator

from bot.balancing.checks import order_groups, order_redirects, order_routes, order_weights
from bot.balancing.checks.scene import Bond, BondCheck, Result, SceneCheck, not_at_hand
from bot.balancing.foresight import header_routes


def out_of_sight(bond: Bond) -> Iterator[Result]:
    """Tell what cannot be looked for without an Ingress that the rollout names."""
    asked = ["ORD-01", "ORD-02"] if any(header_routes(bond.rollout)) else []
    for tie in bond.ties:
        if tie.ingress is not None or bond.inventory.is_whole:
            continue
        for id_ in (*asked, "ORD-03", "ORD-04", "ORD-07", "ORD-09", "ORD-12"):
            yield not_at_hand(id_, "Ingress", bond.rollout.namespace, tie.name)


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
BOND_CHECKS: tuple[BondCheck, ...] = (out_of_sight,)
#: what is looked for at an Ingress that is in no group
outside = order_groups.impossible_group
