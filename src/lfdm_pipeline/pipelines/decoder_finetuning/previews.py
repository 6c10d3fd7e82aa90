"""What a decoder in finetuning makes of a few clips of the new domain."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from lfdm_pipeline.clips.excerpts import excerpts
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.clips.tensors import frames_tensor
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.run_log import Preview
from lfdm_pipeline.showcase.pictures import to_frames
from lfdm_pipeline.showcase.previews import preview_rows

FRAMES = 8
FPS = 6.0


@dataclass(frozen=True)
class FinetuningPreview:
    """Moves the first frame of a few clips onto frames spread over each, by the pretrained network and by this one."""

    pretrained: LFAE
    lfae: LFAE
    clips: ClipStore
    clip_ids: Sequence[str]

    @torch.no_grad()
    def __call__(self) -> Preview:
        """Reference, driving frame, result before and now; the picture is of the middle frames."""
        clips = excerpts(self.clips, self.clip_ids, FRAMES)
        driving = clips.reshape(-1, *clips.shape[2:])
        reference = clips[:, :1].repeat(FRAMES, axis=1).reshape(driving.shape)
        device = next(self.lfae.parameters()).device
        pair = [frames_tensor(each).to(device) for each in (reference, driving)]
        results = [to_frames(each(*pair).prediction) for each in (self.pretrained.to(device), self.lfae)]
        columns = {"reference": reference, "driving": driving, "before": results[0], "now": results[1]}
        video = preview_rows({name: each.reshape(clips.shape) for name, each in columns.items()})
        return Preview(video[FRAMES // 2], video, FPS)
