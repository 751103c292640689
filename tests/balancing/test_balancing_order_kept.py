"""What a patch leaves: no weights, header route or redirect is taken by what it wrote."""

from copy import deepcopy
from dataclasses import replace
from functools import reduce
from pathlib import Path

import pytest
import yaml

from bot.balancing.annotations import Redirect
from bot.balancing.argo import root_service
from bot.balancing.checks.taking import leads_to_https
from bot.balancing.foresight import foresee, with_routes
from bot.balancing.inspection import inspect
from bot.balancing.shadows import verdicts
from tests.balancing.loading import read, take_in
from tests.balancing.ordering import a_release, an_ingress, asks_for, entry, other, root
from tests.balancing.situations import a_path
from tests.balancing.test_balancing_order_patches import identity, patched
from tests.balancing.worlds import models

FOLDER = Path(__file__).parents[1] / "manifests"
SHOWN = sorted([*FOLDER.glob("ORD-*/shown-*.yaml"), *FOLDER.glob("WIRE-*/shown-*.yaml")])
SEED = FOLDER / "ORD-01" / "shown-redirect-dead-too.yaml"
HEADER = a_path("header", "/*", "ImplementationSpecific")
REDIRECT = a_path("to-https", "/*", "ImplementationSpecific")
TO_HTTPS = '{"type":"redirect","redirectConfig":{"protocol":"HTTPS","statusCode":"HTTP_301"}}'
BOTH = '[{"HTTP":80},{"HTTPS":443}]'


def parts_of(patch):
    """The objects that a patch changes; what belongs to Argo CD names none."""
    return [part for part in yaml.safe_load_all(patch) if "metadata" in part]


def never_reached(documents):
    """
    Rules for the weights, a header or a redirect that get no request, as Argo will write all.

    That HTTP is sent to HTTPS before them is how it is meant.
    """
    inventory = foresee(take_in(*deepcopy(documents)))
    ingresses = [
        reduce(
            lambda one, rollout: with_routes(rollout, one),
            inventory.rollouts_at(ingress.namespace, ingress.name),
            ingress,
        )
        for ingress in inventory.ingresses
    ]
    roots = {root_service(rollout) for rollout in inventory.rollouts if rollout.alb}
    known = models(replace(inventory, ingresses=tuple(ingresses)))
    return {
        (one.rule.ingress, one.rule.entry, one.rule.service, listener.protocol)
        for model in known
        for listener in model.listeners
        for one in verdicts(listener.rules)
        if one.covered_by and not leads_to_https(one.covered_by)
        if one.rule.tests or isinstance(one.rule.action, Redirect) or one.rule.service in roots
    }


@pytest.mark.parametrize("path", SHOWN, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_patch_keeps_no_weights_header_route_or_redirect_from_its_requests(path):
    documents = read(path)
    before = never_reached(documents)
    known = {identity(document) for document in documents}

    for finding in inspect(take_in(*deepcopy(documents))).findings:
        after = documents
        for part in parts_of(finding.patch) if finding.id[:3] in {"ORD", "WIR"} else ():
            if identity(part) in known:
                after = patched(after, part)
        kept = never_reached(after)
        assert not kept - before, finding.key
        if finding.id == "ORD-01" and finding.patch:
            assert not {one for one in kept if one[0] == f"{finding.namespace}/{finding.name}"}


def of_header(*paths):
    """The finding at an Ingress with these paths, and the paths that its patch writes."""
    ingress = an_ingress(
        entry(*paths),
        **{
            "listen-ports": BOTH,
            "actions.to-https": TO_HTTPS,
            "conditions.header": asks_for("1"),
            "actions.header": '{"type":"forward","forwardConfig":{"targetGroups":'
            '[{"serviceName":"web-canary","servicePort":"80"}]}}',
        },
    )
    report = inspect(take_in(ingress, a_release(steps=[{"setWeight": 10}, {"pause": {}}])))
    found = [f for f in report.findings if f.id in {"ORD-01", "ORD-02"} and f.patch]
    (rules,) = yaml.safe_load(found[0].patch)["spec"]["rules"]
    written = rules["http"]["paths"]
    assert {path["pathType"] for path in written} == {"ImplementationSpecific"}
    return found[0], [(p["path"], p["backend"]["service"]["name"]) for p in written]


def test_the_seed_with_its_root_as_a_prefix_keeps_the_order_of_its_file():
    findings = {f.id: f for f in inspect(take_in(*read(SEED))).findings}

    (rule,) = yaml.safe_load(findings["ORD-01"].patch)["spec"]["rules"]

    assert [
        (path["path"], path["pathType"], path["backend"]["service"]["name"])
        for path in rule["http"]["paths"]
    ] == [
        ("/*", "ImplementationSpecific", "ssl-redirect"),
        ("/*", "ImplementationSpecific", "x-canary-header"),
        ("/*", "ImplementationSpecific", "tomozo-stable"),
    ]


@pytest.mark.parametrize(
    ("paths", "written"),
    [
        pytest.param(
            [REDIRECT, root("/", "Prefix"), HEADER],
            [("/*", "to-https"), ("/*", "header"), ("/*", "root")],
            id="a header route behind goes before it",
        ),
        pytest.param(
            [HEADER, REDIRECT, root("/", "Prefix")],
            [("/*", "header"), ("/*", "to-https"), ("/*", "root")],
            id="one that stands before it stays",
        ),
        pytest.param(
            [root("/a", "Prefix"), root("/a/b", "Prefix"), HEADER],
            [
                ("/*", "header"),
                *(("/a/b", "root"), ("/a/b/*", "root")),
                *(("/a", "root"), ("/a/*", "root")),
            ],
            id="of two that are taken the longer one stays first",
        ),
        pytest.param(
            [HEADER, root(), other("web-stable", "/api", "Prefix")],
            [("/*", "header"), ("/api", "web-stable"), ("/api/*", "web-stable"), ("/*", "root")],
            id="what takes everything stays behind it",
        ),
    ],
)
def test_the_order_of_a_file_is_kept(paths, written):
    _, found = of_header(*paths)

    assert found == written


@pytest.mark.parametrize(
    ("paths", "said"),
    [
        pytest.param([REDIRECT, HEADER, root("/", "Prefix")], True, id="behind the same path"),
        pytest.param([HEADER, root("/", "Prefix")], False, id="no redirect"),
        pytest.param([REDIRECT, root(), HEADER], False, id="a redirect that is reached"),
    ],
)
def test_a_redirect_that_the_same_path_takes_is_told_of(paths, said):
    finding, _ = of_header(*paths)

    is_said = "The redirect to HTTPS is never reached either: plain HTTP is answered." in (
        finding.message
    )
    assert is_said == said


def test_a_path_that_is_written_as_it_should_be_is_not_to_be_rewritten():
    finding, _ = of_header(root(), HEADER)

    assert finding.fix == "Put the header route before it."
