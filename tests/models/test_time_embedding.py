import torch

from lfdm_pipeline.models.time_embedding import TimeEmbedding, sinusoid


def test_sines_then_cosines_from_fast_to_slow() -> None:
    waves = sinusoid(torch.tensor([0, 10]), 64)
    assert torch.equal(waves[0], torch.cat([torch.zeros(32), torch.ones(32)]))
    torch.testing.assert_close(waves[1, 0], torch.tensor(10.0).sin())
    torch.testing.assert_close(waves[1, 31], torch.tensor(10.0 * 1e-4).sin())
    torch.testing.assert_close(waves[1, 32], torch.tensor(10.0).cos())


def test_every_step_has_its_own_embedding() -> None:
    embedded = TimeEmbedding(32)(torch.arange(1000))
    assert embedded.shape == (1000, 128)
    assert torch.pdist(embedded.detach()).min() > 0
