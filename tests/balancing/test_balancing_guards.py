"""Transforms, logins and tokens: the controller's own situations."""

import json

import pytest

from bot.balancing.authentication import Authenticate, Claim, ValidateToken
from bot.balancing.transforms import Transform
from tests.balancing.situations import a_path, forward
from tests.balancing.worlds import failures, member, model_of, service

ONE = forward(("svc", 1))
TWO = forward(("svc", 1), ("other", 99))
KEY = "alb.ingress.kubernetes.io"


def rule_of(*ingresses, **more):
    """The only rule of the only group."""
    (rule,) = model_of(*ingresses, **more).rules
    return rule


# transforms


URL = '[{"type":"url-rewrite","urlRewriteConfig":{"rewrites":[{"regex":"^/a","replace":"/b"}]}}]'


def test_transforms_stand_on_the_rule_whatever_its_port():
    rewrite = Transform(kind="url-rewrite", rewrites=(("^/a", "/b"),))
    one = member("a", a_path("svc", port={"number": 80}), said={"transforms.svc": URL})
    assert rule_of(one).transforms == (rewrite,)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "this is not JSON: the text is empty or ends too early (at character 1)"),
        ("{}", "must be a list in [ ], not an object (at character 1)"),
        ("[{}]", "[0].type: is missing (at character 2)"),
        (
            '[{"type":"unknown"}]',
            "[0].type: must be host-header-rewrite or url-rewrite, not unknown (at character 2)",
        ),
        (
            '[{"type":"url-rewrite"}]',
            "[0].urlRewriteConfig: is missing; the type url-rewrite needs it (at character 2)",
        ),
        (
            '[{"type":"host-header-rewrite","hostHeaderRewriteConfig":{"rewrites":[]}}]',
            "[0].hostHeaderRewriteConfig.rewrites: is missing or empty (at character 58)",
        ),
    ],
)
def test_transforms_that_the_controller_refuses(text, told):
    one = member("a", a_path("svc"), said={"transforms.svc": text})
    assert failures(one) == [f"ANN-01 Ingress shop/a: {KEY}/transforms.svc: {told}"]


# logins and tokens


OIDC = json.dumps(
    {
        "Issuer": "https://example.com",
        "AuthorizationEndpoint": "https://authorization.example.com",
        "TokenEndpoint": "https://token.example.com",
        "UserInfoEndpoint": "https://userinfo.example.com",
        "SecretName": "my-k8s-secret",
        "AuthenticationRequestExtraParams": {"key1": "value1"},
    }
)
COGNITO = '{"UserPoolArn":"arn","UserPoolClientId":"id","UserPoolDomain":"domain"}'
BOTH_PORTS = {"listen-ports": '[{"HTTP":80},{"HTTPS":443}]'}
LOGIN = {"auth-type": "oidc", "auth-idp-oidc": OIDC}


def test_a_login_with_all_its_settings():
    said = BOTH_PORTS | LOGIN
    said |= {
        "auth-on-unauthenticated-request": "deny",
        "auth-scope": "email",
        "auth-session-cookie": "my-cookie",
        "auth-session-timeout": "86400",
    }
    http, https = model_of(member("a", a_path("svc"), said=said)).listeners
    (rule,) = https.rules
    assert https.guards_of(rule) == (
        Authenticate(
            kind="oidc",
            provider=(
                ("authorizationEndpoint", "https://authorization.example.com"),
                ("issuer", "https://example.com"),
                ("secretName", "my-k8s-secret"),
                ("tokenEndpoint", "https://token.example.com"),
                ("userInfoEndpoint", "https://userinfo.example.com"),
                ("key1", "value1"),
            ),
            unauthenticated="deny",
            scope="email",
            cookie="my-cookie",
            timeout=86_400,
        ),
    )
    assert http.guards_of(rule) == ()  # nobody is asked there


def test_what_is_not_said_of_a_login():
    said = BOTH_PORTS | {"auth-type": "cognito", "auth-idp-cognito": COGNITO}
    (login,) = rule_of(member("a", a_path("svc"), said=said)).guards
    assert (login.kind, login.unauthenticated, login.scope) == ("cognito", "authenticate", "openid")
    assert (login.cookie, login.timeout) == ("AWSELBAuthSessionCookie", 604_800)


