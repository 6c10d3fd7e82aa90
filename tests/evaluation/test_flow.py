import numpy as np
import pandas as pd
import pytest
import torch

from lfdm_pipeline.clips.flow_store import FlowStore
from lfdm_pipeline.clips.synthetic.ground_truth import GroundTruth, identity_flow, write_ground_truth
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.evaluation.flow import end_point_errors, score_flow

SIZE = 32


def shifted_truth(pixels, frames=3):
    flow = np.repeat(identity_flow(SIZE, SIZE)[None], frames, axis=0)
    flow[1:, ..., 0] += 2 * pixels / (SIZE - 1)
    return GroundTruth(flow.astype(np.float32), np.ones((frames, SIZE, SIZE), bool))


def sampling_grid(shift, latent, aligned):
    """Latent displacement by which the decoder's warp reads exactly `shift` pixels to the right."""
    if aligned:
        centres = np.arange(latent) * (SIZE - 1) / (latent - 1)
        x, y = 2 * (centres + shift) / (SIZE - 1) - 1, 2 * centres / (SIZE - 1) - 1
    else:
        centres = (np.arange(latent) + 0.5) * SIZE / latent - 0.5
        x, y = (2 * (centres + shift) + 1) / SIZE - 1, (2 * centres + 1) / SIZE - 1
    absolute = np.stack(np.meshgrid(x, y), axis=-1)
    return (absolute - identity_flow(latent, latent)).transpose(2, 0, 1).astype(np.float32)


def grids(shift, latent, aligned):
    return torch.from_numpy(np.stack([sampling_grid(shift, latent, aligned)] * 2))


@pytest.mark.parametrize("aligned", [False, True])
def test_the_exact_grid_has_no_error_and_zero_motion_the_shift(aligned):
    truth = torch.from_numpy(shifted_truth(3.0).flow[1:])
    error, zero = end_point_errors(grids(3.0, 8, aligned), truth, aligned)
    # Beyond the outermost latent centres bilinear resizing repeats their values.
    edge = 0 if aligned else 2
    assert error[:, edge : SIZE - edge, edge : SIZE - edge].max() < 1e-4
    torch.testing.assert_close(zero, torch.full_like(zero, 3.0), rtol=1e-4, atol=0)


@pytest.mark.parametrize("aligned", [False, True])
def test_a_wrong_shift_is_off_by_the_difference(aligned):
    truth = torch.from_numpy(shifted_truth(3.0).flow[1:])
    error, _ = end_point_errors(grids(1.0, SIZE, aligned), truth, aligned)
    torch.testing.assert_close(error, torch.full_like(error, 2.0), rtol=1e-4, atol=0)


@pytest.fixture
def corpus(tmp_path):
    def build(truth, displacement):
        flows = FlowStore(tmp_path / "flows")
        flows.write("a", displacement, np.ones((len(displacement), 1, *displacement.shape[2:])))
        write_ground_truth(tmp_path / "a.npz", truth)
        return flows, pd.DataFrame({"clip_id": ["a", "b"], "ground_truth": ["a.npz", None]})

    return build


def test_only_visible_pixels_count(corpus, tmp_path):
    truth = shifted_truth(2.0)
    truth.flow[1:, : SIZE // 2, :, 0] -= 4.0 / (SIZE - 1)  # the upper half stands still and ...
    truth.visible[:, SIZE // 4 : SIZE // 2] = False  # ... half of it is hidden
    still = np.stack([sampling_grid(0.0, SIZE, aligned=True)] * 3)
    error = score_flow(*corpus(truth, still), tmp_path, aligned=True)
    assert error.zero_epe == pytest.approx(2.0 * 2 / 3, rel=1e-2)
    assert error.moving_zero_epe == pytest.approx(2.0, rel=1e-2)
    assert error.epe == pytest.approx(error.zero_epe, rel=1e-5)
    assert set(error.scores()) == {"flow.epe", "flow.zero_epe", "flow.moving_epe", "flow.moving_zero_epe"}


def test_a_corpus_without_motion_has_no_score_for_moving_pixels(corpus, tmp_path):
    error = score_flow(*corpus(shifted_truth(0.0), np.zeros((3, 2, 8, 8))), tmp_path, aligned=False)
    assert set(error.scores()) == {"flow.epe", "flow.zero_epe"}


def test_a_corpus_without_truth_has_no_scores(tmp_path):
    table = pd.DataFrame({"clip_id": ["a"], "ground_truth": [None]})
    assert score_flow(FlowStore(tmp_path), table, tmp_path, aligned=False) is None


def test_lengths_that_disagree_are_named(corpus, tmp_path):
    flows, table = corpus(shifted_truth(1.0, frames=4), np.zeros((3, 2, 8, 8)))
    with pytest.raises(InputError, match="clip a has 3 latent flows"):
        score_flow(flows, table, tmp_path, aligned=False)
