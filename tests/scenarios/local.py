"""The local cluster as a bed for scenarios: what they ask of the real one, this one has too."""

import tempfile
from pathlib import Path
from typing import Self

from bot.sandbox.cluster.argo import plugin
from bot.sandbox.cluster.calls import User
from bot.sandbox.cluster.control import Controllers
from bot.sandbox.cluster.server import LocalCluster
from tests.cluster.bed.api import Api
from tests.cluster.bed.kube import Kube
from tests.cluster.bed.users import HOME_NAMESPACE, USERS, namespace_manifest, rbac_manifests


class LocalBed:
    """Everything in this process."""

    ca_file = None
    closed_port = 9  #: discard: nobody listens there

    def __init__(self) -> None:
        self.cluster = LocalCluster()
        self._controllers = Controllers(self.cluster.store)
        self._folder = tempfile.TemporaryDirectory(prefix="rollout-bot-local-bed-")

    async def __aenter__(self) -> Self:
        await self.cluster.start()
        await self._controllers.__aenter__()
        for user in USERS.values():
            self.cluster.people.add(User(name=user.name, groups=user.groups))
        async with self.api() as api:
            await api.apply(namespace_manifest(HOME_NAMESPACE))
            for manifest in rbac_manifests():
                await api.apply(manifest, HOME_NAMESPACE)
        return self

    async def __aexit__(self, *_: object) -> None:
        failure = self._controllers.failure()
        await self._controllers.__aexit__(None, None, None)
        await self.cluster.stop()
        self._folder.cleanup()
        assert failure is None, failure

    @property
    def api_url(self) -> str:
        """Where the API server listens."""
        return self.cluster.url

    def token(self, user: str) -> str:
        """What this user shows to the API server."""
        return self.cluster.people.token(USERS[user].name)

    def kubeconfig(self, user: str) -> Path:
        """A kubeconfig of this user."""
        file = Path(self._folder.name) / f"{user}.kubeconfig"
        return self.cluster.kubeconfig(USERS[user].name, file)

    def api(self, user: str = "admin") -> Api:
        """A client for the plain API as this user."""
        return Api(self.api_url, self.ca_file, self.token(user))

    async def stop_api_server(self) -> None:
        """Answer nobody; the objects stay."""
        await self.cluster.cut()

    async def start_api_server(self) -> None:
        """Answer again, at the same address."""
        await self.cluster.mend()

    async def stop_controller(self) -> None:
        """End the Rollouts controller."""
        await self._controllers.stop_argo()

    async def start_controller(self) -> None:
        """Start the Rollouts controller."""
        self._controllers.start_argo()

    async def mend(self) -> None:
        """Start again what a test has stopped and not started again."""
        await self.cluster.mend()
        self._controllers.start_argo()


class LocalKube(Kube):
    """What a scenario does to the local cluster; the plugin is the sandbox's own."""

    _bed: LocalBed

    async def plugin(self, *arguments: str) -> str:
        """Do what `kubectl-argo-rollouts` does."""
        words = [word for word in arguments if word not in ("rollout", "--full")]
        verb, name, _, namespace = words
        store = self._bed.cluster.store
        return await plugin.run(store, verb, namespace, name, full="--full" in arguments)
