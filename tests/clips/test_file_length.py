import pytest
from tests.clips.numbered_videos import encode, numbered_frames

from lfdm_pipeline.clips.file_length import require_whole
from lfdm_pipeline.errors import InputError


@pytest.mark.parametrize("name", ["a.avi", "a.mp4", "a.mov"])
def test_a_shorter_file_is_refused_wherever_it_ends(tmp_path, name):
    path = encode(tmp_path / name, "h264", numbered_frames(10))
    content = path.read_bytes()
    require_whole(path)
    for end in range(len(content) - 30, len(content) // 10, -97):
        path.write_bytes(content[:end])
        with pytest.raises(InputError, match="bytes are there"):
            require_whole(path)


@pytest.mark.parametrize("name", ["a.avi", "a.mp4"])
def test_what_lies_behind_the_end_is_no_damage(tmp_path, name):
    path = encode(tmp_path / name, "h264", numbered_frames(10))
    path.write_bytes(path.read_bytes() + b"\0" * 100)
    require_whole(path)


@pytest.mark.parametrize("length", [b"\0\0\0\0", b"\xff\xff\xff\xff"])
def test_a_length_that_was_never_filled_in_says_nothing(tmp_path, length):
    path = encode(tmp_path / "a.avi", "mjpeg", numbered_frames(3))
    content = path.read_bytes()
    path.write_bytes(content[:4] + length + content[8:])
    require_whole(path)


def test_several_parts(tmp_path):
    path = tmp_path / "a.avi"
    part = b"RIFF" + (100).to_bytes(4, "little") + bytes(100)
    path.write_bytes(part + part)
    require_whole(path)
    path.write_bytes(part + part[:60])
    with pytest.raises(InputError):
        require_whole(path)
    path = tmp_path / "a.mp4"
    box = (1).to_bytes(4, "big") + b"mdat" + (116).to_bytes(8, "big") + bytes(100)
    path.write_bytes(box)
    require_whole(path)
    path.write_bytes(box[:-1])
    with pytest.raises(InputError, match="115 of its 116 bytes"):
        require_whole(path)


@pytest.mark.parametrize("content", [b"", b"RIFF", b"hello, this is a text", bytes(100)])
def test_other_files_pass(tmp_path, content):
    path = tmp_path / "a"
    path.write_bytes(content)
    require_whole(path)
