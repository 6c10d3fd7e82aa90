"""How well the auto-encoder moves the first frame of a clip onto its later frames."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import torch
from pydantic import Field
from torch import Tensor

from lfdm_pipeline.evaluation.clip_batches import Clips, clip_batches
from lfdm_pipeline.evaluation.lpips import LPIPS
from lfdm_pipeline.evaluation.scores import Scores
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.options import Options

PSNR_CEILING = 100.0  # identical clips have an infinite PSNR, which no mean survives


class ReconstructionOptions(Options):
    """Which frames are reconstructed, and how many clips at once."""

    frames: int = Field(16, ge=1)
    """Driving frames a clip, spread evenly; the reference frame itself is not one of them."""
    batch_size: int = Field(8, ge=1)
    """Clips at once."""
    lpips_weights: Path | None = None
    """AlexNet's weights in torchvision's file, for LPIPS; null measures none."""


@dataclass(frozen=True)
class Reconstruction:
    """Scores and their protocol under flat names, and the same figures for each clip (one row a clip)."""

    scores: Scores
    table: pd.DataFrame


def score_reconstruction(
    lfae: LFAE, clips: Clips, clip_table: pd.DataFrame, options: ReconstructionOptions, device: torch.device
) -> Reconstruction:
    """Reconstruct each clip of the table from its first frame and compare with the real frames.

    Three answers are compared with the truth, all in [0, 1]: the prediction (`l1`, `l1_percent`, `psnr`, `ssim`, and
    `lpips` where its weights are given), the reference warped by the flow alone (`warp_l1`, ...), and the
    reference as it is (`copy_l1`, ...), which any model must beat. PSNR is taken over a whole clip and capped at 100
    dB; every score is the mean over clips.

    Args:
        lfae: Put on `device`, in eval mode.
        clips: Frames by clip id.
        clip_table: The clips to reconstruct, with `clip_id`, `label` and `subject`.
        options: Frames a clip and batch size.
        device: Where to compute.
    """
    lfae = lfae.to(device).eval()
    lpips = LPIPS.from_file(options.lpips_weights).to(device) if options.lpips_weights else None
    clip_ids = clip_table["clip_id"].tolist()
    batches = clip_batches(clips, clip_ids, options.frames + 1, options.batch_size, "reconstruction")
    parts = [_clip_scores(lfae, lpips, batch.to(device)) for batch in batches]
    figures = {name: torch.cat([part[name] for part in parts]).cpu().numpy() for name in parts[0]}
    table = clip_table[["clip_id", "label", "subject"]].reset_index(drop=True).assign(**figures)
    scores: Scores = {f"reconstruction.{name}": float(table[name].mean()) for name in figures}
    protocol: Scores = {"reconstruction.clips": len(table), "reconstruction.frames_per_clip": options.frames}
    if lpips is None:
        protocol["reconstruction.lpips_note"] = (
            "not measured: no weights given; set evaluation.reconstruction.lpips_weights to torchvision's "
            "alexnet-owt-7be5be79.pth"
        )
    return Reconstruction(scores | protocol, table)


@torch.inference_mode()
def _clip_scores(lfae: LFAE, lpips: LPIPS | None, clips: Tensor) -> dict[str, Tensor]:
    """Score a batch (B, 3, 1 + K, H, W): each score has shape (B,)."""
    frames = clips.transpose(1, 2)
    source, driving = frames[:, 0], frames[:, 1:]
    decoded = lfae.decode_clip(source, *lfae.extract(source, driving))
    answers = {"": decoded.prediction, "warp_": decoded.deformed, "copy_": source[:, None].expand_as(driving)}
    return {
        prefix + name: score
        for prefix, answer in answers.items()
        for name, score in compare(answer.clamp(0, 1), driving, lpips).items()
    }


def compare(answer: Tensor, truth: Tensor, lpips: LPIPS | None = None) -> dict[str, Tensor]:
    """Compare clips (B, K, 3, H, W) in [0, 1]: each score has shape (B,)."""
    # Here, since it takes seconds to import and most runs do not evaluate.
    from torchmetrics.functional.image import peak_signal_noise_ratio, structural_similarity_index_measure

    psnr = peak_signal_noise_ratio(answer, truth, data_range=1.0, dim=(1, 2, 3, 4), reduction="none")
    images, true_images = answer.flatten(0, 1), truth.flatten(0, 1)
    ssim = structural_similarity_index_measure(images, true_images, data_range=1.0, reduction="none")
    l1 = (answer - truth).abs().mean(dim=(1, 2, 3, 4))
    scores = {
        "l1": l1,
        "l1_percent": 100 * l1,
        "psnr": psnr.clamp(max=PSNR_CEILING),
        "ssim": ssim.reshape(truth.shape[:2]).mean(dim=1),
    }
    return scores | ({"lpips": lpips(images, true_images).reshape(truth.shape[:2]).mean(dim=1)} if lpips else {})
