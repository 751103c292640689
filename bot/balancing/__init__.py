"""
What an Ingress makes the balancer do. Pure.

Reads Ingresses and Services as the AWS Load Balancer Controller and ingress-nginx
read them, and compares that with what the rollout says. It may read `release`;
`release` never reads it. It patches nothing: Argo's controller owns the weights.

    objects.py      Ingress, Service and classes, the fields we need; the annotations' prefix
    shapes.py       a decoded manifest -> one of these objects, or what is wrong with it
    ingress_shapes.py  the API versions in which an Ingress may be written
    rollout_shapes.py  the shape of a Rollout where models do not look
    inventory.py    all objects at hand, and how the controller was started
    gojson.py       JSON as Go reads it, with positions
    structs.py      JSON into fixed structs, by Go's rules
    schema.py       the structs of the AWS controller
    scalars.py      the plain values of annotations
    spelling.py     which known word a misspelt one was meant to be
    mending.py      the JSON of an annotation put right, to be shown
    annotations.py  the JSON in `actions.*` and `conditions.*`, decoded as the controller does
    transforms.py   the same for `transforms.*`
    authentication.py  and for `auth-*` and `jwt-validation`
    groups.py       which Ingresses share a balancer, and in which order
    patterns.py     what hosts and paths are to the balancer
    rules.py        the paths of one Ingress as rules, in the controller's order
    entries.py      the entries of `spec.rules` as manifests have them
    backends.py     Services looked up: what becomes of a rule
    targets.py      what is demanded of a Service before it is a target group
    listeners.py    the ports of the balancer that one Ingress names
    doors.py        who may come in at its ports
    ports.py        the listeners of a group, and where `ssl-redirect` leads
    settings.py     what a group must agree on, because it shares one balancer
    v1.py           the same as the v1 ALB Ingress Controller does it: one Ingress, one balancer
    v1_annotations.py  the JSON in its annotations
    model.py        a group -> listeners with their rules by priority
    globs.py        patterns: whether one matches all that another matches
    optimiser.py    redirects that lead back, and what stands behind redirects: left out
    reach.py        how many of one rule's requests another one takes
    crowd.py        many rules, prepared so that few need to be compared
    shadows.py      who takes whose requests, and what is left: a Verdict for each
    served.py       the balancers that serve one rollout, and what each rule is for it
    routes.py       the header routes that lead to the canary
    nginx.py        what NGINX makes of a canary Ingress
    nginx_ways.py   which requests go where behind NGINX
    nginx_kept.py   the canary Ingress as Argo keeps it, and what somebody changed on it
    argo.py         what Argo writes on an Ingress, and under which names
    foresight.py    an Ingress as Argo will write it, before it does
    writers.py      who wrote a field last
    reading.py      what one Ingress says about the weights, and what is wrong with it
    weights.py      (Rollout, Ingresses, Services, ReplicaSets) -> Traffic
    repairs.py      what differs, and whether the controller will put it back by itself
    finding.py      a Finding
    drift.py        where what is written differs from what was asked, with patience
    patience.py     the same patience for everything else that is found
    concerned.py    which rollouts a finding concerns
    catalogue/      ids, severities, words and remedies of findings
    checks/         what looks for them
    reaching.py     whether a request with a header would reach the canary
    inspection.py   Inventory -> Report: findings, groups, what was not checked
"""
