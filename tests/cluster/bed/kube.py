"""`Kube`: the Kubernetes API in the words that scenarios need."""

import asyncio
import base64
import json
import os
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from .api import Api, ApiError, Manifest, Manifests
from .cluster import Bed
from .files import MADE_READY
from .guard import guarded
from .resources import BY_PLURAL
from .waiting import holds_within

_READINESS = {"Ready", "ContainersReady"}
_ACTIONS = "alb.ingress.kubernetes.io/actions."


class CommandError(Exception):
    """kubectl or its plugin ended with an error; carries what it said."""


class Kube(Api):
    """What a test sees of the bed, and does to it, as one of its users."""

    def __init__(self, bed: Bed, user: str = "admin") -> None:
        super().__init__(bed.api_url, bed.ca_file, bed.token(user))
        self._bed = bed
        self._user = user

    async def set_image(self, namespace: str, rollout: str, image: str) -> Manifest:
        """Begin a release; pods of an image whose tag ends in `never-ready` do what it says."""
        path = "/spec/template/spec/containers/0/image"
        body = [{"op": "replace", "path": path, "value": image}]
        return await self.patch("rollouts", rollout, namespace, body, patch="json")

    async def weights(self, namespace: str, ingress: str, service: str) -> dict[str, int]:
        """The weight of each Service, as the action annotation of *service* says."""
        return weights_in(await self.get("ingresses", ingress, namespace), service)

    async def pods(self, namespace: str, pod_hash: str = "") -> Manifests:
        """The pods of one revision, or all; those that are being deleted are no longer there."""
        labels = f"rollouts-pod-template-hash={pod_hash}" if pod_hash else ""
        found = await self.list("pods", namespace, labels=labels)
        return [pod for pod in found if "deletionTimestamp" not in pod["metadata"]]

    async def make_pod_unready(self, namespace: str, pod: str) -> None:
        """Take the pod's readiness away; kwok does not give it back."""
        await self._set_ready(namespace, pod, ready=False)

    async def make_pod_ready(self, namespace: str, pod: str) -> None:
        """Make the pod ready, also one of an image that is never ready by itself."""
        mark = {"metadata": {"annotations": {MADE_READY: "true"}}}
        await self.patch("pods", pod, namespace, mark)
        await self.wait_for(
            _has_address, "started by kwok", kind="pods", name=pod, namespace=namespace
        )
        await self._set_ready(namespace, pod, ready=True)

    async def _set_ready(self, namespace: str, name: str, *, ready: bool) -> None:
        pod = await self.get("pods", name, namespace)
        status = _with_readiness(pod["status"], ready=ready)
        await self.patch("pods/status", name, namespace, {"status": status})

    async def events(self, namespace: str, name: str = "") -> Manifests:
        """What was told there, or about the objects of this name; the oldest first."""
        about = f"involvedObject.name={name}" if name else ""
        found = await self.list("events", namespace, fields=about)
        return sorted(found, key=lambda event: int(event["metadata"]["resourceVersion"]))

    async def plugin(self, *arguments: str) -> str:
        """Run `kubectl-argo-rollouts` as this user and return what it printed."""
        return await self._run("kubectl-argo-rollouts", arguments)

    async def kubectl(self, *arguments: str) -> str:
        """Run `kubectl` as this user and return what it printed."""
        return await self._run("kubectl", arguments)

    async def _run(self, program: str, arguments: Sequence[str]) -> str:
        command = guarded([str(self._bed.binary(program)), *arguments])
        environment = {
            **os.environ,
            "HOME": str(self._bed.home),  # they keep a cache there
            "KUBECONFIG": str(self._bed.kubeconfig(self._user)),
        }
        process = await asyncio.create_subprocess_exec(
            *command, env=environment, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT
        )
        output = (await process.communicate())[0].decode()
        if process.returncode:
            raise CommandError(output)
        return output

    async def wait_until_allowed(self, verb: str, kind: str, namespace: str = "") -> None:
        """Wait until RBAC that was just applied has reached the API server's judgement."""
        group = BY_PLURAL[kind].group_version.rpartition("/")[0]
        asked = {"verb": verb, "group": group, "resource": kind, "namespace": namespace}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": asked},
        }

        async def allowed() -> bool:
            return bool((await self.create(review))["status"]["allowed"])

        assert await holds_within(10, allowed), f"still not allowed: {asked}"

    async def break_ingress_writes(self, namespace: str) -> None:
        """Let every update of an Ingress there fail, and return when it does."""
        await self.apply(_unreachable_webhook(namespace, self._bed))
        await self._until_writes(namespace, work=False)

    async def mend_ingress_writes(self, namespace: str) -> None:
        """Let Ingresses be updated again, and return when they can be."""
        await self.delete("validatingwebhookconfigurations", _webhook_name(namespace))
        await self._until_writes(namespace, work=True)

    async def _until_writes(self, namespace: str, *, work: bool) -> None:
        """The API server hears of a webhook a moment later than the one who made it."""
        for ingress in await self.list("ingresses", namespace):
            as_wanted = partial(self._is_written, ingress, work)
            assert await holds_within(10, as_wanted), f"Ingress writes: not yet {work=}"

    async def _is_written(self, ingress: Manifest, expected: bool) -> bool:
        """Whether an update (a dry run) works, or fails, as expected."""
        name, namespace = ingress["metadata"]["name"], ingress["metadata"]["namespace"]
        change = {"metadata": {"annotations": {"bed/probe": "true"}}}
        try:
            await self.patch("ingresses", name, namespace, change, query={"dryRun": "All"})
        except ApiError as error:
            if "failed calling webhook" not in str(error):
                raise
            return not expected
        return expected


