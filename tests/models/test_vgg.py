from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.vgg import VGG19


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    return tmp_path / "checkpoints"


def test_activations_follow_each_stage() -> None:
    shapes = [tuple(x.shape[1:]) for x in VGG19()(torch.rand(1, 3, 32, 32))]
    assert shapes == [(64, 32, 32), (128, 16, 16), (256, 8, 8), (512, 4, 4), (512, 2, 2)]


def test_activations_are_kept_before_later_layers_touch_them() -> None:
    network = VGG19()
    image = torch.rand(1, 3, 16, 16)
    wanted = network.features[1](network.features[0]((image - network.mean) / network.std))
    torch.testing.assert_close(network(image)[0], wanted)


def test_is_frozen() -> None:
    assert not any(parameter.requires_grad for parameter in VGG19().parameters())


def test_absent_weights_are_explained(hub: Path) -> None:
    with pytest.raises(InputError, match=r"no VGG-19 weights in .*lfae\.objective\.perceptual=none"):
        VGG19.from_file()
    with pytest.raises(InputError, match=r"no VGG-19 weights at .*other\.pth: correct lfae\.objective\.vgg19_weights"):
        VGG19.from_file(hub / "other.pth")


def test_other_files_are_refused(tmp_path: Path) -> None:
    text = tmp_path / "weights.pth"
    text.write_text("no weights")
    with pytest.raises(InputError, match=r"weights\.pth cannot be read"):
        VGG19.from_file(text)
    torch.save({"features.0.weight": torch.zeros(1)}, text)
    with pytest.raises(InputError, match=r"features\.0\.weight is missing or of another shape"):
        VGG19.from_file(text)


def test_weights_are_found_in_the_hub_cache_and_in_safetensors(hub: Path) -> None:
    state = {name: value.contiguous() for name, value in VGG19().state_dict().items()}
    state["classifier.0.weight"] = torch.zeros(2, 2)
    hub.mkdir()
    torch.save(state, hub / "vgg19-dcbb9e9d.pth")
    save_file(state, hub / "own.safetensors")
    for network in (VGG19.from_file(), VGG19.from_file(hub / "own.safetensors")):
        assert torch.equal(network.features[0].weight, state["features.0.weight"])
