import numpy as np
import pandas as pd
import pytest
import yaml
from tests.pipelines.tiny_project import PROJECT

from lfdm_pipeline.clips.decoding import decode_video
from lfdm_pipeline.clips.generated_store import GeneratedStore
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.lfae import LFAE, LFAEOptions
from lfdm_pipeline.pipelines.showcase.nodes import LabelGrid, ShowcaseOptions, grids_shown, make_showcase
from lfdm_pipeline.showcase.exhibits import read_exhibits
from lfdm_pipeline.workspace import Workspace

CLIP_TABLE = pd.DataFrame(
    {"subject": ["s0", "s0", "s1", "s2", "s2"], "split": ["train", "train", "test", "train", "test"]}
)
SIZE, FRAMES = 32, 2


@pytest.fixture
def lfae():
    return LFAE(
        LFAEOptions(region_blocks=1, background_blocks=1, flow_blocks=1, generator_width=4, num_res_blocks=0)
    ).eval()


@pytest.fixture
def generated(tmp_path):
    """One clip of each of 27 actions of two subjects, every action in a grey of its own."""

    def make(labels, subjects=("s1", "s2")):
        store, rows = GeneratedStore(tmp_path / "generated"), []
        for subject in subjects:
            for number, label in enumerate(labels):
                name = f"{subject}_{number}"
                frames = np.full((FRAMES, SIZE, SIZE, 3), 40 + 8 * number, np.uint8)
                flows = np.zeros((FRAMES, 2, 8, 8)), np.ones((FRAMES, 1, 8, 8))
                store.write(name, frames[0], frames, *flows, fps=10, provenance={}, seconds=0.1, device="a CPU")
                rows.append({"name": name, "label": label, "subject": subject, "origin": subject})
        return store, pd.DataFrame(rows)

    return make


def greys(path):
    frame = decode_video(path).frames[0].astype(int)
    level, spread = frame.mean(axis=-1).round().astype(int), np.ptp(frame, axis=-1)
    return {40 + 8 * n for n in range(27) if ((abs(level - 40 - 8 * n) <= 2) & (spread <= 6)).sum() >= 150 * 150}


@pytest.mark.parametrize(
    ("env", "videos", "count"), [("mug", ["mug"], 7), ("mhad", ["mhad1", "mhad2"], 26), ("natops", ["natops"], 24)]
)
def test_the_videos_of_the_supplement_are_those_of_the_configurations(generated, lfae, tmp_path, env, videos, count):
    configured = yaml.safe_load((PROJECT / f"conf/{env}/parameters.yml").read_text())
    labels = configured["source"][env].get("labels") or configured["ingestion"]["labels"]
    store, table = generated(labels)
    options = ShowcaseOptions(**configured["showcase"], gif_width=64)
    folder = make_showcase(lfae, CLIP_TABLE, table, store, options, Workspace(tmp_path / "showcase", "a"))
    assert {path.name for path in folder.glob("*.mp4")} == {f"{name}.mp4" for name in videos}
    assert {path.name for path in folder.glob("*.gif")} == {f"{videos[0]}.gif"}
    shown = {40 + 8 * number for number, label in enumerate(labels) if label != "sit to stand"}
    assert len(shown) == count
    for name in videos:
        assert greys(folder / f"{name}.mp4") == shown
    assert len(list((folder / "frames").glob("*.png"))) == count


def test_each_grid_shows_the_next_subject_that_none_names_while_there_is_one():
    grids = [LabelGrid(name="a"), LabelGrid(name="b", subject="s1"), LabelGrid(name="c"), LabelGrid(name="d")]
    shown = [(grid.name, subject) for grid, subject in grids_shown(grids, ["s1", "s2", "s3"])]
    assert shown == [("a", "s2"), ("b", "s1"), ("c", "s3")]


def test_a_subject_that_is_not_there_is_named():
    with pytest.raises(InputError, match="no clip of 's9' was generated; there are s1, s2"):
        grids_shown([LabelGrid(subject="s9")], ["s1", "s2"])


def test_a_label_left_out_must_be_one(generated, lfae, tmp_path):
    store, table = generated(["nod", "turn"])
    options = ShowcaseOptions(grids=(LabelGrid(without=("sit",)),))
    with pytest.raises(InputError, match="the label 'sit' that is left out; there are nod, turn"):
        make_showcase(lfae, CLIP_TABLE, table, store, options, Workspace(tmp_path / "showcase", "a"))


def test_what_is_said_of_a_grid_follows_from_the_clip_table(generated, lfae, tmp_path):
    store, table = generated(["nod", "turn"])
    options = ShowcaseOptions(grids=(LabelGrid(name="a"), LabelGrid(name="b")), gif_width=64)
    made = read_exhibits(make_showcase(lfae, CLIP_TABLE, table, store, options, Workspace(tmp_path / "showcase", "a")))
    assert [each.path.name for each in made] == ["a.mp4", "b.mp4", "nod.png", "turn.png"]
    first, second = (f"{each.title}. {each.caption}" for each in made[:2])
    assert first == (
        "One picture of s1, 2 labels. A picture and a label in, a clip out. This subject is in no training clip."
    )
    assert "One picture of s2" in second
    assert "other clips of this subject were" in second


def test_every_label_has_a_picture_of_its_own_whatever_it_is_called(generated, lfae, tmp_path):
    labels = ["..", "Nod", "left/right", "left right", "nod", "笑顔"]
    store, table = generated(labels, subjects=("s1",))
    options = ShowcaseOptions(gif_width=64)
    folder = make_showcase(lfae, CLIP_TABLE, table, store, options, Workspace(tmp_path / "showcase", "a"))
    _, *panels = read_exhibits(folder)
    assert [panel.title for panel in panels] == [f"How “{label}” is made" for label in sorted(labels)]
    assert len({panel.path.name.casefold() for panel in panels}) == len(labels)
    assert {panel.path for panel in panels} == set((folder / "frames").iterdir())
