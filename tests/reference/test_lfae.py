"""The published stage-one model on recorded inputs; see tests/data/fixtures.py for weights and inputs."""

from pathlib import Path

import numpy as np
import pytest
import torch
from tests.data.fixtures import lfae_inputs, published_state, vgg19_state
from torch import Tensor, nn

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.lfae import LFAE, LFAEOptions, LFAEOutput
from lfdm_pipeline.objectives.equivariance import Transform
from lfdm_pipeline.objectives.lfae import LFAEObjective, LFAEObjectiveOptions
from lfdm_pipeline.objectives.losses import Losses
from lfdm_pipeline.reference.lfae import load_published_lfae, published_name

OUTPUT, LOSS = 1e-4, 1e-3
LOSSES = ("perceptual", "equivariance_shift", "equivariance_affine")
Arrays = dict[str, np.ndarray]
Tensors = dict[str, Tensor]


def relative_error(out: Tensor, wanted: Tensor) -> float:
    assert out.shape == wanted.shape
    return ((out.detach() - wanted).norm() / wanted.norm()).item()


@pytest.fixture(scope="module")
def recorded() -> Tensors:
    with np.load(Path(__file__).parents[1] / "data" / "lfae_128.npz") as arrays:
        return {name: torch.from_numpy(arrays[name]) for name in arrays}


@pytest.fixture(scope="module")
def inputs() -> Tensors:
    return {name: torch.from_numpy(value) for name, value in lfae_inputs(128).items()}


@pytest.fixture(scope="module")
def state() -> Arrays:
    return published_state("lfae")


@pytest.fixture(scope="module")
def lfae(state: Arrays) -> LFAE:
    return load_published_lfae(state)


@pytest.fixture(scope="module")
def output(lfae: LFAE, inputs: Tensors) -> LFAEOutput:
    with torch.no_grad():
        return lfae(inputs["source"], inputs["driving"])


@pytest.fixture(scope="module")
def transform(inputs: Tensors) -> Transform:
    return Transform(inputs["theta"], inputs["tps"])


@pytest.fixture(scope="module")
def objective(tmp_path_factory: pytest.TempPathFactory) -> LFAEObjective:
    path = tmp_path_factory.mktemp("vgg") / "vgg19.pth"
    torch.save({name: torch.from_numpy(value) for name, value in vgg19_state().items()}, path)
    return LFAEObjective(LFAEObjectiveOptions(vgg19_weights=path))


@pytest.fixture(scope="module")
def evaluated(lfae: LFAE, objective: LFAEObjective, inputs: Tensors, transform: Transform) -> Losses:
    """Losses in eval mode, with the gradients of their sum left in the network."""
    losses = objective(lfae, inputs["source"], inputs["driving"], transform)
    losses.total.backward()
    return losses


@pytest.mark.parametrize("frame", ["source", "driving"])
def test_regions(output: LFAEOutput, recorded: Tensors, frame: str) -> None:
    regions = getattr(output, f"{frame}_regions")
    assert relative_error(regions.shift, recorded[f"{frame}_shift"]) < OUTPUT
    assert relative_error(regions.covar, recorded[f"{frame}_covar"]) < OUTPUT
    wanted = recorded[f"{frame}_affine"]
    sign = (regions.affine * wanted).sum((-1, -2), keepdim=True).sign()
    assert relative_error(regions.affine * sign, wanted) < OUTPUT


def test_heatmap_and_background(output: LFAEOutput, recorded: Tensors) -> None:
    assert relative_error(output.source_regions.heatmap, recorded["source_heatmap"]) < OUTPUT
    assert relative_error(output.background, recorded["bg"]) < OUTPUT


def test_flow_and_images(output: LFAEOutput, recorded: Tensors) -> None:
    assert relative_error(output.flow, recorded["optical_flow"]) < OUTPUT
    assert relative_error(output.occlusion, recorded["occlusion_map"]) < OUTPUT
    assert relative_error(output.prediction, recorded["prediction"]) < OUTPUT
    assert relative_error(output.deformed, recorded["deformed"]) < OUTPUT


@torch.no_grad()
def test_feature_map(lfae: LFAE, inputs: Tensors, recorded: Tensors) -> None:
    z0 = lfae.encode(inputs["source"])
    assert relative_error(z0.mean((2, 3)), recorded["bottleneck_mean"]) < OUTPUT
    assert relative_error(z0[:, :, :2, :2], recorded["bottleneck_corner"]) < OUTPUT


@torch.no_grad()
def test_decoding_of_a_given_flow(lfae: LFAE, inputs: Tensors, recorded: Tensors) -> None:
    decoded = lfae.decode(inputs["source"], inputs["flow"], inputs["occlusion"])
    assert relative_error(decoded.prediction, recorded["given_flow_prediction"]) < OUTPUT
    assert relative_error(decoded.deformed, recorded["given_flow_deformed"]) < OUTPUT


