"""
Random and broken annotations and Ingresses through decoding, building and judging: no exception.

One hundred thousand of them: 90,000 texts through every decoder, 10,000 Ingresses through the
whole model. Anybody who may write an Ingress may write these.
"""

import json
import random
import re

import pytest

from bot.balancing import v1_annotations
from bot.balancing.annotations import Undecodable, decode_action, decode_conditions
from bot.balancing.authentication import decode_authentication, decode_token_validation
from bot.balancing.doors import decode_mutual
from bot.balancing.groups import find_groups
from bot.balancing.inspection import inspect
from bot.balancing.inventory import Controller, Inventory
from bot.balancing.listeners import decode_listen_ports
from bot.balancing.model import build
from bot.balancing.objects import Ingress
from bot.balancing.shadows import verdicts
from bot.balancing.transforms import decode_transforms
from tests.balancing.worlds import ALB, PREFIX, service

DECODERS = (
    decode_action,
    decode_conditions,
    decode_transforms,
    decode_token_validation,
    decode_mutual,
    decode_listen_ports,
    v1_annotations.decode_action,
    v1_annotations.decode_conditions,
    lambda text, key: decode_authentication({f"{PREFIX}/auth-idp-oidc": text}, PREFIX),
    lambda text, key: decode_authentication({f"{PREFIX}/auth-session-timeout": text}, PREFIX),
)
TEXTS = 9_000  #: for each decoder
INGRESSES = 10_000
KEYS = re.findall(
    r"\S+",
    """type Type forwardConfig targetGroups serviceName servicePort weight targetGroupARN statusCode
    redirectConfig host path port protocol query fixedResponseConfig contentType field values key
    regexValues httpHeaderConfig httpHeaderName hostHeaderConfig pathPatternConfig value enabled
    queryStringConfig sourceIPConfig httpRequestMethodConfig targetGroupStickinessConfig rewrites
    durationSeconds urlRewriteConfig regex replace jwksEndpoint issuer additionalClaims format name
    mode HTTP HTTPS trustStore secretName authenticationRequestExtraParams \u017ferviceName""",
)
WORDS = re.findall(
    r"\S+",
    """forward redirect fixed-response http-header host-header path-pattern query-string source-ip
    http-request-method url-rewrite a svc 80 http HTTP_301 * /* ^a( 10.0.0.0/8 verify X-A
    use-annotation 😀""",
)
WORDS += ["", " ", "\x00", "\ud800"]
SCALARS = ["0", "80", "-1", "1e400", "10.0", "9" * 30, "true", "false", "null", "NaN", '"\\ud800"']
CUTS = ['"', "{", "}", "[", "]", ",", ":", "\\", "\n", "\x01", "//", "'", "\ufeff"]


def value(luck, depth=0):
    """A JSON text with the words of the controller in likely and unlikely places."""
    kind = luck.random()
    if depth > 4 or kind < 0.25:
        return json.dumps(luck.choice(WORDS)) if luck.random() < 0.7 else luck.choice(SCALARS)
    if kind < 0.5:
        return f"[{','.join(value(luck, depth + 1) for _ in range(luck.randrange(3)))}]"
    keys = luck.choices(KEYS, k=luck.randrange(5))
    pairs = (f"{json.dumps(key)}:{value(luck, depth + 1)}" for key in keys)
    return f"{{{','.join(pairs)}}}"


TARGETS = (
    '{"serviceName":"svc","servicePort":"80","weight":1},'
    '{"serviceName":"a","servicePort":80,"weight":0}'
)
GOOD = (
    f'{{"type":"forward","forwardConfig":{{"targetGroups":[{TARGETS}]}}}}',
    '{"type":"redirect","redirectConfig":{"host":"h","statusCode":"HTTP_301"}}',
    '[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"X-A","values":["1","*"]}}]',
    '[{"field":"query-string","queryStringConfig":{"values":[{"key":"k","value":"v"}]}}]',
    '[{"type":"url-rewrite","urlRewriteConfig":{"rewrites":[{"regex":"a"}]}}]',
    '[{"HTTP":80},{"HTTPS":443}]',
)


