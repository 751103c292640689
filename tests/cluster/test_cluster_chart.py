"""The chart, judged by Helm and by the API server: every object, and what is refused."""

import pytest
import pytest_asyncio
import yaml

from bot.config import Config
from bot.reloading import _FIXED
from tests.cluster.bed.api import ApiError
from tests.cluster.bed.charts import (
    CHART,
    RELEASE,
    HelmError,
    dry_run,
    helm,
    install_kinds,
    of_kind,
    rendered,
)
from tests.cluster.bed.kube import Kube
from tests.cluster.bed.namespaces import namespace_of
from tests.helm.chart import ROOT, VALUE_SETS, merged, values_of
from tests.helm.test_helm_rights import granted, rights

BY_NAME = {file.name.removesuffix("-values.yaml"): values_of(file) for file in VALUE_SETS}
RESTRICTED = "pod-security.kubernetes.io/enforce"


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def monitoring(bed):
    """The kinds of the Prometheus operator, as it defines them."""
    async with Kube(bed) as kube:
        await install_kinds(kube, bed.monitoring_crds)


@pytest_asyncio.fixture(loop_scope="session")
async def restricted(kube, namespace):
    """The namespace takes only pods that meet Pod Security `restricted`."""
    label = {"metadata": {"labels": {RESTRICTED: "restricted"}}}
    await kube.patch("namespaces", namespace, "", label)
    return namespace


def test_there_are_five_sets_of_values():
    assert len(BY_NAME) == 5


@pytest.mark.parametrize("values", BY_NAME.values(), ids=BY_NAME)
async def test_the_api_server_takes_every_object(bed, kube, namespace, monitoring, values):
    """With no field that it does not know; Helm's own judge has nothing against them either."""
    for manifest in await rendered(bed, namespace, values):
        await dry_run(kube, manifest)

    await helm(bed, "lint", "--strict", str(CHART), "--values=-", values=values)


async def test_the_judge_is_awake(bed, kube, namespace, monitoring):
    """An unknown field is found, also in the kinds of the Prometheus operator."""
    manifests = await rendered(bed, namespace, BY_NAME["everything"])
    for kind in ("Deployment", "PrometheusRule"):
        manifest = of_kind(manifests, kind)
        manifest["spec"]["replica"] = 1
        with pytest.raises(ApiError, match="replica"):
            await dry_run(kube, manifest)


@pytest.mark.parametrize("values", BY_NAME.values(), ids=BY_NAME)
async def test_the_pods_meet_pod_security_restricted(bed, kube, restricted, values):
    """A namespace that enforces it takes them, and would not take another."""
    deployment = of_kind(await rendered(bed, restricted, values), "Deployment")
    template = deployment["spec"]["template"]
    metadata = template["metadata"] | {"name": "judged", "namespace": restricted}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"]}
    await dry_run(kube, pod)

    del pod["spec"]["securityContext"]["runAsNonRoot"]
    with pytest.raises(ApiError, match='violates PodSecurity "restricted'):
        await dry_run(kube, pod)


async def test_three_replicas_come_up_and_one_may_be_away(bed, kube, restricted, monitoring):
    """Everything is applied for good; the pods are found by Service, budget and Deployment."""
    values = merged(BY_NAME["several-replicas"], {"networkPolicy": {"enabled": True}})
    manifests = await rendered(bed, restricted, values)
    for manifest in manifests:
        if not manifest["kind"].startswith("Cluster"):
            await kube.apply(manifest)

    name = of_kind(manifests, "Deployment")["metadata"]["name"]
    await kube.wait_for(
        lambda deployment: deployment["status"]["availableReplicas"] == 3,
        "available",
        30,
        kind="deployments",
        name=name,
        namespace=restricted,
    )
    slices = await kube.wait_for(
        lambda found: sum(len(each["endpoints"] or ()) for each in found) == 3,
        "holding three endpoints",
        kind="endpointslices",
        namespace=restricted,
        labels=f"kubernetes.io/service-name={name}",
    )
    assert {port["name"]: port["port"] for port in slices[0]["ports"]} == {
        "health": 8080,
        "events": 3000,
    }
    budget = of_kind(manifests, "PodDisruptionBudget")
    pods = await kube.list("pods", restricted)
    chosen = budget["spec"]["selector"]["matchLabels"].items()
    assert all(chosen <= pod["metadata"]["labels"].items() for pod in pods)
    assert budget["spec"]["maxUnavailable"] == 1


