"""A small asynchronous client of the Kubernetes API, independent of the one the bot uses."""

import json
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import aiohttp
import yaml

from .resources import BY_KIND, BY_PLURAL
from .waiting import holds_within

Manifest = dict[str, Any]
Manifests = list[Manifest]  # inside the class, `list` is a method

_NOT_YET = {404, 429, 503}  # not there; storage of a new kind or the server itself still starts
_PATCHES = {
    "apply": "application/apply-patch+yaml",
    "json": "application/json-patch+json",
    "merge": "application/merge-patch+json",
    "strategic": "application/strategic-merge-patch+json",
}


class ApiError(Exception):
    """The API server refused; its own words, and the HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status


class Api:
    """
    The Kubernetes API as one user. Use it as an async context manager.

    A *kind* is the plural name, with a subresource if need be: `rollouts`, `rollouts/status`.
    """

    def __init__(self, url: str, ca_file: Path | None, token: str) -> None:
        self._url = url
        self._tls = ssl.create_default_context(cafile=str(ca_file)) if ca_file else None
        self._headers = {"Authorization": f"Bearer {token}", "User-Agent": "bed"}

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            self._url,
            headers=self._headers,
            connector=aiohttp.TCPConnector(ssl=self._tls or True),
            timeout=aiohttp.ClientTimeout(total=30),
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()

    async def get(self, kind: str, name: str, namespace: str = "") -> Manifest:
        """Read one object."""
        return await self.request("GET", _path(kind, name, namespace))

    async def list(
        self, kind: str, namespace: str = "", *, labels: str = "", fields: str = ""
    ) -> Manifests:
        """Read all objects that the selectors choose."""
        query = {"labelSelector": labels, "fieldSelector": fields}
        answer = await self.request("GET", _path(kind, "", namespace), query=query)
        items: Manifests = answer["items"]
        return items

    async def create(self, manifest: Manifest, namespace: str = "") -> Manifest:
        """Create the object; its kind must be known here."""
        path = BY_KIND[manifest["kind"]].path(_namespace_of(manifest, namespace))
        return await self.request("POST", path, body=manifest)

    async def apply(
        self, manifest: Manifest, namespace: str = "", *, manager: str = "bed"
    ) -> Manifest:
        """Apply on the server's side, and take over fields that others own."""
        resource, name = BY_KIND[manifest["kind"]], manifest["metadata"]["name"]
        path = resource.path(_namespace_of(manifest, namespace), name)
        query = {"fieldManager": manager, "force": "true"}
        return await self.request("PATCH", path, body=manifest, query=query, patch="apply")

    async def apply_file(
        self, path: Path, namespace: str = "", *, manager: str = "bed"
    ) -> Manifests:
        """Apply each document of a YAML file, in its order."""
        return [
            await self.apply(manifest, namespace, manager=manager) for manifest in read_yaml(path)
        ]

    async def patch(
        self,
        kind: str,
        name: str,
        namespace: str,
        body: Any,
        *,
        patch: str = "merge",
        query: dict[str, str] | None = None,
    ) -> Manifest:
        """Patch one object; *patch* is merge, json, strategic or apply."""
        path = _path(kind, name, namespace)
        return await self.request("PATCH", path, body=body, query=query, patch=patch)

    async def delete(self, kind: str, name: str, namespace: str = "") -> None:
        """Ask for its deletion; do not wait until it is gone."""
        await self.request("DELETE", _path(kind, name, namespace))

    async def request(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        query: dict[str, str] | None = None,
        patch: str = "",
    ) -> Manifest:
        """Send any request and return the JSON of the answer."""
        content = _PATCHES[patch] if patch else "application/json"
        data = None if body is None else json.dumps(body)
        async with self._session.request(
            method, path, data=data, params=query, headers={"Content-Type": content}
        ) as answer:
            text = await answer.text()
        if answer.status >= 400:
            raise ApiError(answer.status, _message(text))
        document: Manifest = json.loads(text)
        return document

    async def wait_for(
        self,
        predicate: Callable[[Any], Any],
        what: str,
        within: float = 10,
        *,
        kind: str,
        name: str = "",
        namespace: str = "",
        labels: str = "",
    ) -> Any:
        """
        Look every 20 ms until the predicate holds; return what it held for.

        The predicate is asked about the object, or without a name about the list of all of them.
        An object or a field that is not there yet, and a server that does not answer, are reasons
        to look again.
        """
        seen: Any = None

        async def holds() -> bool:
            nonlocal seen
            seen, found = None, False
            try:
                seen = await self._look(kind, name, namespace, labels)
                found = bool(predicate(seen))
            except (LookupError, TypeError, aiohttp.ClientConnectionError) as error:
                seen = seen or repr(error)
            except ApiError as error:
                if error.status not in _NOT_YET:
                    raise
                seen = str(error)
            return found

        if not await holds_within(within, holds):
            where = f"{kind} {namespace}/{name or labels or '*'}"
            how_long = f"not {what} within {within:g} s"
            raise AssertionError(f"{where}: {how_long}; last seen:\n{_as_yaml(seen)}")
        return seen

    async def stays(
        self,
        predicate: Callable[[Any], Any],
        what: str,
        seconds: float = 1,
        *,
        kind: str,
        name: str = "",
        namespace: str = "",
        labels: str = "",
    ) -> None:
        """Look for so long; fail as soon as the predicate (see `wait_for`) does not hold."""
        seen: Any = None

        async def fails() -> bool:
            nonlocal seen
            seen = await self._look(kind, name, namespace, labels)
            return not predicate(seen)

        if await holds_within(seconds, fails):
            where = f"{kind} {namespace}/{name or labels or '*'}"
            raise AssertionError(f"{where}: no longer {what}; seen:\n{_as_yaml(seen)}")

    async def wait_until_gone(
        self, kind: str, name: str, namespace: str = "", within: float = 10
    ) -> None:
        """Look until there is no such object."""

        async def gone() -> bool:
            try:
                await self.get(kind, name, namespace)
            except ApiError as error:
                return error.status == 404
            return False

        where = f"{kind} {namespace}/{name}"
        assert await holds_within(within, gone), f"{where}: still there after {within:g} s"

    async def _look(self, kind: str, name: str, namespace: str, labels: str) -> Any:
        if name:
            return await self.get(kind, name, namespace)
        return await self.list(kind, namespace, labels=labels)


def read_yaml(path: Path) -> Manifests:
    """Read all documents of a file."""
    return [document for document in yaml.safe_load_all(path.read_text()) if document]


def _as_yaml(seen: Any) -> str:
    """What people want to read: without who wrote which field."""
    for thing in seen if isinstance(seen, list) else [seen]:
        if isinstance(thing, dict):
            thing.get("metadata", {}).pop("managedFields", None)
    return yaml.safe_dump(seen, sort_keys=False)


def _path(kind: str, name: str, namespace: str) -> str:
    plural, _, subresource = kind.partition("/")
    return BY_PLURAL[plural].path(namespace, name, subresource)


def _namespace_of(manifest: Manifest, otherwise: str) -> str:
    return str(manifest.get("metadata", {}).get("namespace", otherwise))  # reviews have no metadata


def _message(text: str) -> str:
    """The server's own words, when the answer is a Status."""
    try:
        return str(json.loads(text)["message"])
    except (ValueError, KeyError):
        return text
