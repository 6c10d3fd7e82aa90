"""Every dataset class on storage that is not this machine's disk."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from tests.datasets.test_formats import MODEL, Tiny, TinyOptions

from lfdm_pipeline import datasets
from lfdm_pipeline.atomic import write_text
from lfdm_pipeline.clips.flow_store import FlowStore
from lfdm_pipeline.clips.generated_store import GeneratedStore
from lfdm_pipeline.clips.parts import adopt_flows
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.datasets import (
    ArtifactDataset,
    ConditionVectorsDataset,
    FolderDataset,
    JsonDataset,
    KeptModelsDataset,
    ModelDataset,
    ModelsDataset,
    PathDataset,
    PictureDataset,
    PretrainedDataset,
    PublishedFileDataset,
    RawCorpusDataset,
    TableDataset,
    TextDataset,
    WorkspaceDataset,
)
from lfdm_pipeline.datasets.artifact import ArtifactError
from lfdm_pipeline.datasets.fingerprint import Lineage, Step
from lfdm_pipeline.datasets.status import statuses
from lfdm_pipeline.models.conditioning import ConditionVectors

FRAMES = np.random.default_rng(0).integers(0, 256, (5, 32, 32, 3), dtype=np.uint8)


def test_every_class_that_has_a_place_is_here() -> None:
    classes = {name for name in vars(datasets) if name.endswith("Dataset")}
    without_place = {"ArtifactDataset", "RunFactsDataset", "RunLogDataset"}
    assert classes - without_place <= globals().keys()


def saved(dataset: ArtifactDataset, data: object) -> object:
    """What comes back."""
    assert not dataset.exists()
    dataset.save(data)
    assert dataset.exists()
    return dataset.load()


def test_files(remote: str) -> None:
    table = pd.DataFrame({"clip_id": ["a", "b"], "fps": [25.0, 30.0]})
    pd.testing.assert_frame_equal(saved(TableDataset(filepath=f"{remote}/table.parquet"), table), table)
    assert saved(TextDataset(filepath=f"{remote}/report.html"), "<p>é</p>") == "<p>é</p>"
    assert saved(JsonDataset(filepath=f"{remote}/scores.json"), {"a": 1}) == {"a": 1}
    picture = saved(PictureDataset(filepath=f"{remote}/sheet.png"), FRAMES[0])
    np.testing.assert_array_equal(np.asarray(picture), FRAMES[0])
    vectors = saved(
        ConditionVectorsDataset(filepath=f"{remote}/vectors.safetensors"), ConditionVectors(("nod",), torch.ones(1, 3))
    )
    assert isinstance(vectors, ConditionVectors)
    assert vectors.labels == ("nod",)
    assert str(PathDataset(filepath=f"{remote}/raw").load()) == f"{remote}/raw"


def test_model(remote: str) -> None:
    model = Tiny(TinyOptions())
    loaded = saved(ModelDataset(filepath=f"{remote}/lfae", model=MODEL), model)
    assert isinstance(loaded, Tiny)
    torch.testing.assert_close(loaded.layer.weight, model.layer.weight, rtol=0, atol=0)


def test_models(remote: str) -> None:
    models = {name: Tiny(TinyOptions()) for name in ("decoder", "adapters")}
    dataset = ModelsDataset(filepath=f"{remote}/finetuned", model=MODEL)
    assert set(saved(dataset, models)) == set(models)  # type: ignore[call-overload]
    dataset.save({"decoder": models["decoder"]})
    assert set(dataset.load()) == {"decoder"}


def test_models_of_other_corpora(remote: str) -> None:
    model = Tiny(TinyOptions())
    ModelDataset(filepath=f"{remote}/06_models/mug/main/lfae", model=MODEL).save(model)
    kept = KeptModelsDataset(filepath=f"{remote}/06_models")
    assert kept.fingerprint("mug/main", "lfae")
    assert kept.fingerprint("mhad/main", "lfae") is None
    entry = {
        "type": "lfdm_pipeline.datasets.ModelDataset",
        "filepath": f"{remote}/06_models/{{corpus}}/{{experiment}}/lfae",
        "model": MODEL,
    }
    pretrained = PretrainedDataset(corpora="mug", which="first", dataset=entry)
    assert pretrained.exists()
    torch.testing.assert_close(pretrained.load().layer.weight, model.layer.weight, rtol=0, atol=0)


def test_published_file(remote: str) -> None:
    state = {"generator": {"first.conv.weight": torch.ones(2, 3)}}
    loaded = saved(PublishedFileDataset(filepath=f"{remote}/lfae.pth"), state)
    torch.testing.assert_close(loaded, state, rtol=0, atol=0)


def test_another_configuration_is_refused(remote: str) -> None:
    for width in (1, 2):
        dataset = JsonDataset(filepath=f"{remote}/model.json")
        step = Step("training", ("params:width",), ("model",))
        dataset.bind("model", Lineage([step], {"width": width}, {"model": dataset}))
        assert not dataset.exists()
        if width == 1:
            dataset.save({})
    with pytest.raises(ArtifactError, match="width was 1, is 2"):
        dataset.load()


def test_clips_are_made_there_and_copied_here_once(remote: str, tmp_path: Path) -> None:
    workspace = WorkspaceDataset(filepath=f"{remote}/clips", serves="clips").load()
    store = ClipStore(workspace.claim())
    store.write("take/a", FRAMES)
    np.testing.assert_array_equal(store["take/a"], FRAMES)
    assert not list(tmp_path.rglob("*.npy")), "what is still being made is not kept here"

    dataset = FolderDataset(filepath=f"{remote}/clips", opens="lfdm_pipeline.clips.store.ClipStore")
    loaded = saved(dataset, store)
    assert isinstance(loaded, ClipStore)
    assert list(loaded) == ["take/a"]
    np.testing.assert_array_equal(loaded["take/a"], FRAMES)
    (copy,) = tmp_path.rglob("*.npy")
    assert isinstance(loaded["take/a"].base, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        loaded["take/a"][0] = 0

    loaded.path("take/a").unlink()
    np.testing.assert_array_equal(dataset.load()["take/a"], FRAMES)
    assert list(tmp_path.rglob("*.npy")) == [copy]


def test_pieces_of_another_identity_do_not_survive(remote: str) -> None:
    workspace = WorkspaceDataset(filepath=f"{remote}/flows", serves="flows").load()
    flows = FlowStore(workspace.claim())
    flows.write("a", np.zeros((3, 2, 4, 4)), np.ones((3, 1, 4, 4)))
    assert list(FlowStore(workspace.claim())) == ["a"]
    write_text(workspace.folder / ".identity", "another")
    assert list(FlowStore(workspace.claim())) == []


def test_generated_clips(remote: str) -> None:
    dataset = FolderDataset(filepath=f"{remote}/generated", opens="lfdm_pipeline.clips.generated_store.GeneratedStore")
    store = GeneratedStore(WorkspaceDataset(filepath=f"{remote}/generated", serves="generated").load().claim())
    flow = np.zeros((5, 2, 4, 4), np.float32)
    store.write(
        "ann_nod",
        FRAMES[0],
        FRAMES,
        flow,
        flow[:, :1],
        fps=8.0,
        provenance={"title": "nod"},
        seconds=1.5,
        device="a CPU",
    )
    loaded = saved(dataset, store)
    assert isinstance(loaded, GeneratedStore)
    assert list(loaded) == ["ann_nod"]
    assert loaded["ann_nod"].shape == FRAMES.shape
    assert (loaded.seconds("ann_nod"), loaded.device("ann_nod")) == (1.5, "a CPU")
    np.testing.assert_array_equal(loaded.reference("ann_nod"), FRAMES[0])
    np.testing.assert_array_equal(loaded.flows.read("ann_nod")[0], flow)


def test_raw_corpus_changes_with_its_files(remote: str) -> None:
    dataset = RawCorpusDataset(filepath=f"{remote}/raw")
    assert dataset.source_fingerprint() is None
    write_text(dataset.path / "nod/ann/1.mp4", "first")
    first = dataset.source_fingerprint()
    write_text(dataset.path / "nod/ann/1.mp4", "other")
    dataset.save(dataset.path)
    second = dataset.source_fingerprint()
    write_text(dataset.path / "nod/ann/2.mp4", "one more")
    dataset.save(dataset.path)
    assert len({first, second, dataset.source_fingerprint()}) == 3


def test_parts_by_several_machines_become_one(remote: str) -> None:
    def bound(folder: str, shard: str | None) -> tuple[FolderDataset, WorkspaceDataset]:
        flows = FolderDataset(filepath=folder, opens="lfdm_pipeline.clips.flow_store.FlowStore")
        workspace = WorkspaceDataset(filepath=folder, serves="flows")
        step = Step("extraction", ("params:extraction",), ("flows",))
        lineage = Lineage([step], {"extraction": {"shard": shard}}, {"flows": flows})
        flows.bind("flows", lineage)
        workspace.bind(lineage)
        return flows, workspace

    for number in (1, 2, 3):
        flows, workspace = bound(f"{remote}/shards/{number}_of_3/flows", f"{number}/3")
        store = FlowStore(workspace.load().claim())
        store.write(f"{number}", np.full((2, 2, 4, 4), number), np.ones((2, 1, 4, 4)))
        if number < 3:
            flows.save(store)
    _, workspace = bound(f"{remote}/flows", None)
    made = workspace.load()
    whole = FlowStore(made.claim())
    for part in made.shards:
        adopt_flows(whole, FlowStore(part))
    assert list(whole) == ["1", "2"], "the third was never finished"
    assert (whole.read("2")[0] == 2).all()


def test_status_counts_what_an_artifact_holds(remote: str, tmp_path: Path) -> None:
    for root in (remote, str(tmp_path)):
        flows = FolderDataset(filepath=f"{root}/flows", opens="lfdm_pipeline.clips.flow_store.FlowStore")
        workspace = WorkspaceDataset(filepath=f"{root}/flows", serves="flows")
        lineage = Lineage([Step("extraction", (), ("flows",))], {}, {"flows": flows})
        flows.bind("flows", lineage)
        workspace.bind(lineage)
        (missing,) = statuses(lineage)
        assert (missing.state, missing.size) == ("missing", 0)
        store = FlowStore(workspace.load().claim())
        for name in ("a", "b/a"):
            store.write(name, np.zeros((2, 2, 4, 4)), np.ones((2, 1, 4, 4)))
            (store.root / f"{name}.json").write_text("{}")
        flows.save(store)
        (present,) = statuses(lineage)
        assert (present.state, present.pieces) == ("present", 2), "neither notes, manifest nor marks of the workspace"
        assert 2 * 2 * 3 * 4 * 4 * 2 < present.size < 1000
        (store.root / "overview.json").write_text("{}")
        (present,) = statuses(lineage)
        assert present.pieces == 1, "of what is not made of equal pieces only the whole counts"
