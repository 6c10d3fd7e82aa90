import numpy as np
import pytest

from lfdm_pipeline.clips.flow_store import FlowStore
from lfdm_pipeline.evaluation.flicker import flicker_scores, static_pixels

SIZE, FRAMES = 32, 5


@pytest.fixture
def flows(tmp_path):
    """The left half stands still, the right half moves by four pixels."""
    store = FlowStore(tmp_path)
    displacement = np.zeros((FRAMES, 2, 8, 8))
    displacement[1:, 0, :, 4:] = 2 * 4 / (SIZE - 1)
    for name in ("still", "flickering", "moving"):
        store.write(name, displacement, np.ones((FRAMES, 1, 8, 8)))
    store.write(
        "all",
        np.broadcast_to(displacement[..., 4:].mean(axis=(2, 3), keepdims=True), (FRAMES, 2, 8, 8)),
        np.ones((FRAMES, 1, 8, 8)),
    )
    return store


def clips():
    rng = np.random.default_rng(0)
    still = np.repeat(rng.integers(0, 200, (1, SIZE, SIZE, 3), np.uint8), FRAMES, axis=0)
    flickering = still + 51 * (np.arange(FRAMES, dtype=np.uint8) % 2).reshape(-1, 1, 1, 1)
    moving = still.copy()
    moving[:, :, SIZE // 2 :] = rng.integers(0, 255, (FRAMES, SIZE, SIZE // 2, 3), np.uint8)
    return {"still": still, "flickering": flickering, "moving": moving, "all": moving}


def score(flows, *names):
    return flicker_scores("generation.flicker", clips(), flows, names, FRAMES)


def test_what_stands_still_does_not_flicker_whatever_moves_beside_it(flows):
    assert score(flows, "still")["generation.flicker"] == 0
    assert score(flows, "moving")["generation.flicker"] == 0


def test_a_known_flicker_is_found(flows):
    scores = score(flows, "flickering")
    assert scores["generation.flicker"] == pytest.approx(0.2, rel=1e-5)
    assert 0.2 < scores["generation.flicker_static_share"] < 0.5


def test_clips_without_still_regions_are_passed_over_and_said_where_there_are_no_others(flows):
    both = score(flows, "flickering", "all")
    assert both["generation.flicker"] == pytest.approx(0.2, rel=1e-5)
    assert set(score(flows, "all")) == {"generation.flicker_note"}


def test_a_constant_offset_is_no_motion():
    assert static_pixels(np.full((3, 2, 4, 4), 0.5), 16, 16).all()
