"""
What an Ingress makes the balancer do. Pure.

Reads Ingresses and Services as the AWS Load Balancer Controller and ingress-nginx
read them, and compares that with what the rollout says. It may read `release`;
`release` never reads it. It patches nothing: Argo's controller owns the weights.

    objects.py      Ingress and Service, the fields we need
    gojson.py       JSON as Go reads it, with positions
    structs.py      JSON into fixed structs, by Go's rules
    schema.py       the structs of the AWS controller
    annotations.py  the JSON in `actions.*` and `conditions.*`, decoded as the controller does
    rules.py        the paths of one Ingress as rules, in the controller's order
    listeners.py    the ports of the balancer on which they stand
    globs.py        patterns: whether one matches all that another matches
    shadows.py      which rule takes the requests of another
    routes.py       the header routes that lead to the canary
    nginx.py        the NGINX canary Ingress
    argo.py         what Argo writes on an Ingress, and under which names
    writers.py      who wrote a field last
    weights.py      (Rollout, Ingresses, Services, ReplicaSets) -> Traffic
    repairs.py      whether the controller will put something back by itself
    catalogue.py    ids, words and remedies of findings
    findings.py     where what is written differs from what was asked
"""
