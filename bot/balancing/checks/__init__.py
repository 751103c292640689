"""
What looks for the findings of the catalogue.

Each check is one function that yields findings, and `Unchecked` where something it needs is
not at hand: silence means that it was looked at.

    scene.py     what the checks look at
    wiring.py    WIRE-…: a rollout and its Ingresses (and `wiring_*.py`, see there)
    nginx.py     the same for NGINX
    contents.py  ANN-…: what annotations say (and `contents_*.py`, see there)
    texts.py     the annotations that are read, as these look at them
    order.py     ORD-…: order, shadowing, listeners, groups, in order_routes.py,
                 order_weights.py, order_redirects.py and order_groups.py
    taking.py    which earlier rules take the requests of one
    harming.py   which of them do harm to a rollout
    telling.py   rules and requests in words, as evidence
    patches.py   what to change, as YAML
    order_patches.py  the same for the order of rules
"""
