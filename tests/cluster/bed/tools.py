"""
The binaries of the bed, built once with Go: `python -m tests.cluster.bed.tools`.

The first build takes some minutes. Its result lies in `.tools/<fingerprint>/`, with copies of
the manifests the bed applies, so that later runs need neither time nor Go.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from .guard import guarded

ROOT = Path(__file__).resolve().parents[3]
HOME = ROOT / ".tools"

_SOURCES = Path(__file__).resolve().parents[1] / "tools"
_MODULES = (  # that need different versions of k8s.io
    _SOURCES,
    _SOURCES / "kwok",
    _SOURCES / "helm",
)
_MONITORING = _SOURCES / "monitoring"  # nothing of it is built
_PROGRESS_SECONDS = 15


class ToolsMissingError(Exception):
    """The bed's binaries are not there and cannot be built."""


@dataclass(frozen=True)
class Tools:
    """Where the binaries and the manifests of one version are."""

    folder: Path

    def binary(self, name: str) -> Path:
        """The path of a binary, by the name Go gave it (etcd's is `server`)."""
        return self.folder / "bin" / name

    @property
    def crds(self) -> list[Path]:
        """The custom resource definitions of Argo Rollouts, as JSON."""
        return sorted((self.folder / "crds").glob("*.json"))

    @property
    def monitoring_crds(self) -> list[Path]:
        """The custom resource definitions of the Prometheus operator that the chart needs."""
        return sorted((self.folder / "monitoring").glob("*.yaml"))

    @property
    def stages(self) -> list[Path]:
        """What kwok does with nodes and pods."""
        return sorted((self.folder / "stages").glob("*.yaml"))


def ensure_tools() -> Tools:
    """Build the tools, unless this very version of them is there already."""
    folder = HOME / _fingerprint()
    if not folder.exists():
        with _only_builder():
            if not folder.exists():  # somebody else built it while we waited
                _build(folder)
    return Tools(folder)


def _fingerprint() -> str:
    """Changes whenever the binaries would."""
    digest = hashlib.sha256(_linker_flags().encode())
    for module in (*_MODULES, _MONITORING):
        for name in ("go.mod", "go.sum"):
            digest.update((module / name).read_bytes())
    return digest.hexdigest()[:16]


def _linker_flags() -> str:
    """
    Tell the binaries their version, and leave out what only a debugger reads.

    Kubernetes built without its own scripts calls itself `v0.0.0-master+$Format:%H$`,
    which clients cannot parse.
    """
    kubernetes = _find(r"^\tk8s.io/kubernetes => k8s.io/kubernetes v(\S+)$", _SOURCES)
    rollouts = _find(r"^\tgithub.com/argoproj/argo-rollouts v(\S+)", _SOURCES)
    major, minor, _ = kubernetes.split(".")
    facts = {"gitVersion": f"v{kubernetes}", "gitMajor": major, "gitMinor": minor}
    values = {
        f"{package}.{name}": value
        for package in ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
        for name, value in facts.items()
    }
    values["github.com/argoproj/argo-rollouts/utils/version.version"] = rollouts
    return " ".join(["-s", "-w", *(f"-X {name}={value}" for name, value in values.items())])


def _find(pattern: str, module: Path) -> str:
    """What the pattern's group is in a go.mod."""
    match = re.search(pattern, (module / "go.mod").read_text(), re.MULTILINE)
    if match is None:
        raise ToolsMissingError(f"no {pattern} in {module / 'go.mod'}")
    return match[1]


