from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.reference.sizes import DM_OPTIONS, LFAE_OPTIONS
from torch import nn

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.account import MisfitError
from lfdm_pipeline.models.dm import DM, DMOptions
from lfdm_pipeline.models.lfae import LFAE, LFAEOptions
from lfdm_pipeline.reference.exporting import PublishedFile, published_dm, published_lfae
from lfdm_pipeline.reference.importing import import_dm, import_lfae


@pytest.fixture
def stage_one() -> PublishedFile:
    return published_lfae(randomised(LFAE(LFAE_OPTIONS)))


@pytest.fixture
def stage_two() -> PublishedFile:
    return published_dm(randomised(DM(DM_OPTIONS)))


def randomised(model: Any) -> Any:
    generator = torch.Generator().manual_seed(0)
    for tensor in model.parameters():
        tensor.data = torch.randn(tensor.shape, generator=generator)
    return model


def equal(one: PublishedFile, other: PublishedFile) -> bool:
    return one.keys() == other.keys() and all(
        state.keys() == other[network].keys()
        and all(torch.equal(tensor, other[network][name]) for name, tensor in state.items())
        for network, state in one.items()
    )


def test_there_and_back_again_nothing_changes(
    tmp_path: Path, stage_one: PublishedFile, stage_two: PublishedFile
) -> None:
    torch.save({**stage_one, "optimizer": {"state": {}}, "epoch": 3}, tmp_path / "one.pth")
    torch.save({**stage_two, "optimizer_diff": {}}, tmp_path / "two.pth")
    lfae = import_lfae(tmp_path / "one.pth", LFAE_OPTIONS)
    assert equal(published_lfae(lfae.model), stage_one)
    assert lfae.others == ("optimizer", "epoch")
    dm = import_dm(tmp_path / "two.pth", DM_OPTIONS)
    assert equal(published_dm(dm.model), stage_two)
    assert not lfae.model.training
    assert not dm.model.training


def test_mraa_brings_a_network_that_lfdm_has_not(stage_one: PublishedFile) -> None:
    animation = {"avd_network": {"identity_encoder.0.weight": torch.ones(3)}, "epoch_reconstruction": 100}
    imported = import_lfae({**stage_one, **animation}, LFAE_OPTIONS)
    assert imported.others == ("avd_network", "epoch_reconstruction")
    assert imported.account.constant == (
        "generator.pixelwise_flow_predictor.down.weight",
        "region_predictor.down.weight",
    )


def test_every_tensor_at_fault_is_told(stage_one: PublishedFile) -> None:
    state = stage_one["generator"]
    removed = [name for name in list(state) if name.startswith("bottleneck.")]
    for name in removed:
        del state[name]
    state["extra.weight"] = torch.zeros(1)
    state["final.bias"] = torch.zeros(4)
    with pytest.raises(MisfitError) as error:
        import_lfae(stage_one, LFAE_OPTIONS)
    account = error.value.account
    assert account.missing == tuple(sorted(f"generator.{name}" for name in removed))
    assert account.extra == ("generator.extra.weight",)
    assert account.misshapen == {"generator.final.bias": ((4,), (3,))}
    assert f"{len(removed)} missing" in str(error.value)


def test_the_options_that_would_fit_are_named(stage_one: PublishedFile, stage_two: PublishedFile) -> None:
    with pytest.raises(MisfitError, match=r"set lfae\.model\.num_res_blocks=1 \(now 3\)$"):
        import_lfae(stage_one, LFAE_OPTIONS.model_copy(update={"num_res_blocks": 3}))
    other = DM_OPTIONS.denoiser.model_copy(update={"condition_dim": 12, "multipliers": (1, 3)})
    with pytest.raises(
        MisfitError, match=r"denoiser\.multipliers=\(1, 2\) \(now \(1, 3\)\), dm\.model\.denoiser\.cond"
    ):
        import_dm(stage_two, DM_OPTIONS.model_copy(update={"denoiser": other}))


def test_nothing_is_suggested_for_a_file_of_something_else() -> None:
    other = {name: {"weight": torch.zeros(2)} for name in ("generator", "region_predictor", "bg_predictor")}
    with pytest.raises(MisfitError) as error:
        import_lfae(other, LFAE_OPTIONS)
    assert "set lfae" not in str(error.value)


@pytest.mark.parametrize(
    ("read", "options", "message"),
    [
        (
            import_lfae,
            LFAE_OPTIONS.model_copy(update={"aligned": True}),
            r"set lfae\.model\.aligned=False \(now True\)$",
        ),
        (
            import_dm,
            DM_OPTIONS.model_copy(update={"target": "displacement"}),
            r"set dm\.model\.target=absolute \(now displacement\)$",
        ),
        (import_dm, DM_OPTIONS.model_copy(update={"prediction": "v"}), r"set dm\.model\.prediction=epsilon \(now v\)$"),
        (
            import_dm,
            DM_OPTIONS.model_copy(update={"noise_shift": 2.0}),
            r"set dm\.model\.noise_shift=1\.0 \(now 2\.0\)$",
        ),
        (import_dm, DM_OPTIONS.model_copy(update={"timesteps": 11}), r"dm\.model\.timesteps.*with 10, it is 11"),
    ],
)
def test_options_that_published_weights_cannot_have_are_refused(
    read: Callable[..., Any],
    options: LFAEOptions | DMOptions,
    message: str,
    stage_one: PublishedFile,
    stage_two: PublishedFile,
) -> None:
    with pytest.raises(InputError, match=message):
        read(stage_one | stage_two, options)


def test_options_that_no_tensor_tells_are_kept(stage_one: PublishedFile) -> None:
    told = LFAE_OPTIONS.model_copy(update={"region_pad": 0, "temperature": 0.2, "flow_max_width": 500})
    assert import_lfae(stage_one, told).model.options == told


def test_odd_constants_are_noticed(stage_one: PublishedFile) -> None:
    assert import_lfae(stage_one, LFAE_OPTIONS).odd_constants == ()
    other_scale = LFAE_OPTIONS.model_copy(update={"region_scale": 0.5})
    assert import_lfae(stage_one, other_scale).odd_constants == ("region_predictor.down.weight",)


def test_absent_constants_are_no_fault(stage_two: PublishedFile) -> None:
    state = stage_two["diffusion"]
    weights = {name: tensor for name, tensor in state.items() if name.startswith("denoise_fn.") and "freqs" not in name}
    dm = import_dm({"diffusion": weights}, DM_OPTIONS).model
    assert equal(published_dm(dm), stage_two)


def test_importing_keeps_networks_of_their_type(stage_one: PublishedFile) -> None:
    halves = {network: {name: tensor.half() for name, tensor in state.items()} for network, state in stage_one.items()}
    model: nn.Module = import_lfae(halves, LFAE_OPTIONS).model
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
