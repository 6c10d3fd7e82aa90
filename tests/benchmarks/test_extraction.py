"""Latent extraction from disk to disk, in batches across clips, beside loops over single frames (`make bench`)."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from tests.benchmarks.measuring import compare
from torch import Tensor

from lfdm_pipeline.clips.flow_store import FlowStore
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.extraction.latent_flows import ExtractionOptions, extract_latent_flows
from lfdm_pipeline.models.grids import identity_grid
from lfdm_pipeline.models.lfae import LFAE, LFAEOptions

CONF = Path(__file__).parents[2] / "conf"
CPU = torch.device("cpu")
KINDS = {"base": (64, 24, 32), "mug": (128, 24, 2)}
"""Frame size, frames a clip and clips, by configuration."""


def whole(lfae: LFAE, source: Tensor, driving: Tensor) -> tuple[Tensor, Tensor]:
    """All of the network: it hands out flow and occlusion beside the picture made with them."""
    out = lfae(source, driving)
    return out.flow, out.occlusion


def without_decoding(lfae: LFAE, source: Tensor, driving: Tensor) -> tuple[Tensor, Tensor]:
    flow, occlusion = lfae.extract(source, driving.unsqueeze(1))
    return flow[:, 0], occlusion[:, 0]


LOOPS = {"frame by frame": whole, "frame by frame without decoding": without_decoding}


@torch.inference_mode()
def frame_by_frame(network: Callable[..., tuple[Tensor, Tensor]], lfae: LFAE, clips: ClipStore, folder: Path) -> None:
    for clip_id in clips:
        images = torch.from_numpy(np.array(clips[clip_id])).permute(0, 3, 1, 2).float() / 255
        pairs = [network(lfae, images[:1], images[t : t + 1]) for t in range(len(images))]
        flow, occlusion = (torch.cat(parts) for parts in zip(*pairs, strict=True))
        displacement = (flow - identity_grid(*flow.shape[1:3])).permute(0, 3, 1, 2)
        FlowStore(folder).write(clip_id, displacement.numpy(), occlusion.numpy())


def in_batches(lfae: LFAE, clips: ClipStore, folder: Path) -> None:
    extract_latent_flows(lfae, clips, list(clips), FlowStore(folder), ExtractionOptions(), CPU)


@pytest.fixture(scope="module", params=KINDS)
def work(request: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[LFAE, ClipStore, str]:
    size, frames, clip_count = KINDS[request.param]
    sizes = [
        yaml.safe_load((CONF / env / "parameters.yml").read_text())["lfae"]["model"] for env in ("base", request.param)
    ]
    torch.manual_seed(0)
    lfae = LFAE(LFAEOptions.model_validate(sizes[0] | sizes[1])).eval()
    clips = ClipStore(tmp_path_factory.mktemp(request.param))
    rng = np.random.default_rng(0)
    for number in range(clip_count):
        clips.write(f"{number}", rng.integers(0, 256, (frames, size, size, 3), np.uint8))
    return lfae, clips, f"extraction of {clip_count} clips of {frames} frames of {size}x{size}, from disk to disk"


@pytest.mark.parametrize("loop", LOOPS)
def test_extraction(benchmark: Any, work: tuple[LFAE, ClipStore, str], tmp_path: Path, loop: str) -> None:
    lfae, clips, title = work
    # A new folder each time, or there were nothing to extract.
    folders = (tmp_path / f"{number}" for number in count())
    compare(
        benchmark,
        f"{title}; plain: {loop}",
        lambda: in_batches(lfae, clips, next(folders)),
        lambda: frame_by_frame(LOOPS[loop], lfae, clips, next(folders)),
        CPU,
    )
