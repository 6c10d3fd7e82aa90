"""The two ways of computing each attention agree: in chunks for a CPU, at once for other devices."""

import pytest
import torch
from torch import Tensor

from lfdm_pipeline.models import linear_attention_cpu, spatial_attention, temporal_attention
from lfdm_pipeline.models import temporal_attention_cpu as temporal_cpu
from lfdm_pipeline.models.spatial_attention import SpatialAttention
from lfdm_pipeline.models.temporal_attention import TemporalAttention
from lfdm_pipeline.models.temporal_positions import RelativePositions, TemporalPositions

HEADS, HEAD_DIM, CHANNELS, FRAMES, POINTS = 2, 4, 6, 3, 10


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(temporal_cpu, "CHUNK_ROWS", 4 * FRAMES)
    monkeypatch.setattr(linear_attention_cpu, "CHUNK_ROWS", 2 * POINTS)


def leaf(*shape: int) -> Tensor:
    return torch.randn(shape, dtype=torch.double).requires_grad_()


def temporal(attend: object, x: Tensor, gain: Tensor, qkv: Tensor, out: Tensor, bias: Tensor) -> Tensor:
    rotation = RelativePositions(HEADS, HEAD_DIM)(FRAMES).rotation
    return attend(x, gain, qkv, out, TemporalPositions(bias, rotation), HEADS)  # type: ignore[operator]


def temporal_arguments() -> tuple[Tensor, ...]:
    torch.manual_seed(0)
    inner = HEADS * HEAD_DIM
    return (
        leaf(2, FRAMES, POINTS, CHANNELS),
        leaf(CHANNELS),
        leaf(3 * inner, CHANNELS),
        leaf(CHANNELS, inner),
        leaf(HEADS, FRAMES, FRAMES),
    )


def linear_arguments() -> tuple[Tensor, ...]:
    torch.manual_seed(0)
    inner = HEADS * HEAD_DIM
    return (
        leaf(5, POINTS, CHANNELS),
        leaf(CHANNELS),
        leaf(3 * inner, CHANNELS),
        leaf(CHANNELS, inner),
        leaf(CHANNELS),
    )


def test_temporal_attention_in_chunks_has_the_gradient_of_its_output() -> None:
    assert torch.autograd.gradcheck(
        lambda *arguments: temporal(temporal_cpu.attend_in_chunks, *arguments), temporal_arguments()
    )


def test_temporal_attention_in_chunks_equals_all_at_once() -> None:
    arguments = temporal_arguments()
    in_chunks = temporal(temporal_cpu.attend_in_chunks, *arguments)
    # The whole is computed in single precision where it turns queries and keys.
    torch.testing.assert_close(in_chunks, temporal(temporal_attention.attend_at_once, *arguments), rtol=1e-5, atol=1e-5)


def test_positions_beyond_what_a_kernel_takes_are_attended_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    arguments = temporal_arguments()
    at_once = temporal(temporal_attention.attend_at_once, *arguments)
    attend, batches = torch.nn.functional.scaled_dot_product_attention, []

    def noting(query: Tensor, *others: Tensor, **options: Tensor) -> Tensor:
        batches.append(len(query))
        return attend(query, *others, **options)

    monkeypatch.setattr(torch.nn.functional, "scaled_dot_product_attention", noting)
    monkeypatch.setattr(temporal_attention, "LARGEST_BATCH", 9)
    in_parts = temporal(temporal_attention.attend_at_once, *arguments)
    assert batches == [8, 8, 4], "2 clips of 10 positions"
    torch.testing.assert_close(in_parts, at_once)
    weight = torch.randn_like(at_once)
    for part, whole in zip(
        torch.autograd.grad(in_parts, arguments, weight), torch.autograd.grad(at_once, arguments, weight), strict=True
    ):
        torch.testing.assert_close(part, whole)


def test_linear_attention_in_chunks_has_the_gradient_of_its_output() -> None:
    assert torch.autograd.gradcheck(
        lambda *arguments: linear_attention_cpu.attend_in_chunks(*arguments, HEADS), linear_arguments()
    )


def test_linear_attention_in_chunks_equals_all_at_once() -> None:
    arguments = linear_arguments()
    torch.testing.assert_close(
        linear_attention_cpu.attend_in_chunks(*arguments, HEADS),
        spatial_attention.attend_at_once(*arguments, HEADS),
    )


def test_full_attention_does_not_tell_positions_apart() -> None:
    torch.manual_seed(0)
    attention = SpatialAttention(CHANNELS, HEADS, HEAD_DIM)
    x = torch.randn(1, FRAMES, 2, 5, CHANNELS)
    order = torch.randperm(5)
    torch.testing.assert_close(attention(x[:, :, :, order]), attention(x)[:, :, :, order])


def test_temporal_attention_keeps_positions_apart() -> None:
    torch.manual_seed(0)
    attention = TemporalAttention(CHANNELS, HEADS, HEAD_DIM)
    positions = RelativePositions(HEADS, HEAD_DIM)(FRAMES)
    x = torch.randn(1, FRAMES, 2, 5, CHANNELS)
    changed = x.clone()
    changed[:, :, 1, 3] += 1
    moved = (attention(changed, positions) - attention(x, positions)).abs().amax((0, 1, 4)) > 1e-6
    assert moved.nonzero().tolist() == [[1, 3]]