def values_of_the_readme():
    """What the README shows as values.yaml."""
    _, _, after = (ROOT / "README.md").read_text().partition("in `values.yaml`:\n\n```yaml\n")
    return yaml.safe_load(after.partition("```")[0])


async def test_helm_installs_upgrades_and_removes_it(bed, kube, restricted):
    """As the README says, with its values; nothing that belongs to no namespace is left behind."""
    there = (f"--namespace={restricted}", f"--kubeconfig={bed.kubeconfig('admin')}")
    values = values_of_the_readme()

    async def of_the_cluster():
        rights = [*await kube.list("clusterroles"), *await kube.list("clusterrolebindings")]
        return [each for each in rights if restricted in each["metadata"]["name"]]

    said = await helm(bed, "install", RELEASE, str(CHART), *there, "--values=-", values=values)
    assert "STATUS: deployed" in said
    assert f"rollout-bot is on its way to {restricted}." in said
    assert "Nobody may act yet" not in said
    assert await of_the_cluster()
    [deployment] = await kube.list("deployments", restricted)
    [container] = deployment["spec"]["template"]["spec"]["containers"]
    assert container["image"].startswith("registry.example.com/rollout-bot:")

    more = merged(values, {"config": {"kubernetes": {"writes": False}}})
    said = await helm(bed, "upgrade", RELEASE, str(CHART), *there, "--values=-", values=more)
    assert "REVISION: 2" in said

    await helm(bed, "uninstall", RELEASE, *there)
    assert not await kube.list("deployments", restricted)
    assert not await of_the_cluster()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"replicas": 2}, "replicas: 2 need `database.kind: postgresql`; with SQLite there is one"),
        ({"database": {"kind": "postgresql"}}, "database.postgresql.existingSecret is missing"),
        ({"config": {"slack": {"mode": "http"}}}, "config.slack.listen is missing: mode http"),
        ({"config": {"health": {"listen": "127.0.0.1:8080"}}}, "so that probes fail; 0.0.0.0:8080"),
        ({"rbac": {"clusterWide": False}}, "needs config.kubernetes.namespaces"),
        (
            {"admissionPolicy": {"enabled": True}, "serviceAccount": {"create": False}},
            "the policy would bind all who use `default`",
        ),
        ({"replica": 2}, "additional properties 'replica' not allowed"),
        ({"log": {"level": "loud"}}, "'/log/level': value must be one of 'debug', 'info'"),
        ({"config": {"kubernetes": {"writes": None}}}, "missing property 'writes'"),
        ({"config": {"access": [{"allow": ["deploy"]}]}}, "'/config/access/0/allow/0': value must"),
    ],
)
async def test_what_cannot_work_is_refused_in_words(bed, namespace, values, said):
    with pytest.raises(HelmError) as refused:
        await rendered(bed, namespace, values)

    assert said in str(refused.value)


async def test_the_policy_is_not_made_for_an_older_kubernetes(bed):
    with pytest.raises(HelmError, match=r"needs Kubernetes 1\.30, and this is v1\.29\.0"):
        await helm(
            bed,
            *("template", "rollout-bot", str(CHART), "--kube-version=1.29.0", "--values=-"),
            values={"admissionPolicy": {"enabled": True}},
        )


# --- rights -------------------------------------------------------------------------------------


