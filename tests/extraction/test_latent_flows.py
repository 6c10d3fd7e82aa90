import logging
import re
from copy import deepcopy

import numpy as np
import pytest
import torch

from lfdm_pipeline.clips.flow_store import FlowStore
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.extraction.latent_flows import ExtractionOptions, extract_latent_flows
from lfdm_pipeline.models.adapters import PREDICTORS, AdapterOptions
from lfdm_pipeline.models.domains import DomainLFAE, DomainLFAEOptions
from lfdm_pipeline.models.grids import identity_grid
from lfdm_pipeline.models.lfae import LFAE, LFAEOptions

LENGTHS = {"short": 3, "middle": 5, "long": 9, "single": 1}
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def lfae():
    torch.manual_seed(0)
    blocks = dict.fromkeys(("region_blocks", "background_blocks", "flow_blocks"), 2)
    widths = dict.fromkeys(("region_width", "background_width", "flow_width", "generator_width"), 4)
    return LFAE(LFAEOptions(num_regions=3, num_res_blocks=1, **blocks, **widths)).eval()


@pytest.fixture
def clips(tmp_path):
    store = ClipStore(tmp_path / "clips")
    rng = np.random.default_rng(0)
    for clip_id, length in LENGTHS.items():
        store.write(clip_id, rng.integers(0, 256, (length, 32, 32, 3), np.uint8))
    return store


def frame_by_frame(lfae, frames):
    """The obvious way: one pair of frames at a time."""
    images = torch.from_numpy(np.array(frames)).permute(0, 3, 1, 2).float() / 255
    with torch.inference_mode():
        pairs = [lfae(images[:1], images[t : t + 1]) for t in range(len(images))]
    displacement = torch.cat([pair.flow for pair in pairs]) - identity_grid(8, 8)
    return displacement.permute(0, 3, 1, 2).numpy(), torch.cat([pair.occlusion for pair in pairs]).numpy()


@pytest.mark.parametrize("batch_frames", [1, 7, 256])
def test_batches_of_clips_equal_one_frame_at_a_time(lfae, clips, tmp_path, batch_frames):
    flows = FlowStore(tmp_path / "flows")
    extract_latent_flows(lfae, clips, list(LENGTHS), flows, ExtractionOptions(batch_frames=batch_frames), CPU)
    assert set(flows) == set(LENGTHS)
    for clip_id in LENGTHS:
        displacement, occlusion = flows.read(clip_id)
        expected_displacement, expected_occlusion = frame_by_frame(lfae, clips[clip_id])
        # float16 keeps 11 bits.
        np.testing.assert_allclose(displacement, expected_displacement, atol=5e-4)
        np.testing.assert_allclose(occlusion, expected_occlusion, atol=5e-4)


def test_flows_are_those_of_the_networks_domain(lfae, clips, tmp_path):
    pretrained = DomainLFAE(DomainLFAEOptions(**lfae.options.model_dump()))
    pretrained.load_state_dict(lfae.state_dict())
    adapted = pretrained.with_adapter("new", AdapterOptions(layers=PREDICTORS, rank=2))
    for parameter in adapted.adapter("new").parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    flows = FlowStore(tmp_path / "flows")
    extract_latent_flows(adapted, clips, ["middle"], flows, ExtractionOptions(), CPU)
    found, original = flows.read("middle")[0], frame_by_frame(lfae, clips["middle"])[0]
    np.testing.assert_allclose(found, frame_by_frame(adapted, clips["middle"])[0], atol=5e-4)
    assert np.abs(found - original).max() > 0.01


class Exact(FlowStore):
    """Flows before they are rounded, too."""

    def write(self, clip_id, displacement, occlusion):
        super().write(clip_id, displacement, occlusion)
        self.exact = {**getattr(self, "exact", {}), clip_id: (displacement, occlusion)}


def test_a_long_clip_passes_in_pieces_that_equal_the_whole(lfae, clips, tmp_path):
    network, passed = deepcopy(lfae), []
    network.region_predictor.register_forward_pre_hook(lambda _, given: passed.append(len(given[0])))
    pieces, whole = Exact(tmp_path / "pieces"), Exact(tmp_path / "whole")
    extract_latent_flows(network, clips, list(LENGTHS), pieces, ExtractionOptions(batch_frames=4), CPU)
    assert max(passed) == 4
    extract_latent_flows(lfae, clips, list(LENGTHS), whole, ExtractionOptions(batch_frames=256), CPU)
    for clip_id, length in LENGTHS.items():
        assert len(pieces.exact[clip_id][0]) == pieces.num_frames(clip_id) == length
        for part, all_at_once in zip(pieces.exact[clip_id], whole.exact[clip_id], strict=True):
            np.testing.assert_allclose(part, all_at_once, atol=1e-6)


def test_says_how_far_it_is_how_large_a_clip_is_and_what_rounding_costs(lfae, clips, tmp_path, caplog, capsys):
    with caplog.at_level(logging.INFO):
        extract_latent_flows(lfae, clips, ["long"], FlowStore(tmp_path / "flows"), ExtractionOptions(), CPU)
    assert "latent flows: 100%" in capsys.readouterr().err
    # Nine frames of 8x8, three channels of two bytes.
    said = re.search(r"1 clips, 3\.5 kB a clip, rounded to float16 by at most (\S+) of", caplog.text)
    displacement, _ = frame_by_frame(lfae, clips["long"])
    rounding = np.abs(displacement - displacement.astype(np.float16)).max()
    assert said is not None
    assert float(said[1]) == pytest.approx(rounding, rel=0.5)


def test_clips_already_there_are_left_alone(lfae, clips, tmp_path):
    flows = FlowStore(tmp_path / "flows")
    mark = np.full((3, 2, 8, 8), 0.25, np.float32)
    flows.write("short", mark, mark[:, :1])
    extract_latent_flows(lfae, clips, list(LENGTHS), flows, ExtractionOptions(), CPU)
    assert (flows.read("short")[0] == 0.25).all()
    assert len(flows) == len(LENGTHS)
