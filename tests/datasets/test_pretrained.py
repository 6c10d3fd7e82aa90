import pickle
from pathlib import Path
from typing import Any

import pytest
from kedro.io import DatasetError

from lfdm_pipeline.datasets import JsonDataset, PretrainedDataset
from lfdm_pipeline.datasets.artifact import ArtifactError


def pretrained(root: Path, corpora: Any, which: Any = "last", **arguments: Any) -> PretrainedDataset:
    entry = {"type": "lfdm_pipeline.datasets.JsonDataset", "filepath": f"{root}/{{corpus}}/{{experiment}}/lfae.json"}
    dataset = PretrainedDataset(corpora=corpora, which=which, dataset=entry, **arguments)
    dataset.bind("pretrained_lfae", {"mug": "kedro run --env mug"})
    return dataset


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for corpus, experiment in (("mug", "main"), ("mug", "res10"), ("films", "main")):
        JsonDataset(filepath=f"{tmp_path}/{corpus}/{experiment}/lfae.json").save([corpus, experiment])
    return tmp_path


def test_reads_the_first_the_last_or_all(root: Path) -> None:
    corpora = ["mug", "films"]
    assert pretrained(root, corpora, "first").load() == ["mug", "main"]
    assert pretrained(root, corpora, "last").load() == ["films", "main"]
    assert pretrained(root, corpora, "all").load() == {"mug": ["mug", "main"], "films": ["films", "main"]}


def test_one_corpus_need_not_be_a_list_and_may_name_an_experiment(root: Path) -> None:
    assert pretrained(root, "mug").load() == ["mug", "main"]
    assert pretrained(root, "mug/res10").load() == ["mug", "res10"]


def test_what_is_missing_is_named_with_the_command_that_makes_it(root: Path) -> None:
    (root / "mug/main/lfae.json").unlink()
    with pytest.raises(ArtifactError, match=r"corpus mug, .* first with: kedro run --env mug --only-missing-outputs$"):
        pretrained(root, "mug").load()
    # A corpus without an environment of its own is the base configuration's.
    with pytest.raises(ArtifactError, match=r"make it first with: kedro run --only-missing-outputs$"):
        pretrained(root, "synthetic").load()


def test_half_written_it_is_missing(root: Path) -> None:
    (root / "mug/main/lfae.json.manifest.json").unlink()
    assert not pretrained(root, "mug").exists()
    with pytest.raises(ArtifactError, match="make it first"):
        pretrained(root, "mug").load()


def test_what_may_be_missing_is_none_or_left_out(root: Path) -> None:
    assert pretrained(root, "elsewhere", optional=True).load() is None
    assert pretrained(root, ["mug", "elsewhere"], "all").load() == {"mug": ["mug", "main"]}


def test_without_a_corpus_it_says_what_to_set(root: Path) -> None:
    for which in ("first", "last", "all"):
        with pytest.raises(ArtifactError, match="pretrained_from is not set"):
            pretrained(root, None, which, optional=True).load()


def test_its_fingerprint_is_that_of_what_it_reads(root: Path) -> None:
    first, other = pretrained(root, "mug"), pretrained(root, "films")
    assert first.source_fingerprint() == pretrained(root, "mug").source_fingerprint()
    assert first.source_fingerprint() != other.source_fingerprint()
    assert pretrained(root, "elsewhere").source_fingerprint() is None


def test_is_never_written_and_can_be_pickled(root: Path) -> None:
    with pytest.raises(DatasetError, match="belongs to another corpus"):
        pretrained(root, "mug").save("anything")
    assert pickle.loads(pickle.dumps(pretrained(root, "mug"))).load() == ["mug", "main"]