def rules_of(manifests, kind, suffix=""):
    return {
        each["metadata"].get("namespace", ""): rights(*each["rules"])
        for each in manifests
        if each["kind"] == kind and each["metadata"]["name"].endswith(suffix)
    }


@pytest.mark.parametrize(
    ("writes", "file"), [(True, "rbac.yaml"), (False, "rbac-read-only.yaml")], ids=["acts", "reads"]
)
@pytest.mark.parametrize("namespaces", [[], ["default", "kube-public"]], ids=["all", "some"])
async def test_the_rights_that_are_rendered_are_those_of_config(
    bed, namespace, writes, file, namespaces
):
    """Of some namespaces in a Role for each; what belongs to none stays in a ClusterRole."""
    values = {"config": {"kubernetes": {"writes": writes, "namespaces": namespaces}}}
    manifests = await rendered(bed, namespace, values)
    of_cluster = rules_of(manifests, "ClusterRole")[""]
    of_each = rules_of(manifests, "Role")

    assert set(of_each) == set(namespaces)
    for there in of_each.values():
        assert of_cluster | there == granted(file)
        assert not of_cluster.keys() & there.keys()
    if not namespaces:
        assert of_cluster == granted(file)


async def test_without_cluster_wide_rights_every_object_has_a_namespace(bed, namespace):
    manifests = await rendered(bed, namespace, BY_NAME["namespaced"])

    assert all(each["metadata"]["namespace"] for each in manifests)


async def test_the_lease_in_the_configuration_is_the_one_in_the_role(bed, namespace):
    """By its name and its namespace; the Role is that of config/rbac.yaml."""
    for values in (BY_NAME["several-replicas"], BY_NAME["everything"]):
        manifests = await rendered(bed, namespace, values)
        config = yaml.safe_load(of_kind(manifests, "ConfigMap")["data"]["rollout-bot.yaml"])
        lease = config["kubernetes"]["lease"]
        [role] = [each for each in manifests if each["metadata"]["name"].endswith("-lease")][:1]

        assert role["metadata"]["namespace"] == lease["namespace"]
        assert [rule.get("resourceNames") for rule in role["rules"]] == [None, [lease["name"]]]
        assert rights(*role["rules"]) == granted("rbac.yaml", "Role")


# --- what starts new pods -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "restarts"),
    [
        ({"slack": {"command": "/deploy"}}, True),
        ({"kubernetes": {"selector": "team=shop"}}, True),
        ({"kubernetes": {"writes": False}}, False),
        ({"health": {"listen": "0.0.0.0:9000"}}, True),
        ({"channels": [{"channel": "C0OTHER"}]}, False),
        ({"access": [{"allow": ["promote"], "users": ["U0ANN"]}]}, False),
        ({"header_only": {"header": "X-Other"}}, False),
        ({"drift": {"every": "5m"}}, False),
    ],
)
async def test_pods_start_anew_only_for_what_counts_from_the_start(
    bed, namespace, config, restarts
):
    """The bot takes over all else by itself, and nobody who presses a button waits for that."""
    [(section, fields)] = config.items()
    assert set(Config.model_fields) >= {section}
    takes_over = section not in _FIXED or set(fields) <= _FIXED[section]
    assert restarts is not takes_over

    before, after = [
        of_kind(await rendered(bed, namespace, values), "Deployment")
        for values in ({}, {"config": config})
    ]
    assert (before["spec"]["template"] != after["spec"]["template"]) is restarts


async def test_two_releases_share_nothing(bed, kube):
    """Not even what belongs to no namespace."""
    async with namespace_of(kube, "one") as one, namespace_of(kube, "two") as two:
        mine, others = [
            {
                (each["kind"], each["metadata"].get("namespace"), each["metadata"]["name"])
                for each in await rendered(bed, name, {"admissionPolicy": {"enabled": True}})
            }
            for name in (one, two)
        ]

    assert not mine & others
