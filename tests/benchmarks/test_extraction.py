"""Clips a second of latent extraction, from disk to disk, beside loops over single frames (`make bench`)."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
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


VARIANTS: dict[str, Callable[[LFAE, ClipStore, Path], None]] = {
    "batches": in_batches,
    "frames": lambda *given: frame_by_frame(whole, *given),
    "frames_without_decoding": lambda *given: frame_by_frame(without_decoding, *given),
}


@pytest.fixture(scope="module", params=KINDS)
def work(request: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[LFAE, ClipStore]:
    size, frames, count = KINDS[request.param]
    sizes = [
        yaml.safe_load((CONF / env / "parameters.yml").read_text())["lfae"]["model"] for env in ("base", request.param)
    ]
    torch.manual_seed(0)
    lfae = LFAE(LFAEOptions.model_validate(sizes[0] | sizes[1])).eval()
    clips = ClipStore(tmp_path_factory.mktemp(request.param))
    rng = np.random.default_rng(0)
    for number in range(count):
        clips.write(f"{number}", rng.integers(0, 256, (frames, size, size, 3), np.uint8))
    return lfae, clips


@pytest.mark.parametrize("variant", VARIANTS)
def test_extraction(benchmark: Any, work: tuple[LFAE, ClipStore], tmp_path: Path, variant: str) -> None:
    def fresh() -> tuple[tuple[Any, ...], dict[str, Any]]:
        shutil.rmtree(tmp_path)
        return (*work, tmp_path), {}

    benchmark.pedantic(VARIANTS[variant], setup=fresh, rounds=3)
    benchmark.extra_info["clips_per_second"] = len(work[1]) / benchmark.stats["min"]
