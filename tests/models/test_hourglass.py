import torch

from lfdm_pipeline.models.hourglass import Hourglass, HourglassEncoder, encoder_widths


def test_widths_double_up_to_the_maximum() -> None:
    assert encoder_widths(64, 44, 5, 1024) == [44, 128, 256, 512, 1024, 1024]


def test_encoder_halves_at_every_block() -> None:
    activations = HourglassEncoder(4, 3, 3, 16)(torch.randn(1, 3, 16, 24))
    assert [tuple(x.shape[1:]) for x in activations] == [(3, 16, 24), (8, 8, 12), (16, 4, 6), (16, 2, 3)]


def test_hourglass_ends_with_its_input() -> None:
    x = torch.randn(2, 3, 16, 16)
    hourglass = Hourglass(4, 3, 3, 16)
    features = hourglass(x)
    assert features.shape == (2, hourglass.out_channels, 16, 16)
    assert hourglass.out_channels == 7
    assert torch.equal(features[:, 4:], x)


def test_published_width_of_the_decoder() -> None:
    hourglass = Hourglass(64, 44, 5, 1024)
    weights = [tuple(block.conv.weight.shape[:2]) for block in hourglass.up_blocks]
    assert weights == [(1024, 1024), (512, 2048), (256, 1024), (128, 512), (64, 256)]
