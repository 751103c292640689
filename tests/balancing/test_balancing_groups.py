"""Which Ingresses share a balancer, and in which order: the controller's own situations."""

import pytest

from bot.balancing.groups import Gathering, find_groups, group_fault
from bot.balancing.inventory import Controller
from bot.balancing.objects import IngressClass
from tests.balancing.situations import a_path
from tests.balancing.worlds import ALB, failures, inventory, member, model_of, params

CLASS = "kubernetes.io/ingress.class"


@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        pytest.param({"c": None, "b": None, "a": None}, "abc", id="by name"),
        pytest.param({"a": "3", "b": "2", "c": "1"}, "cba", id="by order"),
        pytest.param({"a": "1", "b": None, "c": None}, "bca", id="none is 0"),
        pytest.param({"a": None}, "a", id="one"),
        pytest.param({"b": "42", "a": "42"}, "ab", id="a tie"),
        pytest.param({"b": "0", "a": "-1"}, "ab", id="negative"),
        pytest.param({"a": "1000", "b": "-1000"}, "ba", id="the ends"),
    ],
)
def test_members_stand_by_order_then_by_name(orders, expected):
    members = [
        member(name, said={} if order is None else {"group.order": order})
        for name, order in orders.items()
    ]
    assert "".join(one.name for one in model_of(*members).group.members) == expected


def test_a_tie_is_decided_by_bytes_of_namespace_and_name():
    one, other = member("a", namespace="shop"), member("b", namespace="sho")
    assert [m.key for m in model_of(one, other).group.members] == ["sho/b", "shop/a"]


@pytest.mark.parametrize("order", ["x", "1001", "-1001", "1.0", "", " 1", "0x1"])
def test_an_impossible_order_stops_the_whole_group(order):
    (told, *_) = failures(member("good"), member("bad", said={"group.order": order}))
    assert told == (
        "ORD-11 Ingress shop/bad: alb.ingress.kubernetes.io/group.order: "
        f"must be a whole number from -1000 to 1000, not {order!r}"
    )


@pytest.mark.parametrize(
    ("name", "is_good"),
    [
        ("group", True),
        ("42", True),
        ("m00nf1sh", True),
        ("group-m00nf1sh", True),
        ("aaaa-.cc-c.c", True),
        ("a" * 63, True),
        ("GROUP", False),
        ("-abcdef", False),
        ("abc-", False),
        ("a" * 64, False),
        ("", False),
        ("a\n", False),
    ],
)
def test_names_of_groups(name, is_good):
    assert (group_fault(name) == "") is is_good


def test_who_names_an_impossible_group_is_in_none():
    whole = inventory(member("in"), member("out", group="Bad_Name"))
    assert [m.name for g in find_groups(whole) for m in g.members] == ["in"]
    gathering = Gathering(whole)
    for ingress in whole.ingresses:
        gathering.add(ingress)
    assert [(o.ingress.name, o.name) for o in gathering.outsiders] == [("out", "Bad_Name")]


def test_without_a_name_an_ingress_is_a_group_of_its_own():
    whole = inventory(member("a", group=""), member("b", group=""), member("c", namespace="team"))
    assert [(g.name, g.is_explicit) for g in find_groups(whole)] == [
        ("g", True),
        ("shop/a", False),
        ("shop/b", False),
    ]


def test_the_group_of_the_class_beats_the_annotation():
    with_params, spec = params(group={"name": "of-class"})
    one = member("a", group="mine", class_name="with-p")
    whole = inventory(one, classes=(ALB, with_params), params=(spec,))
    assert [group.name for group in find_groups(whole)] == ["of-class"]


OTHER = IngressClass.model_validate({"metadata": {"name": "other"}, "spec": {"controller": "x"}})
DEFAULT = IngressClass.model_validate(
    {
        "metadata": {
            "name": "usual",
            "annotations": {"ingressclass.kubernetes.io/is-default-class": "true"},
        },
        "spec": {"controller": "ingress.k8s.aws/alb"},
    }
)


@pytest.mark.parametrize(
    ("annotation", "class_name", "flag", "is_member"),
    [
        pytest.param(None, "alb", "alb", True, id="by class"),
        pytest.param(None, "other", "alb", False, id="of another controller"),
        pytest.param(None, "gone", "alb", False, id="its class does not exist"),
        pytest.param("alb", "", "alb", True, id="by annotation"),
        pytest.param("nginx", "alb", "alb", False, id="the annotation beats the class"),
        pytest.param("alb", "other", "alb", True, id="also the other way round"),
        pytest.param("mine", "", "mine", True, id="as the controller was started"),
        pytest.param("alb", "", "mine", False, id="not as it was started"),
        pytest.param("alb", "", "", True, id="started without: alb"),
        pytest.param("", "", "", True, id="started without: empty"),
        pytest.param(None, "", "", True, id="started without: none"),
        pytest.param(None, "", "alb", False, id="without any class"),
    ],
)
def test_which_ingresses_it_looks_at(annotation, class_name, flag, is_member):
    one = member("a", class_name=class_name)
    if annotation is not None:
        one = one.model_copy(update={"annotations": one.annotations | {CLASS: annotation}})
    controller = Controller(ingress_class=flag)
    whole = inventory(one, services=[], classes=(ALB, OTHER), controller=controller)
    assert bool(find_groups(whole)) is is_member


def test_without_a_class_the_default_one_counts():
    one = member("a", class_name="")
    assert find_groups(inventory(one, services=[], classes=(ALB, DEFAULT)))


def test_several_default_classes_and_one_ingress_without_stop_everything():
    """The controller cannot tell whose it is, and loads no group at all."""
    second = DEFAULT.model_copy(update={"name": "second"})
    (told, *_) = failures(
        member("good", a_path("a")), member("bad", class_name=""), classes=(ALB, DEFAULT, second)
    )
    assert told.startswith("WIRE-15 Ingress shop/bad: spec.ingressClassName: it names no class")


@pytest.mark.parametrize(
    "reference",
    [
        pytest.param({"kind": "IngressClassParams", "name": "p"}, id="no API group"),
        pytest.param({"apiGroup": "elbv2.k8s.aws", "kind": "Other", "name": "p"}, id="no kind"),
        pytest.param(
            {"apiGroup": "elbv2.k8s.aws", "kind": "IngressClassParams", "name": "gone"}, id="gone"
        ),
    ],
)
def test_a_class_with_parameters_that_do_not_exist_has_no_members(reference):
    odd = IngressClass.model_validate(
        {
            "metadata": {"name": "odd"},
            "spec": {"controller": "ingress.k8s.aws/alb", "parameters": reference},
        }
    )
    _, spec = params()
    one = member("a", class_name="odd")
    assert not find_groups(inventory(one, services=[], classes=(odd,), params=(spec,)))


def test_who_is_being_deleted_leaves():
    one = member("a", a_path("a"))
    gone = one.model_copy(update={"name": "b", "deleted_at": "2026-11-24T03:00:00Z"})
    assert [m.name for m in model_of(one, gone).group.members] == ["a"]
