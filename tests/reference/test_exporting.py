"""Weights in the published layout, held against its list of names, shapes and types."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.data.fixtures import is_constant, published_state
from tests.reference.sizes import DM_OPTIONS, LFAE_OPTIONS
from torch import Tensor, nn

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.dm import DM, DMOptions
from lfdm_pipeline.models.lfae import LFAE
from lfdm_pipeline.reference import import_dm, load_published_denoiser, load_published_lfae
from lfdm_pipeline.reference.exporting import PublishedFile, published_dm, published_lfae

DATA = Path(__file__).parents[1] / "data"


def full_names(file: PublishedFile) -> dict[str, Tensor]:
    return {f"{network}.{name}": tensor for network, state in file.items() for name, tensor in state.items()}


def assert_published(exported: dict[str, Tensor], kind: str) -> None:
    """Every name, shape and type of the published list, and every weight bit for bit."""
    listed = {
        name: (tuple(shape), kind)
        for name, (shape, kind) in json.loads((DATA / f"{kind}_keys.json").read_text()).items()
    }
    found = {name: (tuple(tensor.shape), str(tensor.dtype).removeprefix("torch.")) for name, tensor in exported.items()}
    assert found == listed
    weights = published_state(kind)
    assert {name for name in exported if not is_constant(name)} == set(weights)
    assert all(np.array_equal(exported[name].numpy(), value) for name, value in weights.items())


def test_stage_one_is_what_was_published() -> None:
    exported = full_names(published_lfae(load_published_lfae(published_state("lfae"))))
    assert_published(exported, "lfae")
    kernel = exported["region_predictor.down.weight"]
    assert torch.allclose(kernel.sum((2, 3)), torch.ones(3, 1))
    axis = torch.arange(13.0) - 6
    gauss = torch.exp(-(axis[:, None] ** 2 + axis**2) / (2 * 1.5**2))
    assert torch.allclose(kernel[1, 0], gauss / gauss.sum(), atol=1e-7)


def test_stage_two_is_what_was_published() -> None:
    dm = DM(DMOptions())
    dm.denoiser.load_state_dict(load_published_denoiser(published_state("dm")).state_dict())
    exported = full_names(published_dm(dm))
    assert_published(exported, "dm")
    with np.load(DATA / "dm_16.npz") as recorded:
        for name in ("betas", "alphas_cumprod"):
            np.testing.assert_allclose(exported[f"diffusion.{name}"], recorded[name], rtol=1e-5)
    frequencies = exported["diffusion.denoise_fn.downs.2.3.fn.fn.fn.rotary_emb.freqs"]
    assert torch.allclose(frequencies, 1e4 ** (-torch.arange(16) / 16))


def test_what_the_published_code_would_compute_otherwise_is_refused() -> None:
    with pytest.raises(InputError, match=r"no place for: lfae\.model\.aligned=True"):
        published_lfae(LFAE(LFAE_OPTIONS.model_copy(update={"aligned": True})))
    for name, value in {"target": "displacement", "prediction": "v", "noise_shift": 2.0}.items():
        with pytest.raises(InputError, match=rf"no place for: dm\.model\.{name}={value}"):
            published_dm(DM(DM_OPTIONS.model_copy(update={name: value})))
    lfae = LFAE(LFAE_OPTIONS)
    lfae.adapter = nn.Linear(1, 1)
    with pytest.raises(InputError, match=r"no place for: adapter\.weight, adapter\.bias"):
        published_lfae(lfae)


def test_networks_that_see_whole_images_have_no_kernel() -> None:
    exported = full_names(published_lfae(LFAE(LFAE_OPTIONS.model_copy(update={"region_scale": 1.0}))))
    assert "region_predictor.down.weight" not in exported


def test_every_constant_is_what_importing_expects() -> None:
    assert import_dm(published_dm(DM(DM_OPTIONS)), DM_OPTIONS).odd_constants == ()
