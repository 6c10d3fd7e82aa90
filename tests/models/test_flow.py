import torch
from torch import Tensor

from lfdm_pipeline.models.flow import FlowPredictor, candidate_grids, region_heat
from lfdm_pipeline.models.grids import identity_grid
from lfdm_pipeline.models.regions import Regions, affine_from_covariance


def regions(shift: Tensor, covar: Tensor) -> Regions:
    return Regions(shift, covar, affine_from_covariance(covar), torch.empty(0))


def random_regions(*leading: int) -> Regions:
    root = torch.rand(*leading, 2, 2) * 0.4 + 0.1 * torch.eye(2)
    return regions(torch.rand(*leading, 2) - 0.5, root @ root.mT + 0.01 * torch.eye(2))


def still(batch: int, count: int) -> Tensor:
    return torch.eye(3).expand(batch, count, 3, 3)


def test_equal_regions_do_not_move() -> None:
    source = random_regions(2, 5)
    driving = Regions(source.shift[:, None], source.covar[:, None], source.affine[:, None], source.heatmap)
    grids = candidate_grids(source, driving, still(2, 1), 6, 8)
    assert grids.shape == (2, 1, 6, 6, 8, 2)
    torch.testing.assert_close(grids, identity_grid(6, 8).expand_as(grids), rtol=1e-4, atol=1e-4)


def test_candidates_are_affine_about_the_regions_centres() -> None:
    source, driving = random_regions(1, 3), random_regions(1, 1, 3)
    background = torch.tensor([[1.1, 0.1, 0.2], [-0.1, 0.9, -0.3], [0.0, 0.0, 1.0]])
    grids = candidate_grids(source, driving, background.expand(1, 1, 3, 3), 5, 5)[0, 0]
    z = identity_grid(5, 5)
    torch.testing.assert_close(grids[0], z @ background[:2, :2].mT + background[:2, 2])
    for k in range(3):
        linear = source.affine[0, k] @ torch.linalg.inv(driving.affine[0, 0, k])
        linear = linear * linear[0, 0].sign()
        wanted = (z - driving.shift[0, 0, k]) @ linear.mT + source.shift[0, k]
        torch.testing.assert_close(grids[k + 1], wanted, rtol=1e-4, atol=1e-4)


def test_heat_is_a_gaussian_about_the_centre() -> None:
    heat = region_heat(regions(torch.tensor([[0.5, 0.0]]), torch.diag(torch.tensor([0.25, 1.0]))[None]), 3, 5)
    assert heat.shape == (1, 3, 5)
    torch.testing.assert_close(heat[0, 1, 3], torch.tensor(1.0))
    torch.testing.assert_close(heat[0, 1, 4], torch.tensor(-0.5).exp())
    torch.testing.assert_close(heat[0, 0, 3], torch.tensor(-0.5).exp())


def test_several_driving_frames_equal_one_by_one() -> None:
    predictor = FlowPredictor(3, 4, 16, 2, scale=0.25, use_occlusion=True, aligned=False).eval()
    image, source, driving = torch.rand(2, 3, 32, 32), random_regions(2, 3), random_regions(2, 4, 3)
    background = still(2, 4) + 0.1 * torch.randn(2, 4, 3, 3) * torch.tensor([1.0, 1.0, 0.0])[:, None]
    flow, occlusion = predictor(image, source, driving, background)
    assert flow.shape == (2, 4, 8, 8, 2)
    assert occlusion.shape == (2, 4, 1, 8, 8)
    assert occlusion.min() > 0
    assert occlusion.max() < 1
    for t in range(4):
        one = regions(driving.shift[:, t : t + 1], driving.covar[:, t : t + 1])
        alone = predictor(image, source, one, background[:, t : t + 1])
        torch.testing.assert_close(flow[:, t], alone[0][:, 0], rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(occlusion[:, t], alone[1][:, 0], rtol=1e-4, atol=1e-5)


def test_without_occlusion_everything_is_kept() -> None:
    predictor = FlowPredictor(3, 4, 16, 2, scale=0.25, use_occlusion=False, aligned=False)
    _, occlusion = predictor(torch.rand(1, 3, 32, 32), random_regions(1, 3), random_regions(1, 1, 3), still(1, 1))
    assert torch.all(occlusion == 1)
