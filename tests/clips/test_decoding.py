import importlib.util

import numpy as np
import pytest
from tests.clips.numbered_videos import numbers_in

from lfdm_pipeline.clips.decoding import DECODERS, decode_video, open_video
from lfdm_pipeline.errors import InputError

FORMATS = [("a.avi", "mjpeg"), ("a.avi", "mpeg4_b"), ("a.avi", "h264"), ("a.mp4", "h264")]
needs_decord = pytest.mark.skipif(importlib.util.find_spec("decord") is None, reason="decord is not installed")
decoders = [pytest.param("decord", marks=needs_decord), "pyav"]


def test_the_decoders_are_these():
    assert set(DECODERS) == {"decord", "pyav"}


@pytest.mark.parametrize("decoder", decoders)
@pytest.mark.parametrize(("name", "codec"), FORMATS)
def test_every_frame_comes_once_in_order(numbered_video, name, codec, decoder):
    stream = open_video(numbered_video(name, codec, 100), decoder)
    assert stream.fps == 25
    assert numbers_in(np.stack(list(stream.frames))) == list(range(100))


@needs_decord
@pytest.mark.parametrize(("name", "codec"), FORMATS)
def test_both_decoders_give_the_same_pixels(numbered_video, name, codec):
    path = numbered_video(name, codec)
    decord, pyav = (np.stack(list(open_video(path, decoder).frames)) for decoder in ("decord", "pyav"))
    assert np.abs(decord.astype(int) - pyav).max() <= 1


@pytest.mark.parametrize("num_frames", [1, 2])
def test_the_shortest_videos(numbered_video, num_frames):
    assert len(decode_video(numbered_video("a.MP4", num_frames=num_frames)).frames) == num_frames


def test_names_with_spaces_and_accents(numbered_video):
    assert len(decode_video(numbered_video("Übung 1/größer & weiter.mp4")).frames) == 12


@pytest.mark.parametrize("decoder", decoders)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_truncated_mjpeg_is_damaged(numbered_video, share, decoder):
    path = numbered_video("a.avi", "mjpeg", 40)
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(InputError, match="damaged"):
        list(open_video(path, decoder).frames)


@pytest.mark.parametrize("content", [b"", b"\0" * 4000, b"no video at all" * 50])
def test_what_is_no_video_is_named(tmp_path, content):
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"a\.mp4 is no readable video"):
        decode_video(path)


def test_a_truncated_mp4_and_an_absent_file(numbered_video, tmp_path):
    path = numbered_video("a.mp4")
    path.write_bytes(path.read_bytes()[:600])
    with pytest.raises(InputError, match=r"a\.mp4"):
        decode_video(path)
    with pytest.raises(InputError, match="no video"):
        decode_video(tmp_path / "absent.mp4")
