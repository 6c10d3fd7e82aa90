import torch
import torch.nn.functional as F
from tests.benchmarks.operations import counted
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from lfdm_pipeline.models import spatial_attention, temporal_attention
from lfdm_pipeline.models.linear_attention_cpu import attend_by_block
from lfdm_pipeline.models.temporal_attention_cpu import attend_by_position
from lfdm_pipeline.models.temporal_positions import RelativePositions
from lfdm_pipeline.models.winograd import winograd_convolve

HEADS, DIM, CHANNELS, FRAMES, POINTS = 2, 16, 32, 5, 64


def weights(*more: Tensor) -> tuple[Tensor, ...]:
    inner = HEADS * DIM
    return torch.ones(CHANNELS), torch.randn(3 * inner, CHANNELS), torch.randn(CHANNELS, inner), *more


def test_attention_over_time_takes_those_of_all_at_once_and_again_for_its_gradient() -> None:
    with torch.no_grad():
        positions = RelativePositions(HEADS, DIM)(FRAMES)
    x = torch.randn(1, FRAMES, POINTS, CHANNELS, requires_grad=True)
    leaves = [weight.requires_grad_() for weight in weights()]
    with FlopCounterMode(display=False) as wanted:
        result = temporal_attention.attend_at_once(x, *leaves, positions, HEADS)
        forward = wanted.get_total_flops()
        result.sum().backward()
    with counted() as found:
        attend_by_position(x, *leaves, positions, HEADS).sum().backward()
    outward = 2 * FRAMES * POINTS * CHANNELS * HEADS * DIM
    assert found == [forward, wanted.get_total_flops() - outward]


def test_linear_attention_takes_those_of_all_at_once_but_for_its_values() -> None:
    x = torch.randn(FRAMES, POINTS, CHANNELS)
    arguments = weights(torch.zeros(CHANNELS))
    with FlopCounterMode(display=False) as wanted:
        spatial_attention.attend_at_once(x, *arguments, HEADS)
    with counted() as found:
        attend_by_block(x, *arguments, HEADS)
    rows, inner = FRAMES * POINTS, HEADS * DIM
    of_values = 2 * rows * inner * (CHANNELS + 2 * DIM)
    instead = 2 * rows * inner * CHANNELS + 4 * FRAMES * inner * CHANNELS * DIM
    assert sum(found) == wanted.get_total_flops() - of_values + instead


def test_winograd_takes_a_quarter_of_the_convolution() -> None:
    x, kernels = torch.randn(2, CHANNELS, 16, 16), torch.randn(48, CHANNELS, 3, 3)
    with FlopCounterMode(display=False) as wanted:
        F.conv2d(x, kernels, padding=1)
    with counted() as found:
        winograd_convolve(x, kernels, None)
    assert 4 * sum(found) == wanted.get_total_flops()
