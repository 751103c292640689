"""A kind `Application` like Argo CD's, for tests of what the bot says about it; no Argo CD."""

from .api import Api, Manifest

_NAME = "applications.argoproj.io"
_ANYTHING = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
_VERSION = {
    "name": "v1alpha1",
    "served": True,
    "storage": True,
    "schema": {
        "openAPIV3Schema": {
            "type": "object",
            "properties": {"spec": _ANYTHING, "status": _ANYTHING, "operation": _ANYTHING},
        }
    },
}
_DEFINITION: Manifest = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": _NAME},
    "spec": {
        "group": "argoproj.io",
        "scope": "Namespaced",
        "names": {
            "kind": "Application",
            "listKind": "ApplicationList",
            "plural": "applications",
            "singular": "application",
            "shortNames": ["app", "apps"],
        },
        "versions": [_VERSION],  # as there, status is no subresource
    },
}


async def install_applications(api: Api) -> None:
    """Let the API server know Applications, and return when it serves them."""
    await api.apply(_DEFINITION)
    await api.wait_for(
        lambda found: isinstance(found, list), "served", kind="applications", within=30
    )


async def remove_applications(api: Api) -> None:
    """Let the API server forget Applications and all of them, and return when it has."""
    await api.delete("customresourcedefinitions", _NAME)
    await api.wait_until_gone("customresourcedefinitions", _NAME, within=30)
