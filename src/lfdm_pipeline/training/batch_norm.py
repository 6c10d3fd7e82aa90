"""Batch norm over the batch of all processes."""

from typing import Any, Self

import torch
from torch import Tensor, nn
from torch import distributed as dist


def synchronise_batch_norm(module: nn.Module, device: torch.device) -> None:
    """Let the batch norms inside a module take their statistics over all processes.

    torch's own SyncBatchNorm has kernels for CUDA and none for a CPU.
    """
    for name, child in module.named_children():
        if not isinstance(child, nn.BatchNorm2d):
            synchronise_batch_norm(child, device)
        elif device.type == "cuda":
            setattr(module, name, nn.SyncBatchNorm.convert_sync_batchnorm(child))
        else:
            setattr(module, name, SyncedBatchNorm2d.of(child))


class SyncedBatchNorm2d(nn.BatchNorm2d):
    """Batch norm of x (B, C, H, W) whose statistics in training are those of all processes, which hold equal shares."""

    @classmethod
    def of(cls, norm: nn.BatchNorm2d) -> Self:
        """The same batch norm, with the same parameters and buffers."""
        synced = cls(norm.num_features, norm.eps, norm.momentum).train(norm.training)
        synced._parameters, synced._buffers = norm._parameters, norm._buffers
        return synced

    def forward(self, input: Tensor) -> Tensor:
        """Normalise; in eval mode as batch norm does."""
        if not self.training:
            return super().forward(input)
        x = input.to(torch.promote_types(input.dtype, torch.float32))
        mean = _mean_over_processes(x.mean((0, 2, 3)))
        centred = x - mean[:, None, None]
        variance = _mean_over_processes(centred.square().mean((0, 2, 3)))
        if self.track_running_stats:
            self._track(mean.detach(), variance.detach(), x[:, 0].numel() * dist.get_world_size())
        scale = self.weight * torch.rsqrt(variance + self.eps)
        return torch.addcmul(self.bias[:, None, None], centred, scale[:, None, None]).to(input.dtype)

    def _track(self, mean: Tensor, variance: Tensor, count: int) -> None:
        assert self.running_mean is not None
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        assert self.momentum is not None
        self.num_batches_tracked += 1
        self.running_mean.lerp_(mean, self.momentum)
        self.running_var.lerp_(variance * (count / (count - 1)), self.momentum)


def _mean_over_processes(value: Tensor) -> Tensor:
    total: Tensor = _Sum.apply(value)  # type: ignore[no-untyped-call]
    return total / dist.get_world_size()


class _Sum(torch.autograd.Function):
    """The sum over processes; every process's loss depends on it, so gradients are summed alike."""

    @staticmethod
    def forward(ctx: Any, value: Tensor) -> Tensor:
        total = value.clone()
        dist.all_reduce(total)
        return total

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        total = gradient.clone()
        dist.all_reduce(total)
        return total
