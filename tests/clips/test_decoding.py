import importlib.util

import av
import cv2
import numpy as np
import pytest
from tests.clips.numbered_videos import encode, numbered_frames, numbers_in, turn

from lfdm_pipeline.clips.decoding import DECODERS, decode_video, open_video
from lfdm_pipeline.clips.framing import Framing
from lfdm_pipeline.clips.geometry import CropBox
from lfdm_pipeline.errors import InputError

FORMATS = [("a.avi", "mjpeg"), ("a.avi", "mpeg4_b"), ("a.avi", "h264"), ("a.mp4", "h264")]
needs_decord = pytest.mark.skipif(importlib.util.find_spec("decord") is None, reason="decord is not installed")
decoders = [pytest.param("decord", marks=needs_decord), "pyav"]


def coloured_frames(num_frames=12, height=64, width=96):
    """Smooth colours that move."""
    coarse = np.random.default_rng(0).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    picture = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.stack([np.roll(picture, 3 * number, axis=1) for number in range(num_frames)])


def frames_of(path, decoder="pyav", framing=None):
    return np.stack(list(open_video(path, decoder, framing).frames))


def largest_difference(a, b):
    return np.abs(a.astype(int) - b).max()


def test_the_decoders_are_these():
    assert set(DECODERS) == {"decord", "pyav"}


@pytest.mark.parametrize("decoder", decoders)
@pytest.mark.parametrize(("name", "codec"), FORMATS)
def test_every_frame_comes_once_in_order(numbered_video, name, codec, decoder):
    stream = open_video(numbered_video(name, codec, 100), decoder)
    assert stream.fps == 25
    assert numbers_in(np.stack(list(stream.frames))) == list(range(100))


@pytest.mark.parametrize(("name", "codec"), FORMATS)
def test_the_numbered_videos_are_hard_to_seek_in(numbered_video, name, codec):
    with av.open(str(numbered_video(name, codec, 100))) as container:
        kinds = {frame.pict_type for frame in container.decode(video=0)}
    assert (av.video.frame.PictureType.B in kinds) == (codec != "mjpeg")


@needs_decord
@pytest.mark.parametrize(("name", "codec"), FORMATS)
def test_both_decoders_give_the_same_pixels(tmp_path, name, codec):
    path = encode(tmp_path / name, codec, coloured_frames())
    assert largest_difference(frames_of(path, "decord"), frames_of(path, "pyav")) <= 1
    squares = [frames_of(path, decoder, Framing(48)).astype(int) for decoder in ("decord", "pyav")]
    # Here colours are converted before or after scaling, see `plane_scaling`.
    assert np.abs(squares[0] - squares[1]).mean() < 1.5
    assert largest_difference(*squares) <= 10


@pytest.mark.parametrize("decoder", decoders)
@pytest.mark.parametrize(("name", "codec"), FORMATS)
def test_squares_carry_the_same_numbers(numbered_video, name, codec, decoder):
    squares = frames_of(
        numbered_video(name, codec, 100), decoder, Framing(48, CropBox(top=8, bottom=56, left=0, right=96))
    )
    assert squares.shape == (100, 48, 48, 3)
    assert numbers_in(squares[:, 12:36]) == list(range(100))


@pytest.mark.parametrize("decoder", decoders)
@pytest.mark.parametrize(
    ("name", "codec", "size"),
    [
        ("grey.avi", "grey", (64, 96)),
        ("deep_grey.mkv", "grey_10bit", (64, 96)),
        ("deep.mp4", "h264_10bit", (64, 96)),
        ("odd.mp4", "h264_444", (63, 97)),
        ("odd.avi", "mjpeg", (63, 97)),
        ("odd.avi", "lossless", (61, 99)),
        ("narrow.mp4", "h264", (32, 48)),
    ],
)
def test_unusual_pixels_and_sizes(tmp_path, name, codec, size, decoder):
    path = encode(tmp_path / name, codec, numbered_frames(20, *size))
    frames = frames_of(path, decoder)
    assert frames.shape == (20, *size, 3)
    assert numbers_in(frames) == list(range(20))
    assert largest_difference(frames, frames_of(path)) <= 1
    assert numbers_in(frames_of(path, decoder, Framing(40))) == list(range(20))


