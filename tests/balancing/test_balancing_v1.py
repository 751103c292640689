"""The v1 controller, and where it differs, as read in its source."""

import pytest

from bot.balancing.annotations import FixedResponse, Redirect, Stickiness, TargetGroup, Undecodable
from bot.balancing.inventory import Controller
from bot.balancing.v1_annotations import decode_action, decode_conditions
from tests.balancing.situations import a_path, forward, the_seed
from tests.balancing.worlds import failures, member, model_of, service

KEY = "alb.ingress.kubernetes.io"
BOTH = '[{"HTTP":80},{"HTTPS":443}]'
ONE = forward(("svc", 1))
ANSWER = '{"type":"fixed-response","fixedResponseConfig":{%s}}'
GO = '{"type":"redirect","redirectConfig":{"host":"new.test","statusCode":"HTTP_301"}}'


def old(*args, **more):
    """An Ingress written for `extensions/v1beta1`."""
    return member(*args, legacy=True, **more)


def test_it_makes_of_the_seed_what_its_successor_makes():
    _, ingress = the_seed()
    legacy = ingress.model_copy(update={"legacy": True})
    for now, then in zip(model_of(ingress).listeners, model_of(legacy).listeners, strict=True):
        assert [r.service for r in now.rules] == [r.service for r in then.rules]


def test_it_knows_no_groups():
    said = {"scheme": "nonsense", "actions.svc": ONE}
    models = [model_of(old(name, a_path("svc"), said=said)) for name in ("a", "b")]
    assert [(m.group.name, m.group.is_explicit, m.failures) for m in models] == [
        ("shop/a", False, ()),
        ("shop/b", False, ()),
    ]


def test_which_controller_it_is_may_be_said():
    paths = (a_path("a", "/a"), a_path("b", "/b", "Exact"))
    v1, v2 = Controller(legacy=True), Controller(legacy=False)
    now = model_of(member("x", *paths), controller=v1)
    then = model_of(old("x", *paths), controller=v2)
    assert [r.service for r in now.rules] == ["a", "b"]
    assert [r.service for r in then.rules] == ["b", "a"]


def test_paths_stand_as_listed_and_are_patterns_as_written():
    one = old("x", a_path("a", "/"), a_path("b", "/b", "Prefix"), a_path("c", "/*", "Exact"))
    (listener,) = model_of(one).listeners
    assert [r.paths.globs for r in listener.rules] == [("/",), ("/b",), ("/*",)]


def test_conditions_widen_as_later():
    asked = '[{"field":"host-header","hostHeaderConfig":{"values":["b.test"]}}]'
    (rule,) = model_of(old("x", a_path("a", ""), said={"conditions.a": asked})).rules
    assert (rule.hosts.globs, rule.paths.globs) == (("app.test", "b.test"), ())


@pytest.mark.parametrize("kind", ["actions", "conditions"])
def test_every_annotation_is_read_also_those_that_no_path_names(kind):
    one = old("x", a_path("svc", port={"number": 80}), said={f"{kind}.nobody": "{"})
    assert failures(one) == [
        (
            f"ANN-01 Ingress shop/x: {KEY}/{kind}.nobody: this is not JSON: "
            "the text is empty or ends too early (at character 2)"
        )
    ]


def test_a_missing_action_is_an_error():
    assert failures(old("x", a_path("root"))) == [
        f"WIRE-03 Ingress shop/x: {KEY}/actions.root: the annotation is missing"
    ]


def test_every_service_of_every_action_must_exist():
    one = old(
        "x", a_path("svc", port={"number": 80}), said={"actions.nobody": forward(("gone", 1))}
    )
    assert failures(one, services=[service("svc")]) == [
        f"WIRE-05 Ingress shop/x: {KEY}/actions.nobody: Service gone does not exist"
    ]


def test_the_usual_answer_has_a_name():
    (listener,) = model_of(old("x", a_path("Default 404"))).listeners
    assert listener.rules[0].action == FixedResponse(status="404", content_type="text/plain")


def test_behind_an_unconditional_redirect_the_rest_of_its_entry_is_left_out():
    entries = [
        {"host": "a.test", "http": {"paths": [a_path("go"), a_path("svc", "/x")]}},
        {"host": "a.test", "http": {"paths": [a_path("svc", "/y")]}},
    ]
    one = old("x", rules=entries, said={"actions.go": GO, "actions.svc": ONE})
    (listener,) = model_of(one).listeners
    assert [(r.service, r.path) for r in listener.rules] == [("go", "/*"), ("svc", "/y")]
    assert [(o.rule.path, o.by.service) for o in listener.omitted] == [("/x", "go")]


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(
            {
                "conditions.go": (
                    '[{"field":"http-request-method","httpRequestMethodConfig":{"values":["GET"]}}]'
                )
            },
            id="with a condition",
        ),
        pytest.param(
            {"conditions.go": '[{"field":"host-header","hostHeaderConfig":{"values":["b.test"]}}]'},
            id="for another host as well",
        ),
    ],
)
def test_a_redirect_that_is_not_for_everything_leaves_the_rest(said):
    said = {"actions.go": GO, "actions.svc": ONE} | said
    (listener,) = model_of(old("x", a_path("go"), a_path("svc", "/x"), said=said)).listeners
    assert [r.service for r in listener.rules] == ["go", "svc"]


