"""Listeners, what members of a group must agree on, and where `ssl-redirect` leads."""

import pytest

from bot.balancing.annotations import Undecodable
from bot.balancing.doors import Mutual, decode_mutual
from bot.balancing.listeners import decode_listen_ports
from tests.balancing.situations import a_path
from tests.balancing.worlds import ALB, failures, member, model_of, params

KEY = "alb.ingress.kubernetes.io"
BOTH = '[{"HTTP":80},{"HTTPS":443}]'
SLASH = a_path("svc")


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ('[{"HTTP":80},{"HTTPS":443}]', ((80, "HTTP"), (443, "HTTPS"))),
        ('[{"HTTP":80,"HTTPS":443}]', ((80, "HTTP"), (443, "HTTPS"))),
        ('[{"HTTP":80},{"HTTPS":80}]', ((80, "HTTPS"),)),
        ('[{"HTTP":80,"HTTP":81}]', ((81, "HTTP"),)),
        ("[null]", ()),
    ],
)
def test_listen_ports(text, ports):
    assert decode_listen_ports(text) == ports


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "this is not JSON: the text is empty or ends too early (at character 1)"),
        ("[]", "it names no port (at character 1)"),
        ("null", "it names no port (at character 1)"),
        ('{"HTTP":80}', "must be a list in [ ], not an object (at character 1)"),
        (
            '[{"http":80}]',
            "[0].http: a protocol must be HTTP or HTTPS, not http (at character 10)",
        ),
        (
            '[{"HTTP":0}]',
            "[0].HTTP: a port must be from 1 to 65535, not 0 (at character 10)",
        ),
        (
            '[{"HTTP":1},{"HTTPS":65536}]',
            "[1].HTTPS: a port must be from 1 to 65535, not 65536 (at character 22)",
        ),
        (
            '[{"HTTP":"80"}]',
            (
                '[0].HTTP: must be a whole number without quotes or decimals, not "80" '
                "(at character 10)"
            ),
        ),
    ],
)
def test_listen_ports_that_the_controller_refuses(text, told):
    with pytest.raises(Undecodable) as raised:
        decode_listen_ports(text)
    assert str(raised.value) == told


def listeners(*members, **more):
    return [(one.port, one.protocol) for one in model_of(*members, **more).listeners]


@pytest.mark.parametrize(
    ("said", "spec", "expected"),
    [
        pytest.param({}, {}, [(80, "HTTP")], id="nothing said"),
        pytest.param({"certificate-arn": "arn:1"}, {}, [(443, "HTTPS")], id="a certificate"),
        pytest.param({"certificate-arn": " , "}, {}, [(80, "HTTP")], id="none"),
        pytest.param({}, {"certificateArn": ["a"]}, [(443, "HTTPS")], id="of the class"),
    ],
)
def test_without_listen_ports_a_certificate_decides(said, spec, expected):
    with_params, own = params(**spec)
    one = member("a", SLASH, said=said, class_name="with-p")
    assert listeners(one, classes=(with_params,), params=(own,)) == expected


def test_tls_in_the_spec_opens_no_port():
    one = member("a", SLASH)
    assert listeners(one) == [(80, "HTTP")]


def test_each_member_stands_on_its_own_ports_only():
    plain = member("a", a_path("plain"))
    both = member("b", a_path("both"), said={"listen-ports": BOTH})
    http, https = model_of(plain, both).listeners
    assert [rule.service for rule in http.rules] == ["plain", "both"]
    assert [rule.service for rule in https.rules] == ["both"]


MUTUAL = '[{"port":443,"mode":"%s"%s}]'


@pytest.mark.parametrize(
    ("suffix", "one", "other", "agree"),
    [
        ("inbound-cidrs", "10.0.0.0/8,::/0", "::/0, 10.0.0.0/8", True),
        ("inbound-cidrs", "10.0.0.0/8", "10.0.0.0/9", False),
        ("inbound-cidrs", "10.0.0.0/8", None, True),
        ("security-group-prefix-lists", "pl-1", "pl-2", False),
        ("ssl-policy", "p1", "p2", False),
        ("ssl-policy", "p1", "p1", True),
        ("mutual-authentication", MUTUAL % ("off", ""), MUTUAL % ("passthrough", ""), False),
        ("mutual-authentication", MUTUAL % ("off", ""), None, True),
        ("scheme", "internal", "internet-facing", False),
        ("scheme", "internal", None, True),
        ("ip-address-type", "ipv4", "dualstack", False),
        ("load-balancer-name", "one", "two", False),
        ("subnets", "a,b", "b, a", True),
        ("subnets", "a,b", "a", False),
        ("security-groups", "a,b", "b,a", False),
        ("customer-owned-ipv4-pool", "a", "b", False),
        ("load-balancer-attributes", "k=1", "k=2", False),
        ("load-balancer-attributes", "k=1", "j=2", True),
        ("tags", "k=1", "k=2", False),
        ("minimum-load-balancer-capacity", "CapacityUnits=1", "CapacityUnits=2", False),
        ("ipam-ipv4-pool-id", "a", "b", False),
        ("ipam-ipv4-pool-id", "a", "", True),
        ("listener-attributes.HTTPS-443", "a=1", "a=2", False),
        ("listener-attributes.HTTPS-8443", "a=1", "a=2", True),
        ("wafv2-acl-arn", "arn:1", "none", False),
        ("waf-acl-id", "a", "b", False),
        ("web-acl-id", "a", "b", False),
        ("shield-advanced-protection", "true", "1", True),
        ("shield-advanced-protection", "true", "false", False),
        ("enable-frontend-nlb", "true", "false", False),
    ],
)
def test_members_must_agree_on_what_they_share(suffix, one, other, agree):
    members = [
        member(
            name,
            a_path("svc"),
            said={"listen-ports": BOTH} | ({} if text is None else {suffix: text}),
        )
        for name, text in (("a", one), ("b", other))
    ]
    told = failures(*members)
    assert (told == []) is agree
    for text in told:
        assert text.startswith(f"ORD-10 Ingress shop/b: {KEY}/{suffix}: ")
        assert "shop/a" in text


