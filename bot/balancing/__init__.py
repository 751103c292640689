"""
What an Ingress makes the balancer do. Pure.

Reads Ingresses and Services as the AWS Load Balancer Controller and ingress-nginx
read them, and compares that with what the rollout says. It may read `release`;
`release` never reads it. It patches nothing: Argo's controller owns the weights.

    objects.py      Ingress, Service and classes, the fields we need
    inventory.py    all objects at hand, and how the controller was started
    gojson.py       JSON as Go reads it, with positions
    structs.py      JSON into fixed structs, by Go's rules
    schema.py       the structs of the AWS controller
    spelling.py     which known word a misspelt one was meant to be
    mending.py      the JSON of an annotation put right, to be shown
    annotations.py  the JSON in `actions.*` and `conditions.*`, decoded as the controller does
    groups.py       which Ingresses share a balancer, and in which order
    rules.py        the paths of one Ingress as rules, in the controller's order
    backends.py     Services and ports looked up: what becomes of an action
    listeners.py    the ports of the balancer that one Ingress names
    ports.py        the listeners of a group, and where `ssl-redirect` leads
    model.py        a group -> listeners with their rules by priority
    globs.py        patterns: whether one matches all that another matches
    optimiser.py    redirects that lead back, and what stands behind redirects: left out
    reach.py        how many of one rule's requests another one takes
    crowd.py        many rules, prepared so that few need to be compared
    shadows.py      which rule hides which: a Verdict for each
    routes.py       the header routes that lead to the canary
    nginx.py        the NGINX canary Ingress
    argo.py         what Argo writes on an Ingress, and under which names
    foresight.py    an Ingress as Argo will write it, before it does
    writers.py      who wrote a field last
    weights.py      (Rollout, Ingresses, Services, ReplicaSets) -> Traffic
    repairs.py      whether the controller will put something back by itself
    finding.py      a Finding
    drift.py        where what is written differs from what was asked, with patience
    catalogue/      ids, severities, words and remedies of findings
    checks/         what looks for them
    reaching.py     whether a request with a header would reach the canary
    inspection.py   Inventory -> Report: models, findings, what was not checked
"""
