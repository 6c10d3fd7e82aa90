import torch

from lfdm_pipeline.models.background import BackgroundPredictor


def test_untrained_background_stands_still() -> None:
    source, driving = torch.rand(2, 2, 3, 16, 16).unbind(0)
    motion = BackgroundPredictor(4, 16, 3)(source, driving)
    torch.testing.assert_close(motion, torch.eye(3).expand(2, 3, 3))
