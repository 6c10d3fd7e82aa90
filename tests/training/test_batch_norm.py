from pathlib import Path

import torch
from tests.training.children import Child
from torch import distributed as dist
from torch import nn

from lfdm_pipeline.training.batch_norm import SyncedBatchNorm2d, synchronise_batch_norm

PROCESSES = 2


def network() -> nn.Module:
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Tanh(), nn.Conv2d(4, 2, 3), nn.BatchNorm2d(2))
    with torch.no_grad():
        for parameter in layers.parameters():
            parameter.add_(0.3 * torch.randn_like(parameter))
    return layers.double().train()


def batch() -> torch.Tensor:
    return torch.randn(6, 3, 8, 8, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def loss(outputs: torch.Tensor) -> torch.Tensor:
    return (outputs - outputs.detach().roll(1, -1)).square().mean() + outputs[..., 0].sin().mean()


def take_part(rank: int, folder: Path) -> None:
    dist.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=PROCESSES)
    synced = network()
    synchronise_batch_norm(synced, torch.device("cpu"))
    outputs = synced(batch().chunk(PROCESSES)[rank])
    loss(outputs).backward()
    gradients = {name: parameter.grad for name, parameter in synced.named_parameters()}
    for gradient in gradients.values():
        dist.all_reduce(gradient)
        gradient /= PROCESSES
    torch.save([outputs.detach(), gradients, synced.state_dict()], folder / f"{rank}.pt")


def test_two_processes_normalise_as_one_with_the_whole_batch(tmp_path: Path) -> None:
    children = [Child(lambda pipe, rank=rank: take_part(rank, tmp_path)) for rank in range(PROCESSES)]
    assert [child.end() for child in children] == [0, 0]
    results = [torch.load(tmp_path / f"{rank}.pt") for rank in range(PROCESSES)]

    whole = network()
    outputs = whole(batch())
    loss(outputs).backward()
    torch.testing.assert_close(torch.cat([result[0] for result in results]), outputs.detach())
    for _, gradients, state in results:
        torch.testing.assert_close(gradients, {name: each.grad for name, each in whole.named_parameters()})
        torch.testing.assert_close(state, dict(whole.state_dict()))


def test_only_batch_norms_change_and_keep_their_parameters() -> None:
    plain = network()
    weights = dict(plain.named_parameters())
    synchronise_batch_norm(plain, torch.device("cpu"))
    assert [type(layer) for layer in plain] == [nn.Conv2d, SyncedBatchNorm2d, nn.Tanh, nn.Conv2d, SyncedBatchNorm2d]
    assert all(parameter is weights[name] for name, parameter in plain.named_parameters())


def test_in_eval_mode_it_is_batch_norm() -> None:
    plain, synced = network().eval(), network().eval()
    synchronise_batch_norm(synced, torch.device("cpu"))
    assert torch.equal(plain(batch()), synced(batch()))
