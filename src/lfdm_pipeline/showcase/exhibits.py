"""Videos and pictures as parts of a page."""

import base64
from dataclasses import dataclass
from pathlib import Path

from lfdm_pipeline.errors import InputError

KINDS = {".mp4": "video/mp4", ".gif": "image/gif", ".png": "image/png", ".jpg": "image/jpeg"}


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
    def data_url(self) -> str:
        """The whole file as a URL.

        Raises:
            InputError: The file is missing or of a kind that browsers do not show.
        """
        kind = KINDS.get(self.path.suffix)
        if kind is None:
            raise InputError(f"report: {self.path} is none of {', '.join(KINDS)}, which browsers show")
        if not self.path.is_file():
            raise InputError(f"report: {self.path} is missing; run the showcase pipeline again")
        return f"data:{kind};base64,{base64.b64encode(self.path.read_bytes()).decode('ascii')}"
