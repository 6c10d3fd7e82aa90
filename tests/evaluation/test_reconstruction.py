from types import SimpleNamespace

import cv2
import numpy as np
import pandas as pd
import pytest
import torch

from lfdm_pipeline.evaluation.lpips import LPIPS
from lfdm_pipeline.evaluation.reconstruction import PSNR_CEILING, ReconstructionOptions, score_reconstruction


class Copying(torch.nn.Module):
    """An auto-encoder that moves nothing and repaints a constant."""

    def __init__(self, offset: float = 0.0) -> None:
        super().__init__()
        self.offset = offset

    def extract(self, source, driving):
        return driving, driving

    def decode_clip(self, source, driving, _):
        return SimpleNamespace(prediction=driving + self.offset, deformed=source[:, None].expand_as(driving))


def table(*clip_ids):
    return pd.DataFrame({"clip_id": clip_ids, "label": "nod", "subject": "s0"})


def clip(frames=9, level=0.0):
    rng = np.random.default_rng(0)
    ramp = np.arange(frames).reshape(-1, 1, 1, 1) * level
    return (rng.integers(50, 150, (1, 24, 24, 3)) + ramp).astype(np.uint8)


OPTIONS = ReconstructionOptions(frames=4, batch_size=2)


def score(lfae, clips):
    return score_reconstruction(lfae, clips, table(*clips), OPTIONS, torch.device("cpu"))


def test_a_perfect_prediction_has_perfect_scores():
    scores = score(Copying(), {"a": clip(level=3), "b": clip(level=1), "c": clip(level=2)}).scores
    assert scores["reconstruction.l1"] == 0
    assert scores["reconstruction.psnr"] == PSNR_CEILING
    assert scores["reconstruction.ssim"] == pytest.approx(1)
    assert scores["reconstruction.copy_ssim"] < 1


def test_known_offsets_give_known_errors():
    result = score(Copying(0.1), {"a": clip(level=4)})
    assert result.scores["reconstruction.l1"] == pytest.approx(0.1, rel=1e-4)
    assert result.scores["reconstruction.psnr"] == pytest.approx(20, abs=1e-3)
    # Nine frames sampled as 0, 2, 4, 6, 8, the first of which is the reference: 5 * 4 grey levels on average.
    assert result.scores["reconstruction.copy_l1"] == pytest.approx(20 / 255, rel=1e-5)
    assert result.scores["reconstruction.warp_l1"] == result.scores["reconstruction.copy_l1"]


def test_each_clip_has_a_row_and_scores_are_their_means():
    result = score(Copying(), {"a": clip(level=0), "b": clip(level=4), "c": clip(level=2)})
    assert result.table["clip_id"].tolist() == ["a", "b", "c"]
    assert result.scores["reconstruction.clips"] == 3
    assert result.scores["reconstruction.frames_per_clip"] == 4
    assert result.table["copy_l1"].tolist() == pytest.approx([0, 20 / 255, 10 / 255])
    assert result.scores["reconstruction.copy_l1"] == pytest.approx(10 / 255)
    assert np.isfinite(result.table.drop(columns=["clip_id", "label", "subject"]).to_numpy()).all()


class Blurring(torch.nn.Module):
    """An auto-encoder that moves everything rightly and blurs it."""

    def __init__(self, sigma: float) -> None:
        super().__init__()
        self.sigma = sigma

    def extract(self, source, driving):
        return driving, driving

    def decode_clip(self, source, driving, _):
        frames = driving.flatten(0, 1).permute(0, 2, 3, 1).numpy()
        blurred = np.stack([cv2.GaussianBlur(frame, (0, 0), self.sigma) for frame in frames])
        prediction = torch.from_numpy(blurred).permute(0, 3, 1, 2).unflatten(0, driving.shape[:2])
        return SimpleNamespace(prediction=prediction, deformed=driving.roll(1, dims=-1))


def test_shifted_and_blurred_clips_rank_as_they_must(tmp_path):
    torch.manual_seed(0)
    state = {
        f"features.{name}": torch.randn_like(value) * 0.05 for name, value in LPIPS().features.state_dict().items()
    }
    torch.save(state, tmp_path / "alexnet.pth")
    rng = np.random.default_rng(0)
    clips = {"a": rng.integers(0, 255, (9, 64, 64, 3), np.uint8)}
    options = ReconstructionOptions(frames=4, lpips_weights=tmp_path / "alexnet.pth")
    slight, heavy = (
        score_reconstruction(Blurring(sigma), clips, table("a"), options, torch.device("cpu")).scores
        for sigma in (0.4, 2.0)
    )
    for name in ("l1", "lpips"):
        assert slight[f"reconstruction.{name}"] < heavy[f"reconstruction.{name}"]
    for name in ("psnr", "ssim"):
        assert slight[f"reconstruction.{name}"] > heavy[f"reconstruction.{name}"]
    # White noise moved by a pixel is another picture: worse than the same one blurred.
    assert heavy["reconstruction.warp_l1"] > heavy["reconstruction.l1"]
    assert slight["reconstruction.l1_percent"] == pytest.approx(100 * slight["reconstruction.l1"])


def test_without_weights_lpips_is_not_measured_and_says_so():
    scores = score(Copying(), {"a": clip()}).scores
    assert "reconstruction.lpips" not in scores
    assert "lpips_weights" in scores["reconstruction.lpips_note"]
