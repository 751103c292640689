"""Manifests that the API server would not have let through break nothing."""

import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.balancing.objects import Ingress
from tests.balancing.situations import PREFIX, a_rollout
from tests.balancing.wired import look, service
from tests.tries import tries

KEYS = "setWeight setHeaderRoute setCanaryScale name match replicas headerName headerValue exact"
KEYS += " http paths backend service port path pathType host weight pause matchTrafficWeight"
values = st.none() | st.booleans() | st.integers(-2, 200) | st.sampled_from(["", "route", "stable"])
json_like = st.recursive(
    values,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(KEYS.split()), inner, max_size=4)
    ),
    max_leaves=12,
)
match = st.lists(
    json_like | st.fixed_dictionaries({"headerName": json_like, "headerValue": json_like}),
    max_size=2,
)
route = st.fixed_dictionaries({"name": st.just("route"), "match": match | json_like})
path = st.fixed_dictionaries(
    {"path": json_like, "backend": st.fixed_dictionaries({"service": json_like}) | json_like}
)
http = st.fixed_dictionaries({"paths": st.lists(path | json_like, max_size=3)})
junk = (
    st.dictionaries(st.sampled_from(["setHeaderRoute", "setCanaryScale", "http"]), json_like)
    | st.fixed_dictionaries({"setHeaderRoute": route})
    | st.fixed_dictionaries({"http": http})
)


@given(
    steps=st.lists(junk, max_size=3),
    rules=st.lists(junk, max_size=3),
    default=st.none() | junk,
    book=st.text(max_size=8) | st.sampled_from(['{"app":["a/actions.b"]}', '{"x":null}']),
    name=st.text(max_size=4),
)
@tries(300)
def test_whatever_stands_in_a_manifest_nothing_breaks(steps, rules, default, book, name):
    """Files are not what the API server would have let through."""
    routing = {"alb": {"ingress": "app"}, "managedRoutes": [{"name": "route"}, {"name": name}]}
    try:
        rollout = a_rollout(steps=steps, routing=routing)
    except ValidationError:  # told as one that cannot be read; see the tests of manifests
        rollout = a_rollout(steps=(), routing=routing)
    annotations = {
        f"{PREFIX}/actions.{name}": book,
        f"{PREFIX}/conditions.route": book,
        "rollouts.argoproj.io/managed-alb-annotations": book,
    }
    ingress = Ingress.model_validate(
        {
            "metadata": {"namespace": "shop", "name": "app", "annotations": annotations},
            "spec": {"ingressClassName": "alb", "rules": rules, "defaultBackend": default},
        }
    )

    for is_whole in (True, False):
        report = look(rollout, ingress, services=(service("stable"),), is_whole=is_whole)
        for finding in report.findings:
            list(yaml.safe_load_all(finding.patch))
