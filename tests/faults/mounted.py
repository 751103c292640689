"""A ConfigMap or Secret as the kubelet mounts it: a link to a folder that is swapped as a whole."""

import itertools
import shutil
from pathlib import Path


class Mounted:
    """
    Files that change together.

    Args:
        folder: where they are mounted.

    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = itertools.count()
        folder.mkdir()

    def path(self, name: str) -> str:
        """Where a file of it is found."""
        return str(self.folder / name)

    def put(self, **files: str) -> None:
        """Change it to these files, by their names."""
        number = next(self._numbers)
        version = self.folder / f"..v{number}"
        version.mkdir()
        for name, text in files.items():
            (version / name).write_text(text)
        fresh = self.folder / "..data_tmp"
        fresh.symlink_to(version.name)
        fresh.replace(self.folder / "..data")
        for name in files:
            link = self.folder / name
            if not link.is_symlink():
                link.symlink_to(Path("..data") / name)
        if number:
            shutil.rmtree(self.folder / f"..v{number - 1}")
