import numpy as np

from lfdm_pipeline.clips.contact_sheet import contact_sheet
from lfdm_pipeline.clips.store import ClipStore


def test_shows_the_middle_frame_of_every_clip(tmp_path):
    store = ClipStore(tmp_path)
    for number in range(14):
        frames = np.zeros((3, 8, 8, 3), np.uint8)
        frames[1] = 10 * (number + 1)
        store.write(f"{number:02d}", frames)
    sheet = contact_sheet(store, list(store))
    assert sheet.dtype == np.uint8
    tile = sheet.shape[1] // 12
    assert sheet.shape == (2 * tile, 12 * tile, 3)
    middles = sheet[tile // 2 :: tile, tile // 2 :: tile, 0].ravel()
    np.testing.assert_array_equal(middles[:14], 10 * np.arange(1, 15))
    assert (middles[14:] == 0).all()


def test_stays_one_picture_for_many_clips(tmp_path):
    store = ClipStore(tmp_path)
    store.write("a", np.zeros((1, 8, 8, 3), np.uint8))
    assert contact_sheet(store, ["a"] * 5000).shape == contact_sheet(store, ["a"] * 96).shape
