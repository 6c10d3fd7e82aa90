import numpy as np
import pandas as pd
import pytest

from lfdm_pipeline.clips.generated_store import GeneratedStore
from lfdm_pipeline.clips.video_writing import write_video
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.experiments.definition import Video
from lfdm_pipeline.experiments.side_by_side import Generated, side_by_side

SIZE = 32


def clip(value, frames=4, size=SIZE):
    return np.full((frames, size, size, 3), value, np.uint8)


@pytest.fixture
def generate(tmp_path):
    def make(folder, levels):
        store, rows = GeneratedStore(tmp_path / folder), []
        for (subject, label), level in levels.items():
            name = f"{subject}_{label}_000"
            flows = np.zeros((4, 2, 8, 8)), np.ones((4, 1, 8, 8))
            store.write(name, clip(30)[0], clip(level), *flows, fps=10, provenance={}, seconds=0.1, device="a CPU")
            rows.append({"name": name, "label": label, "subject": subject, "origin": subject})
        return Generated(store, pd.DataFrame(rows))

    return make


def shown(frame, level):
    return (abs(frame.astype(int) - level).max(axis=-1) <= 3).sum() >= 100 * 100


REAL = {"r": clip(200, frames=9)}
TABLE = pd.DataFrame({"clip_id": ["r"], "subject": ["s1"], "label": ["nod"]})
CONDITIONS = [(f"s{i}", label) for i in range(3) for label in ("nod", "turn")]


def test_labels_by_subjects_has_a_cell_for_every_variant_and_condition(generate):
    generated = {
        "DDIM": generate("a", {condition: 60 + 10 * n for n, condition in enumerate(CONDITIONS)}),
        "DDPM": generate("b", {condition: 130 + 10 * n for n, condition in enumerate(CONDITIONS)}),
    }
    video = Video(layout="labels_by_subjects", labels=2, subjects=2)
    frames = side_by_side(video, generated, REAL, TABLE, hold=2)
    assert len(frames) == 4 + 2
    assert all(shown(frames[0], level) for level in (60, 70, 80, 90, 130, 140, 150, 160))
    assert not shown(frames[0], 100)  # the third subject


def test_models_have_the_ground_truth_beside_them_and_others_where_they_are(generate, tmp_path):
    generated = {"ours": generate("a", {("s1", "nod"): 60, ("s2", "turn"): 80})}
    write_video(tmp_path / "vdm/s1_nod_000.mp4", clip(100, frames=2), 10)
    video = Video(layout="models", others={"VDM": str(tmp_path / "vdm"), "LDM": str(tmp_path / "absent")})
    frames = side_by_side(video, generated, REAL, TABLE, hold=0)
    assert len(frames) == 4
    assert all(shown(frames[-1], level) for level in (200, 60, 80, 100))


def test_only_what_every_variant_has_is_shown(generate):
    generated = {
        "a": generate("a", {("s1", "nod"): 60, ("s1", "turn"): 80}),
        "b": generate("b", {("s1", "nod"): 100}),
    }
    frames = side_by_side(Video(layout="labels_by_subjects"), generated, REAL, TABLE, hold=0)
    assert shown(frames[0], 60)
    assert shown(frames[0], 100)
    assert not shown(frames[0], 80)
    with pytest.raises(InputError, match="every variant"):
        side_by_side(
            Video(layout="models"),
            {"a": generate("c", {("s1", "nod"): 1}), "b": generate("d", {("s2", "nod"): 2})},
            REAL,
            TABLE,
            hold=0,
        )
