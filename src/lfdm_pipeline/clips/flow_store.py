"""Latent flows of clips, one memory-mappable file a clip."""

import numpy as np
import numpy.typing as npt

from lfdm_pipeline.atomic import replacing
from lfdm_pipeline.clips.clip_files import ClipFiles
from lfdm_pipeline.errors import InputError

Array = npt.NDArray[np.float32]
FrameIndex = slice | npt.NDArray[np.integer]


class FlowStore(ClipFiles):
    """Flows of all frames of a clip against its frame 0, float16 (T, 3, h, w), by clip id.

    The channels are displacement x, displacement y and occlusion. The displacement is the backward flow minus
    the identity grid: near zero float16 is finer than near the borders of an absolute grid.
    """

    def write(self, clip_id: str, displacement: npt.NDArray[np.floating], occlusion: npt.NDArray[np.floating]) -> None:
        """Keep displacement (T, 2, h, w) and occlusion (T, 1, h, w) of a clip, whole or not at all.

        Raises:
            InputError: The shapes do not belong together, or a value is not finite.
        """
        frames, channels, *size = displacement.shape
        if channels != 2 or occlusion.shape != (frames, 1, *size) or len(size) != 2:
            raise InputError(
                f"clip {clip_id!r}: displacement {displacement.shape} and occlusion {occlusion.shape} "
                "must be (T, 2, h, w) and (T, 1, h, w)"
            )
        packed = np.concatenate([displacement, occlusion], axis=1).astype(np.float16)
        if not np.isfinite(packed).all():
            raise InputError(f"clip {clip_id!r}: its flow holds values that are not finite")
        with replacing(self.path(clip_id)) as temporary:
            np.save(temporary, packed)

    def read(self, clip_id: str, frames: FrameIndex = slice(None)) -> tuple[Array, Array]:
        """Displacement float32 (K, 2, h, w) and occlusion float32 (K, 1, h, w) of the chosen frames.

        Raises:
            InputError: The store has no such clip.
        """
        packed = self.open(clip_id)[frames].astype(np.float32)
        return packed[:, :2], packed[:, 2:]

    def num_frames(self, clip_id: str) -> int:
        """Number of frames T of a clip."""
        return len(self.open(clip_id))
