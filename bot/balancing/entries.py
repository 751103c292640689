"""The entries of `spec.rules` as manifests have them: their paths, and the backends of these."""

from typing import Any

from bot.balancing.rules import USE_ANNOTATION

Path = dict[str, Any]


def paths_of(entry: Any) -> list[Path]:
    """Give the paths of an entry; what is none counts as nothing."""
    http = entry.get("http") if isinstance(entry, dict) else None
    paths = http.get("paths") if isinstance(http, dict) else None
    return list(paths) if isinstance(paths, list | tuple) else []


def backend_of(path: Any) -> str:
    """Tell the name of a path's backend; empty: it has none."""
    for key in ("backend", "service", "name"):
        path = path.get(key) if isinstance(path, dict) else None
    return "" if path is None else str(path)


def annotated_path(name: str) -> Path:
    """Make a path to everything, whose action an annotation of this name gives."""
    backend = {"service": {"name": name, "port": {"name": USE_ANNOTATION}}}
    return {"path": "/*", "pathType": "ImplementationSpecific", "backend": backend}
