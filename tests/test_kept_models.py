from pathlib import Path

import pytest

from lfdm_pipeline.datasets.named_models import content_fingerprint
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.kept_models import WEIGHTS, KeptModels
from lfdm_pipeline.storage import to_path


@pytest.fixture
def models(tmp_path: Path) -> KeptModels:
    for name in ("mug/main/lfae", "mug/res10/lfae", "mug/main/dm", "synthetic/main/probe"):
        (tmp_path / "06_models" / name).mkdir(parents=True)
        (tmp_path / "06_models" / name / WEIGHTS).touch()
    return KeptModels(tmp_path / "06_models")


def test_a_model_is_found_by_corpus_experiment_folder_or_file(models: KeptModels, tmp_path: Path) -> None:
    assert models.find("mug/res10", "lfae") == models.root / "mug/res10/lfae"
    assert models.find("mug", "dm") == models.root / "mug/main/dm"
    folder = str(models.root / "mug/main/lfae")
    assert models.find(folder, "lfae") == Path(folder)
    (tmp_path / "published.pth").touch()
    assert models.find(str(tmp_path / "published.pth"), "dm") == tmp_path / "published.pth"


def test_models_lie_wherever_fsspec_reaches() -> None:
    root = to_path("memory://kept/06_models")
    (root / "mug/main/lfae").mkdir(parents=True)
    (root / "mug/main/lfae" / WEIGHTS).write_bytes(b"weights")
    (root / "published.pth").write_bytes(b"weights")
    models = KeptModels(root)
    assert models.find("mug", "lfae") == root / "mug/main/lfae"
    assert models.find("memory://kept/06_models/published.pth", "lfae") == root / "published.pth"
    with pytest.raises(InputError, match=r"mug/main$"):
        models.find("natops", "lfae")
    fingerprints = {content_fingerprint(root / "published.pth"), content_fingerprint(root / "mug/main/lfae")}
    assert len(fingerprints) == 1


def test_a_name_of_nothing_is_refused_with_those_there_are(models: KeptModels, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no lfae is called 'mgu'.* mug/main, mug/res10$"):
        models.find("mgu", "lfae")
    assert models.locate("synthetic", "lfae") is None
    with pytest.raises(InputError, match="where there is none yet"):
        KeptModels(tmp_path / "empty").find("mug", "lfae")
