import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from lfdm_pipeline.datasets import FolderDataset, JsonDataset, RawCorpusDataset, WorkspaceDataset
from lfdm_pipeline.datasets.artifact import ArtifactDataset, ArtifactError
from lfdm_pipeline.datasets.fingerprint import Lineage, Step
from lfdm_pipeline.datasets.manifest import Manifest
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.hooks.error_report import input_error
from lfdm_pipeline.unchanged import UNCHANGED
from lfdm_pipeline.workspace import Workspace


def bound(dataset: ArtifactDataset, width: int = 1) -> ArtifactDataset:
    step = Step("training", ("params:width",), ("model",))
    dataset.bind("model", Lineage([step], {"width": width}, {"model": dataset}))
    return dataset


def test_round_trip_and_manifest(tmp_path: Path) -> None:
    dataset = bound(JsonDataset(filepath=f"{tmp_path}/folder/model.json"))
    assert not dataset.exists()
    dataset.save({"a": [1, None]})
    assert dataset.exists()
    assert dataset.load() == {"a": [1, None]}
    manifest = json.loads((tmp_path / "folder/model.json.manifest.json").read_text())
    assert manifest["entry"] == "model"
    assert manifest["parameters"] == {"width": 1}


def test_exists_only_for_the_configuration_it_was_made_for(tmp_path: Path) -> None:
    filepath = f"{tmp_path}/model.json"
    bound(JsonDataset(filepath=filepath), width=1).save({})
    assert bound(JsonDataset(filepath=filepath), width=1).exists()
    other = bound(JsonDataset(filepath=filepath), width=2)
    assert not other.exists()
    with pytest.raises(ArtifactError, match="width was 1, is 2; make it again with: kedro run --pipelines training"):
        other.load()


def test_only_the_first_differences_are_told(tmp_path: Path) -> None:
    dataset = JsonDataset(filepath=f"{tmp_path}/model.json")
    step = Step("training", ("params:sizes",), ("model",))
    for value in (1, 2):
        sizes = dict.fromkeys("abcde", value)
        dataset.bind("model", Lineage([step], {"sizes": sizes}, {"model": dataset}))
        if value == 1:
            dataset.save({})
    with pytest.raises(ArtifactError, match=r"sizes.a was 1, is 2; .*; sizes.c was 1, is 2; and 2 more;"):
        dataset.load()


def test_killed_before_its_manifest_it_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = bound(JsonDataset(filepath=f"{tmp_path}/model.json"))
    dataset.save({"old": 1})
    child = os.fork()
    if child == 0:
        monkeypatch.setattr(Manifest, "write", lambda *_: os._exit(9))
        dataset.save({"new": 1})
    os.waitpid(child, 0)
    assert json.loads((tmp_path / "model.json").read_text()) == {"new": 1}
    assert not dataset.exists()
    with pytest.raises(ArtifactError, match="model is missing"):
        dataset.load()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"entry": "model"}'])
def test_a_damaged_manifest_is_none(tmp_path: Path, content: str) -> None:
    dataset = bound(JsonDataset(filepath=f"{tmp_path}/model.json"))
    dataset.save({})
    (tmp_path / "model.json.manifest.json").write_text(content)
    assert not dataset.exists()


def test_a_manifest_without_its_content_is_none(tmp_path: Path) -> None:
    dataset = bound(JsonDataset(filepath=f"{tmp_path}/model.json"))
    dataset.save({})
    (tmp_path / "model.json").unlink()
    assert not dataset.exists()


def test_folder_is_filled_through_its_workspace_and_sealed(tmp_path: Path) -> None:
    folder = bound(FolderDataset(filepath=f"{tmp_path}/model"))
    workspace = WorkspaceDataset(filepath=f"{tmp_path}/model", serves="model")
    workspace.bind(Lineage([], {"width": 1}, {"model": folder}))
    claimed = workspace.load().claim()
    (claimed / "piece").write_text("1")
    assert not folder.exists()
    folder.save(claimed)
    assert folder.exists()
    assert (folder.load() / "piece").read_text() == "1"


