import torch
import torch.nn.functional as F

from lfdm_pipeline.models.norm_activation import norm_silu


def test_equals_group_norm_of_each_clip_modulated() -> None:
    torch.manual_seed(0)
    x, weight, bias = torch.randn(2, 3, 4, 5, 16) * 2 + 1, torch.randn(2, 16), torch.randn(2, 16)
    channels_first = x.permute(0, 4, 1, 2, 3)
    normed = F.group_norm(channels_first, 8) * weight[..., None, None, None] + bias[..., None, None, None]
    torch.testing.assert_close(norm_silu(x, weight, bias), F.silu(normed).permute(0, 2, 3, 4, 1))


def test_has_the_gradient_of_its_output() -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 2, 2, 3, 8, dtype=torch.double, requires_grad=True)
    weight, bias = (torch.randn(2, 8, dtype=torch.double, requires_grad=True) for _ in range(2))
    assert torch.autograd.gradcheck(norm_silu, (x, weight, bias))