@pytest.mark.parametrize("decoder", decoders)
@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_variable_frame_rate_repeats_and_drops_nothing(tmp_path, name, decoder):
    times = [number + number**2 // 3 for number in range(30)]
    path = encode(tmp_path / name, "h264", numbered_frames(30), times=times)
    assert numbers_in(frames_of(path, decoder)) == list(range(30))


@pytest.mark.parametrize("decoder", decoders)
@pytest.mark.parametrize(
    ("matrix", "shown"),
    [
        ((0, 1, -1, 0), lambda frames: np.rot90(frames, -1, (1, 2))),
        ((-1, 0, 0, -1), lambda frames: np.rot90(frames, 2, (1, 2))),
        ((0, -1, 1, 0), lambda frames: np.rot90(frames, 1, (1, 2))),
        ((-1, 0, 0, 1), lambda frames: frames[:, :, ::-1]),
        ((1, 0, 0, -1), lambda frames: frames[:, ::-1]),
        ((0, 1, 1, 0), lambda frames: frames.transpose(0, 2, 1, 3)),
    ],
)
def test_frames_are_turned_as_the_file_says(tmp_path, matrix, shown, decoder):
    frames = numbered_frames(6)
    frames[:, :20, :20] = (250, 20, 20)
    path = encode(tmp_path / "a.mp4", "h264", frames)
    upright = frames_of(path)
    turn(path, matrix)
    np.testing.assert_array_equal(frames_of(path, decoder), shown(upright))
    square = Framing(32)
    np.testing.assert_array_equal(frames_of(path, decoder, square), [square(frame) for frame in shown(upright)])


@pytest.mark.parametrize("num_frames", [1, 2])
def test_the_shortest_videos(numbered_video, num_frames):
    assert len(decode_video(numbered_video("a.MP4", num_frames=num_frames)).frames) == num_frames


def test_names_with_spaces_and_accents(numbered_video):
    assert len(decode_video(numbered_video("Übung 1/größer & weiter.mp4")).frames) == 12


@pytest.mark.parametrize("decoder", decoders)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
@pytest.mark.parametrize(("name", "codec"), FORMATS)
def test_a_truncated_video_is_damaged(numbered_video, name, codec, share, decoder):
    path = numbered_video(name, codec, 40)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(InputError, match=rf"a\.{name[2:]} is damaged"):
        frames_of(path, decoder)


@pytest.mark.parametrize(("name", "codec"), FORMATS)
def test_flipped_bits_are_noticed(numbered_video, name, codec):
    path = numbered_video(name, codec, 40)
    content = bytearray(path.read_bytes())
    for at in range(content.index(b"mdat" if name == "a.mp4" else b"movi") + 60, len(content) * 9 // 10, 9):
        content[at] ^= 0x10
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"damaged|no readable video"):
        frames_of(path)


def test_frames_that_vanished_from_an_avi_are_missed(numbered_video):
    path = numbered_video("a.avi", "mjpeg", 20)
    content = path.read_bytes()
    tenth = [at for at in range(len(content)) if content.startswith(b"00dc", at)][9]
    path.write_bytes(content[:tenth] + b"JUNK" + content[tenth + 4 :])
    with pytest.raises(InputError, match="19 of its 20 frames"):
        frames_of(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 4000,
        b"no video at all" * 50,
        b"#EXTM3U\n#EXTINF:1,\nb.mp4\n",
        b"ffconcat version 1.0\nfile b.mp4\n",
    ],
)
def test_what_is_no_video_is_named(tmp_path, numbered_video, content):
    numbered_video("b.mp4")
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.mp4 is no readable video"):
        decode_video(path)


def test_what_a_file_holds_counts_and_not_its_ending(numbered_video):
    path = numbered_video("a.mp4")
    assert numbers_in(frames_of(path.rename(path.with_suffix(".AVI")))) == list(range(12))


def test_absent_files(tmp_path):
    with pytest.raises(InputError, match="no video"):
        decode_video(tmp_path / "absent.mp4")
