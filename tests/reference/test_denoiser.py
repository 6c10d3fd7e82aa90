"""The published stage-two model on recorded inputs; see tests/data/fixtures.py for weights and inputs."""

from pathlib import Path

import numpy as np
import pytest
import torch
from tests.data.fixtures import dm_inputs, published_state
from torch import Generator, Tensor

from lfdm_pipeline.diffusion.guidance import guided
from lfdm_pipeline.diffusion.samplers import SamplerOptions, denoise, scheduler_of
from lfdm_pipeline.diffusion.schedule import cosine_schedule, q_sample
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.denoiser import Denoiser, DenoiserOptions
from lfdm_pipeline.models.dm import DM, DMOptions
from lfdm_pipeline.objectives.noise_prediction import denoising_loss
from lfdm_pipeline.reference.denoiser import load_published_denoiser, published_name

OUTPUT, LOSS = 1e-4, 1e-3
SCHEDULE = cosine_schedule(1000)
Tensors = dict[str, Tensor]


def relative_error(out: Tensor, wanted: Tensor) -> float:
    assert out.shape == wanted.shape
    return ((out.detach() - wanted).norm() / wanted.norm()).item()


@pytest.fixture(scope="module")
def recorded() -> Tensors:
    with np.load(Path(__file__).parents[1] / "data" / "dm_16.npz") as arrays:
        return {name: torch.from_numpy(arrays[name]) for name in arrays}


@pytest.fixture(scope="module")
def inputs() -> Tensors:
    return {name: torch.from_numpy(value) for name, value in dm_inputs(16).items()}


@pytest.fixture(scope="module")
def state() -> dict[str, np.ndarray]:
    return published_state("dm")


@pytest.fixture(scope="module")
def denoiser(state: dict[str, np.ndarray]) -> Denoiser:
    return load_published_denoiser(state)


@pytest.fixture(scope="module")
def noise(denoiser: Denoiser, inputs: Tensors) -> Tensor:
    with torch.no_grad():
        return denoiser(inputs["x"], inputs["t"], inputs["feature"], inputs["cond"])


def test_sizes_follow_from_the_tensors(denoiser: Denoiser) -> None:
    assert denoiser.options == DenoiserOptions()
    assert not denoiser.training


def test_predicted_noise(noise: Tensor, recorded: Tensors) -> None:
    assert relative_error(noise, recorded["eps_cond"]) < OUTPUT


@pytest.mark.parametrize(("scale", "name"), [(0.0, "eps_null"), (2.0, "eps_cfg2")])
def test_guidance(denoiser: Denoiser, inputs: Tensors, recorded: Tensors, scale: float, name: str) -> None:
    with torch.no_grad():
        predict = guided(denoiser, inputs["feature"], inputs["cond"], scale)
        assert relative_error(predict(inputs["x"], inputs["t"]), recorded[name]) < OUTPUT


def test_dropped_condition(denoiser: Denoiser, inputs: Tensors, recorded: Tensors) -> None:
    with torch.no_grad():
        out = denoiser(inputs["x"], inputs["t"], inputs["feature"])
    assert relative_error(out, recorded["eps_null"]) < OUTPUT


def test_forty_frames(denoiser: Denoiser, inputs: Tensors, recorded: Tensors) -> None:
    with torch.no_grad():
        out = denoiser(inputs["x40"], torch.tensor([311]), inputs["feature40"], inputs["cond"][:1])
    assert relative_error(out, recorded["eps_cond_40_frames"]) < OUTPUT


def test_forward_process(inputs: Tensors, recorded: Tensors) -> None:
    x_t = q_sample(SCHEDULE, inputs["x"], inputs["t"], inputs["noise"])
    assert relative_error(x_t, recorded["q_sample"]) < OUTPUT


def test_reverse_step(noise: Tensor, inputs: Tensors, recorded: Tensors) -> None:
    scheduler = scheduler_of(SCHEDULE.alphas_cumprod, "epsilon", SamplerOptions(), hands_x0=False)
    for clip, t in enumerate(inputs["t"]):
        one = slice(clip, clip + 1)
        found = scheduler.step(noise[one], t, inputs["x"][one], generator=Generator().manual_seed(0)).prev_sample
        drawn = torch.randn(found.shape, generator=Generator().manual_seed(0))
        deviation = (recorded["p_logvar"][one] / 2).exp()
        assert relative_error(found, recorded["p_mean"][one] + deviation * drawn) < OUTPUT


def test_training_loss_and_gradient(denoiser: Denoiser, inputs: Tensors, recorded: Tensors) -> None:
    with torch.device("meta"):
        dm = DM(DMOptions())
    dm.denoiser = denoiser
    denoiser.zero_grad()
    losses = denoising_loss(dm, inputs["x"], inputs["noise"], inputs["t"], inputs["feature"], inputs["cond"])
    losses.total.backward()
    gradients = [parameter.grad for parameter in denoiser.parameters() if parameter.grad is not None]
    assert len(gradients) == len(list(denoiser.parameters()))
    norm = torch.stack([gradient.norm() for gradient in gradients]).norm()
    assert relative_error(losses.total, recorded["train_loss"]) < LOSS
    assert relative_error(norm, recorded["grad_norm"]) < LOSS


def test_five_ddim_steps(denoiser: Denoiser, inputs: Tensors, recorded: Tensors) -> None:
    """The recording reads its alphas one index early: a loose reference, 3 % away from the right result."""
    predict = guided(denoiser, inputs["feature"], inputs["cond"], 1.0)
    generators = [Generator() for _ in inputs["x"]]
    found = denoise(predict, inputs["x"], generators, SCHEDULE, "epsilon", SamplerOptions(name="ddim", steps=5))
    assert relative_error(found, recorded["ddim5_eta0"]) < 0.05


def test_every_published_tensor_has_a_place(denoiser: Denoiser, state: dict[str, np.ndarray]) -> None:
    assert {published_name(name) for name in denoiser.state_dict()} == state.keys()


def test_published_file_is_read_like_its_tensors(
    tmp_path: Path, state: dict[str, np.ndarray], denoiser: Denoiser
) -> None:
    network = {name.removeprefix("diffusion."): torch.from_numpy(value) for name, value in state.items()}
    # A file also holds constants, and the optimizer, which is of no interest here.
    network |= {"betas": torch.zeros(1000), "denoise_fn.init_temporal_attn.fn.fn.fn.rotary_emb.freqs": torch.ones(16)}
    torch.save({"diffusion": network, "optimizer_diff": {}}, tmp_path / "stage_two.pth")
    loaded = load_published_denoiser(tmp_path / "stage_two.pth")
    wanted = denoiser.state_dict()
    assert all(torch.equal(value, wanted[name]) for name, value in loaded.state_dict().items())


def test_tensors_missing_or_left_over_are_named(state: dict[str, np.ndarray]) -> None:
    changed = dict(state)
    changed["diffusion.denoise_fn.final_conv.9.weight"] = changed.pop("diffusion.denoise_fn.final_conv.1.weight")
    with pytest.raises(InputError, match=r"missing.*final_conv\.1.*left over.*final_conv\.9"):
        load_published_denoiser(changed)


def test_a_file_of_another_stage_is_refused() -> None:
    with pytest.raises(InputError, match="stage two"):
        load_published_denoiser({"diffusion.denoise_fn.time_mlp.1.bias": torch.zeros(3)})