def test_ssl_redirect_is_an_annotation_it_does_not_know():
    one = old(
        "x", a_path("root"), said={"listen-ports": BOTH, "ssl-redirect": "443", "actions.root": ONE}
    )
    assert [len(listener.rules) for listener in model_of(one).listeners] == [1, 1]


# decoding


def test_a_missing_weight_is_1_and_stickiness_is_off():
    found = decode_action(TARGET % '{"serviceName":"a","servicePort":"80"}')
    assert found.targets == (TargetGroup(service="a", port=80, weight=1),)
    assert found.stickiness == Stickiness(enabled=False)


def test_a_target_group_of_aws():
    (target,) = decode_action('{"Type":"forward","TargetGroupArn":"arn"}').targets
    assert target == TargetGroup(arn="arn", weight=1)


def test_a_fixed_response_without_a_status_is_accepted():
    assert decode_action(ANSWER % "") == FixedResponse(status="")


def test_parts_of_a_redirect_that_are_not_written_stay():
    assert decode_action(GO) == Redirect(
        status="HTTP_301",
        host="new.test",
        path="/#{path}",
        port="#{port}",
        protocol="#{protocol}",
        query="#{query}",
    )


TARGET = '{"type":"forward","forwardConfig":{"targetGroups":[%s]}}'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (TARGET % '{"serviceName":"a","servicePort":80}', "must be a string"),
        (TARGET % '{"serviceName":"a"}', "servicePort: is missing"),
        (TARGET % '{"targetGroupName":"a"}', "must name either a serviceName or a targetGroupArn"),
        (TARGET % "null", "must name either a serviceName or a targetGroupArn"),
        (
            TARGET % '{"serviceName":"a","servicePort":"1"},{"serviceName":"b","servicePort":"1"}',
            "targetGroups[0].weight: is missing",
        ),
        ('{"type":"forward"}', "needs either forwardConfig or targetGroupArn"),
        ('{"type":"redirect","redirectConfig":{}}', "redirectConfig.statusCode: is missing"),
        ('{"type":"redirect"}', "redirectConfig: is missing"),
        ('{"type":"x"}', "type: must be forward, redirect or fixed-response, not x"),
        ("{}", "type: is missing"),
    ],
)
def test_actions_that_it_refuses(text, told):
    with pytest.raises(Undecodable, match=r"\(at character \d+\)$") as raised:
        decode_action(text)
    assert told in str(raised.value)


def test_it_knows_no_regular_expressions():
    text = '[{"field":"path-pattern","pathPatternConfig":{"regexValues":["a"]}}]'
    with pytest.raises(Undecodable, match="values: is missing or empty"):
        decode_conditions(text)


def test_a_query_string_may_want_nothing():
    text = '[{"field":"query-string","queryStringConfig":{"values":[{"key":"k"}]}}]'
    assert decode_conditions(text)[0].pairs == (("k", ""),)


# logins


@pytest.mark.parametrize(
    ("path", "asks"),
    [
        pytest.param(a_path("svc", port={"number": 80}), True, id="the path names the Service"),
        pytest.param(a_path("svc"), False, id="an annotation does"),
    ],
)
def test_a_login_of_a_service_counts_where_the_path_names_it(path, asks):
    login = {"auth-type": "oidc", "auth-idp-oidc": '{"issuer":"i"}'}
    one = old("x", path, said={"listen-ports": BOTH, "actions.svc": ONE})
    (rule,) = model_of(one, services=[service("svc", said=login)]).rules
    assert bool(rule.guards) is asks


def test_a_login_of_unknown_kind_is_none_and_one_without_provider_an_error_on_https():
    odd = old("x", a_path("svc"), said={"listen-ports": BOTH, "auth-type": "x", "actions.svc": ONE})
    bare = old(
        "x", a_path("svc"), said={"listen-ports": BOTH, "auth-type": "oidc", "actions.svc": ONE}
    )
    plain = old("x", a_path("svc"), said={"auth-type": "oidc", "actions.svc": ONE})
    assert (failures(odd), failures(plain)) == ([], [])
    assert failures(bare) == [
        f"ANN-01 Ingress shop/x: {KEY}/auth-type: oidc needs {KEY}/auth-idp-oidc"
    ]


def test_the_default_backend_takes_what_no_rule_does():
    default = {"service": {"name": "svc", "port": {"name": "use-annotation"}}}
    one = old(
        "x",
        a_path("svc", "/x"),
        default=default,
        said={"actions.svc": ANSWER % '"statusCode":"200"'},
    )
    (listener,) = model_of(one).listeners
    assert listener.default == FixedResponse(status="200")
