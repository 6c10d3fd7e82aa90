import numpy as np
import torch
from PIL import Image

from lfdm_pipeline.showcase.gif import write_gif
from lfdm_pipeline.showcase.grid import CaptionedClip
from lfdm_pipeline.showcase.previews import preview
from lfdm_pipeline.showcase.sheet import contact_sheet


def ramp(frames):
    return np.arange(frames, dtype=np.uint8).reshape(-1, 1, 1, 1) * np.full((1, 64, 64, 3), 20, np.uint8)


def test_a_sheet_begins_with_the_first_and_ends_with_the_last_frame():
    sheet = contact_sheet([CaptionedClip("nod", ramp(11)), CaptionedClip("turn", ramp(5))], columns=3)
    for level in (100, 200, 40, 80):  # middle and last of the first row, then of the second
        assert (sheet == level).all(axis=-1).sum() >= 128 * 128


def test_a_gif_loops_for_ever_at_its_speed(tmp_path):
    path = tmp_path / "grid.gif"
    write_gif(path, ramp(6), fps=10, width=32)
    with Image.open(path) as gif:
        assert gif.n_frames == 6
        assert gif.size == (32, 32)
        assert gif.info["loop"] == 0
        assert gif.info["duration"] == 100


def test_a_preview_has_a_row_an_example_and_enlarges_small_maps():
    picture = preview(torch.rand(2, 3, 64, 64), torch.ones(2, 1, 16, 16))
    assert picture.shape == (2 * 128 + 6, 2 * 128 + 6, 3)
    assert (picture[:128, -128:] == 255).all()
