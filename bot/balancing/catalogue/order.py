"""ORD-…: order and shadowing of rules, listeners and groups."""

from bot.balancing.catalogue.entry import Entry
from bot.balancing.finding import Severity

_RULES = "aws-load-balancer-controller v3.5.0 pkg/ingress/model_build_listener_rules.go"
_OPTIMISER = "aws-load-balancer-controller v3.5.0 pkg/ingress/rule_optimizer.go"
_BUILDER = "aws-load-balancer-controller v3.5.0 pkg/ingress/model_builder.go"
_GROUPS = "aws-load-balancer-controller v3.5.0 pkg/ingress/group_loader.go"
_QUOTAS = "AWS: Quotas for your Application Load Balancers"

ORD_01 = Entry(
    id="ORD-01",
    severity=Severity.CRITICAL,
    title="The header route is shadowed",
    why="An earlier rule takes all its requests: who sends the header tests the stable version.",
    fix="Write the path that stands before it as /* with pathType ImplementationSpecific, "
    "behind the header route.",
    source=f"{_RULES}; argo-rollouts issue 2902",
)
ORD_02 = Entry(
    id="ORD-02",
    severity=Severity.HIGH,
    title="The header route does not get all paths",
    why="Exact and Prefix paths stand before it: on them the header is not looked at.",
    fix="Write these paths with pathType ImplementationSpecific, or know that a test with the "
    "header does not reach the canary there.",
    source=_RULES,
)
ORD_03 = Entry(
    id="ORD-03",
    severity=Severity.CRITICAL,
    title="The weights are shadowed",
    why="An earlier rule takes all requests of the weighted one: no weight has any effect.",
    fix="Let the rule with the weights stand first: a lower group.order, or the entry of "
    "spec.rules further up.",
    source=f"{_RULES}; {_GROUPS}",
)
ORD_04 = Entry(
    id="ORD-04",
    severity=Severity.HIGH,
    title="The path of the weights is / alone",
    why="Without pathType Prefix the path / matches only the home page, nothing below it.",
    fix="Write the path as /* with pathType ImplementationSpecific.",
    source=f"{_RULES}; argo-rollouts issue 2829",
)
ORD_05 = Entry(
    id="ORD-05",
    severity=Severity.HIGH,
    title="The names of Ingresses decide the order",
    why="Members of a group with the same group.order stand by namespace and name, and one that "
    "takes everything comes first.",
    fix="Give the Ingress with the weights a lower group.order than the one that takes everything.",
    source=_GROUPS,
)
ORD_06 = Entry(
    id="ORD-06",
    severity=Severity.HIGH,
    title="One host stands in two entries",
    why="Entries of the same host are not put together: what the first takes, the second does "
    "not get, also where its path is the longer one.",
    fix="Put the paths of both entries into one.",
    source=_RULES,
)
ORD_07 = Entry(
    id="ORD-07",
    severity=Severity.MEDIUM,
    title="A redirect leaves out a rule of the canary",
    why="The ALB controller does not make rules whose hosts and paths an earlier redirect has.",
    fix="Let the redirect stand behind, or narrow its hosts and paths; a host given as regular "
    "expression counts as any host.",
    source=_OPTIMISER,
)
ORD_08 = Entry(
    id="ORD-08",
    severity=Severity.MEDIUM,
    title="A redirect with a condition is left out",
    why="The ALB controller takes it for endless, because it looks at host, path, port, protocol "
    "and query only, never at other conditions.",
    fix="Let the redirect lead to another host, path or query.",
    source=_OPTIMISER,
)
ORD_09 = Entry(
    id="ORD-09",
    severity=Severity.HIGH,
    title="ssl-redirect takes all rules away",
    why="With ssl-redirect on any member no rule stands on HTTP, and this Ingress has no HTTPS.",
    fix="Let the Ingress listen on HTTPS too.",
    source=_BUILDER,
)
ORD_10 = Entry(
    id="ORD-10",
    severity=Severity.CRITICAL,
    title="Members of the group contradict each other",
    why="The ALB controller then changes no rule of the whole group: new weights do not arrive.",
    fix="Make the Ingresses that the evidence names say the same.",
    source=_BUILDER,
)
ORD_11 = Entry(
    id="ORD-11",
    severity=Severity.CRITICAL,
    title="The order of the group cannot be read",
    why="The ALB controller then changes no rule of the whole group, and no Event says so.",
    fix="Write group.order as a whole number from -1000 to 1000.",
    source=_GROUPS,
)
ORD_12 = Entry(
    id="ORD-12",
    severity=Severity.CRITICAL,
    title="The group has an impossible name",
    why="The Ingress leaves its balancer, and its rules are taken away.",
    fix="Name the group with a-z, 0-9, - and . only, at most 63 characters, the first and the last "
    "a letter or digit.",
    source=_GROUPS,
)
ORD_13 = Entry(
    id="ORD-13",
    severity=Severity.HIGH,
    title="Too many rules",
    why="AWS takes 100 rules over all listeners of an ALB unless the account has a higher quota; "
    "then some are deployed and some are not.",
    fix="Name fewer paths, spread the Ingresses over several balancers, or have the quota raised.",
    source=_QUOTAS,
)
ORD_14 = Entry(
    id="ORD-14",
    severity=Severity.MEDIUM,
    title="Too many target groups",
    why="AWS takes 100 target groups for an ALB, and raises this for nobody.",
    fix="Spread the Ingresses over several balancers: each Service and port of each Ingress is "
    "a target group.",
    source=_QUOTAS,
)
ORD_15 = Entry(
    id="ORD-15",
    severity=Severity.INFO,
    title="The group spans namespaces",
    why="Who may write an Ingress in one of them can put rules before those of the others.",
    fix="Name the group in IngressClassParams with a namespaceSelector, and say by RBAC who may "
    "use the class.",
    source="aws-load-balancer-controller v3.5.0 docs/guide/ingress/annotations.md",
)

ENTRIES = (
    ORD_01,
    ORD_02,
    ORD_03,
    ORD_04,
    ORD_05,
    ORD_06,
    ORD_07,
    ORD_08,
    ORD_09,
    ORD_10,
    ORD_11,
    ORD_12,
    ORD_13,
    ORD_14,
    ORD_15,
)
