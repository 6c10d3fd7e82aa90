import logging
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from tests.reference.sizes import DM_OPTIONS, LFAE_OPTIONS

from lfdm_pipeline.datasets import ModelDataset
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.account import MisfitError
from lfdm_pipeline.models.dm import DM
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.reference.exporting import published_dm, published_lfae
from lfdm_pipeline.reference.starting import start_from
from lfdm_pipeline.storage import to_path


def kept(model: LFAE | DM, folder: Path) -> Path:
    kind = f"{type(model).__module__}.{type(model).__name__}"
    ModelDataset(filepath=str(folder), model=kind).save(model)
    return folder


def equal(one: torch.nn.Module, other: torch.nn.Module) -> bool:
    wanted = other.state_dict()
    return all(torch.equal(tensor, wanted[name]) for name, tensor in one.state_dict().items())


def test_a_kept_lfae_and_a_published_one_are_a_start(tmp_path: Path) -> None:
    earlier, later = LFAE(LFAE_OPTIONS), LFAE(LFAE_OPTIONS)
    assert not equal(later, earlier)
    start_from(later, kept(earlier, tmp_path / "lfae"))
    assert equal(later, earlier)
    torch.save(published_lfae(earlier), tmp_path / "one.pth")
    again = LFAE(LFAE_OPTIONS)
    start_from(again, tmp_path / "one.pth")
    assert equal(again, earlier)


def test_a_start_may_lie_on_another_machine(tmp_path: Path) -> None:
    earlier = LFAE(LFAE_OPTIONS)
    local = kept(earlier, tmp_path / "lfae")
    remote = to_path("memory://started/lfae")
    for name in ("weights.safetensors", "config.json"):
        (remote / name).parent.mkdir(parents=True, exist_ok=True)
        (remote / name).write_bytes((local / name).read_bytes())
    torch.save(published_lfae(earlier), tmp_path / "one.pth")
    (remote / "one.pth").write_bytes((tmp_path / "one.pth").read_bytes())
    for start in (remote, remote / "one.pth"):
        later = LFAE(LFAE_OPTIONS)
        start_from(later, start)
        assert equal(later, earlier)


def test_a_dm_keeps_the_statistics_of_its_own_flows(tmp_path: Path) -> None:
    options = DM_OPTIONS.model_copy(update={"target": "displacement", "prediction": "v"})
    earlier, later = DM(options), DM(options)
    earlier.target.std.fill_(7)
    start_from(later, kept(earlier, tmp_path / "dm"))
    assert equal(later.denoiser, earlier.denoiser)
    assert torch.equal(later.target.std, torch.ones(3))
    torch.save(published_dm(DM(DM_OPTIONS)), tmp_path / "two.pth")
    start_from(later, tmp_path / "two.pth")
    assert not equal(later.denoiser, earlier.denoiser)


def test_options_that_differ_without_a_tensor_telling_are_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    earlier = kept(DM(DM_OPTIONS), tmp_path / "dm")
    with caplog.at_level(logging.INFO):
        start_from(DM(DM_OPTIONS), earlier)
        assert "started from" in caplog.text
        assert "options were others" not in caplog.text
        start_from(DM(DM_OPTIONS.model_copy(update={"prediction": "v"})), earlier)
    assert "prediction was epsilon, is v" in caplog.text


def test_tensors_that_do_not_fit_are_named_and_nothing_is_copied(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    earlier = kept(LFAE(LFAE_OPTIONS.model_copy(update={"num_res_blocks": 3})), tmp_path / "lfae")
    later = LFAE(LFAE_OPTIONS)
    before = {name: tensor.clone() for name, tensor in later.state_dict().items()}
    with pytest.raises(MisfitError, match=rf"{earlier}.* 28 left over: generator\.bottleneck\.1\.conv1\.bias") as error:
        start_from(later, earlier)
    assert all(torch.equal(tensor, before[name]) for name, tensor in later.state_dict().items())
    assert len(error.value.account.extra) == 28
    assert all(name in caplog.text for name in error.value.account.extra)


def test_weights_of_something_else_are_refused(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    save_file({"encoder.weight": torch.ones(2)}, tmp_path / "other/weights.safetensors")
    with pytest.raises(MisfitError, match=r"1 left over: encoder\.weight"):
        start_from(DM(DM_OPTIONS), tmp_path / "other")
    (tmp_path / "other/weights.safetensors").write_text("damaged")
    with pytest.raises(InputError, match="cannot be read"):
        start_from(DM(DM_OPTIONS), tmp_path / "other")
