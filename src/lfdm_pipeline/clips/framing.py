"""How the frames of a clip are kept."""

from dataclasses import dataclass

from lfdm_pipeline.clips.geometry import CropBox, Frame, to_square


@dataclass(frozen=True)
class Framing:
    """The crop of a frame, and the square that it is scaled into."""

    size: int
    crop: CropBox | None = None

    def __call__(self, frame: Frame) -> Frame:
        """The square (size, size, 3) of a frame (H, W, 3).

        Raises:
            InputError: The frame is smaller than the crop.
        """
        return to_square(frame, self.size, self.crop)
