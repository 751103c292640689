"""Plain values of annotations: the situations of the controller's parser, and Go's own."""

import pytest

from bot.balancing.scalars import is_net, parse_bool, parse_int, parse_list, parse_pairs


@pytest.mark.parametrize("text", ["1", "t", "T", "TRUE", "true", "True"])
def test_what_is_true(text):
    assert parse_bool(text) is True


@pytest.mark.parametrize("text", ["0", "f", "F", "FALSE", "false", "False"])
def test_what_is_false(text):
    assert parse_bool(text) is False


@pytest.mark.parametrize("text", ["yes", "on", " true", "true ", "FaLsE", "", "2"])
def test_what_is_neither(text):
    assert parse_bool(text) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("101", 101),
        ("+5", 5),
        ("-5", -5),
        ("0080", 80),
        ("0" * 5_000 + "7", 7),
        ("2147483647", 2_147_483_647),
        ("-2147483648", -2_147_483_648),
        ("2147483648", None),
        ("9" * 5_000, None),
        ("22d", None),
        ("", None),
        (" 1", None),
        ("1_0", None),
        ("1.0", None),
        ("+", None),
        ("٣", None),
    ],
)
def test_whole_numbers(text, number):
    assert parse_int(text) == number


def test_whole_numbers_of_64_bits():
    assert parse_int("9223372036854775807", bits=64) == 2**63 - 1
    assert parse_int("9223372036854775808", bits=64) is None


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("\t,  ,,,,,", ()),
        ("abc,", ("abc",)),
        (
            'ab  c, de  \t, test, ,\t\t\t123   \t\t, "ooo, 1,,,, 3',
            ("ab  c", "de", "test", "123", '"ooo', "1", "3"),
        ),
    ],
)
def test_lists(text, members):
    assert parse_list(text) == members


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("", {}),
        (
            "key1=value1, key2=value2, key3/with-slash=value3, key4/empty-value=",
            {
                "key1": "value1",
                "key2": "value2",
                "key3/with-slash": "value3",
                "key4/empty-value": "",
            },
        ),
        (
            "key1=value1\\,valueOne, key2= value2, key3/with-slash=value3\\,valueThree, k4=",
            {
                "key1": "value1,valueOne",
                "key2": "value2",
                "key3/with-slash": "value3,valueThree",
                "k4": "",
            },
        ),
        (
            "key1=Mjk5NzkyNDU4Cg==, foo=ZGF=0=ZQo=, res=value_:/=+-@",
            {"key1": "Mjk5NzkyNDU4Cg==", "foo": "ZGF=0=ZQo=", "res": "value_:/=+-@"},
        ),
        ("a=b,", {"a": "b,"}),
        ("key1,key2", None),
        ("=value", None),
        ("a=b,c", None),
        (" ", None),
    ],
)
def test_pairs(text, pairs):
    assert parse_pairs(text) == pairs


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("10.0.0.0/8", True),
        ("10.0.0.0/08", True),
        ("::/0", True),
        ("10.0.0.0", False),
        ("10.0.0.0/33", False),
        ("010.0.0.0/8", False),
        ("10.0.0.0/255.0.0.0", False),
        ("fe80::1%eth0/64", False),
        ("banana", False),
        ("", False),
    ],
)
def test_nets(text, is_one):
    assert is_net(text) is is_one
