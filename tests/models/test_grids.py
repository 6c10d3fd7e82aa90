import torch

from lfdm_pipeline.models.grids import identity_grid, resize, resize_grid, warp, warp_each


def pixel_centres(height: int, width: int) -> torch.Tensor:
    """The grid that reads every pixel exactly where `align_corners=False` puts it."""
    x = (2 * torch.arange(width) + 1) / width - 1
    y = (2 * torch.arange(height) + 1) / height - 1
    return torch.stack(torch.meshgrid(x, y, indexing="xy"), dim=-1)


def test_identity_grid_is_corner_aligned_and_xy_ordered() -> None:
    grid = identity_grid(3, 5)
    assert grid.shape == (3, 5, 2)
    assert grid[0, 0].tolist() == [-1, -1]
    assert grid[0, -1].tolist() == [1, -1]
    assert grid[-1, 0].tolist() == [-1, 1]
    torch.testing.assert_close(grid[1, :, 0], torch.tensor([-1, -0.5, 0, 0.5, 1]))


def test_grid_cached_in_inference_mode_serves_training() -> None:
    with torch.inference_mode():
        identity_grid(7, 9)
    scale = torch.ones(1, requires_grad=True)
    (scale * identity_grid(7, 9)).sum().backward()
    assert scale.grad is not None


def test_warp_at_pixel_centres_is_the_identity() -> None:
    image = torch.rand(1, 3, 6, 8)
    torch.testing.assert_close(warp(image, pixel_centres(6, 8).unsqueeze(0)), image)


def test_aligned_warp_at_the_identity_grid_is_the_identity() -> None:
    image = torch.rand(1, 3, 6, 8)
    torch.testing.assert_close(warp(image, identity_grid(6, 8).unsqueeze(0), aligned=True), image)
    grid = resize_grid(identity_grid(3, 4).unsqueeze(0), 6, 8, aligned=True)
    torch.testing.assert_close(grid[0], identity_grid(6, 8))


def test_warp_by_whole_pixels_shifts_and_pads_with_zeros() -> None:
    image = torch.rand(1, 2, 4, 8)
    grid = pixel_centres(4, 8) + torch.tensor([2 * 3 / 8, 0.0])
    warped = warp(image, grid.unsqueeze(0))
    torch.testing.assert_close(warped[..., :5], image[..., 3:])
    assert torch.all(warped[..., 5:] == 0)


def test_warp_each_equals_one_warp_a_grid() -> None:
    image, grids = torch.rand(2, 3, 8, 8), torch.rand(2, 5, 6, 4, 2) * 2.4 - 1.2
    wanted = torch.stack([warp(image, grids[:, n]) for n in range(5)], dim=1)
    torch.testing.assert_close(warp_each(image, grids), wanted)


def test_resizing_keeps_a_linear_ramp_away_from_the_border() -> None:
    ramp = torch.arange(8.0).expand(1, 1, 8, 8)
    doubled = resize(ramp, 16, 16)
    torch.testing.assert_close(doubled[0, 0, 3, 1:-1], torch.arange(14) / 2 + 0.25)


def test_resizing_to_the_same_size_changes_nothing() -> None:
    grid = torch.rand(2, 4, 6, 2)
    assert torch.equal(resize_grid(grid, 4, 6), grid)
    assert resize_grid(grid, 8, 12).shape == (2, 8, 12, 2)


def test_aligned_grids_leave_a_still_picture_as_it_is_at_any_resolution_of_the_flow():
    image = torch.rand(2, 3, 16, 24)
    flow = identity_grid(4, 6).expand(2, -1, -1, -1)
    grid = resize_grid(flow, 16, 24, aligned=True)
    torch.testing.assert_close(grid, identity_grid(16, 24).expand(2, -1, -1, -1))
    torch.testing.assert_close(warp(image, grid, aligned=True), image, atol=1e-5, rtol=0)
