import pytest
import torch
from pydantic import ValidationError
from torch import nn

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.lfae import LFAE, LFAEOptions

SMALL = LFAEOptions(
    num_regions=4,
    region_width=4,
    region_blocks=3,
    background_width=4,
    background_blocks=3,
    flow_width=4,
    flow_blocks=3,
    generator_width=8,
    num_res_blocks=1,
)


@pytest.fixture
def lfae() -> LFAE:
    torch.manual_seed(0)
    return LFAE(SMALL).eval()


def frames(*shape: int) -> torch.Tensor:
    return torch.rand(*shape, 3, 32, 32)


def count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_default_sizes_are_the_papers() -> None:
    with torch.device("meta"):
        lfae = LFAE(LFAEOptions())
    assert count(lfae.generator) + count(lfae.flow_predictor) == 45_575_391
    assert count(lfae.region_predictor) == 14_146_728
    assert count(lfae.background_predictor) == 6_282_438


def test_output_shapes_and_ranges(lfae: LFAE) -> None:
    out = lfae(frames(2), frames(2))
    assert out.prediction.shape == out.deformed.shape == (2, 3, 32, 32)
    assert out.flow.shape == (2, 8, 8, 2)
    assert out.occlusion.shape == (2, 1, 8, 8)
    assert out.background.shape == (2, 3, 3)
    assert out.source_regions.shift.shape == (2, 4, 2)
    assert out.transformed_regions is None
    assert out.prediction.min() >= 0
    assert out.prediction.max() <= 1


def test_forward_is_flow_and_decoding_put_together(lfae: LFAE) -> None:
    source, driving = frames(2), frames(2)
    out = lfae(source, driving)
    decoded = lfae.decode(source, out.flow, out.occlusion)
    torch.testing.assert_close(decoded.prediction, out.prediction)
    torch.testing.assert_close(decoded.deformed, out.deformed)


def test_extraction_and_decoding_of_clips_equal_frame_by_frame(lfae: LFAE) -> None:
    source, clip = frames(2), frames(2, 3)
    flow, occlusion = lfae.extract(source, clip)
    decoded = lfae.decode_clip(source, flow, occlusion)
    for t in range(3):
        out = lfae(source, clip[:, t])
        torch.testing.assert_close(flow[:, t], out.flow, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(occlusion[:, t], out.occlusion, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(decoded.prediction[:, t], out.prediction, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(decoded.deformed[:, t], out.deformed, rtol=1e-4, atol=1e-4)


def test_encoding_is_a_quarter_of_the_resolution(lfae: LFAE) -> None:
    assert lfae.encode(frames(2)).shape == (2, 32, 8, 8)


def test_third_frames_regions_are_those_of_a_call_of_its_own(lfae: LFAE) -> None:
    third = frames(2)
    regions = lfae(frames(2), frames(2), third).transformed_regions
    assert regions is not None
    torch.testing.assert_close(regions.affine, lfae.region_predictor(third).affine)


def test_layout_of_the_input_does_not_matter(lfae: LFAE) -> None:
    source, driving = frames(2), frames(2)
    strided = [x.contiguous(memory_format=torch.channels_last) for x in (source, driving)]
    torch.testing.assert_close(lfae(*strided).prediction, lfae(source, driving).prediction)


def test_every_parameter_learns() -> None:
    lfae = LFAE(SMALL).train()
    # The head starts at zero, which would hide the encoder before it.
    nn.init.normal_(lfae.background_predictor.fc.weight, std=0.01)
    out = lfae(frames(2), frames(2))
    (out.prediction.square().mean() + out.deformed.square().mean()).backward()
    untouched = [name for name, p in lfae.named_parameters() if p.grad is None or not p.grad.any()]
    # A bias before batch norm, or before a softmax over positions, has no effect.
    assert [name for name in untouched if not name.endswith("bias")] == []
    assert all(torch.isfinite(p.grad).all() for p in lfae.parameters() if p.grad is not None)


def test_half_precision_keeps_coordinates_exact(lfae: LFAE) -> None:
    with torch.autocast("cpu", torch.bfloat16):
        out = lfae(frames(2), frames(2))
    assert out.flow.dtype == out.occlusion.dtype == out.background.dtype == torch.float32
    assert out.source_regions.affine.dtype == torch.float32
    assert out.prediction.dtype == torch.float32
    torch.testing.assert_close(out.background, torch.eye(3).expand(2, 3, 3))


def test_without_occlusion_the_map_is_one_and_the_decoder_paints_all() -> None:
    lfae = LFAE(SMALL.model_copy(update={"use_occlusion": False})).eval()
    out = lfae(frames(1), frames(1))
    assert torch.all(out.occlusion == 1)
    assert not torch.allclose(out.prediction, out.deformed)


def test_size_that_does_not_fit_is_named() -> None:
    LFAEOptions().check_size(128, 256)
    with pytest.raises(InputError, match=r"64x64 pixels.*region_blocks=5.*multiples of 128"):
        LFAEOptions().check_size(64, 64)
    with pytest.raises(InputError, match=r"36x36 pixels"):
        LFAE(SMALL)(torch.rand(1, 3, 36, 36), torch.rand(1, 3, 36, 36))


def test_options_are_checked() -> None:
    with pytest.raises(ValidationError, match="one over an integer"):
        LFAEOptions(estimate_scale=0.3)
    with pytest.raises(ValidationError, match="region_blocks"):
        LFAEOptions(region_blocks=0)