def test_on_one_port_all_speak_the_same_protocol():
    told = failures(
        member("a", SLASH, said={"listen-ports": '[{"HTTP":8080}]'}),
        member("b", SLASH, said={"listen-ports": '[{"HTTPS":8080}]'}),
    )
    assert told == [
        (
            f"ORD-10 Ingress shop/b: {KEY}/listen-ports: "
            "port 8080 has HTTP for shop/a and HTTPS for shop/b; all must agree"
        )
    ]


def test_alone_nobody_disagrees():
    """What clashes in a group does no harm to two Ingresses without one."""
    for name in ("a", "b"):
        assert failures(member(name, SLASH, group="", said={"scheme": "internal"})) == []


def test_the_class_decides_for_its_members():
    with_params, own = params(
        scheme="internal", loadBalancerAttributes=[{"key": "k", "value": "3"}]
    )
    said = ({"scheme": "internet-facing", "load-balancer-attributes": f"k={i}"} for i in range(2))
    members = [member(f"m{i}", SLASH, said=one, class_name="with-p") for i, one in enumerate(said)]
    assert failures(*members, classes=(ALB, with_params), params=(own,)) == []


@pytest.mark.parametrize(
    ("suffix", "text", "told"),
    [
        ("scheme", "public", "must be internet-facing or internal, not 'public'"),
        (
            "ip-address-type",
            "ipv6",
            "must be ipv4 or dualstack or dualstack-without-public-ipv4, not 'ipv6'",
        ),
        ("load-balancer-name", "x" * 33, "may have at most 32 characters"),
        ("customer-owned-ipv4-pool", "", "may not be empty"),
        ("inbound-cidrs", "10.0.0.0", "must hold nets such as 10.0.0.0/8, not '10.0.0.0'"),
        ("tags", "a", "must be key=value pairs with commas between, not 'a'"),
        ("shield-advanced-protection", "yes", "must be true or false, not 'yes'"),
        (
            "minimum-load-balancer-capacity",
            "Units=1",
            "must be CapacityUnits= and a whole number, not Units=1",
        ),
    ],
)
def test_settings_that_the_controller_refuses(suffix, text, told):
    one = member("a", SLASH, said={suffix: text})
    assert failures(one) == [f"ANN-01 Ingress shop/a: {KEY}/{suffix}: {told}"]


def test_who_manages_the_rules_of_security_groups_is_asked_only_where_some_are_named():
    said = [{"manage-backend-security-group-rules": text} for text in ("true", "no")]
    plain = [member(f"m{i}", SLASH, said=one) for i, one in enumerate(said)]
    named = [
        member(f"m{i}", SLASH, said=one | {"security-groups": "sg"}) for i, one in enumerate(said)
    ]
    assert failures(*plain) == []
    assert [text.split(":")[0] for text in failures(*named)] == ["ANN-01 Ingress shop/m1"]


# certificates of clients


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ('"mode":"off"', Mutual(mode="off")),
        ('"mode":"passthrough"', Mutual(mode="passthrough")),
        (
            '"mode":"verify","trustStore":"arn:ts"',
            Mutual(mode="verify", store="arn:ts", ignores_expiry=False),
        ),
        (
            '"mode":"verify","trustStore":"ts","ignoreClientCertificateExpiry":true',
            Mutual(mode="verify", store="ts", ignores_expiry=True),
        ),
        (
            '"mode":"verify","trustStore":"ts","advertiseTrustStoreCaNames":"on"',
            Mutual(mode="verify", store="ts", ignores_expiry=False, advertises="on"),
        ),
    ],
)
def test_certificates_of_clients(rest, expected):
    assert decode_mutual(f'[{{"port":800,{rest}}}]') == {800: expected}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[]", "it names no port"),
        ('[{"port":800}]', "[0].mode: must be off or passthrough or verify, not ''"),
        ('[{"port":800,"mode":"foo"}]', "[0].mode: must be off or passthrough or verify"),
        ('[{"port":800000,"mode":"off"}]', "[0].port: a port must be from 1 to 65535, not 800000"),
        ('[{"port":8,"mode":"verify"}]', "[0].trustStore: is missing; the mode verify needs it"),
        (
            '[{"port":8,"mode":"off","trustStore":"x"}]',
            "[0].trustStore: can only be given where the mode is verify, not off",
        ),
        (
            '[{"port":8,"mode":"off","ignoreClientCertificateExpiry":false}]',
            "[0].ignoreClientCertificateExpiry: can only be given where the mode is verify",
        ),
        (
            '[{"port":8,"mode":"passthrough","advertiseTrustStoreCaNames":"on"}]',
            "[0].advertiseTrustStoreCaNames: can only be given where the mode is verify",
        ),
        (
            '[{"port":8,"mode":"verify","trustStore":"x","advertiseTrustStoreCaNames":"foo"}]',
            "[0].advertiseTrustStoreCaNames: must be on or off, not 'foo'",
        ),
    ],
)
def test_certificates_of_clients_that_the_controller_refuses(text, told):
    with pytest.raises(Undecodable, match=r"\(at character \d+\)$") as raised:
        decode_mutual(text)
    assert str(raised.value).startswith(told)
