"""
What looks for the findings of the catalogue.

Each check is one function that yields findings, and `Unchecked` where something it needs is
not at hand: silence means that it was looked at.

    scene.py     what the checks look at
    wiring.py    WIRE-…: a rollout and its Ingresses
    nginx.py     the same for NGINX
    contents.py  ANN-…: what annotations say
    order.py     ORD-…: order, shadowing, listeners, groups
"""