@pytest.mark.parametrize(
    ("action", "asks"),
    [
        pytest.param(ONE, True, id="one Service"),
        pytest.param(TWO, False, id="a weighted canary"),
        pytest.param('{"type":"forward","targetGroupARN":"arn"}', False, id="no Service"),
        pytest.param(
            '{"type":"fixed-response","fixedResponseConfig":{"statusCode":"200"}}',
            False,
            id="an answer",
        ),
    ],
)
def test_a_login_asked_for_by_a_service_counts_for_that_service_alone(action, asks):
    services = [service("svc", said=LOGIN), service("other", said=LOGIN)]
    one = member("a", a_path("root"), said=BOTH_PORTS | {"actions.root": action})
    assert bool(rule_of(one, services=services).guards) is asks


def test_the_service_may_take_back_what_the_ingress_asks():
    one = member("a", a_path("svc", port={"number": 80}), said=BOTH_PORTS | LOGIN)
    assert rule_of(one, services=[service("svc", said={"auth-type": "none"})]).guards == ()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"auth-type": "OIDC"}, "auth-type: must be none, oidc or cognito, not 'OIDC'"),
        ({"auth-session-timeout": "1d"}, "auth-session-timeout: must be a whole number, not '1d'"),
        (
            {"auth-type": "none", "auth-idp-oidc": "{"},
            "auth-idp-oidc: this is not JSON: the text is empty or ends too early (at character 2)",
        ),
        (
            {"auth-idp-cognito": '{"userPoolARN":1}'},
            (
                "auth-idp-cognito: userPoolARN: must be a string (put it in quotes), not 1 "
                "(at character 16)"
            ),
        ),
        ({"auth-type": "oidc"}, f"auth-type: oidc needs {KEY}/auth-idp-oidc"),
    ],
)
def test_logins_that_the_controller_refuses(said, told):
    one = member("a", a_path("svc"), said=BOTH_PORTS | said)
    id_ = "ANN-07" if "in quotes" in told else "ANN-01"  # a slip of the type has an id of its own
    assert failures(one) == [f"{id_} Ingress shop/a: {KEY}/{told}"]


def test_a_bad_login_of_a_service_names_the_service():
    one = member("a", a_path("svc", port={"number": 80}))
    assert failures(one, services=[service("svc", said={"auth-type": "x"})]) == [
        (
            f"ANN-01 Ingress shop/a: {KEY}/auth-type of Service svc: "
            "must be none, oidc or cognito, not 'x'"
        )
    ]


def test_on_http_a_login_without_its_provider_does_no_harm():
    one = member("a", a_path("svc"), said={"auth-type": "oidc"})
    assert failures(one) == []


CLAIM = '{"format":"string-array","name":"roles","values":["a","b"]}'
TOKEN = '{"jwksEndpoint":"https://i/jwks.json","issuer":"https://i"%s}'


def test_a_token_with_claims():
    text = TOKEN % f',"additionalClaims":[{CLAIM}]'
    one = member("a", a_path("svc"), said=BOTH_PORTS | {"jwt-validation": text})
    claim = Claim(name="roles", kind="string-array", values=("a", "b"))
    assert rule_of(one).guards == (
        ValidateToken(keys="https://i/jwks.json", issuer="https://i", claims=(claim,)),
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("null", "jwksEndpoint: is missing (at character 1)"),
        ('{"jwksEndpoint":"e"}', "issuer: is missing (at character 1)"),
        (
            '{"jwksEndpoint":"e","issuer":"i"',
            "this is not JSON: the text is empty or ends too early (at character 33)",
        ),
        (
            TOKEN % ',"additionalClaims":[{}]',
            "additionalClaims[0].format: is missing (at character 80)",
        ),
        (
            TOKEN % ',"additionalClaims":[{"format":"x","name":"n"}]',
            "additionalClaims[0].values: is missing or empty (at character 80)",
        ),
    ],
)
def test_tokens_that_the_controller_refuses_on_any_listener(text, told):
    one = member("a", a_path("svc"), said={"jwt-validation": text})
    assert failures(one) == [f"ANN-01 Ingress shop/a: {KEY}/jwt-validation: {told}"]


TWICE = f"a login ({KEY}/auth-type) is asked for as well"


def test_nobody_can_be_asked_for_a_login_and_a_token():
    said = BOTH_PORTS | LOGIN | {"jwt-validation": TOKEN % ""}
    assert failures(member("a", a_path("svc"), said=said)) == [
        f"ANN-01 Ingress shop/a: {KEY}/jwt-validation: {TWICE}"
    ]
    del said["listen-ports"]
    assert failures(member("a", a_path("svc"), said=said)) == []
