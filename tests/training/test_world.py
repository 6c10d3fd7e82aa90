import pytest
import torch

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.training import world
from lfdm_pipeline.training.environment import Place
from lfdm_pipeline.training.world import World


@pytest.mark.parametrize(
    ("device", "done"),
    [("auto", [2, "auto"]), ("cuda", [2, "cuda"]), ("cuda:0", [2, "cuda"]), ("cpu", ["cpu"])],
)
def test_a_process_chooses_its_gpu_before_anything_uses_one(
    device: str, done: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[object] = []

    def pick(name: str) -> None:
        calls.append(name)
        raise InputError("far enough")

    monkeypatch.setattr(torch.cuda, "device_count", lambda: 4)
    monkeypatch.setattr(torch.cuda, "set_device", calls.append)
    monkeypatch.setattr(world, "pick_device", pick)
    with pytest.raises(InputError, match="far enough"):
        World.joined(device, Place(6, 8, 2, "127.0.0.1", 29500))
    assert calls == done


def test_a_process_without_a_gpu_of_its_own_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(world, "pick_device", torch.device)
    with pytest.raises(InputError, match="process 2 has no GPU of its own, there are 2 here"):
        World.joined("cuda", Place(2, 8, 2, "127.0.0.1", 29500))
