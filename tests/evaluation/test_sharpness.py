import itertools

import cv2
import numpy as np
import torch

from lfdm_pipeline.evaluation.sharpness import relative_sharpness, sharpness


def noise(*shape):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0))


def blurred(clips, sigma):
    planes = clips.numpy().reshape(-1, *clips.shape[-2:])
    return torch.from_numpy(np.stack([cv2.GaussianBlur(plane, (0, 0), sigma) for plane in planes])).view(clips.shape)


def test_plain_surfaces_and_slopes_have_none():
    slope = torch.linspace(0, 1, 16).expand(2, 3, 16, 16)
    torch.testing.assert_close(sharpness(slope), torch.zeros(2), atol=1e-6, rtol=0)


def test_a_known_pattern():
    board = (torch.arange(16)[:, None] + torch.arange(16)) % 2
    # Every pixel differs by one from its four neighbours.
    torch.testing.assert_close(sharpness(board.float().expand(1, 3, 16, 16)), torch.tensor([4.0]))


def test_ranks_blur_truth_and_noise():
    truth = blurred(noise(2, 4, 3, 24, 24), 1.0)
    scores = [
        relative_sharpness(clips, truth)
        for clips in (blurred(truth, 2.0), blurred(truth, 1.0), truth, truth + 0.1 * noise(*truth.shape))
    ]
    torch.testing.assert_close(scores[2], torch.ones(2))
    assert all((less < more).all() for less, more in itertools.pairwise(scores))
