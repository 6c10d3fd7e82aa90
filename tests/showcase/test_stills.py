import numpy as np
from PIL import Image

from lfdm_pipeline.showcase.gif import write_gif
from lfdm_pipeline.showcase.grid import CaptionedClip
from lfdm_pipeline.showcase.previews import GAP, HEAD, preview_rows, region_overlay
from lfdm_pipeline.showcase.sheet import contact_sheet


def ramp(frames):
    return np.arange(frames, dtype=np.uint8).reshape(-1, 1, 1, 1) * np.full((1, 64, 64, 3), 20, np.uint8)


def test_a_sheet_begins_with_the_first_and_ends_with_the_last_frame():
    sheet = contact_sheet([CaptionedClip("nod", ramp(11)), CaptionedClip("turn", ramp(5))], columns=3)
    for level in (100, 200, 40, 80):  # middle and last of the first row, then of the second
        assert (sheet == level).all(axis=-1).sum() >= 128 * 128


def test_a_gif_loops_for_ever_at_its_speed(tmp_path):
    path = tmp_path / "grid.gif"
    write_gif(path, ramp(6), fps=10, width=32, comment="not a recording")
    with Image.open(path) as gif:
        assert gif.n_frames == 6
        assert gif.size == (32, 32)
        assert gif.info["loop"] == 0
        assert gif.info["duration"] == 100
        assert gif.info["comment"] == b"not a recording"


def test_a_preview_has_a_row_an_example_a_column_a_kind_and_enlarges_small_maps():
    clips = np.zeros((2, 3, 64, 64, 3), np.uint8)
    video = preview_rows({"driving": clips, "occlusion": clips[:, :, :16, :16] + np.uint8(255)})
    assert video.shape == (3, HEAD + 2 * 128 + GAP, 2 * 128 + GAP, 3)
    assert (video[:, HEAD : HEAD + 128, -128:] == 255).all()
    assert (video[:, HEAD : HEAD + 128, :128] == 0).all()


def test_regions_are_tinted_each_in_its_hue():
    heatmaps = np.zeros((1, 2, 8, 8), np.float32)
    heatmaps[0, 0, 0, 0] = heatmaps[0, 1, 7, 7] = 0.5
    tinted = region_overlay(np.full((1, 32, 32, 3), 100, np.uint8), heatmaps)[0]
    assert (tinted[16, 16] == 100).all()
    assert tinted[0, 0, 0] > 150 > tinted[0, 0, 1]
    assert tinted[-1, -1, 1] > 150 > tinted[-1, -1, 0]
