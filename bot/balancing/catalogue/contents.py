"""ANN-…: what the annotations say."""

from bot.balancing.catalogue.entry import Entry
from bot.balancing.finding import Severity

ANN_01 = Entry(
    id="ANN-01",
    severity=Severity.CRITICAL,
    title="An annotation cannot be read",
    why="The ALB controller then changes no rule of the whole group: new weights do not arrive.",
    fix="Put right what the evidence names; until then new weights do not arrive.",
    source="aws-load-balancer-controller pkg/ingress/config_types.go, enhanced_backend_builder.go",
)
ANN_02 = Entry(
    id="ANN-02",
    severity=Severity.CRITICAL,
    title="A condition is ignored",
    why="The ALB controller drops a condition whose field it does not know, without a word: "
    "what was meant for some requests takes all requests of its host and path.",
    fix="Write the field as one of host-header, path-pattern, http-header, http-request-"
    "method, query-string, source-ip.",
    source="aws-load-balancer-controller pkg/ingress/model_build_listener_rules.go, "
    "buildRuleConditions",
)
ANN_03 = Entry(
    id="ANN-03",
    severity=Severity.CRITICAL,
    title="A weight is missing",
    why="Of several target groups each needs a weight; the ALB controller else changes no "
    "rule of the whole group.",
    fix="Give every target group its weight.",
    source="aws-load-balancer-controller pkg/ingress/config_types.go, ForwardActionConfig.validate",
)
ANN_04 = Entry(
    id="ANN-04",
    severity=Severity.CRITICAL,
    title="All weights are 0",
    why="No target group may take a request; what the ALB does then is not documented.",
    fix="Give at least one target group a weight above 0.",
    source="AWS: weighted target groups",
)
ANN_05 = Entry(
    id="ANN-05",
    severity=Severity.HIGH,
    title="A weight is out of range",
    why="AWS refuses weights below 0 and above 999, and the ALB stays at its last rules.",
    fix="Use weights from 0 to 999.",
    source="AWS: TargetGroupTuple",
)
ANN_06 = Entry(
    id="ANN-06",
    severity=Severity.HIGH,
    title="The list of target groups is refused",
    why="AWS takes one to five different target groups, and else the ALB stays at its last rules.",
    fix="Name one to five target groups, each once.",
    source="AWS: quotas of Application Load Balancers; ForwardActionConfig",
)
ANN_07 = Entry(
    id="ANN-07",
    severity=Severity.HIGH,
    title="A value has the wrong JSON type",
    why="The ALB controller is strict about numbers, texts and truth values; at the first "
    "that does not fit it changes no rule of the whole group.",
    fix="Write numbers and true or false without quotes, all else in quotes.",
    source="aws-load-balancer-controller pkg/annotations/parser.go, ParseJSONAnnotation",
)
ANN_08 = Entry(
    id="ANN-08",
    severity=Severity.MEDIUM,
    title="A key is misspelt",
    why="The ALB controller ignores keys that it does not know, without a word.",
    fix="Write the key as the evidence suggests, or take it out.",
    source="aws-load-balancer-controller pkg/ingress/config_types.go",
)
ANN_09 = Entry(
    id="ANN-09",
    severity=Severity.MEDIUM,
    title="A key stands twice",
    why="The last one counts and objects are merged, so the annotation does not say what it "
    "seems to say.",
    fix="Keep one of them; keys that differ only in case are the same.",
    source="Go encoding/json, Unmarshal",
)
ANN_10 = Entry(
    id="ANN-10",
    severity=Severity.HIGH,
    title="Stickiness without a valid duration",
    why="AWS refuses stickiness that is on without a duration from 1 to 604800 seconds, and "
    "the ALB stays at its last rules.",
    fix="Set durationSeconds to the seconds for which a client stays, 1 to 604800.",
    source="AWS: TargetGroupStickinessConfig",
)
ANN_11 = Entry(
    id="ANN-11",
    severity=Severity.MEDIUM,
    title="Stickiness is on in one place only",
    why="With several target groups it is the action's stickiness that keeps a client at "
    "canary or stable, and the target groups' own that keeps it at one pod there.",
    fix="Switch both on, or both off.",
    source="aws-load-balancer-controller docs/guide/ingress/annotations.md, actions",
)
ANN_12 = Entry(
    id="ANN-12",
    severity=Severity.HIGH,
    title="A rule has too many values",
    why="AWS takes at most 5 condition values and 6 wildcards in one rule, host and path "
    "included, and else the ALB stays at its last rules.",
    fix="Name fewer values, or spread them over several paths.",
    source="AWS: quotas of Application Load Balancers, the English page (translations say 5 "
    "wildcards)",
)
ANN_13 = Entry(
    id="ANN-13",
    severity=Severity.HIGH,
    title="AWS refuses a value",
    why="The ALB controller passes it on unseen; AWS refuses the rule, the rules after it are"
    " not written, and new weights may not arrive.",
    fix="Write what the evidence says AWS takes.",
    source="AWS: RuleCondition, RedirectActionConfig, FixedResponseActionConfig",
)
ANN_14 = Entry(
    id="ANN-14",
    severity=Severity.HIGH,
    title="A condition does not narrow its path",
    why="Hosts and paths of spec and conditions are alternatives: the rule takes all that "
    "either of them names.",
    fix="Write the narrower host or path into spec.rules; or leave it out there, so that only"
    " the condition counts.",
    source="aws-load-balancer-controller pkg/ingress/model_build_listener_rules.go, "
    "buildRuleConditions",
)
ANN_15 = Entry(
    id="ANN-15",
    severity=Severity.CRITICAL,
    title="Patterns and regular expressions are mixed",
    why="The ALB controller then changes no rule of the whole group: new weights do not arrive.",
    fix="Use one style for the hosts, and one for the paths, of a rule.",
    source="aws-load-balancer-controller pkg/ingress/model_build_listener_rules.go",
)
ANN_16 = Entry(
    id="ANN-16",
    severity=Severity.CRITICAL,
    title="Header routes do not survive regex paths",
    why="Argo writes its header routes with the path /*; as a regular expression that is *, "
    "which is none, and AWS refuses the rule.",
    fix="Take use-regex-path-match away, or do without setHeaderRoute on this Ingress.",
    source="aws-load-balancer-controller pkg/ingress/model_build_listener_rules.go; argo-"
    "rollouts utils/ingress/wrapper.go, CreateAnnotationBasedPath",
)
ANN_17 = Entry(
    id="ANN-17",
    severity=Severity.CRITICAL,
    title="A path is refused",
    why="The ALB controller then changes no rule of the whole group: new weights do not arrive.",
    fix="Patterns with * or ? need pathType ImplementationSpecific, and every path a Service.",
    source="aws-load-balancer-controller pkg/ingress/model_build_listener_rules.go, "
    "buildPathPatterns",
)
ANN_18 = Entry(
    id="ANN-18",
    severity=Severity.MEDIUM,
    title="One port under two names",
    why="A Service port written once as a name and once as a number makes two target groups; "
    "Argo looks at the weight of only one.",
    fix="Write the port in one way everywhere; Argo writes the number.",
    source="aws-load-balancer-controller pkg/ingress/model_build_target_group.go, "
    "buildTargetGroupResourceID",
)
ANN_19 = Entry(
    id="ANN-19",
    severity=Severity.HIGH,
    title="Authentication of a Service is ignored",
    why="Annotations auth-* of a Service count only where an action has a single target: with"
    " weights nobody is asked to log in.",
    fix="Write the auth-* annotations on the Ingress.",
    source="aws-load-balancer-controller pkg/ingress/enhanced_backend_builder.go, buildAuthConfig",
)
ANN_20 = Entry(
    id="ANN-20",
    severity=Severity.MEDIUM,
    title="No authentication on plain HTTP",
    why="The ALB authenticates on HTTPS only: who comes by HTTP reaches the Service without.",
    fix="Redirect HTTP with ssl-redirect, or listen on HTTPS only.",
    source="aws-load-balancer-controller pkg/ingress/model_build_actions.go, buildActions",
)
ANN_21 = Entry(
    id="ANN-21",
    severity=Severity.MEDIUM,
    title="Canary and stable are set up differently",
    why="Annotations of a Service beat those of the Ingress, so the canary is checked and "
    "served under other conditions than the stable version.",
    fix="Give both Services the same annotations, or write them on the Ingress only.",
    source="aws-load-balancer-controller pkg/ingress/model_build_target_group.go",
)

ENTRIES = (
    ANN_01,
    ANN_02,
    ANN_03,
    ANN_04,
    ANN_05,
    ANN_06,
    ANN_07,
    ANN_08,
    ANN_09,
    ANN_10,
    ANN_11,
    ANN_12,
    ANN_13,
    ANN_14,
    ANN_15,
    ANN_16,
    ANN_17,
    ANN_18,
    ANN_19,
    ANN_20,
    ANN_21,
)
