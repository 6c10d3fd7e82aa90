"""Corpora that are small or one-sided get through the whole line: notes stand where there is nothing to measure."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from tests.clips.numbered_videos import encode, numbered_frames
from tests.pipelines.tiny_project import Project

TRAIN = ("ann,wave", "bob,wave", "ann,nod", "bob,nod")
DISTANCES = ("frechet_probe", "frechet_probe_label", "frechet_probe_subject")


def lay_out(folder: Path, train: Sequence[str], test: Sequence[str]) -> Path:
    """One video each of somebody who does something, or nothing that has a name, and the table that says so."""
    rows = ["clip,subject,label,split"]
    for split, clips in {"train": train, "test": test}.items():
        for clip in clips:
            name = f"{len(rows)}.mp4"
            encode(folder / name, "h264", np.roll(numbered_frames(5, 48, 48), 5 * len(rows), axis=2))
            rows.append(f"{name},{clip},{split}")
    (folder / "clips.csv").write_text("\n".join(rows))
    return folder


@pytest.mark.parametrize(
    ("train", "test", "unmeasured"),
    [
        pytest.param(
            ["ann,wave"],
            ["cid,wave"],
            {"probe.real_accuracy", "generation.label_accuracy", "generation.frechet_probe"},
            id="one label, one clip in each split",
        ),
        pytest.param(TRAIN, ["cid,wave"], {f"generation.{name}" for name in DISTANCES}, id="one test clip"),
        pytest.param(
            TRAIN,
            ["cid,", "cid,", "dot,"],
            {"probe.real_accuracy", "generation.frechet_probe_label"},
            id="test clips without labels",
        ),
    ],
)
def test_all_is_scored_that_can_be_and_the_rest_has_a_note(
    train: Sequence[str], test: Sequence[str], unmeasured: set[str], tiny_project: Project, tmp_path: Path
) -> None:
    tiny_project.run(raw_root=str(lay_out(tmp_path / "own", train, test)), source={"name": "folder"})
    reporting = tiny_project.root / "data/08_reporting/synthetic/main"
    scores = json.loads((reporting / "scores.json").read_text())
    judged = {
        "probe.real_accuracy",
        "generation.label_accuracy",
        "generation.frechet_probe",
        "generation.frechet_probe_label_mean",
        "generation.frechet_probe_subject_mean",
    }
    notes = {name.removesuffix("_note") for name in scores if name.endswith("_note")}
    assert judged & scores.keys() == {name for name in judged if not name.startswith(tuple(unmeasured))}
    assert unmeasured <= notes
    assert all(scores[f"{name}_note"].startswith("not measured: ") for name in unmeasured)
    assert {"reconstruction.l1", "generation.motion_ratio", "identity.distance"} <= scores.keys()
    report = (reporting / "report.html").read_text()
    assert all(scores[f"{name}_note"] in report for name in unmeasured)
