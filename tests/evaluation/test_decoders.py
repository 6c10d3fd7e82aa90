import numpy as np
import pandas as pd
import pytest
import torch

from lfdm_pipeline.clips.generated_store import GeneratedStore
from lfdm_pipeline.evaluation.decoders import DecodedAgain, score_decoders
from lfdm_pipeline.evaluation.reconstruction import ReconstructionOptions, score_reconstruction
from lfdm_pipeline.models.adapters import AdapterOptions
from lfdm_pipeline.models.domains import DomainLFAE, DomainLFAEOptions

CPU = torch.device("cpu")
OPTIONS = ReconstructionOptions(frames=3, batch_size=2)


@pytest.fixture
def lfae():
    torch.manual_seed(0)
    blocks = dict.fromkeys(("region_blocks", "background_blocks", "flow_blocks"), 2)
    widths = dict.fromkeys(("region_width", "background_width", "flow_width", "generator_width"), 4)
    return DomainLFAE(DomainLFAEOptions(num_regions=3, num_res_blocks=1, **blocks, **widths)).eval()


@pytest.fixture
def clips():
    rng = np.random.default_rng(0)
    return {name: rng.integers(0, 256, (5, 32, 32, 3), dtype=np.uint8) for name in "abc"}


def table(clips):
    return pd.DataFrame({"clip_id": list(clips), "label": None, "subject": "x"})


def test_agrees_with_the_scores_of_one_network(lfae, clips):
    compared = score_decoders({"original": lfae}, "here", clips, table(clips), OPTIONS, CPU)
    alone = score_reconstruction(lfae, clips, table(clips), OPTIONS, CPU).scores
    for name in ("l1", "psnr", "ssim", "warp_l1", "warp_psnr", "warp_ssim"):
        assert compared.loc["original", name] == pytest.approx(alone[f"reconstruction.{name}"], rel=1e-5)


def test_only_what_is_repainted_differs_and_only_where_it_was_adapted(lfae, clips):
    adapted = lfae.with_adapter("new", AdapterOptions(rank=1))
    for parameter in adapted.adapter("new").parameters():
        torch.nn.init.normal_(parameter)
    decoders = {"original": lfae, "adapted": adapted}
    new, old = (score_decoders(decoders, domain, clips, table(clips), OPTIONS, CPU) for domain in ("new", "old"))
    warp = [name for name in new if name.startswith("warp_")] + ["kept"]
    assert {"warp_l1", "warp_sharpness"} < set(warp)
    pd.testing.assert_series_equal(new.loc["original", warp], new.loc["adapted", warp], check_names=False)
    assert new.loc["original", "l1"] != new.loc["adapted", "l1"]
    pd.testing.assert_series_equal(old.loc["original"], old.loc["adapted"], check_names=False)


def test_each_is_given_the_flow_that_it_finds_itself(lfae, clips):
    adapted = lfae.with_adapter("new", AdapterOptions(layers=("flow_predictor",), rank=1))
    for parameter in adapted.adapter("new").parameters():
        torch.nn.init.normal_(parameter)
    compared = score_decoders({"original": lfae, "adapted": adapted}, "new", clips, table(clips), OPTIONS, CPU)
    alone = score_reconstruction(adapted, clips, table(clips), OPTIONS, CPU).scores
    assert compared.loc["adapted", "warp_l1"] == pytest.approx(alone["reconstruction.warp_l1"], rel=1e-5)
    assert compared.loc["adapted", "warp_l1"] != compared.loc["original", "warp_l1"]


def test_decodes_generated_clips_again(lfae, clips, tmp_path):
    store = GeneratedStore(tmp_path)
    displacement, occlusion = np.zeros((4, 2, 8, 8), np.float32), np.full((4, 1, 8, 8), 0.5, np.float32)
    reference = clips["a"][0]
    store.write(
        "x", reference, clips["a"][:4], displacement, occlusion, fps=10, provenance={}, seconds=1.0, device="a CPU"
    )
    frames = DecodedAgain(store, lfae)["x"]
    assert frames.shape == (4, 32, 32, 3)
    assert frames.dtype == np.uint8
    assert all(np.array_equal(frame, frames[0]) for frame in frames), "the same flow gives the same frame"
