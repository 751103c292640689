"""The rules of a balancer on a phone: the group's failure first, the rollout's own rules marked."""

from bot.balancing.inventory import Inventory
from bot.balancing.served import serving
from bot.messages.rules import rules
from tests.balancing.situations import (
    PREFIX,
    ROOT,
    ROUTE,
    WRITTEN,
    a_path,
    a_rollout,
    an_ingress,
    the_seed,
)
from tests.messages.reading_aloud import read

WEIGHTS = (
    '{"type":"forward","forwardConfig":{"targetGroups":['
    '{"serviceName":"tomozo-canary","servicePort":8080,"weight":10},'
    '{"serviceName":"tomozo-stable","servicePort":8080,"weight":90}]}}'
)
CART = {"number": 80}


def told(*ingresses, rollout=None):
    rollout = rollout or a_rollout()
    inventory = Inventory(rollouts=(rollout,), ingresses=ingresses)
    return rules(rollout, serving(inventory, rollout))


def test_the_seed():
    rollout, ingress = the_seed(WEIGHTS)
    message = told(ingress, rollout=rollout)

    assert message.text == "tomozo/tomozo: 3 rules, tried in this order."
    assert read(message).splitlines() == [
        "*tomozo/tomozo*: 3 rules, tried in this order.",
        "*Ingress tomozo/tomozo*",
        "*HTTP 80*",
        "1. tomozo.tokyo/* → redirect 302 HTTPS port 443",
        "anything else → answer 404",
        "2 rules are left out here by the controller, for a redirect's sake.",
        "*HTTPS 443*",
        "1. tomozo.tokyo/* · X-Canary: true → tomozo-canary   *header path*",
        "2. tomozo.tokyo/* → tomozo-canary 10, tomozo-stable 90   *weighted path*",
        "anything else → answer 404",
        "1 rule is left out here by the controller, for a redirect's sake.",
    ]


def test_a_shadowed_header_path_is_the_point():
    ingress = an_ingress({ROOT: WRITTEN} | ROUTE, a_path("route"), a_path("stable", "/", "Prefix"))
    message = told(ingress)

    assert message.text == (
        "shop/app: the header path is never reached: rule 1 takes all its requests."
    )
    assert "    ⚠ never reached: rule 1 takes all its requests" in read(message)


def test_a_redirect_that_is_never_reached_is_marked():
    """Requests on port 80 are answered without it then."""
    redirect = (
        '{"type":"redirect","redirectConfig":'
        '{"port":"443","protocol":"HTTPS","statusCode":"HTTP_302"}}'
    )
    annotations = {
        ROOT: WRITTEN,
        f"{PREFIX}/listen-ports": '[{"HTTP":80},{"HTTPS":443}]',
        f"{PREFIX}/actions.ssl": redirect,
    }
    said = read(told(an_ingress(annotations, a_path("ssl"), a_path("stable", "/", "Prefix"))))

    assert "2. app.test/* → redirect 302 HTTPS port 443\n    ⚠ never reached: rule 1 takes" in said


def test_of_hundreds_the_rollouts_own_and_who_takes_from_them_are_shown():
    others = [a_path("cart", f"/c{n}", "Exact", port=CART) for n in range(400)]
    ingress = an_ingress(
        {ROOT: WRITTEN} | ROUTE, a_path("route"), *others, a_path("stable", "/", "Prefix")
    )
    said = read(told(ingress))

    assert "… 388 rules of others" in said
    assert "401. app.test/* → canary 20, stable 80   *weighted path*" in said
    assert "some of its requests go to rules 1, 2, 3, 4 and 396 more first" in said
    assert "402. app.test/* · X-Canary: 1 → canary   *header path*" in said
    behind = an_ingress({ROOT: WRITTEN}, a_path("stable"), *(a_path("cart", port=CART),) * 60)
    assert "… 47 rules of others `rollout-bot rules --cluster` shows all" in read(told(behind))


def test_what_stops_the_group_comes_first():
    group = {f"{PREFIX}/group.name": "web", f"{PREFIX}/group.order": "first"}
    lines = read(told(an_ingress({ROOT: WRITTEN} | group, a_path("stable")))).splitlines()

    assert lines[0].startswith("*shop/app*: the balancer keeps its last rules: Ingress shop/app:")
    assert lines[1] == "*Group web*, 1 Ingress"
    assert lines[2].startswith("⚠ Ingress shop/app: ")
    assert lines[2].endswith("(ORD-11)")
    assert lines[3] == "The controller changes nothing until that is mended; then it would make:"


def test_weights_that_are_ignored_are_said_at_their_path():
    said = read(told(an_ingress({ROOT: WRITTEN}, a_path("stable", port=CART))))

    assert "⚠ the weights are ignored: its port is 80, not use-annotation" in said


def test_without_an_alb_it_says_who_serves():
    nginx = a_rollout(routing={"nginx": {"stableIngress": "app"}})

    assert "NGINX serves it" in told(rollout=nginx).text
    assert "no ALB controller looks at its Ingress" in told().text
    assert "follows the pods" in told(rollout=a_rollout(routing={"smi": {}})).text
