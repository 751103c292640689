"""Who may show themselves to the API server, and what the repository's own RBAC grants them."""

from dataclasses import dataclass

from .api import Manifest, Manifests, read_yaml
from .tools import ROOT

HOME_NAMESPACE = "rollout-bot"
"""Where the bot's service accounts are."""

RBAC_FILES = (ROOT / "config" / "rbac.yaml", ROOT / "config" / "rbac-read-only.yaml")
"""What is applied at the start of a bed, so that rights which are missing there are found."""


@dataclass(frozen=True)
class User:
    """A name as RBAC knows it, and the groups."""

    name: str
    groups: tuple[str, ...]


def _service_account(name: str) -> User:
    """Make a user of the name and the groups that a service account's own token would give."""
    prefix = "system:serviceaccount"
    groups = (f"{prefix}s", f"{prefix}s:{HOME_NAMESPACE}", "system:authenticated")
    return User(f"{prefix}:{HOME_NAMESPACE}:{name}", groups)


USERS = {
    "admin": User("admin", ("system:masters",)),
    "rollout-bot": _service_account("rollout-bot"),
    "rollout-bot-reader": _service_account("rollout-bot-reader"),
    "ann": User("ann", ("people",)),
}
"""All who have a token, by the word that tests use; `ann` has no rights by herself."""


def rbac_manifests() -> Manifests:
    """All documents of the files that are there, those that others need first."""
    documents = [each for path in RBAC_FILES if path.exists() for each in read_yaml(path)]
    return sorted(documents, key=lambda document: document["kind"] != "Namespace")


def namespace_manifest(name: str) -> Manifest:
    """Make a namespace."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
