"""The worked results of the balancer's rule order: the rules that come out, and what is said."""

import pytest

from bot.balancing.inspection import inspect
from tests.balancing.loading import take_in
from tests.balancing.ordering import a_release, an_ingress, entry, other, root

WEB = a_release()
GROUP = {"group.name": "shared"}


@pytest.mark.parametrize(
    ("documents", "findings"),
    [
        pytest.param(
            [an_ingress(entry(root("/", "Prefix")))], {("ORD-01", "critical")}, id="Prefix root"
        ),
        pytest.param([an_ingress(entry(root()))], set(), id="correct"),
        pytest.param([an_ingress(entry(root("/")))], {("ORD-04", "high")}, id="/ alone"),
        pytest.param(
            [an_ingress(entry(root(), other("x", "/x", "Exact"), other("api", "/api", "Prefix")))],
            {("ORD-02", "info")},
            id="paths of others before the header",
        ),
        pytest.param(
            [an_ingress(entry(root(), root("/x", "Exact"), root("/api", "Prefix")))],
            {("ORD-02", "high")},
            id="own paths before the header",
        ),
        pytest.param(
            [
                an_ingress(
                    entry(other("site", "/", "Prefix"), host=""),
                    name="a-catchall",
                    **GROUP,
                ),
                an_ingress(entry(root()), **GROUP),
            ],
            {("ORD-03", "critical"), ("ORD-05", "high")},
            id="a catch-all of the group",
        ),
    ],
)
def test_the_worked_results(documents, findings):
    report = inspect(take_in(*documents, WEB))
    found = [(f.id, f.severity.value) for f in report.findings if f.id.startswith("ORD")]
    assert set(found) == findings
    assert len(found) == len(findings)