@contextmanager
def _only_builder() -> Iterator[None]:
    """Let one process build; the others wait for it."""
    HOME.mkdir(exist_ok=True)
    with (HOME / "build.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("another run builds the cluster's tools; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(folder: Path) -> None:
    """Build into a folder beside the final one, and rename it when all is there."""
    _check_go()
    for left_behind in HOME.glob("building-*"):  # by a build that was killed
        shutil.rmtree(left_behind)
    started = time.monotonic()
    _say("building the cluster's tools with Go: once, some minutes, several GB of Go's caches")
    unfinished = Path(tempfile.mkdtemp(prefix="building-", dir=HOME))
    try:
        for module in _MODULES:
            _go_build(module, unfinished / "bin", started)
        _copy_manifests(unfinished)
        unfinished.chmod(0o755)  # mkdtemp keeps others out
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    _say(f"built in {time.monotonic() - started:.0f} s: {folder}")


def _go_build(module: Path, target: Path, started: float) -> None:
    command = ["go", "build", "-ldflags", _linker_flags(), "-o", f"{target}/", "tool"]
    with tempfile.TemporaryFile() as output:
        build = subprocess.Popen(
            guarded(command), cwd=module, env=_environment(), stdout=output, stderr=output
        )
        try:
            while build.poll() is None:
                _wait_a_little(build, started)
        finally:
            build.kill()  # does nothing when it has ended
        output.seek(0)
        if build.returncode:
            text = output.read().decode(errors="replace")
            raise ToolsMissingError(f"`go build` failed in {module.relative_to(ROOT)}:\n{text}")


def _wait_a_little(build: subprocess.Popen[bytes], started: float) -> None:
    try:
        build.wait(_PROGRESS_SECONDS)
    except subprocess.TimeoutExpired:
        _say(f"still building, {time.monotonic() - started:.0f} s")


def _copy_manifests(folder: Path) -> None:
    rollouts = _module_folder(_SOURCES, "github.com/argoproj/argo-rollouts")
    kwok = _module_folder(_SOURCES / "kwok", "sigs.k8s.io/kwok")
    _copy(rollouts / "manifests/crds", "*-crd.yaml", folder / "crds")
    for crd in (folder / "crds").glob("*.yaml"):
        _turn_into_json(crd)
    monitoring = _module_folder(_MONITORING, "github.com/prometheus-operator/prometheus-operator")
    for kind in ("prometheusrules", "servicemonitors"):
        definitions = monitoring / "example/prometheus-operator-crd"
        _copy(definitions, f"monitoring.coreos.com_{kind}.yaml", folder / "monitoring")
    for stage in ("node/fast/node-*.yaml", "pod/fast/pod-*.yaml"):
        _copy(kwok / "kustomize/stage", stage, folder / "stages")


def _copy(source: Path, pattern: str, target: Path) -> None:
    target.mkdir(exist_ok=True)
    found = list(source.glob(pattern))
    if not found:
        raise ToolsMissingError(f"no {pattern} in {source}: has the module moved its manifests?")
    for file in found:
        shutil.copyfile(file, target / file.name)  # not the mode: the module cache is read-only


def _turn_into_json(file: Path) -> None:
    """To read YAML of a megabyte takes seconds; JSON, milliseconds."""
    file.with_suffix(".json").write_text(json.dumps(yaml.safe_load(file.read_text())))
    file.unlink()


def _module_folder(module: Path, path: str) -> Path:
    """Where a module's own files are; it is brought there if need be."""
    return Path(json.loads(_go("mod", "download", "-json", path, folder=module))["Dir"])


def _check_go() -> None:
    """Say what is missing before Go says it in its own words."""
    wanted = max(map(_go_directive, _MODULES), key=_numbers)
    if shutil.which("go") is None:
        raise ToolsMissingError(
            f"Go is not installed; the cluster's tools are built with Go {wanted} or newer"
        )
    found = _go("env", "GOVERSION", folder=HOME)
    if _numbers(found) < _numbers(wanted):
        raise ToolsMissingError(
            f"the cluster's tools are built with Go {wanted} or newer, and this is {found}"
        )


def _go_directive(module: Path) -> str:
    """The oldest Go that this go.mod accepts."""
    return _find(r"^go (\S+)$", module)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version))


def _go(*arguments: str, folder: Path) -> str:
    """Ask Go something and return its answer."""
    try:
        answer = subprocess.run(
            ["go", *arguments],
            cwd=folder,
            env=_environment(),
            capture_output=True,
            text=True,
            check=True,
        )
    except subprocess.CalledProcessError as failed:
        raise ToolsMissingError(f"`go {' '.join(arguments)}` failed:\n{failed.stderr}") from failed
    return answer.stdout.strip()


def _environment() -> dict[str, str]:
    """The Go that is installed and no other, and no C compiler."""
    return {**os.environ, "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Build what is missing and print where it is."""
    try:
        print(ensure_tools().folder)
    except ToolsMissingError as missing:
        sys.exit(str(missing))


if __name__ == "__main__":
    main()