@torch.no_grad()
def test_extraction_and_decoding_of_clips(lfae: LFAE, inputs: Tensors, recorded: Tensors) -> None:
    clip = torch.stack([inputs["source"], inputs["driving"]], dim=1)
    flow, occlusion = lfae.extract(inputs["source"], clip)
    assert relative_error(flow[:, 1], recorded["optical_flow"]) < OUTPUT
    assert relative_error(occlusion[:, 1], recorded["occlusion_map"]) < OUTPUT
    decoded = lfae.decode_clip(inputs["source"], flow, occlusion)
    assert relative_error(decoded.prediction[:, 1], recorded["prediction"]) < OUTPUT


@torch.no_grad()
def test_region_head_without_padding(state: Arrays, inputs: Tensors, recorded: Tensors) -> None:
    output = load_published_lfae(state, region_pad=0)(inputs["source"], inputs["driving"])
    assert relative_error(output.flow, recorded["pad0_optical_flow"]) < OUTPUT
    assert relative_error(output.prediction, recorded["pad0_prediction"]) < OUTPUT


@torch.no_grad()
def test_ten_residual_blocks(inputs: Tensors, recorded: Tensors) -> None:
    lfae = load_published_lfae(published_state("lfae", num_res_blocks=10))
    assert lfae.options.num_res_blocks == 10
    prediction = lfae(inputs["source"], inputs["driving"]).prediction
    assert relative_error(prediction, recorded["res10_prediction"]) < OUTPUT


def test_transformed_frame(transform: Transform, inputs: Tensors, recorded: Tensors) -> None:
    assert relative_error(transform.warp(inputs["driving"]), recorded["transformed_frame"]) < OUTPUT


@pytest.mark.parametrize("part", LOSSES)
def test_losses_in_eval_mode(evaluated: Losses, recorded: Tensors, part: str) -> None:
    assert relative_error(evaluated.parts[part], recorded[f"eval_loss_{part}"]) < LOSS


@pytest.mark.usefixtures("evaluated")
def test_gradient_norms_in_eval_mode(lfae: LFAE, recorded: Tensors) -> None:
    networks: dict[str, tuple[nn.Module, ...]] = {
        "generator": (lfae.generator, lfae.flow_predictor),
        "region_predictor": (lfae.region_predictor,),
        "bg_predictor": (lfae.background_predictor,),
    }
    for published, own in networks.items():
        gradients = [p.grad.norm() for network in own for p in network.parameters() if p.grad is not None]
        assert relative_error(torch.stack(gradients).norm(), recorded[f"eval_grad_norm_{published}"]) < LOSS


@torch.no_grad()
def test_losses_in_train_mode(
    state: Arrays, objective: LFAEObjective, inputs: Tensors, transform: Transform, recorded: Tensors
) -> None:
    lfae = load_published_lfae(state).train()
    losses = objective(lfae, inputs["source"], inputs["driving"], transform)
    for part in LOSSES:
        assert relative_error(losses.parts[part], recorded[f"train_loss_{part}"]) < LOSS


def test_sizes_follow_from_the_tensors(lfae: LFAE) -> None:
    assert lfae.options == LFAEOptions()
    assert not lfae.training


def small_state(options: LFAEOptions) -> dict[str, Tensor]:
    return {published_name(name): value for name, value in LFAE(options).state_dict().items()}


@pytest.mark.parametrize(
    "options",
    [
        LFAEOptions(region_width=4, background_width=4, flow_width=4, generator_width=4, num_regions=3),
        LFAEOptions(
            num_regions=5,
            region_width=4,
            region_max_width=16,
            region_blocks=3,
            background_width=4,
            background_blocks=4,
            flow_width=8,
            flow_max_width=32,
            flow_blocks=3,
            generator_width=8,
            generator_max_width=16,
            num_down=2,
            num_res_blocks=1,
            use_occlusion=False,
        ),
    ],
    ids=["narrow", "bounded"],
)
def test_other_sizes_are_recognised(options: LFAEOptions, tmp_path: Path) -> None:
    state = small_state(options)
    names = ("generator", "region_predictor", "bg_predictor")
    file = {
        name: {key.removeprefix(f"{name}."): value for key, value in state.items() if key.startswith(name)}
        for name in names
    }
    torch.save(file | {"epoch": 3, "optimizer": {"state": {}}}, tmp_path / "published.pth")
    for lfae in (load_published_lfae(tmp_path / "published.pth"), load_published_lfae(state)):
        assert lfae.options == options
        for name, value in lfae.state_dict().items():
            assert torch.equal(value, state[published_name(name)])


def test_missing_extra_and_misshapen_tensors_are_listed() -> None:
    state = small_state(LFAEOptions(region_width=4, background_width=4, flow_width=4, generator_width=4))
    del state["generator.bottleneck.r3.conv1.weight"]
    state["generator.extra.weight"] = torch.zeros(1)
    state["generator.final.bias"] = torch.zeros(4)
    state["region_predictor.down.weight"] = torch.zeros(3, 1, 13, 13)
    with pytest.raises(InputError) as error:
        load_published_lfae(state)
    message = str(error.value)
    assert "1 missing: generator.bottleneck.r3.conv1.weight" in message
    assert "1 left over: generator.extra.weight" in message
    assert "generator.final.bias (4,) instead of (3,)" in message
    del state["generator.first.conv.bias"]
    with pytest.raises(InputError, match=r"generator\.first\.conv\.bias.*is missing"):
        load_published_lfae(state)
