"""
A container without an engine: a root file system of its own, by the kernel's namespaces.

The machine's /usr, with its Python, stands for that of the base image; nothing else of the machine
is there but, while it is built, /etc. What runs in it is process 1, as in a container, and shares
the machine's network: so it reaches the sandbox. Needs util-linux (unshare, setpriv), and a kernel
that lets this user make namespaces; root may always.
"""

import os
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_LINKS = ("bin", "lib", "lib64", "sbin")
#: what a slim image has in /etc that a program without names of its own cannot do without
_ETC = ("hosts", "ld.so.cache", "nsswitch.conf", "resolv.conf")


@dataclass(frozen=True)
class Box:
    """
    A root file system.

    Attributes:
        root: where it lies on the machine.

    """

    root: Path

    def furnish(self) -> None:
        """Make the folders that any program expects."""
        for name in ("usr", "etc", "proc", "dev"):
            (self.root / name).mkdir(parents=True)
        for name in _LINKS:
            outside = Path("/") / name
            if outside.is_symlink():
                (self.root / name).symlink_to(outside.readlink())
        for name in _ETC:
            if (outside := Path("/etc") / name).exists():
                (self.root / "etc" / name).write_bytes(outside.read_bytes())

    def building(self, line: str, folder: str, environ: Mapping[str, str]) -> list[str]:
        """Command that runs a line of shell as root, with everything writable but /usr and /etc."""
        inside = ["/bin/sh", "-ec", f"cd {shlex.quote(folder)}; {line}"]
        etc = self._mount("/etc", "/etc", "ro")
        return self._command([etc], [*_with(environ), *inside])

    def running(
        self,
        words: Sequence[str],
        environ: Mapping[str, str],
        *,
        user: int,
        volumes: Mapping[str, tuple[Path, str]],
    ) -> list[str]:
        """
        Command that starts a program on a read-only root, with nothing in its environment but this.

        Args:
            words: the program, found by the PATH of *environ*, and its arguments.
            environ: all that it knows of the world.
            user: by whom, where we may choose: without capabilities, never to get any.
            volumes: what is mounted where: a folder or file of the machine, and `rw` or `ro`.

        """
        away = [f"mount -o remount,bind,ro {self._quoted('/')}"]
        mounts = []
        for where, (path, mode) in volumes.items():
            self._make_place(where, path)
            mounts.append(self._mount(str(path), where, mode))
        drop = ["/usr/bin/setpriv", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
        if os.getuid() == 0:
            drop += ["--clear-groups", f"--reuid={user}", f"--regid={user}"]
        return self._command([*mounts, *away], [*drop, *_with(environ), *words])

    def _command(self, mounts: Sequence[str], inside: Sequence[str]) -> list[str]:
        enter = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
        if os.getuid():
            enter += ["--user", "--map-root-user"]
        lines = [
            f"mount --bind {self._quoted('/')} {self._quoted('/')}",
            self._mount("/usr", "/usr", "ro"),
            f"mount --rbind /dev {self._quoted('/dev')}",
            f"mount -t proc proc {self._quoted('/proc')}",
            *mounts,
            f"exec chroot {self._quoted('/')} {shlex.join(inside)}",
        ]
        return [*enter, "sh", "-ec", "\n".join(lines)]

    def _make_place(self, where: str, for_: Path) -> None:
        place = self.root / where.lstrip("/")
        if for_.is_dir():
            place.mkdir(parents=True, exist_ok=True)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.touch()

    def _mount(self, outside: str, where: str, mode: str) -> str:
        place = self._quoted(where)
        bind = f"mount --bind {shlex.quote(outside)} {place}"
        return bind if mode == "rw" else f"{bind}; mount -o remount,bind,ro {place}"

    def _quoted(self, where: str) -> str:
        return shlex.quote(str(self.root / where.lstrip("/")))


def _with(environ: Mapping[str, str]) -> list[str]:
    return ["/usr/bin/env", "-i", *(f"{name}={value}" for name, value in environ.items())]
