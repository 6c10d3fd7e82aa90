import numpy as np
import pytest

from lfdm_pipeline.clips.flow_store import FlowStore
from lfdm_pipeline.evaluation.flicker import MIN_CLIPS, MIN_SHARE, flicker_scores, static_pixels

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


def enough(name):
    return [name] * MIN_CLIPS


def test_what_stands_still_does_not_flicker_whatever_moves_beside_it(flows):
    assert score(flows, *enough("still"))["generation.flicker"] == 0
    assert score(flows, *enough("moving"))["generation.flicker"] == 0


def test_a_known_flicker_is_found(flows):
    scores = score(flows, *enough("flickering"))
    assert scores["generation.flicker"] == pytest.approx(0.2, rel=1e-5)
    assert 0.2 < scores["generation.flicker_static_share"] < 0.5


def test_clips_without_still_regions_are_passed_over_and_not_counted(flows):
    both, without = score(flows, *enough("flickering"), "all"), score(flows, *enough("flickering"))
    assert both == without
    assert both["generation.flicker_clips"] == MIN_CLIPS


def test_of_too_few_clips_there_is_a_note(flows):
    scores = score(flows, *enough("flickering")[1:], "all", "all")
    assert set(scores) == {"generation.flicker_note"}
    assert "hold still in 7 of 9 clips, and it takes 8 such clips" in scores["generation.flicker_note"]


def test_a_clip_of_which_a_corner_holds_still_does_not_count(flows):
    def corner(cells):
        displacement = np.zeros((FRAMES, 2, 8, 8))
        displacement[1:, 0] = 2 * 4 / (SIZE - 1)
        displacement[:, :, :cells, :cells] = 0
        flows.write(f"corner {cells}", displacement, np.ones((FRAMES, 1, 8, 8)))
        share = static_pixels(flows.read(f"corner {cells}")[0], SIZE, SIZE).mean()
        clip = {f"corner {cells}": clips()["flickering"]}
        return share, flicker_scores("f", clip, flows, enough(f"corner {cells}"), FRAMES)

    (little, unscored), (more, scored) = corner(2), corner(4)
    assert 0 < little < MIN_SHARE < more
    assert "f" not in unscored
    assert scored["f_static_share"] == pytest.approx(more)


def test_a_constant_offset_is_no_motion():
    assert static_pixels(np.full((3, 2, 4, 4), 0.5), 16, 16).all()
