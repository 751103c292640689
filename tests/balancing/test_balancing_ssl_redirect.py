"""Where `ssl-redirect` leads: the controller's own situations."""

import pytest

from tests.balancing.situations import a_path
from tests.balancing.worlds import failures, member, model_of, params

KEY = "alb.ingress.kubernetes.io"
BOTH = '[{"HTTP":80},{"HTTPS":443}]'
SLASH = a_path("svc")


@pytest.mark.parametrize(
    ("wishes", "spec", "target"),
    [
        pytest.param([None], {}, None, id="nobody"),
        pytest.param(["443"], {}, "443", id="one"),
        pytest.param([None, None], {}, None, id="nobody of two"),
        pytest.param(["443", None], {}, "443", id="one of two"),
        pytest.param(["443", "+443"], {}, "443", id="both"),
        pytest.param([None], {"sslRedirectPort": "443"}, "443", id="the class"),
        pytest.param(["8443"], {"sslRedirectPort": "443"}, "443", id="the class counts more"),
        pytest.param(["443"], {"sslRedirectPort": "x"}, None, id="the class says nonsense"),
    ],
)
def test_ssl_redirect_empties_all_http_listeners(wishes, spec, target):
    with_params, own = params(**spec)
    members = [
        member(
            f"m{i}",
            SLASH,
            said={"listen-ports": BOTH} | ({} if wish is None else {"ssl-redirect": wish}),
            class_name="with-p",
        )
        for i, wish in enumerate(wishes)
    ]
    model = model_of(*members, classes=(with_params,), params=(own,))
    http, https = model.listeners
    assert model.failures == ()
    assert (http.redirects, len(http.rules)) == ((True, 0) if target else (False, len(members)))
    assert len(https.rules) == len(members)
    if target:
        assert (http.default.port, http.default.protocol, http.default.status) == (
            target,
            "HTTPS",
            "HTTP_301",
        )


@pytest.mark.parametrize(
    ("wishes", "told"),
    [
        (["8443"], "ORD-10 Ingress shop/m0: %s: the port 8443 is no listener of the group"),
        (["80"], "ORD-10 Ingress shop/m0: %s: the port 80 is not HTTPS"),
        (["x"], "ANN-01 Ingress shop/m0: %s: must be a port, not 'x'"),
        (
            ["443", "8443"],
            "ORD-10 Ingress shop/m1: %s: all must agree: shop/m0 wants 443 and shop/m1 wants 8443",
        ),
    ],
)
def test_ssl_redirect_that_the_controller_refuses(wishes, told):
    said = ({"listen-ports": BOTH, "ssl-redirect": wish} for wish in wishes)
    members = [member(f"m{i}", SLASH, said=one) for i, one in enumerate(said)]
    assert failures(*members) == [told % f"{KEY}/ssl-redirect"]


def test_behind_ssl_redirect_a_broken_rule_of_an_http_member_stops_nobody():
    """It is never looked at: no rule stands there."""
    https = member("a", SLASH, said={"listen-ports": BOTH, "ssl-redirect": "443"})
    broken = member("b", a_path("root"), said={"actions.root": "{"})
    assert failures(https, broken) == []
    assert failures(member("a", SLASH, said={"listen-ports": BOTH}), broken) != []
