"""
A JSON schema of Block Kit, generated from the official `@slack/types`.

    package-lock.json ─▶ npm ci ─▶ ts-json-schema-generator official.ts ─▶ schema

It lies in `.tools/`, under the fingerprint of what it was made of; nothing of it is committed.
"""

import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
HOME = HERE.parents[1] / ".tools" / "blockkit"
SOURCES = ("package.json", "package-lock.json", ".npmrc", "official.ts")
GENERATE = ("--path", "official.ts", "--type", "Official", "--no-type-check", "--out", "made.json")


class NoNodeError(Exception):
    """Install Node.js 20 or newer with npm (Debian: nodejs and npm) to run tests/blockkit."""


def schema() -> dict[str, Any]:
    """
    Give the schema as it is generated; the first call takes some seconds.

    Raises:
        NoNodeError: node or npm is not installed.

    """
    made = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in SOURCES)).hexdigest()
    kept = HOME / f"{made[:16]}.json"
    if not kept.exists():
        _generate().replace(kept)
    found: dict[str, Any] = json.loads(kept.read_text())
    return found


def _generate() -> Path:
    if not (shutil.which("node") and shutil.which("npm")):
        raise NoNodeError(NoNodeError.__doc__)
    HOME.mkdir(parents=True, exist_ok=True)
    for name in SOURCES:
        shutil.copy(HERE / name, HOME)
    for command in (
        ["npm", "ci", "--ignore-scripts"],
        ["node_modules/.bin/ts-json-schema-generator", *GENERATE],
    ):
        subprocess.run(command, cwd=HOME, check=True, timeout=100)
    return HOME / "made.json"
