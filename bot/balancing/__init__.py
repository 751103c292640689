"""
What an Ingress makes the balancer do. Pure.

Reads Ingresses and Services as the AWS Load Balancer Controller and ingress-nginx
read them, and compares that with what the rollout says. It may read `release`;
`release` never reads it. It patches nothing: Argo's controller owns the weights.

    objects.py      Ingress and Service, the fields we need
    annotations.py  the JSON in `actions.*` and `conditions.*`, decoded as the controller does
    weights.py      (Rollout, Ingresses, Services, ReplicaSets) -> Traffic
    findings.py     where what is written differs from what was asked
"""
