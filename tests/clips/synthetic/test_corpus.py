import hashlib
import json

import numpy as np
import pytest
from pydantic import ValidationError

from lfdm_pipeline.clips.decoding import decode_video
from lfdm_pipeline.clips.sources.synthetic import SyntheticSource
from lfdm_pipeline.clips.synthetic import corpus
from lfdm_pipeline.clips.synthetic.corpus import read_table, render_corpus
from lfdm_pipeline.clips.synthetic.ground_truth import read_ground_truth
from lfdm_pipeline.clips.synthetic.options import SyntheticOptions
from lfdm_pipeline.errors import InputError

OPTIONS = SyntheticOptions(
    size=32, train_subjects=2, test_subjects=1, takes=2, labels=("turn", "smile"), min_frames=4, max_frames=8
)


def listing(root):
    return {
        path.relative_to(root).as_posix(): (
            path.stat().st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest(),
        )
        for path in root.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    root = tmp_path_factory.mktemp("synthetic")
    render_corpus(root, OPTIONS)
    return root


def test_holds_every_take_of_every_label_by_everyone(rendered):
    clips = read_table(rendered)
    assert len(clips) == len({clip.clip for clip in clips}) == 3 * 2 * 2
    assert {(clip.subject, clip.split) for clip in clips} == {
        ("person000", "train"),
        ("person001", "train"),
        ("person002", "test"),
    }
    assert {clip.label for clip in clips} == {"turn", "smile"}


def test_videos_and_ground_truth_fit_together(rendered):
    for clip in read_table(rendered):
        video = decode_video(rendered / clip.clip)
        assert video.fps == OPTIONS.fps
        assert 4 <= len(video.frames) <= 8
        assert video.frames.shape[1:] == (32, 32, 3)
        if clip.split == "test":
            truth = read_ground_truth(rendered / clip.ground_truth)
            assert truth.flow.shape == (*video.frames.shape[:3], 2)
        else:
            assert clip.ground_truth == ""


def test_videos_are_nearly_what_was_rendered(tmp_path, monkeypatch):
    kept = []
    monkeypatch.setattr(corpus, "write_video", lambda path, frames, fps, crf: kept.append(frames) or path.touch())
    (tmp_path / "videos").mkdir()
    options = OPTIONS.model_copy(update={"size": 64})
    corpus._render_subject((tmp_path, options, 0))
    monkeypatch.undo()
    corpus._render_subject((tmp_path, options, 0))
    for frames, take in zip(kept, corpus._takes_of(options, 0), strict=True):
        decoded = decode_video(tmp_path / take.clip.clip).frames
        assert np.abs(decoded.astype(int) - frames).mean() < 5


def test_the_same_options_give_the_same_files(rendered, tmp_path):
    render_corpus(tmp_path, OPTIONS)
    assert listing(tmp_path) == listing(rendered)


def test_is_rendered_once_and_again_for_other_options(rendered, tmp_path, monkeypatch):
    root = tmp_path / "corpus"
    render_corpus(root, OPTIONS)
    first = listing(root)
    with monkeypatch.context() as patch:
        patch.setattr(corpus, "call_in_workers", None)
        render_corpus(root, OPTIONS)
    render_corpus(root, OPTIONS.model_copy(update={"takes": 1}))
    second = listing(root)
    assert set(second) < set(first)
    # A clip does not depend on how many others there are.
    assert {name for name in second if second[name] != first[name]} == {"manifest.json", "recordings.csv"}


def test_an_ended_rendering_starts_anew(tmp_path):
    render_corpus(tmp_path, OPTIONS)
    complete = listing(tmp_path)
    (tmp_path / "manifest.json").unlink()
    (tmp_path / "videos" / "person000_turn_0.mp4").write_bytes(b"half")
    render_corpus(tmp_path, OPTIONS)
    assert listing(tmp_path) == complete
    assert json.loads((tmp_path / "manifest.json").read_text())["options"]["size"] == 32


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(InputError, match=r"thesis\.tex"):
        render_corpus(tmp_path, OPTIONS)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_says_which_file_could_not_be_written(tmp_path, monkeypatch):
    # What keeps the workers from writing is found there, not before they start.
    monkeypatch.setattr(corpus, "_clear", lambda root: (tmp_path / "videos").write_text("a file"))
    with pytest.raises(FileExistsError) as error:
        render_corpus(tmp_path, OPTIONS)
    assert error.value.filename == str(tmp_path / "videos")


def test_an_unlabelled_corpus_tells_no_motion(tmp_path):
    options = OPTIONS.model_copy(update={"family": "puppets", "labelled": False, "takes": 3})
    render_corpus(tmp_path, options)
    clips = read_table(tmp_path)
    assert len(clips) == 3 * 3
    assert {clip.label for clip in clips} == {""}
    assert not any(label in path.name for path in tmp_path.rglob("*") for label in options.labels)
    assert {clip.subject for clip in clips} == {"puppet000", "puppet001", "puppet002"}
    # Three clips of two motions: everyone shows each of them.
    motions = [[take.motion for take in corpus._takes_of(options, number)] for number in range(3)]
    assert all(set(shown) == set(options.labels) for shown in motions)
    read = SyntheticSource(options).survey(tmp_path).recordings
    assert {recording.label for recording in read} == {None}


@pytest.mark.parametrize(
    "wrong",
    [
        {"labels": ("wink",)},
        {"labels": ()},
        {"labels": ("nod", "nod")},
        {"min_frames": 9, "max_frames": 8},
        {"size": 33},
        {"family": "robots"},
    ],
)
def test_options_are_checked(wrong):
    with pytest.raises(ValidationError):
        SyntheticOptions(**wrong)
