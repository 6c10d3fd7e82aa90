import os
import subprocess
import sys

import av
import numpy as np
import pytest
from tests.clips.numbered_videos import numbered_frames, numbers_in

from lfdm_pipeline.clips.decoding import decode_video
from lfdm_pipeline.clips.video_writing import write_video
from lfdm_pipeline.errors import InputError


def test_frames_come_back_in_order_nearly_as_they_were(tmp_path):
    frames = numbered_frames(40)
    write_video(tmp_path / "a.mp4", iter(frames), 12.5)
    video = decode_video(tmp_path / "a.mp4")
    assert video.fps == 12.5
    assert numbers_in(video.frames) == list(range(40))
    assert np.abs(video.frames.astype(int) - frames).mean() < 3


def test_pads_odd_sizes_by_their_edge(tmp_path):
    write_video(tmp_path / "a.mp4", np.full((3, 33, 17, 3), 200, np.uint8), 25)
    frames = decode_video(tmp_path / "a.mp4").frames
    assert frames.shape == (3, 34, 18, 3)
    assert frames.min() > 190


def test_the_same_frames_give_the_same_bytes(tmp_path):
    for name in ("a.mp4", "b.mp4"):
        write_video(tmp_path / name, numbered_frames(8), 25)
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()


_WRITE_MOVING_NOISE = """
import sys
from pathlib import Path
import cv2
import numpy as np
from lfdm_pipeline.clips.video_writing import write_video
rng = np.random.default_rng(0)
for number in range(12):
    coarse = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
    wall = cv2.resize(coarse, (80, 80), interpolation=cv2.INTER_CUBIC)
    frames = [wall[i : i + 64, 2 * (i % 4) : 2 * (i % 4) + 64] for i in range(8)]
    write_video(Path(sys.argv[1]) / f"{number}.mp4", frames, 25)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs the C library's MALLOC_PERTURB_")
def test_what_memory_held_before_does_not_matter(tmp_path):
    for filling in ("0", "85", "170"):
        folder = tmp_path / filling
        folder.mkdir()
        environment = {**os.environ, "MALLOC_PERTURB_": filling, "PYTHONPATH": os.pathsep.join(sys.path)}
        subprocess.run([sys.executable, "-c", _WRITE_MOVING_NOISE, folder], env=environment, check=True)
    for name in (f"{number}.mp4" for number in range(12)):
        assert len({(tmp_path / filling / name).read_bytes() for filling in ("0", "85", "170")}) == 1


def test_plays_anywhere_and_carries_metadata(tmp_path):
    write_video(tmp_path / "a.mp4", numbered_frames(3), 25, metadata={"label": "nod", "seed": "7"})
    with av.open(str(tmp_path / "a.mp4")) as container:
        assert container.metadata["label"] == "nod"
        assert container.metadata["seed"] == "7"
        context = container.streams.video[0].codec_context
        assert (context.name, context.pix_fmt) == ("h264", "yuv420p")
    content = (tmp_path / "a.mp4").read_bytes()
    assert content.index(b"moov") < content.index(b"mdat")


def test_leaves_nothing_behind_when_it_fails(tmp_path):
    with pytest.raises(InputError, match="no frames"):
        write_video(tmp_path / "a.mp4", [], 25)
    with pytest.raises(InputError, match="after"):
        write_video(tmp_path / "a.mp4", [np.zeros((8, 8, 3), np.uint8), np.zeros((8, 10, 3), np.uint8)], 25)
    assert list(tmp_path.iterdir()) == []
