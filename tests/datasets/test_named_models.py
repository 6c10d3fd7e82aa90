from pathlib import Path
from typing import Any

import pytest

from lfdm_pipeline.datasets import JsonDataset, KeptModelsDataset
from lfdm_pipeline.datasets.artifact import ArtifactError
from lfdm_pipeline.datasets.fingerprint import Lineage, Step
from lfdm_pipeline.datasets.manifest import Manifest
from lfdm_pipeline.datasets.named_models import content_fingerprint
from lfdm_pipeline.kept_models import WEIGHTS

TRAINING = Step("lfae_training", ("params:lfae.training",), ("lfae",))
IMPORT = Step("reference_import", ("params:reference.lfae",), ("lfae",))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "06_models/mug/main/lfae").mkdir(parents=True)
    (tmp_path / "06_models/mug/main/lfae" / WEIGHTS).write_text("weights")
    return tmp_path


def kept_as(root: Path, fingerprint: str) -> None:
    manifest = Manifest("lfae", fingerprint, 1, {}, {}, created="now", mlflow_run_id=None)
    manifest.write(root / "06_models/mug/main/lfae/manifest.json")


def lfae(root: Path, step: Step, init_from: str | None = None, file: str | None = None) -> JsonDataset:
    dataset = JsonDataset(filepath=f"{root}/lfae.json")
    parameters: dict[str, Any] = {
        "lfae": {"training": {"steps": 5, "init_from": init_from}},
        "reference": {"lfae": file},
    }
    models = KeptModelsDataset(filepath=f"{root}/06_models")
    lineage = Lineage([TRAINING, IMPORT], parameters, {"lfae": dataset}, models=models)
    lineage.start([step])
    dataset.bind("lfae", lineage)
    return dataset


def test_an_artifact_counts_by_its_fingerprint_and_a_file_by_its_checksum(root: Path) -> None:
    folder = root / "06_models/mug/main/lfae"
    before = content_fingerprint(folder)
    kept_as(root, "abc")
    assert content_fingerprint(folder) == "abc"
    assert content_fingerprint(folder / WEIGHTS) == before
    (folder / WEIGHTS).write_text("others")
    assert content_fingerprint(folder / WEIGHTS) != before


def test_a_training_depends_on_what_its_start_holds_and_not_on_where_that_lies(root: Path) -> None:
    lfae(root, TRAINING, init_from="mug/main").save({})
    assert lfae(root, TRAINING, init_from="mug").exists()
    moved = (root / "06_models/mug/main/lfae").rename(root / "elsewhere")
    assert lfae(root, TRAINING, init_from=str(moved)).exists()
    assert lfae(root, TRAINING, init_from="mug/main").exists(), "a start that is not on this machine"
    (moved / WEIGHTS).write_text("others")
    assert not lfae(root, TRAINING, init_from=str(moved)).exists()
    assert not lfae(root, TRAINING).exists()
    with pytest.raises(ArtifactError, match=r"made from another lfae\.training\.init_from"):
        lfae(root, TRAINING).load()


def test_no_start_is_as_if_there_were_no_such_parameter(root: Path) -> None:
    expected = lfae(root, TRAINING).expected()
    assert expected.inputs == {}
    assert expected.parameters == {"lfae.training.steps": 5}


def test_what_was_imported_stays_current_without_its_file_named(root: Path) -> None:
    file = root / "published.pth"
    file.write_text("weights")
    lfae(root, IMPORT, file=str(file)).save({})
    assert lfae(root, IMPORT).exists()
    assert lfae(root, TRAINING).exists(), "a whole line that only makes what is missing leaves it alone"
    assert lfae(root, IMPORT, file=str(file)).exists()
    file.write_text("other weights")
    assert not lfae(root, IMPORT, file=str(file)).exists()
    lfae(root, TRAINING).save({})
    assert lfae(root, TRAINING).exists()
    assert not lfae(root, TRAINING, init_from="mug").exists()
