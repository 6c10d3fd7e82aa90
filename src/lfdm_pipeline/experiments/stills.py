"""Stills of videos, and pictures, for pages that show no video."""

from dataclasses import dataclass
from pathlib import Path

import av
from PIL import Image

from lfdm_pipeline import atomic
from lfdm_pipeline.clips.decoding import decode_video
from lfdm_pipeline.clips.picture_writing import COMMENT
from lfdm_pipeline.showcase.exhibits import Exhibit

WIDTH = 1200
AT = 0.6  # of a clip: where most movements are at their farthest


@dataclass(frozen=True)
class Stills:
    """Where the stills of a page are kept.

    Attributes:
        docs: Folder of the page.
        folder: Where below it they lie.
    """

    docs: Path
    folder: str

    def shown(self, exhibit: Exhibit) -> str:
        """Keep a video's still, or a picture, and return Markdown that shows it with its caption."""
        path, words = exhibit.path, f"**{exhibit.title}.** {exhibit.caption}".strip()
        if exhibit.moves:
            frames = decode_video(path).frames
            image = Image.fromarray(frames[int(AT * (len(frames) - 1))])
            shown = self._kept(image, path.stem, exhibit.title, _comment(path))
            return f"{shown}\n\n{words} *A still of `{path.name}`.*"
        with Image.open(path) as image:
            name = f"{path.parent.name}_{path.stem}"
            comment = image.info.get(COMMENT, "")
            return f"{self._kept(image.convert('RGB'), name, exhibit.title, comment)}\n\n{words}"

    def _kept(self, image: Image.Image, name: str, title: str, comment: str) -> str:
        image.thumbnail((WIDTH, 10 * WIDTH), Image.Resampling.LANCZOS)
        place = f"{self.folder}/{name}.jpg"
        with atomic.replacing(self.docs / place) as temporary:
            image.save(temporary, quality=88, comment=comment)
        return f"![{title}](<{place}>)"


def _comment(video: Path) -> str:
    with av.open(str(video)) as container:
        return container.metadata.get("comment", "")
