"""Which clips to generate: a reference frame and a label each."""

import logging
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from lfdm_pipeline.clips.faces import FaceFraming, find_face_square
from lfdm_pipeline.clips.file_stems import file_stems
from lfdm_pipeline.clips.findings import NOBODY_TO_TEST
from lfdm_pipeline.clips.geometry import CropBox, Frame, to_square
from lfdm_pipeline.clips.picture_file import read_picture
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.clips.table import select
from lfdm_pipeline.errors import InputError, UnavailableError

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Request:
    """One clip to generate.

    Attributes:
        name: file stem of the clip; its noise depends on the seed and this name alone.
        reference: frame x0, uint8 (H, W, 3).
        label: what shall happen.
        subject: who is seen.
        origin: where the reference frame is from.
    """

    name: str
    reference: npt.NDArray[np.uint8]
    label: str
    subject: str
    origin: str

    def seed(self, seed: int) -> int:
        """Seed of this clip's noise."""
        return zlib.crc32(f"{seed}:{self.name}".encode())


def requests_for_subjects(
    table: pd.DataFrame, clips: ClipStore, labels: Sequence[str], per_condition: int, per_reference: int = 1
) -> list[Request]:
    """Every label `per_condition` times for every test subject.

    The first `per_reference` times all labels start from the first frame of the subject's first clip, then from that of
    the second and so on, so that nothing but the label, or the noise, tells their clips apart.

    Raises:
        InputError: there are no test clips.
    """
    requests = []
    test = select_test(table)
    subject_stems, label_stems = file_stems(test["subject"].astype(str)), file_stems(labels)
    for subject, rows in test.groupby("subject", sort=True):
        for sample in range(per_condition):
            clip_id = rows["clip_id"].iloc[sample // per_reference % len(rows)]
            reference = np.array(clips[clip_id][0])
            for label in labels:
                name = f"{subject_stems[str(subject)]}_{label_stems[label]}_{sample:03d}"
                requests.append(Request(name, reference, label, str(subject), clip_id))
    return requests


def select_test(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the test clips, whose first frames are animated.

    Raises:
        InputError: there are none.
    """
    test = select(table, "test")
    if test.empty:
        raise InputError(f"generation: {NOBODY_TO_TEST}; or give generation.image")
    return test


def requests_for_image(
    image: Path, size: int, labels: Sequence[str], per_condition: int, faces: FaceFraming | None = None
) -> list[Request]:
    """Every label `per_condition` times from one image file, scaled and letterboxed to `size`.

    Args:
        image: the file.
        size: height and width of the reference frame.
        labels: what shall happen.
        per_condition: clips of each label.
        faces: how the clips that the model knows are cropped to faces; None where they are not.

    Raises:
        InputError: the file is absent or no image that can be read.
    """
    if not image.is_file():
        raise InputError(f"generation.image: there is no file {image.resolve()}; give the path of an image")
    try:
        picture = read_picture(image)
    except InputError as error:
        raise InputError(f"generation.image: {error}") from error
    reference = to_square(picture, size, _face(picture, faces, image) if faces else None)
    (who,), stems = file_stems([image.stem]).values(), file_stems(labels)
    return [
        Request(f"{who}_{stems[label]}_{sample:03d}", reference, label, image.stem, image.name)
        for label in labels
        for sample in range(per_condition)
    ]


def _face(picture: Frame, faces: FaceFraming, image: Path) -> CropBox | None:
    try:
        square = find_face_square([picture], faces)
    except UnavailableError:
        raise
    except InputError:
        _log.warning(
            "%s: no face was found, so the whole picture is taken; the model knows pictures that are cropped to a face "
            "(ingestion.faces): crop it so, or give one with a face seen from the front",
            image,
        )
        return None
    _log.info("%s: cropped to its face, %s, as the clips that the model knows", image, square)
    return square
