"""Helm: what it makes of the project's chart, and the chart on the bed."""

import asyncio
import os
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .api import Manifest, Manifests
from .cluster import Bed
from .guard import guarded
from .kube import Kube
from .resources import BY_KIND
from .tools import ROOT

CHART = ROOT / "helm" / "rollout-bot"
RELEASE = "rollout-bot"
Values = Mapping[str, Any]

_RIGHTS = ("ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding")
_POLICY = ("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding")
_HOUR = 3600


class HelmError(Exception):
    """Helm refused; carries what it said."""


async def helm(bed: Bed, *arguments: str, values: Values | None = None) -> str:
    """Run Helm; it reads *values* behind `--values -`."""
    process = await asyncio.create_subprocess_exec(
        *guarded([str(bed.binary("helm")), *arguments]),
        env={**os.environ, "HOME": str(bed.home)},  # it keeps a cache there
        stdin=PIPE,
        stdout=PIPE,
        stderr=PIPE,
    )
    out, err = await process.communicate(yaml.safe_dump(dict(values or {})).encode())
    if process.returncode:
        raise HelmError(err.decode())
    return out.decode()


async def rendered(bed: Bed, namespace: str, values: Values) -> Manifests:
    """Every object that the chart makes of these values, for the bed's version of Kubernetes."""
    async with bed.api() as api:
        version = (await api.request("GET", "/version"))["gitVersion"]
    text = await helm(
        bed,
        *("template", RELEASE, str(CHART), f"--namespace={namespace}"),
        *(f"--kube-version={version}", "--values=-"),
        values=values,
    )
    return [document for document in yaml.safe_load_all(text) if document]


def of_kind(manifests: Manifests, kind: str) -> Manifest:
    """The only object of this kind, or the first: `Deployment`, `ConfigMap`."""
    return next(each for each in manifests if each["kind"] == kind)


@dataclass(frozen=True)
class Account:
    """The service account of an installed chart; *user* is its name for the bed."""

    user: str
    namespace: str
    manifests: Manifests


@asynccontextmanager
async def account_of(
    kube: Kube, bed: Bed, namespace: str, values: Values
) -> AsyncIterator[Account]:
    """
    Install of the chart what says who the bot is and what it may do; its own token is admitted.

    What belongs to no namespace is removed at the end.
    """
    everything = await rendered(bed, namespace, values)
    wanted = [each for each in everything if each["kind"] in (*_RIGHTS, *_POLICY)]
    for manifest in sorted(wanted, key=lambda each: each["kind"] in _POLICY):
        await kube.apply(manifest)
    try:
        name = of_kind(wanted, "ServiceAccount")["metadata"]["name"]
        user = f"{namespace}.{name}"
        bed.admit(user, await _token(kube, namespace, name))
        yield Account(user, namespace, everything)
    finally:
        for manifest in wanted:
            resource = BY_KIND[manifest["kind"]]
            if not resource.namespaced:
                await kube.delete(resource.plural, manifest["metadata"]["name"])


async def dry_run(kube: Kube, manifest: Manifest) -> None:
    """Let the API server judge an object as if it were applied. Raises ApiError."""
    metadata = manifest["metadata"]
    path = BY_KIND[manifest["kind"]].path(metadata.get("namespace", ""), metadata["name"])
    query = {
        "dryRun": "All",
        "fieldManager": "helm",
        "force": "true",
        "fieldValidation": "Strict",
    }
    await kube.request("PATCH", path, body=manifest, query=query, patch="apply")


async def install_kinds(kube: Kube, crds: Sequence[Path]) -> None:
    """Let the API server know further kinds, and return when it serves them."""
    for crd in crds:
        await kube.apply_file(crd)
    for crd in crds:
        plural = crd.stem.partition("_")[2]
        await kube.wait_for(lambda found: found == [], "served", kind=plural, within=30)


async def _token(kube: Kube, namespace: str, account: str) -> str:
    """Ask for a token as the kubelet does for the pods of this account."""
    request = {
        "apiVersion": "authentication.k8s.io/v1",
        "kind": "TokenRequest",
        "spec": {"expirationSeconds": _HOUR},
    }
    path = f"{BY_KIND['ServiceAccount'].path(namespace, account)}/token"
    return str((await kube.request("POST", path, body=request))["status"]["token"])
