"""Pictures that somebody gives: any common kind, as it is shown, or a clear word."""

import numpy as np
import pytest
from PIL import Image

from lfdm_pipeline.clips.picture_file import read_picture
from lfdm_pipeline.errors import InputError

KINDS = ("jpg", "png", "webp", "tif")
ORIENTATION = 0x0112


def gradient(height=30, width=20):
    """Red grows downwards, green to the right: no two corners alike."""
    rows, columns = np.mgrid[0:height, 0:width]
    picture = np.stack([rows * 255 / (height - 1), columns * 255 / (width - 1), np.full_like(rows, 90)], axis=-1)
    return picture.astype(np.uint8)


def save(path, pixels, mode="RGB", turned=None, **options):
    if turned:
        options["exif"] = Image.Exif()
        options["exif"][ORIENTATION] = turned
    if path.suffix == ".webp":
        options["lossless"] = True
    if path.suffix == ".jpg":
        options |= {"quality": 100, "subsampling": 0}
    Image.fromarray(pixels).convert(mode).save(path, **options)
    return path


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("turned", "shown"),
    [(None, lambda p: p), (3, lambda p: p[::-1, ::-1]), (6, lambda p: np.rot90(p, -1)), (8, np.rot90)],
)
def test_a_picture_is_read_the_way_up_it_is_shown(tmp_path, kind, turned, shown):
    picture = read_picture(save(tmp_path / f"face.{kind}", gradient(), turned=turned))
    assert np.abs(picture.astype(int) - shown(gradient())).max() <= 6


def see_through(alpha):
    return np.dstack([gradient(), np.full((30, 20), alpha, np.uint8)])


@pytest.mark.parametrize("kind", ["png", "webp", "tif"])
@pytest.mark.parametrize("turned", [None, 6])
def test_what_is_transparent_is_white(tmp_path, caplog, kind, turned):
    pixels = see_through(255)
    pixels[:15, :, 3] = 0
    caplog.set_level("INFO")
    picture = read_picture(save(tmp_path / f"face.{kind}", pixels, "RGBA", turned))
    expected = gradient()
    expected[:15] = 255
    np.testing.assert_array_equal(picture, np.rot90(expected, -1) if turned else expected)
    assert "what is transparent is taken as white" in caplog.text


def test_what_is_half_transparent_is_half_white(tmp_path):
    half = read_picture(save(tmp_path / "face.png", see_through(128), "RGBA"))
    assert np.abs(half - (gradient() / 2 + 127.5)).max() <= 1.5


def test_an_alpha_channel_without_effect_has_none(tmp_path, caplog):
    caplog.set_level("INFO")
    np.testing.assert_array_equal(read_picture(save(tmp_path / "face.png", see_through(255), "RGBA")), gradient())
    assert not caplog.text


@pytest.mark.parametrize(
    ("name", "mode"),
    [("a.png", "L"), ("a.png", "P"), ("a.png", "LA"), ("a.jpg", "CMYK"), ("a.gif", "P"), ("a.bmp", "1")],
)
def test_any_mode_becomes_rgb(tmp_path, name, mode):
    picture = read_picture(save(tmp_path / name, gradient(), mode))
    assert (picture.shape, picture.dtype) == ((30, 20, 3), np.uint8)


def test_sixteen_bits_become_eight(tmp_path):
    Image.fromarray(np.full((30, 20), 40_000, np.uint16)).save(tmp_path / "deep.png")
    assert np.abs(read_picture(tmp_path / "deep.png").astype(int) - 40_000 / 257).max() <= 1


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.0, 0.1, 0.6, 0.97])
def test_a_truncated_picture_is_refused(tmp_path, mode, kind, share):
    noise = np.random.default_rng(0).integers(0, 256, (60, 60, 4), np.uint8)
    path = save(tmp_path / f"face.{kind}", noise, "RGB" if kind == "jpg" else mode)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(InputError, match=r"face\.\w+ is no readable picture"):
        read_picture(path)


def test_a_picture_larger_than_can_be_read_is_refused_with_the_limit(tmp_path):
    content = bytearray(save(tmp_path / "face.jpg", gradient()).read_bytes())
    start = content.index(b"\xff\xc0")
    content[start + 5 : start + 9] = b"\xff\xf0\xff\xf0"
    (tmp_path / "face.jpg").write_bytes(content)
    with pytest.raises(
        InputError,
        match=r"face.jpg: image size \(4292870400 pixels\) exceeds limit of 178956970 pixels; make it smaller$",
    ):
        read_picture(tmp_path / "face.jpg")
