"""
What the Rollouts controller writes into Ingresses and Services by itself.

As in test_controller: these scenarios are there to compare the local cluster with the real one.
"""

from tests.scenarios.cast import ping_pong
from tests.scenarios.header_tests import MANAGED, ROUTE, gate

THIRD_IMAGE = "tomozo-repo/tomozo:0.0.3"
ACTION = "alb.ingress.kubernetes.io/actions.tomozo-stable"


async def test_a_header_route_of_argo(operator):
    await operator.deploy(steps=gate(1, ROUTE), static_route=False, routing=MANAGED)
    await operator.paused_at(step=2)
    for step in (5, 7):
        await operator.plugin("promote")
        await operator.waits_at(step)
    await operator.plugin("promote")
    await operator.phase("Healthy")
    await operator.weighs(0)


async def test_a_header_route_goes_with_the_last_ready_pod(operator):
    await operator.deploy(steps=gate(1, ROUTE), static_route=False, routing=MANAGED)
    await operator.paused_at(step=2)
    (pod,) = await operator.pods("currentPodHash")
    await operator.kube.make_pod_unready(operator.namespace, pod)
    await operator.kube.wait_for(
        lambda one: "tests" not in str(one["spec"]),
        "without the route",
        kind="ingresses",
        name="tomozo",
        namespace=operator.namespace,
    )
    await operator.has_pods(4)  # the controller says so only after it took the route
    await operator.kube.make_pod_ready(operator.namespace, pod)
    await operator.has_pods(5)


async def test_a_header_route_of_several_headers_in_two_ingresses(operator):
    route = {
        "setHeaderRoute": {
            "name": "tests",
            "match": [
                {"headerName": "X-Canary", "headerValue": {"exact": "true"}},
                {"headerName": "X-Canary", "headerValue": {"exact": "<1&2>"}},
                {"headerName": "X-Team", "headerValue": {"exact": "shop*"}},
            ],
        }
    }
    steps = [*gate(1, route)[:3], {"setHeaderRoute": {"name": "tests"}}, {"pause": {}}]
    await operator.deploy(steps=steps, static_route=False, ingresses=2, routing=MANAGED)
    await operator.paused_at(step=2)
    await operator.plugin("promote")
    await operator.waits_at(4)


async def test_a_hand_edit_is_put_back_on_the_first_ingress_only(operator):
    await operator.deploy(ingresses=2)
    await operator.paused_at()
    for ingress in ("tomozo-2", "tomozo"):
        found = await operator.kube.get("ingresses", ingress, operator.namespace)
        edited = found["metadata"]["annotations"][ACTION].replace('"Weight":10', '"Weight":77')
        change = {"metadata": {"annotations": {ACTION: edited}}}
        await operator.kube.patch("ingresses", ingress, operator.namespace, change)
        if ingress == "tomozo-2":
            await operator.weighs(77, ingress)
    await operator.weighs(10, "tomozo")
    await operator.weighs(10, "tomozo-2")


async def test_sticky_sessions_another_prefix_and_a_root_service(operator):
    alb = {
        "ingress": "tomozo",
        "servicePort": 8080,
        "rootService": "x-canary-header",
        "annotationPrefix": "alb.example",
        "stickinessConfig": {"enabled": True, "durationSeconds": 3600},
    }
    await operator.deploy(routing={"alb": alb})
    await operator.paused_at()


async def test_ping_and_pong_change_their_roles(operator):
    await operator.apply(*ping_pong())
    await operator.phase("Healthy")
    for image in ("tomozo-repo/tomozo:0.0.2", THIRD_IMAGE):
        await operator.paused_at(image)
        await operator.plugin("promote")
        await operator.until(
            lambda one: (
                one["status"]["phase"] == "Healthy"
                and one["status"]["canary"]["weights"]["canary"]["weight"] == 0
            ),
            "healthy, and all traffic is stable",
        )
