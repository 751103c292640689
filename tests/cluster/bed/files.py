"""What the components read at their start: tokens, a key, kubeconfigs, stages."""

import base64
import secrets
from collections.abc import Mapping
from pathlib import Path

import yaml

from .users import USERS

NEVER_READY = "never-ready"
"""How the tag of an image ends whose pods get a node, and then stay pending."""

MADE_READY = "bed/made-ready"
"""The annotation with which such a pod gets ready after all."""

_UNWILLING = (
    f'select(.metadata.annotations["{MADE_READY}"] | not)'
    f' | .spec.containers[] | select(.image | endswith("{NEVER_READY}")) | .image'
)
_EC_KEY_HEAD = bytes.fromhex("30310201010420")  # a sequence of: version 1, a secret of 32 bytes …
_EC_KEY_TAIL = bytes.fromhex("a00a06082a8648ce3d030107")  # … on the curve P-256


def write_tokens(path: Path, tokens: Mapping[str, str]) -> None:
    """Write the API server's token file: which of `USERS` has which token."""
    users = [(token, USERS[key]) for key, token in tokens.items()]
    rows = [f'{token},{user.name},{user.name},"{",".join(user.groups)}"\n' for token, user in users]
    path.write_text("".join(rows))


def write_service_account_key(path: Path) -> None:
    """Write a new private key (SEC 1, RFC 5915); any number of that size is one."""
    secret = bytes([secrets.randbelow(255)]) + secrets.token_bytes(31)  # below the curve's order
    body = base64.encodebytes(_EC_KEY_HEAD + secret + _EC_KEY_TAIL).decode()
    path.write_text(f"-----BEGIN EC PRIVATE KEY-----\n{body}-----END EC PRIVATE KEY-----\n")


def write_kubeconfig(path: Path, *, server: str, ca_file: Path, user: str, token: str) -> None:
    """Write a kubeconfig that checks the server's certificate and shows this token."""
    cluster = {"server": server, "certificate-authority": str(ca_file)}
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "bed", "cluster": cluster}],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": [{"name": "bed", "context": {"cluster": "bed", "user": user}}],
        "current-context": "bed",
    }
    path.write_text(yaml.safe_dump(config))


def write_stages(path: Path, originals: list[Path]) -> None:
    """Write kwok's own stages, with the one exception for images that are `NEVER_READY`."""
    stages = [yaml.safe_load(original.read_text()) for original in originals]
    willing = {"key": _UNWILLING, "operator": "DoesNotExist"}
    for stage in stages:
        if stage["metadata"]["name"] == "pod-ready":
            stage["spec"]["selector"]["matchExpressions"].append(willing)
    path.write_text(yaml.safe_dump_all(stages))
