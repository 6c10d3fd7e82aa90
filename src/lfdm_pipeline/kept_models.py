"""Models that earlier runs left, or that somebody published, by name."""

from dataclasses import dataclass
from pathlib import Path

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.storage import to_path

WEIGHTS, CONFIG = "weights.safetensors", "config.json"
"""The files of a kept model's folder."""

MAIN = "main"


def file_path(name: str) -> Path:
    """Return the path of a file or folder that a user names: of this machine, or wherever fsspec reaches."""
    return to_path(name) if "://" in name else Path(name).expanduser()


@dataclass(frozen=True)
class KeptModels:
    """Finds models by name.

    Attributes:
        root: folder of `<corpus>/<experiment>/<entry>`.
    """

    root: Path

    def find(self, name: str, entry: str) -> Path:
        """Return the folder of a kept model, or the file of a published one.

        Args:
            name: `<corpus>/<experiment>`, `<corpus>` for its main experiment, a model's folder, or a file.
            entry: what it is, `lfae` or `dm`.

        Raises:
            InputError: there is none of that name; those that there are are named.
        """
        path = self.locate(name, entry)
        if path is None:
            raise InputError(
                f"init_from: no {entry} is called {name!r}: give the folder of a model, a published file, or one of "
                f"{', '.join(self._names(entry)) or f'the models under {self.root}, where there is none yet'}"
            )
        return path

    def locate(self, name: str, entry: str) -> Path | None:
        """Return what `find` does, or None."""
        folders = (self.root / name / entry, self.root / name / MAIN / entry, file_path(name))
        return next((path for path in folders if (path / WEIGHTS).is_file() or path.is_file()), None)

    def _names(self, entry: str) -> list[str]:
        found = self.root.glob(f"*/*/{entry}/{WEIGHTS}")
        return sorted(path.parents[1].relative_to(self.root).as_posix() for path in found)
