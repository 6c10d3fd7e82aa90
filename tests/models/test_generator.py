import pytest
import torch

from lfdm_pipeline.models.generator import Generator
from lfdm_pipeline.models.grids import identity_grid


@pytest.fixture
def generator() -> Generator:
    torch.manual_seed(0)
    return Generator(8, 32, num_down=2, num_res_blocks=1, use_skips=True, aligned=False).eval()


def flows(batch: int, count: int, size: int) -> torch.Tensor:
    return identity_grid(size, size) + 0.2 * torch.randn(batch, count, size, size, 2)


def test_activations_double_in_width_and_halve_in_size(generator: Generator) -> None:
    shapes = [tuple(x.shape) for x in generator.encode(torch.rand(2, 3, 32, 32))]
    assert shapes == [(2, 8, 32, 32), (2, 16, 16, 16), (2, 32, 8, 8)]


def test_where_nothing_is_occluded_the_result_is_the_warped_source(generator: Generator) -> None:
    decoded = generator(torch.rand(2, 3, 32, 32), flows(2, 1, 8), torch.ones(2, 1, 1, 8, 8))
    torch.testing.assert_close(decoded.prediction, decoded.deformed)


def test_where_all_is_occluded_the_source_does_not_matter(generator: Generator) -> None:
    hidden = torch.zeros(2, 1, 1, 8, 8)
    one = generator(torch.rand(2, 3, 32, 32), flows(2, 1, 8), hidden)
    other = generator(torch.rand(2, 3, 32, 32), flows(2, 1, 8), hidden)
    torch.testing.assert_close(one.prediction, other.prediction)
    assert not torch.allclose(one.deformed, other.deformed)


def test_frames_in_one_batch_equal_one_by_one(generator: Generator) -> None:
    source, flow, occlusion = torch.rand(2, 3, 32, 32), flows(2, 3, 8), torch.rand(2, 3, 1, 8, 8)
    together = generator(source, flow, occlusion)
    assert together.prediction.shape == (2, 3, 3, 32, 32)
    for t in range(3):
        alone = generator(source, flow[:, t : t + 1], occlusion[:, t : t + 1])
        torch.testing.assert_close(together.prediction[:, t], alone.prediction[:, 0])
        torch.testing.assert_close(together.deformed[:, t], alone.deformed[:, 0])


def test_without_skips_occlusion_only_masks_the_feature_map() -> None:
    generator = Generator(8, 32, num_down=2, num_res_blocks=1, use_skips=False, aligned=False).eval()
    source, flow = torch.rand(1, 3, 32, 32), flows(1, 1, 8)
    decoded = generator(source, flow, torch.ones(1, 1, 1, 8, 8))
    assert not torch.allclose(decoded.prediction, decoded.deformed)
    assert decoded.prediction.min() > 0
    assert decoded.prediction.max() < 1
