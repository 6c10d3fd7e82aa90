"""The real command on the real project, every size tiny: what it leaves, and that it leaves the same again."""

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from tests.pipelines.tiny_project import kedro

from lfdm_pipeline.clips.generated_store import GeneratedStore

LABELS = ("neutral", "nod", "turn", "tilt", "smile", "surprise")


def weights(project: Path) -> dict[str, bytes]:
    models = project / "data" / "06_models" / "synthetic" / "main"
    return {name: (models / name / "weights.safetensors").read_bytes() for name in ("lfae", "dm", "probe")}


def test_leaves_every_artifact(project: Path) -> None:
    data = project / "data"
    variant = Path("synthetic/main")
    for path in (
        data / "02_intermediate/synthetic/clip_table.parquet",
        data / "02_intermediate/synthetic/contact_sheet.png",
        data / "04_feature" / variant / "condition_vectors.safetensors",
        data / "06_models" / variant / "lfae/weights.safetensors",
        data / "06_models" / variant / "dm/weights.safetensors",
        data / "08_reporting" / variant / "scores.json",
        data / "08_reporting" / variant / "report.html",
        data / "08_reporting" / variant / "showcase/all_labels.mp4",
        data / "08_reporting" / variant / "showcase/all_labels.gif",
    ):
        assert path.stat().st_size > 0, path
    assert len(list((data / "04_feature" / variant / "latent_flows").glob("*.npy"))) == 18
    assert {path.stem for path in (data / "08_reporting" / variant / "showcase/frames").iterdir()} == set(LABELS)


def test_scores_are_complete_and_finite(project: Path) -> None:
    scores = json.loads((project / "data/08_reporting/synthetic/main/scores.json").read_text())
    assert {
        "reconstruction.l1",
        "reconstruction.copy_l1",
        "flow.epe",
        "flow.zero_epe",
        "probe.real_accuracy",
        "generation.label_accuracy",
        "generation.frechet_probe",
        "generation.displacement_ratio",
        "timing.ddim_2.seconds_per_clip",
    } <= scores.keys()
    assert scores["generation.clips"] == len(LABELS)
    assert all(np.isfinite(value) for value in scores.values() if not isinstance(value, str))


def test_the_report_needs_nothing_else(project: Path) -> None:
    report = (project / "data/08_reporting/synthetic/main/report.html").read_text()
    assert "data:video/mp4;base64," in report
    assert 'src="http' not in report
    assert 'href="http' not in report


def test_generated_clips_say_what_they_are(project: Path) -> None:
    import av

    store = GeneratedStore(project / "data/07_model_output/synthetic/main/test_subjects/clips")
    name = next(iter(store))
    assert store[name].shape == (4, 32, 32, 3)
    with av.open(str(store.path(name))) as container:
        assert "not a recording" in container.metadata["comment"]
        assert container.metadata["lfdm_label"] in LABELS


def test_the_showcase_says_what_it_is_in_every_file(project: Path) -> None:
    import av

    showcase, said = project / "data/08_reporting/synthetic/main/showcase", {}
    for path in showcase.rglob("*.mp4"):
        with av.open(str(path)) as container:
            said[path.suffix, path.stem] = container.metadata["comment"]
    for path in (*showcase.rglob("*.gif"), *showcase.rglob("*.png")):
        with Image.open(path) as picture:
            comment = picture.info.get("Comment") or picture.info["comment"].decode()
            said[path.suffix, path.stem] = comment
    assert {suffix for suffix, _ in said} == {".mp4", ".gif", ".png"}
    assert set(said.values()) == {"generated, not a recording"}


def videos(project: Path) -> dict[str, bytes]:
    folder = project / "data/07_model_output/synthetic/main/test_subjects"
    return {path.name: path.read_bytes() for path in folder.rglob("*.mp4")}


def test_the_same_again_from_nothing_gives_the_same_bytes(project: Path) -> None:
    before = weights(project)
    clips = videos(project)
    shutil.rmtree(project / "data" / "04_feature")
    shutil.rmtree(project / "data" / "06_models")
    shutil.rmtree(project / "data" / "07_model_output")
    done = kedro(project, "--only-missing-outputs")
    assert done.returncode == 0, done.stdout + done.stderr
    assert weights(project) == before
    # The fingerprint in a clip's header is that of the same configuration, so whole files are equal.
    assert videos(project) == clips


def test_a_picture_becomes_clips_beside_the_scored_ones(project: Path) -> None:
    picture = project / "somebody.png"
    cv2.imwrite(str(picture), np.full((48, 40, 3), 128, np.uint8))
    done = kedro(
        project, "--pipelines", "generation", "--params", "generation.image=somebody.png,generation.labels=[nod]"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    output = project / "data/07_model_output/synthetic/main"
    [video] = output.glob("somebody-*/clips/videos/*.mp4")
    assert video.stem == "somebody_nod_000"
    assert f"{video.parent.relative_to(project)}\n" in done.stdout
    assert len(list((output / "test_subjects").rglob("*.mp4"))) == len(LABELS)


def test_a_picture_never_takes_the_place_of_scores(project: Path) -> None:
    cv2.imwrite(str(project / "anybody.png"), np.full((32, 32, 3), 128, np.uint8))
    reporting = project / "data/08_reporting"
    before = {path: path.stat().st_mtime_ns for path in reporting.rglob("*")}
    done = kedro(project, "--params", "generation.image=anybody.png")
    assert done.returncode != 0
    assert "add --pipelines generation" in done.stderr
    assert {path: path.stat().st_mtime_ns for path in reporting.rglob("*")} == before
    assert not list((project / "data/07_model_output/synthetic/main").glob("anybody-*"))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ("generation.image=nobody.png", "there is no file"),
        ("generation.image=pyproject.toml", "is no readable picture"),
        ("generation.labels=[nid]", "did you mean 'nod'?"),
        ("generation.sampler.name=dmp", "generation.sampler.name"),
    ],
)
def test_bad_input_is_one_clear_line(project: Path, parameters: str, message: str) -> None:
    done = kedro(project, "--pipelines", "generation", "--params", parameters)
    assert done.returncode != 0
    errors = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1
    assert message in errors[0]
    assert "Traceback" not in done.stdout + done.stderr
