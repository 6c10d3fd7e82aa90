from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.clips.numbered_videos import numbered_frames, numbers_in

from lfdm_pipeline.clips.decoding import open_video
from lfdm_pipeline.clips.framing import Framing
from lfdm_pipeline.clips.geometry import CropBox
from lfdm_pipeline.clips.picture_reading import list_pictures
from lfdm_pipeline.errors import InputError


def write(folder: Path, frames: np.ndarray, name: str = "img_{:04d}.jpg") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for number, frame in enumerate(frames):
        assert cv2.imwrite(str(folder / name.format(number)), frame[..., ::-1])
    return folder


def textured(height: int, width: int, num_frames: int = 3) -> np.ndarray:
    """Blurred noise, as detailed as a photograph of that size is."""
    noise = np.random.default_rng(0).normal(size=(num_frames, height, width, 3)).astype(np.float32)
    smooth = np.stack([cv2.GaussianBlur(frame, (0, 0), 3) for frame in noise])
    return np.clip(128 + 400 * smooth, 0, 255).astype(np.uint8)


def frames_of(path, framing=None):
    return np.stack(list(open_video(path, framing=framing).frames))


def test_pictures_come_in_the_order_of_their_numbers(tmp_path):
    folder = write(tmp_path / "take 1 é", numbered_frames(12), "frame{}.PNG")
    (folder / "Thumbs.db").write_bytes(b"x")
    (folder / "stray.avi").write_bytes(b"x")
    (folder / "._frame3.PNG").write_bytes(b"x")
    (folder / "more.png").mkdir()
    stream = open_video(folder)
    assert stream.fps is None
    np.testing.assert_array_equal(np.stack(list(stream.frames)), numbered_frames(12))


def test_numbers_count_wherever_they_stand(tmp_path):
    names = ["b.jpg", "2.jpg", "take10_2.jpg", "take9_10.jpg", "10.jpg", "take9_9.jpg", "1.JPG", "02.png"]
    for name in names:
        (tmp_path / name).touch()
    assert [path.name for path in list_pictures(tmp_path)] == [
        "1.JPG",
        "2.jpg",
        "02.png",
        "10.jpg",
        "b.jpg",
        "take9_9.jpg",
        "take9_10.jpg",
        "take10_2.jpg",
    ]


@pytest.mark.parametrize("crop", [None, CropBox(top=3, bottom=201, left=11, right=303)])
@pytest.mark.parametrize("size", [40, 64, 400])
def test_squares_are_scaled_by_area(tmp_path, crop, size):
    frames, framing = textured(240, 320), Framing(size, crop)
    squares = frames_of(write(tmp_path / "a", frames, "{}.png"), framing)
    assert np.abs(squares.astype(int) - np.stack([framing(frame) for frame in frames])).max() <= 1


def test_large_jpegs_are_scaled_as_if_they_were_read_whole(tmp_path):
    folder, framing = write(tmp_path / "a", textured(896, 896, 2)), Framing(128)
    whole = np.stack([framing(frame) for frame in frames_of(folder)])
    difference = np.abs(frames_of(folder, framing).astype(int) - whole)
    assert difference.mean() < 1
    assert difference.max() <= 6


def test_numbers_survive(tmp_path):
    folder = write(tmp_path / "a", numbered_frames(30, 480, 640))
    assert numbers_in(frames_of(folder, Framing(64))) == list(range(30))


def test_grey_pictures(tmp_path):
    assert cv2.imwrite(str(tmp_path / "0.png"), numbered_frames(6)[5][..., 0])
    np.testing.assert_array_equal(frames_of(tmp_path), numbered_frames(6)[5:])


@pytest.mark.parametrize("name", ["{}.jpg", "{}.png", "{}.bmp", "{}.webp", "{}.tif"])
@pytest.mark.parametrize("framing", [None, Framing(16)])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.4, 0.97])
def test_a_truncated_picture_is_named(tmp_path, name, framing, share):
    folder = write(tmp_path / "a", textured(64, 64, 4), name)
    third = folder / name.format(2)
    third.write_bytes(third.read_bytes()[: int(share * third.stat().st_size)])
    with pytest.raises(InputError, match=r"2\.\w+ is no readable picture"):
        frames_of(folder, framing)


def test_a_jpeg_that_is_made_up_is_named(tmp_path):
    folder = write(tmp_path / "a", textured(64, 64, 4))
    second = folder / "img_0001.jpg"
    content = bytearray(second.read_bytes())
    for at in range(len(content) // 2, len(content) // 2 + 60, 3):
        content[at] ^= 0x55
    second.write_bytes(content)
    with pytest.raises(InputError, match=r"img_0001\.jpg is no readable picture"):
        frames_of(folder)


def test_folders_without_pictures_and_pictures_of_two_sizes(tmp_path):
    (tmp_path / "x.mp4").mkdir()
    with pytest.raises(InputError, match="no pictures in the folder"):
        open_video(tmp_path / "x.mp4")
    write(tmp_path / "a", textured(64, 64, 2))
    write(tmp_path / "a", textured(64, 32, 1), "z{}.jpg")
    with pytest.raises(InputError, match=r"z0\.jpg is of another size"):
        frames_of(tmp_path / "a", Framing(16))


def test_a_header_that_claims_a_huge_picture(tmp_path):
    path = write(tmp_path / "a", textured(64, 64, 1)) / "img_0000.jpg"
    content = bytearray(path.read_bytes())
    start = content.index(b"\xff\xc0")
    content[start + 5 : start + 9] = b"\xff\xf0\xff\xf0"
    path.write_bytes(content)
    with pytest.raises(InputError, match="no readable picture"):
        frames_of(tmp_path / "a", Framing(16))
