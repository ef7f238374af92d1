"""The packages that a student's code may use while it is graded, and where they lie."""

import importlib.util
import sysconfig
import tempfile
from pathlib import Path

ALLOWED = (
    "numpy", "attr", "attrs", "h5py", "PIL", "pluggy", "threadpoolctl", "typing_extensions",
    "phosphene_core", "phosphene_cnn", "phosphene_conv", "phosphene_dense",
)  # fmt: skip
"""What models and pictures need. None of them holds what the assignment asks for."""

LEFT_OUT = {"phosphene_core": ("testing",)}
"""Parts of them that do: a recurrent layer for tests, say."""

LIBRARIES = ("numpy.libs", "h5py.libs", "pillow.libs")
PRELOADED = ("numpy", "phosphene_core", "phosphene_cnn", "PIL.Image", "attrs")


class Packages:
    """A folder with links to the allowed packages: all that Python finds in a student's process besides the standard
    library. `real`: where they really lie."""

    def __init__(self, further: tuple[str, ...] = ()) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="phosphene-packages-")
        self.folder = Path(self._folder.name)
        self.real: list[str] = []
        for name in (*ALLOWED, *further):
            spec = importlib.util.find_spec(name)
            if spec is not None and spec.origin is not None:
                file = Path(spec.origin)
                self._link(file.parent if spec.submodule_search_locations else file, name)
        for name in LIBRARIES:
            path = Path(sysconfig.get_paths()["platlib"]) / name
            if path.exists():
                self._link(path, name)
        ours = self.folder / "phosphene_assignment"
        ours.mkdir()
        (ours / "__init__.py").touch()
        self._link(Path(__file__).parent / "sandbox", "phosphene_assignment/sandbox")

    def _link(self, path: Path, name: str) -> None:
        """Make a package, or a file, or a part of a package found under this name."""
        if name in LEFT_OUT:
            (self.folder / name).mkdir()
            for part in path.iterdir():
                if part.name not in (*LEFT_OUT[name], "__pycache__"):
                    self._link(part, f"{name}/{part.name}")
            return
        (self.folder / (name if path.is_dir() or "/" in name else path.name)).symlink_to(path.resolve())
        self.real.append(str(path.resolve()))

    def close(self) -> None:
        self._folder.cleanup()
