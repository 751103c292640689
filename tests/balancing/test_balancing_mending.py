"""Which word was meant, and how JSON is put right: only where there is no doubt."""

import pytest

from bot.balancing.gojson import parse
from bot.balancing.mending import mend, number, parse_kindly, put, render
from bot.balancing.schema import ACTION, CONDITIONS
from bot.balancing.spelling import nearest

TARGET = ("serviceName", "servicePort", "targetGroupARN", "targetGroupName", "weight")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        pytest.param("Weigth", "weight", id="two letters swapped"),
        pytest.param("wait", "", id="another word"),
        pytest.param("service_name", "serviceName", id="snake case"),
        pytest.param("service", "", id="the beginning of two"),
        pytest.param("targetGroup", "", id="the beginning of two others"),
        pytest.param("groupname", "targetGroupName", id="the end of one"),
        pytest.param("port", "", id="too short to tell"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_the_word_that_was_meant(word, meant):
    assert nearest(word, TARGET) == meant


def test_of_two_words_equally_near_none_is_meant():
    assert nearest("hosts", ("host", "hosta")) == ""


@pytest.mark.parametrize(
    ("text", "decoder", "mended"),
    [
        pytest.param(
            '{"redirectConfig":{"statusCode":301,"port":443}}',
            ACTION,
            '{"redirectConfig": {"statusCode": "HTTP_301", "port": "443"}}',
            id="numbers-that-are-texts",
        ),
        pytest.param(
            '{"fixedResponseConfig":{"statusCode":503}}',
            ACTION,
            '{"fixedResponseConfig": {"statusCode": "503"}}',
            id="a-status-that-is-no-redirect",
        ),
        pytest.param(
            '{"forwardConfig":{"targetGroups":[{"weight":1e1},{"weight":"7"},{"weight":1.5}]}}',
            ACTION,
            '{"forwardConfig": {"targetGroups": [{"weight": 10}, {"weight": 7}, {"weight": 1.5}]}}',
            id="whole-numbers",
        ),
        pytest.param(
            '{"field":"http-header","httpHeaderConfig":{"values":true}}',
            CONDITIONS,
            '[{"field": "http-header", "httpHeaderConfig": {"values": ["true"]}}]',
            id="lists-of-one",
        ),
        pytest.param(
            '{"forwardConfig":{},"forwardConfg":{"a":1}}',
            ACTION,
            '{"forwardConfig": {}, "forwardConfg": {"a": 1}}',
            id="a-misspelt-key-beside-the-right-one",
        ),
        pytest.param(
            '{"type":"a","Type":null,"TYPE":"b"}', ACTION, '{"Type": null, "TYPE": "b"}', id="twice"
        ),
        pytest.param('[1,"x",null]', ACTION, '[1, "x", null]', id="what-is-not-understood"),
    ],
)
def test_slips_are_put_right_and_all_else_stays(text, decoder, mended):
    assert render(mend(parse(text), decoder)) == mended


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ('{"a":[1,2,],}', '{"a": [1, 2]}'),
        ('{"a":"x,}"}', '{"a": "x,}"}'),
        ("[,]", None),
        ("[1,,]", None),
        ("{", None),
        ("[" + "1," * 30 + "]", "[" + "1, " * 29 + "1]"),
        ("[" * 21 + "1" + ",]" * 21, None),
    ],
)
def test_commas_before_a_closing_bracket_are_left_out_up_to_twenty(text, read):
    node = parse_kindly(text)

    assert (node and render(node)) == read


def test_a_value_is_put_at_its_place_whatever_the_case_of_keys():
    node = parse('{"ForwardConfig":{"TargetGroups":[{"Weight":1},{}]}}')

    for i in (0, 1):
        node = put(node, ("forwardConfig", "targetGroups", i, "weight"), number(5))

    assert render(node) == '{"ForwardConfig": {"TargetGroups": [{"Weight": 5}, {"weight": 5}]}}'
