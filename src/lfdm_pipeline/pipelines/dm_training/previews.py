"""What the DM in training makes of one picture."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.clips.table import select
from lfdm_pipeline.diffusion.samplers import SamplerOptions
from lfdm_pipeline.generation.clips import GenerationOptions, Generator
from lfdm_pipeline.generation.requests import Request
from lfdm_pipeline.models.conditioning import ConditionVectors
from lfdm_pipeline.models.dm import DM
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.run_log import Preview
from lfdm_pipeline.showcase.grid import CaptionedClip, clip_grid

LABELS = 6
SAMPLER = SamplerOptions(name="ddim", steps=10)
FPS = 8.0


@dataclass(frozen=True)
class DMPreview:
    """Generates a clip of each of a few labels from one reference frame, always with the same noise."""

    dm: DM
    lfae: LFAE
    conditions: ConditionVectors
    clip_table: pd.DataFrame
    clips: ClipStore
    num_frames: int
    seed: int

    def __call__(self) -> Preview:
        """A grid of the clips; the picture is of their middle frames."""
        requests = self._requests()
        generator = Generator(self.lfae, self.dm, self.conditions, next(self.dm.parameters()).device)
        options = GenerationOptions(num_frames=self.num_frames, sampler=SAMPLER)
        generated = generator(requests, options, self.seed, on_step=lambda: None)
        captioned = [
            CaptionedClip(request.label, clip.frames) for request, clip in zip(requests, generated, strict=True)
        ]
        video = clip_grid(requests[0].reference, captioned)
        return Preview(video[len(video) // 2], video, FPS)

    def _requests(self) -> list[Request]:
        """The first labels, from the first test clip, where there is one."""
        held_out = select(self.clip_table, "test")
        clip = (held_out if len(held_out) else self.clip_table).iloc[0]
        reference = np.array(self.clips[clip["clip_id"]][0])
        return [
            Request(label, reference, label, str(clip["subject"]), clip["clip_id"])
            for label in self.conditions.labels[:LABELS]
        ]
