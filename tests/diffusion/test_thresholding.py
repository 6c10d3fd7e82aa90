import torch
from hypothesis import given
from hypothesis import strategies as st

from lfdm_pipeline.diffusion.thresholding import dynamic_threshold


@given(st.floats(0.1, 50))
def test_results_lie_within_one(scale: float) -> None:
    x0 = scale * torch.randn(3, 2, 8, 8, generator=torch.Generator().manual_seed(0))
    assert dynamic_threshold(x0).abs().max() <= 1 + 1e-6


def test_clips_within_one_are_left_alone() -> None:
    x0 = torch.rand(2, 3, 4) * 2 - 1
    assert torch.equal(dynamic_threshold(x0), x0)


def test_each_item_is_divided_by_its_own_quantile() -> None:
    x0 = torch.linspace(0, 10, 101)[None] * torch.tensor([[1.0], [2.0]])
    torch.testing.assert_close(dynamic_threshold(x0), (x0 / torch.tensor([[9.0], [18.0]])).clamp(max=1))