def has_phase(phase: str) -> Callable[[Manifest], bool]:
    """Make a predicate: the controller has seen the newest manifest, and says this phase."""

    def holds(rollout: Manifest) -> bool:
        status = rollout["status"]
        is_current = status["observedGeneration"] == str(rollout["metadata"]["generation"])
        return is_current and bool(status["phase"] == phase)

    return holds


def weights_in(ingress: Manifest, service: str) -> dict[str, int]:
    """The weight of each Service in the action annotation of *service*; empty without one."""
    text = ingress["metadata"]["annotations"].get(_ACTIONS + service)
    if text is None:
        return {}
    groups = json.loads(text)["ForwardConfig"]["TargetGroups"]
    return {group["ServiceName"]: group["Weight"] for group in groups}


def _has_address(pod: Manifest) -> bool:
    return bool(pod["status"]["podIP"])


def _with_readiness(status: Mapping[str, Any], *, ready: bool) -> Manifest:
    """What a pod's status says about its readiness, as its kubelet would write it."""
    news = {
        "status": str(ready),
        "lastTransitionTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    conditions = [
        {**condition, **news} if condition["type"] in _READINESS else condition
        for condition in status["conditions"]
    ]
    containers = [{**container, "ready": ready} for container in status["containerStatuses"]]
    return {"conditions": conditions, "containerStatuses": containers}


def _webhook_name(namespace: str) -> str:
    return f"broken-{namespace}"


def _unreachable_webhook(namespace: str, bed: Bed) -> Manifest:
    """A webhook that must be asked about every update of an Ingress there, and never answers."""
    rule = {
        "apiGroups": ["networking.k8s.io"],
        "apiVersions": ["v1"],
        "resources": ["ingresses"],
        "operations": ["UPDATE"],
    }
    webhook = {
        "name": "broken.bed.test",
        "clientConfig": {
            "url": f"https://127.0.0.1:{bed.closed_port}/",
            "caBundle": base64.b64encode(bed.ca_file.read_bytes()).decode() if bed.ca_file else "",
        },
        "rules": [rule],
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "failurePolicy": "Fail",
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    }
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": _webhook_name(namespace)},
        "webhooks": [webhook],
    }
