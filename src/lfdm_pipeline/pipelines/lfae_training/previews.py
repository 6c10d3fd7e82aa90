"""What the LFAE in training makes of a few clips."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from lfdm_pipeline.clips.excerpts import excerpts
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.clips.tensors import frames_tensor
from lfdm_pipeline.models.grids import identity_grid
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.run_log import Preview
from lfdm_pipeline.showcase.colours import flow_colours
from lfdm_pipeline.showcase.panels import pixel_motion
from lfdm_pipeline.showcase.pictures import to_frames
from lfdm_pipeline.showcase.previews import preview_rows, region_overlay

FRAMES = 8
FPS = 6.0
FULL_MOTION = 0.1  # of the picture's height: drawn in full colour


@dataclass(frozen=True)
class LFAEPreview:
    """Moves the first frame of a few clips onto frames spread over each of them."""

    lfae: LFAE
    clips: ClipStore
    clip_ids: Sequence[str]

    @torch.no_grad()
    def __call__(self) -> Preview:
        """Reference, driving frame, regions, flow, warp, occlusion and result; the picture is of the middle frames."""
        clips = excerpts(self.clips, self.clip_ids, FRAMES)
        driving = clips.reshape(-1, *clips.shape[2:])
        reference = clips[:, :1].repeat(FRAMES, axis=1).reshape(driving.shape)
        device = next(self.lfae.parameters()).device
        moved = self.lfae(*(frames_tensor(each).to(device) for each in (reference, driving)))
        displacement = moved.flow - identity_grid(*moved.flow.shape[1:3], device=device)
        height, width = driving.shape[1:3]
        motion = pixel_motion(displacement.permute(0, 3, 1, 2).cpu().numpy(), height, width)
        columns = {
            "reference": reference,
            "driving": driving,
            "regions": region_overlay(driving, moved.driving_regions.heatmap.cpu().numpy()),
            "flow": flow_colours(motion, FULL_MOTION * height),
            "warped": to_frames(moved.deformed),
            "occlusion": to_frames(moved.occlusion),
            "result": to_frames(moved.prediction),
        }
        video = preview_rows({name: each.reshape(*clips.shape[:2], *each.shape[1:]) for name, each in columns.items()})
        return Preview(video[FRAMES // 2], video, FPS)
