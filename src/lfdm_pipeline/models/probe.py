"""A small video classifier that judges generated clips."""

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from lfdm_pipeline.options import Options

GROUPS = 8
REDUCTION = 8  # of height and width by the three strided convolutions


class ProbeSizes(Options):
    """Sizes of the probe that are free to choose."""

    image_size: int = Field(32, ge=REDUCTION, multiple_of=REDUCTION)
    """Height and width that frames are reduced to."""
    width: int = Field(16, ge=GROUPS, multiple_of=GROUPS)
    """Channels of the first convolution; the second has twice, the third three times as many."""
    feature_dim: int = Field(64, ge=1)
    """Length of the description of one frame; a clip's features are twice as long."""


class ProbeOptions(ProbeSizes):
    """Sizes of the probe and of its task."""

    num_labels: int = Field(ge=1)
    """Labels to tell apart; with one alone there is nothing to learn."""


class Probe(nn.Module):
    """Classifier of short clips by how their frames differ from the first.

    Frames are reduced by area and the first is subtracted, so that the motion is learned rather than the
    person. Frames are described one by one, then related to their neighbours in time, then pooled.
    """

    def __init__(self, options: ProbeOptions) -> None:
        super().__init__()
        self.options = options
        width, dim = options.width, options.feature_dim
        positions = (options.image_size // REDUCTION) ** 2
        self.frame = nn.Sequential(
            *_strided_block(3, width, 5),
            *_strided_block(width, 2 * width, 3),
            *_strided_block(2 * width, 3 * width, 3),
            nn.Flatten(),
            nn.Linear(3 * width * positions, dim),
        )
        self.temporal = nn.Sequential(
            nn.SiLU(),
            nn.Conv1d(dim, dim, 3, padding=1),
            nn.SiLU(),
            nn.Conv1d(dim, dim, 3, padding=1),
            nn.SiLU(),
        )
        self.head = nn.Linear(2 * dim, options.num_labels)

    def forward(self, frames: Tensor) -> Tensor:
        """Classify clips (B, 3, K, H, W) in [0, 1].

        Returns:
            Logits (B, L).
        """
        return self.classify(self.features(frames))

    def features(self, frames: Tensor) -> Tensor:
        """Describe clips (B, 3, K, H, W) in [0, 1] by what the classifier sees in them.

        Returns:
            (B, D), D = 2 * `feature_dim`: mean and maximum over time.
        """
        batch = len(frames)
        size, dim = self.options.image_size, self.options.feature_dim
        folded = F.adaptive_avg_pool2d(frames.transpose(1, 2).flatten(0, 1), size)
        clips = folded.reshape(batch, -1, 3, size, size)
        changes = (clips - clips[:, :1]).flatten(0, 1).contiguous(memory_format=torch.channels_last)
        over_time = self.temporal(self.frame(changes).reshape(batch, -1, dim).transpose(1, 2))
        return torch.cat([over_time.mean(dim=-1), over_time.amax(dim=-1)], dim=-1)

    def classify(self, features: Tensor) -> Tensor:
        """Turn features (B, D) into logits (B, L)."""
        logits: Tensor = self.head(features)
        return logits


def _strided_block(channels_in: int, channels_out: int, kernel: int) -> list[nn.Module]:
    convolution = nn.Conv2d(channels_in, channels_out, kernel, stride=2, padding=kernel // 2)
    return [convolution, nn.GroupNorm(GROUPS, channels_out), nn.SiLU()]
