import pytest
import torch
from torch import Tensor

from lfdm_pipeline.diffusion.guidance import guided


class LinearDenoiser:
    """Adds up all it is given, and counts the clips it sees."""

    def __init__(self) -> None:
        self.clips: list[int] = []

    def prepare(self, z0: Tensor) -> Tensor:
        return 10 * z0

    def __call__(self, x: Tensor, t: Tensor, z0: Tensor, cond: Tensor | None) -> Tensor:
        self.clips.append(len(x))
        assert cond is not None
        return x + t[:, None] + z0 + cond.sum(1, keepdim=True)


@pytest.mark.parametrize("scale", [0.0, 1.0, 2.0, 7.5])
def test_guidance_moves_along_the_condition_s_effect(scale: float) -> None:
    x, z0, cond, t = torch.randn(3, 4), torch.randn(3, 4), torch.randn(3, 2), torch.tensor([1, 2, 3])
    out = guided(LinearDenoiser(), z0, cond, scale)(x, t)
    torch.testing.assert_close(out, x + t[:, None] + 10 * z0 + scale * cond.sum(1, keepdim=True))


@pytest.mark.parametrize(("scale", "clips"), [(1.0, 3), (2.0, 6)])
def test_both_predictions_are_one_batch_and_null_is_made_only_where_used(scale: float, clips: int) -> None:
    denoiser = LinearDenoiser()
    guided(denoiser, torch.zeros(3, 4), torch.zeros(3, 2), scale)(torch.zeros(3, 4), torch.zeros(3))
    assert denoiser.clips == [clips]
