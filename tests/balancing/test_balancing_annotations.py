"""
JSON in annotations, as the AWS Load Balancer Controller's Go code reads it.

The cases were tried on the real code.
"""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.balancing.annotations import (
    Condition,
    FixedResponse,
    Forward,
    Redirect,
    Stickiness,
    TargetGroup,
    Undecodable,
    decode_action,
    decode_conditions,
)
from tests.tries import tries

ONE = '{"type":"forward","forwardConfig":{"targetGroups":[%s]}}'
TARGET = '"serviceName":"a","servicePort":80'


def target(text):
    (one,) = decode_action(ONE % text).targets
    return one


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(f"{{{TARGET}}}", TargetGroup(service="a", port=80), id="no weight"),
        pytest.param(
            '{"SERVICENAME":"a","ServicePort":"80","wEiGhT":7}',
            TargetGroup(service="a", port=80, weight=7),
            id="keys in any case, a port in quotes",
        ),
        pytest.param(
            '{"\u017ferviceName":"a","servicePort":80}',
            TargetGroup(service="a", port=80),
            id="the long s",
        ),
        pytest.param(
            '{"serviceName":"a","servicePort":"http"}',
            TargetGroup(service="a", port="http"),
            id="a port name",
        ),
        pytest.param(
            '{"serviceName":"a","servicePort":"+0080"}',
            TargetGroup(service="a", port=80),
            id="digits however written",
        ),
        pytest.param(
            '{"serviceName":"a","servicePort":" 80"}',
            TargetGroup(service="a", port=" 80"),
            id="a space makes a name",
        ),
        pytest.param(
            '{"serviceName":"a","servicePort":"4294967296"}',
            TargetGroup(service="a", port="4294967296"),
            id="too large for a number",
        ),
        pytest.param('{"targetGroupARN":"arn"}', TargetGroup(arn="arn"), id="of AWS"),
        pytest.param(
            f'{{{TARGET},"weight":1,"weight":2}}',
            TargetGroup(service="a", port=80, weight=2),
            id="the last of two",
        ),
        pytest.param(
            f'{{{TARGET},"weight":1,"Weight":null}}',
            TargetGroup(service="a", port=80),
            id="null takes it away",
        ),
        pytest.param(
            f'{{{TARGET},"weight":-1,"order":[{{"x":1}}]}}',
            TargetGroup(service="a", port=80, weight=-1),
            id="negative, and a key it does not know",
        ),
    ],
)
def test_a_target_is_read_as_go_reads_it(text, expected):
    assert target(text) == expected


def test_a_repeated_object_is_merged():
    """Nobody would write it, but a template may."""
    text = (
        '{"type":"forward","forwardConfig":{"targetGroups":[%s]},'
        '"ForwardConfig":{"targetGroupStickinessConfig":{"enabled":true,"durationSeconds":60}}}'
    )
    assert decode_action(text % f"{{{TARGET}}}") == Forward(
        targets=(TargetGroup(service="a", port=80),),
        stickiness=Stickiness(enabled=True, seconds=60),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '{"type":"forward","targetGroupARN":"arn"}',
            Forward(targets=(TargetGroup(arn="arn"),)),
        ),
        (
            (
                '{"Type": "redirect", "RedirectConfig": '
                '{ "Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_302"}}'
            ),
            Redirect(status="HTTP_302", protocol="HTTPS", port="443"),
        ),
        (
            '{"type":"fixed-response","fixedResponseConfig":{"statusCode":"503","messageBody":"x"}}',
            FixedResponse(status="503", body="x"),
        ),
        (
            ' \n{"type":"redirect","forwardConfig":{},"redirectConfig":{"statusCode":"x"}}\t',
            Redirect(status="x"),
        ),
    ],
)
def test_other_actions(text, expected):
    assert decode_action(text) == expected