def text(luck):
    """Such a JSON text, or a good annotation, whole or with a wound."""
    made = value(luck) if luck.random() < 0.5 else luck.choice(GOOD)
    for _ in range(luck.choice([0, 0, 1, 2])):
        at = luck.randrange(len(made) + 1)
        made = made[:at] + luck.choice([*CUTS, *SCALARS]) + made[at + luck.randrange(3) :]
    return made


def fault_of(decode, made):
    """What is wrong with a text; None: nothing."""
    try:
        decode(made, "the/annotation")
    except Undecodable as fault:
        return fault
    return None


@pytest.mark.parametrize("decoder", range(len(DECODERS)))
def test_every_text_is_decoded_or_refused_with_its_place(decoder):
    luck = random.Random(decoder)
    refused = 0
    for _ in range(TEXTS):
        made = text(luck)
        fault = fault_of(DECODERS[decoder], made)
        if fault is not None:
            refused += 1
            assert str(fault).startswith(f"{fault.annotation or '!'}: ")
            assert fault.reason
            assert fault.offset is None or 0 <= fault.offset <= len(made)
    assert refused > TEXTS / 20


def anything(luck):
    """What a manifest may hold where something else is wanted."""
    return luck.choice([None, "", "x", 0, True, [], {}, [1], {"a": 1}, [None], 1.5])


def often(luck, good, share=0.93):
    return good if luck.random() < share else anything(luck)


def a_path(luck):
    port = luck.choice([{"name": "use-annotation"}, {"number": 80}, {"name": "http"}, {}])
    named = {"name": luck.choice(["root", "svc", "a"]), "port": often(luck, port)}
    return {
        "path": often(luck, luck.choice(["/", "/*", "/a", "/a/*", "/?", "", "ü", "/" + "*a" * 40])),
        "pathType": often(luck, luck.choice(["Exact", "Prefix", "ImplementationSpecific", "Odd"])),
        "backend": often(luck, {"service": often(luck, named)}),
    }


SUFFIXES = (
    *(f"{kind}.{name}" for kind in ("actions", "conditions") for name in ("root", "svc")),
    "transforms.svc",
    *("listen-ports", "ssl-redirect", "group.order", "use-regex-path-match", "auth-type"),
    *("auth-idp-oidc", "jwt-validation", "mutual-authentication", "scheme", "tags"),
    *("inbound-cidrs", "certificate-arn", "target-type", "load-balancer-attributes"),
)


def an_ingress(luck, name):
    entries = [
        often(luck, {"host": often(luck, "a.test"), "http": often(luck, {"paths": paths})})
        for paths in ([a_path(luck) for _ in range(luck.randrange(4))] for _ in range(2))
    ]
    annotations = {
        f"{PREFIX}/{suffix}": text(luck) for suffix in luck.choices(SUFFIXES, k=luck.randrange(5))
    }
    return Ingress(
        namespace="shop",
        name=name,
        annotations=annotations | {f"{PREFIX}/group.name": "g"},
        rules=tuple(entry for entry in entries if isinstance(entry, dict)),
        default_backend=luck.choice([None, None, a_path(luck)["backend"], {}]),
        class_name="alb",
        legacy=luck.random() < 0.2,
    )


def test_every_ingress_is_a_model_and_every_failure_says_whose_and_where():
    luck = random.Random(7)
    services = (service("svc"), service("a", said={"auth-type": "oidc"}))
    failing = 0
    for i in range(INGRESSES // 2):
        pair = (an_ingress(luck, "one"), an_ingress(luck, "two"))
        controller = Controller(legacy=luck.choice([None, None, None, True, False]))
        whole = Inventory(
            ingresses=pair,
            services=services,
            classes=(ALB,),
            is_whole=bool(luck.randrange(2)),
            controller=controller,
        )
        for group in find_groups(whole):
            model = build(whole, group)
            failing += bool(model.failures)
            for failure in model.failures:
                assert failure.ingress in {one.key for one in pair}
                assert failure.where
                assert failure.reason
            for listener in model.listeners:
                verdicts(listener.rules)
        if i % 20 == 0:
            inspect(whole)
    assert failing > INGRESSES / 20
