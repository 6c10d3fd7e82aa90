"""Videos and pictures as parts of a page."""

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from lfdm_pipeline import atomic
from lfdm_pipeline.errors import InputError

KINDS = {".mp4": "video/mp4", ".gif": "image/gif", ".png": "image/png", ".jpg": "image/jpeg"}
LIST = "exhibits.json"
NO_RECORDING = "generated, not a recording"
"""What a file says of itself in its header."""


@dataclass(frozen=True)
class Exhibit:
    """A video or picture on disk, with what there is to see in it."""

    title: str
    caption: str
    path: Path

    @property
    def moves(self) -> bool:
        """Whether it is a video."""
        return self.path.suffix == ".mp4"

    @property
    def wide(self) -> bool:
        """Whether a page gives it all its width: a video, or a picture half as wide again as high."""
        if self.moves:
            return True
        with self.path.open("rb") as file, Image.open(file) as picture:  # a path may be remote
            return picture.width > 1.5 * picture.height

    @property
    def data_url(self) -> str:
        """The whole file as a URL.

        Raises:
            InputError: The file is missing or of a kind that browsers do not show.
        """
        kind = KINDS.get(self.path.suffix)
        if kind is None:
            raise InputError(f"report: {self.path} is none of {', '.join(KINDS)}, which browsers show")
        if not self.path.is_file():
            raise InputError(f"report: {self.path} is missing: {_remedy()}")
        return f"data:{kind};base64,{base64.b64encode(self.path.read_bytes()).decode('ascii')}"


def write_exhibits(folder: Path, exhibits: Sequence[Exhibit]) -> None:
    """Keep what is to be said of a folder's videos and pictures beside them, in the order to show them."""
    listed = [
        {"file": each.path.relative_to(folder).as_posix(), "title": each.title, "caption": each.caption}
        for each in exhibits
    ]
    atomic.write_text(folder / LIST, json.dumps(listed, indent=2, ensure_ascii=False) + "\n")


def read_exhibits(folder: Path) -> list[Exhibit]:
    """Read what `write_exhibits` kept.

    Raises:
        InputError: The folder holds no such list, as one of an earlier version.
    """
    path = folder / LIST
    if not path.is_file():
        raise InputError(f"report: {path} is missing: {_remedy()}")
    listed = json.loads(path.read_text(encoding="utf-8"))
    return [Exhibit(each["title"], each["caption"], folder / each["file"]) for each in listed]


def said_once(exhibits: Sequence[Exhibit]) -> Iterator[Exhibit]:
    """The exhibits without the captions that one before has already."""
    said: set[str] = set()
    for each in exhibits:
        yield replace(each, caption="") if each.caption in said else each
        said.add(each.caption)


def _remedy() -> str:
    return "make the showcase again by `kedro run --pipelines showcase`, with the --env and --params of this run"
