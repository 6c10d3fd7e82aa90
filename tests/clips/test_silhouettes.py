import numpy as np
import pytest
from scipy.io import savemat
from tests.clips.fabricated import make_depth

from lfdm_pipeline.clips import silhouettes
from lfdm_pipeline.clips.geometry import CropBox
from lfdm_pipeline.clips.silhouettes import measure_silhouettes

FILES = ("a1_s1_t1_depth.mat", "Depth/Depth/a2_s4_t1_depth.mat")


@pytest.fixture
def root(tmp_path):
    make_depth(tmp_path / FILES[0], top=0, bottom=235, left=78, right=150)
    make_depth(tmp_path / FILES[1], top=20, bottom=240, left=120, right=246)
    return tmp_path


def test_the_box_holds_every_silhouette_at_the_size_of_colour_frames(root):
    measured = measure_silhouettes(root, FILES, root / "notes.json", workers=1)
    assert measured.box == CropBox(top=0, bottom=480, left=156, right=492)
    configured = CropBox(top=0, bottom=480, left=100, right=500)
    assert measured.beside(configured) == (
        "silhouettes in 2 depth files lie within rows 0:480, columns 156:492; "
        "the configured crop is rows 0:480, columns 100:500"
    )


def test_unchanged_files_are_not_read_again(root, monkeypatch):
    notes = root / "notes.json"
    first = measure_silhouettes(root, FILES, notes, workers=1)
    make_depth(root / FILES[0], top=0, bottom=235, left=30, right=150)
    (root / FILES[1]).rename(root / "moved.mat")
    read = []

    def call(function, arguments, **_):
        read.extend(arguments)
        return iter(())

    monkeypatch.setattr(silhouettes, "call_in_workers", call)
    measure_silhouettes(root, (FILES[0], "moved.mat"), notes)
    assert read == [root / FILES[0], root / "moved.mat"]
    assert first.box is not None


def test_damaged_files_are_counted(root):
    (root / FILES[0]).write_bytes(b"no matrix")
    measured = measure_silhouettes(root, FILES, root / "notes.json", workers=1)
    assert (measured.files, measured.unreadable) == (1, 1)
    assert "in 1 depth files (1 more cannot be read) lie within rows 40:480" in measured.beside(None)
    assert measured.beside(None).endswith("the configured crop is the whole frame")


def test_depth_files_without_anybody(tmp_path):
    savemat(tmp_path / "empty.mat", {"d_depth": np.zeros((240, 320, 2), np.uint16)})
    measured = measure_silhouettes(tmp_path, ("empty.mat",), tmp_path / "notes.json", workers=1)
    assert (measured.box, measured.files) == (None, 1)
    assert "lie within nothing" in measured.beside(None)