@pytest.mark.parametrize(
    ("text", "path", "words"),
    [
        ("  ", "", "the text is empty"),
        ("\ufeff{}", "", "a value is wanted"),
        ("{'type':'forward'}", "", 'a key in " is wanted'),
        ('{"type":"forward",}', "", 'a key in " is wanted'),
        ('{"type":"a\tb"}', "", "control character"),
        ('{"type":"\\x"}', "", "escape"),
        ('{"type":01}', "", "number that JSON does not know"),
        ('{"type":"jwt-validation"}', "type", "not jwt-validation"),
        ('{"type":"forward"}', "", "needs forwardConfig"),
        ('{"type":"forward","serviceName":"a"}', "", "needs forwardConfig"),
        ('{"type":"forward","targetGroupARN":"x","forwardConfig":{}}', "", "not both"),
        ('{"type":"redirect","redirectConfig":{"statusCode":301}}', "redirectConfig.statusCode",
         "must be a string (put it in quotes), not 301"),
        ('{"type":"redirect"}', "redirectConfig", "is missing"),
        (ONE % '{"serviceName":"a"}', "forwardConfig.targetGroups[0].servicePort", "is missing"),
        (ONE % '{"weight":1}', "forwardConfig.targetGroups[0]", "names no serviceName"),
        (ONE % f'{{{TARGET},"targetGroupName":"g"}}', "forwardConfig.targetGroups[0]", "both"),
        (ONE % '{"serviceName":"a","servicePort":80.0}',
         "forwardConfig.targetGroups[0].servicePort", "without quotes or decimals"),
        (ONE % f'{{{TARGET}}},{{{TARGET},"weight":1}}',
         "forwardConfig.targetGroups[0].weight", "each of several needs one"),
        ('{"type":"forward","forwardConfig":{"targetGroups":{}}}', "forwardConfig.targetGroups",
         "must be a list in [ ], not an object"),
        ("[" * 20_000, "", "nested too deeply"),
    ],
)  # fmt: skip
def test_what_the_controller_refuses_is_said_with_its_place(text, path, words):
    with pytest.raises(Undecodable) as refused:
        decode_action(text, "actions.x")

    assert (refused.value.annotation, refused.value.path) == ("actions.x", path)
    assert words in str(refused.value)
    assert "(at character" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("null", ()),
        ("[]", ()),
        (
            (
                '[{"field":"http-header","httpHeaderConfig":'
                '{"httpHeaderName":"X-Canary","values":["1"]}}]'
            ),
            (Condition(field="http-header", header="X-Canary", values=("1",)),),
        ),
        (
            '[{"Field":"host-header","HostHeaderConfig":{"Values":["a.b",null]}}]',
            (Condition(field="host-header", values=("a.b", "")),),
        ),
        (
            (
                '[{"field":"query-string","queryStringConfig":{"values":[{"key":"k","value":"v"},'
                '{"value":"w"}]}}]'
            ),
            (Condition(field="query-string", pairs=(("k", "v"), (None, "w"))),),
        ),
        (
            '[{"field":"path-pattern","pathPatternConfig":{"regexValues":["^/a"]}}]',
            (Condition(field="path-pattern", regexes=("^/a",)),),
        ),
    ],
)
def test_conditions(text, expected):
    assert decode_conditions(text) == expected


@pytest.mark.parametrize("field", ["HTTP-Header", "header", ""])
def test_a_misspelt_field_is_dropped_in_silence(field):
    """The canary for one header becomes the canary for everybody."""
    config = {"httpHeaderName": "X-Canary", "values": ["1"]}
    (one,) = decode_conditions(json.dumps([{"field": field, "httpHeaderConfig": config}]))
    assert not one.counts


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{}", "must be a list in [ ]"),
        ('[{"field":"http-header"}]', "the field http-header needs it"),
        ('[{"field":"http-header","httpHeaderConfig":{"values":[]}}]', "missing or empty"),
        ('[{"field":"http-header","httpHeaderConfig":{"values":"1"}}]', "must be a list"),
        ('[{"field":"http-header","httpHeaderConfig":{"values":[1]}}]', "must be a string"),
        (
            '[{"field":"path-pattern","pathPatternConfig":{"values":["a"],"regexValues":["b"]}}]',
            "only one may be given",
        ),
        ('[{"field":"query-string","queryStringConfig":{"values":[{"key":"k"}]}}]', "[0].value"),
    ],
)
def test_conditions_that_the_controller_refuses(text, words):
    with pytest.raises(Undecodable) as refused:
        decode_conditions(text)
    assert words in str(refused.value)


odd_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "Type", "forwardConfig", "targetGroups", "weight", "serviceName", "field",
                 "servicePort", "httpHeaderConfig", "values", "queryStringConfig", "key", "value"]
            ),
            inner | st.sampled_from(["forward", "redirect", "http-header", "query-string"]),
            max_size=5,
        )
    ),
    max_leaves=15,
)  # fmt: skip


@tries(500)
@given(text=st.text() | odd_json.map(json.dumps))
def test_no_text_is_too_odd(text):
    """It is read or refused; nothing else is raised."""
    for decode in (decode_action, decode_conditions):
        with suppress(Undecodable):
            decode(text)


@given(value=st.text())
def test_a_string_is_read_as_json_reads_it(value):
    """Escapes, and letters beyond the first 65,536; only half letters are replaced."""
    for ascii_only in (True, False):
        text = json.dumps({"type": "fixed-response", "fixedResponseConfig": {
            "statusCode": "200", "messageBody": value}}, ensure_ascii=ascii_only)  # fmt: skip
        assert decode_action(text).body == value
