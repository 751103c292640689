"""The whole cluster: `Bed`."""

import asyncio
import json
import secrets
import shutil
import ssl
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from .api import Api, Manifest
from .components import COMMANDS, Site
from .files import write_kubeconfig, write_service_account_key, write_stages, write_tokens
from .ports import Port
from .processes import Component
from .tools import ensure_tools
from .users import HOME_NAMESPACE, USERS, namespace_manifest, rbac_manifests

_PORTS = ("etcd", "etcd-peer", "api", "controller-metrics", "controller-health", "closed")
_CLIENTS = ("kube-controller-manager", "kube-scheduler", "kwok", "rollouts-controller")
_PATIENCE = 60  # seconds; a healthy start takes a tenth of it
_NODE: Manifest = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node"}}
_NAMESPACES = (
    "argo-rollouts",  # the controller reads its settings from there
    HOME_NAMESPACE,
)


class Bed:
    """
    A real API server and a real Rollouts controller on free loopback ports.

    It can be started once. Nothing of it outlives this process, nor the thread that started it.
    """

    def __init__(self, logs: Path | None = None) -> None:
        self.phases: dict[str, float] = {}
        """How many seconds each phase of the start took, in its order."""
        self._folder = Path(tempfile.mkdtemp(prefix="rollout-bot-bed-"))
        self._log_folder = logs or self._folder / "logs"
        self._tokens = {user: secrets.token_hex(16) for user in USERS}
        self._ports = {name: Port() for name in _PORTS}
        self._site = Site(self._folder, {name: port.number for name, port in self._ports.items()})
        self._components: dict[str, Component] = {}

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def api_url(self) -> str:
        """Where the API server listens, also while it is stopped."""
        return self._site.api_url

    @property
    def ca_file(self) -> Path:
        """The authority behind the API server's certificate, as PEM."""
        return self._site.ca_file

    @property
    def closed_port(self) -> int:
        """A loopback port on which nobody listens, as long as the bed lives."""
        return self._site.ports["closed"]

    @property
    def logs(self) -> dict[str, Path]:
        """The log file of each component."""
        return {name: component.log for name, component in self._components.items()}

    def token(self, user: str) -> str:
        """What this user shows to the API server: one of `USERS`, or who was admitted."""
        return self._tokens[user]

    def admit(self, user: str, token: str) -> None:
        """Let tests show this token, that of a service account, under the user's name."""
        self._tokens[user] = token
        self._write_kubeconfig(user, token)

    def kubeconfig(self, user: str) -> Path:
        """A kubeconfig of this user, with the certificate checked."""
        return self._site.kubeconfig(user)

    @property
    def home(self) -> Path:
        """A folder of the bed's own, for programs that keep files in their user's home."""
        return self._folder

    def binary(self, name: str) -> Path:
        """One of the built programs, such as `kubectl-argo-rollouts`."""
        return self._tools.binary(name)

    @property
    def monitoring_crds(self) -> list[Path]:
        """The kinds of the Prometheus operator, which no bed has by itself."""
        return self._tools.monitoring_crds

    def api(self, user: str = "admin") -> Api:
        """A client for the plain API as this user."""
        return Api(self.api_url, self.ca_file, self.token(user))

    async def start(self) -> None:
        """Start everything, and return when a rollout may be applied."""
        try:
            with self._phase("files"):
                self._tools = ensure_tools()
                self._prepare()
            with self._phase("etcd"):
                await self._start_etcd()
            with self._phase("api server"):
                await self._start_api_server()
            with self._phase("objects"):
                await self._apply_objects()
            with self._phase("controllers"):
                await self._start_controllers()
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Kill everything and remove all files, except logs that lie elsewhere."""
        for component in self._components.values():
            component.kill()
        for port in self._ports.values():
            port.release()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def stop_api_server(self) -> None:
        """Kill the API server; its objects stay in etcd, its address and certificate are kept."""
        self._components["kube-apiserver"].kill()

    async def start_api_server(self) -> None:
        """
        Start the API server again, and those who watch it.

        By themselves they would come back after up to a minute (client-go's back-off). In
        production they lose their lease within ten seconds and are started anew, too.
        """
        await self._start_api_server()
        await self._restart([name for name in _CLIENTS if self._components[name].running])

    async def stop_controller(self) -> None:
        """Kill the Rollouts controller."""
        self._components["rollouts-controller"].kill()

    async def start_controller(self) -> None:
        """Start the Rollouts controller and wait until it works."""
        await self._restart(["rollouts-controller"])

    async def mend(self) -> None:
        """Start again what a test has stopped and not started again."""
        if not self._components["kube-apiserver"].running:
            await self.start_api_server()
        if not self._components["rollouts-controller"].running:
            await self.start_controller()

    def _prepare(self) -> None:
        """Write the files that the components read, and make their command lines."""
        self._log_folder.mkdir(parents=True, exist_ok=True)
        write_tokens(self._site.tokens, self._tokens)
        write_service_account_key(self._site.service_account_key)
        write_stages(self._site.stages, self._tools.stages)
        for user, token in self._tokens.items():
            self._write_kubeconfig(user, token)
        for name, command in COMMANDS.items():
            program, *arguments = command(self._site)
            line = [str(self._tools.binary(program)), *arguments]
            self._components[name] = Component(name, line, self._log_folder / f"{name}.log")

    def _write_kubeconfig(self, user: str, token: str) -> None:
        write_kubeconfig(
            self.kubeconfig(user),
            server=self.api_url,
            ca_file=self.ca_file,
            user=user,
            token=token,
        )

    async def _start_etcd(self) -> None:
        etcd = self._components["etcd"]
        etcd.start()
        await etcd.wait_until_healthy(f"{self._site.etcd_url}/health", _PATIENCE)

    async def _start_api_server(self) -> None:
        server = self._components["kube-apiserver"]
        server.start()
        await server.wait_until(self._has_certificate, "certified", _PATIENCE)
        tls = ssl.create_default_context(cafile=str(self.ca_file))
        await server.wait_until_healthy(
            f"{self.api_url}/readyz", _PATIENCE, tls=tls, token=self.token("admin")
        )

    async def _has_certificate(self) -> bool:
        """Whether both files of the pair are written; the key is the second one."""
        return self.ca_file.with_suffix(".key").exists()

    async def _apply_objects(self) -> None:
        crds = [json.loads(path.read_text()) for path in self._tools.crds]
        namespaces = map(namespace_manifest, _NAMESPACES)
        async with self.api() as api:
            await asyncio.gather(*(api.apply(thing) for thing in (*namespaces, _NODE, *crds)))
            for manifest in rbac_manifests():
                await api.apply(manifest, HOME_NAMESPACE)
            await asyncio.gather(*(_until_served(api, crd) for crd in crds))

    async def _start_controllers(self) -> None:
        """Start those who watch; not sooner, or the garbage collector knows no rollouts yet."""
        await self._restart(_CLIENTS)
        async with self.api() as api:
            await api.wait_for(_is_ready, "ready", _PATIENCE, kind="nodes", name="node")

    async def _restart(self, clients: Sequence[str]) -> None:
        """Start these, after their end if they run, and wait until releases are looked after."""
        for name in clients:
            self._components[name].kill()
            self._components[name].start()
        if "rollouts-controller" in clients:
            controller = self._components["rollouts-controller"]
            await controller.wait_until_it_says("Started controller", _PATIENCE)

    @contextmanager
    def _phase(self, name: str) -> Iterator[None]:
        started = time.monotonic()
        yield
        self.phases[name] = time.monotonic() - started


async def _until_served(api: Api, crd: Manifest) -> None:
    kind = crd["spec"]["names"]["plural"]
    await api.wait_for(lambda objects: objects == [], "served", _PATIENCE, kind=kind)


def _is_ready(node: Manifest) -> bool:
    conditions = node["status"]["conditions"]
    return any((each["type"], each["status"]) == ("Ready", "True") for each in conditions)