@pytest.mark.parametrize("use", [Workspace.open, Workspace.claim])
def test_opening_the_folder_of_another_configuration_breaks_its_seal(
    use: Callable[[Workspace], Path], tmp_path: Path
) -> None:
    folder = bound(FolderDataset(filepath=f"{tmp_path}/model"), width=1)
    workspace = WorkspaceDataset(filepath=f"{tmp_path}/model", serves="model")
    step = Step("training", ("params:width",), ("model",))
    workspace.bind(Lineage([step], {"width": 1}, {"model": folder}))
    made = use(workspace.load())
    made.mkdir(exist_ok=True)
    folder.save(made)
    use(workspace.load())
    assert folder.exists()
    workspace.bind(Lineage([step], {"width": 2}, {"model": folder}))
    handed_out = workspace.load()
    assert folder.exists(), "a node that refuses what it is given leaves what is finished"
    use(handed_out)
    assert not folder.exists()


def test_who_may_not_join_breaks_no_seal(tmp_path: Path) -> None:
    folder = bound(FolderDataset(filepath=f"{tmp_path}/model"), width=1)
    workspace = WorkspaceDataset(filepath=f"{tmp_path}/model", serves="model")
    step = Step("training", ("params:width",), ("model",))
    workspace.bind(Lineage([step], {"width": 1}, {"model": folder}))
    folder.save(workspace.load().claim())
    workspace.bind(Lineage([step], {"width": 2}, {"model": folder}))
    with pytest.raises(InputError, match="another configuration"):
        workspace.load().join()
    assert folder.exists()


@pytest.mark.parametrize(("folder", "beside"), [("model_checkpoints", True), ("model", False)])
def test_only_a_workspace_beside_its_entry_sets_aside_what_it_held(folder: str, beside: bool, tmp_path: Path) -> None:
    workspace = WorkspaceDataset(filepath=f"{tmp_path}/{folder}", serves="model")
    model = bound(FolderDataset(filepath=f"{tmp_path}/model"))
    step = Step("training", ("params:width",), ("model",))
    for width in (1, 2):
        workspace.bind(Lineage([step], {"width": width}, {"model": model}))
        (workspace.load().claim() / f"step_{width}").write_text("1")
    assert [path.name for path in (tmp_path / folder).glob("step_*")] == ["step_2"]
    assert (tmp_path / f"{folder}.previous/step_1").exists() == beside


def test_folder_of_another_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="was filled") as error:
        bound(FolderDataset(filepath=f"{tmp_path}/model")).save(tmp_path)
    assert input_error(error.value) is not None


def test_folder_opens_as_what_the_catalog_says(tmp_path: Path) -> None:
    (tmp_path / "clips").mkdir()
    dataset = bound(FolderDataset(filepath=f"{tmp_path}/clips", opens="lfdm_pipeline.clips.store.ClipStore"))
    dataset.save(tmp_path / "clips")
    assert dataset.load().root == tmp_path / "clips"


def test_raw_corpus_changes_with_its_files(tmp_path: Path) -> None:
    dataset = RawCorpusDataset(filepath=f"{tmp_path}/raw")
    assert dataset.source_fingerprint() is None
    (tmp_path / "raw/a").mkdir(parents=True)
    (tmp_path / "raw/a/clip.mp4").write_bytes(b"1")
    first = dataset.source_fingerprint()
    (tmp_path / "raw/.DS_Store").write_bytes(b"1")
    (tmp_path / "raw/b.mp4").write_bytes(b"1")
    assert dataset.source_fingerprint() == first, "listed once a run"
    dataset.save(tmp_path / "raw")
    second = dataset.source_fingerprint()
    (tmp_path / "raw/b.mp4").unlink()
    dataset.save(tmp_path / "raw")
    assert second != dataset.source_fingerprint() == first


def test_absent_raw_corpus_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=f"no raw corpus at {tmp_path}/raw"):
        RawCorpusDataset(filepath=f"{tmp_path}/raw").load()


def test_an_entry_left_unchanged_keeps_what_it_holds(tmp_path: Path) -> None:
    dataset = bound(JsonDataset(filepath=f"{tmp_path}/model.json"))
    dataset.save(UNCHANGED)
    assert not dataset.exists()
    dataset.save({"kept": 1})
    dataset.save(UNCHANGED)
    assert dataset.load() == {"kept": 1}
