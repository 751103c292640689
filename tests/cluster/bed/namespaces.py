"""A namespace for one test."""

import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from .kube import Kube
from .users import namespace_manifest


@asynccontextmanager
async def namespace_of(kube: Kube, test: str) -> AsyncIterator[str]:
    """Make a namespace that is named after the test, and delete it at the end."""
    words = re.sub(r"[^a-z0-9]+", "-", test.lower().removeprefix("test_"))
    name = f"{words[:40].strip('-')}-{secrets.token_hex(2)}"
    await kube.create(namespace_manifest(name))
    try:
        yield name
    finally:
        await kube.delete("namespaces", name)
