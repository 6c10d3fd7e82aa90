import json
import shutil

import pytest
from kedro.io import DatasetError
from tests.hooks.conftest import Toy

from lfdm_pipeline.errors import InputError

EVERYTHING = ["prepare", "list_recordings", "ingest", "train", "score", "write_report"]
WIDE = {"experiment": "wide", "model": {"options": {"width": 9}}}


def test_a_variant_makes_only_what_differs_and_copies_nothing(toy: Toy) -> None:
    toy.run()
    assert toy.run(**WIDE) == ["train", "score", "write_report"]
    assert {path.name.split(".")[0] for path in toy.data("wide").iterdir()} == {"weights", "scores", "toy"}
    assert json.loads((toy.data("wide") / "scores.json").read_text())["toy.ratio"] == 3.0
    assert json.loads((toy.data() / "weights.json").read_text())["width"] == 4, "the main one is left alone"


def test_a_variant_without_a_difference_needs_nothing_of_its_own(toy: Toy) -> None:
    toy.run()
    assert toy.run(experiment="same") == []
    assert not toy.data("same").exists()


def test_a_variant_alone_makes_everything_itself(toy: Toy) -> None:
    assert toy.run(**WIDE) == EVERYTHING
    assert not toy.data().exists()


def test_a_variant_goes_on_without_the_main_one(toy: Toy) -> None:
    toy.run()
    toy.run(**WIDE)
    shutil.rmtree(toy.data())
    assert toy.run(**WIDE) == ["prepare", "list_recordings", "ingest"]
    assert (toy.data("wide") / "clips" / "manifest.json").exists()


def test_its_own_artifact_comes_before_that_of_the_main_one(toy: Toy) -> None:
    toy.run(**WIDE)
    toy.run()
    (toy.data() / "clip_table.parquet").write_text("damaged")
    assert toy.run(**WIDE | {"seed": 2}) == ["train", "score", "write_report"]


def test_names_the_experiment_in_the_command_that_mends(toy: Toy) -> None:
    with pytest.raises(DatasetError, match=r"kedro run --params experiment=wide,model.options.width=9 --pipelines "):
        toy.run("evaluation", **WIDE)


@pytest.mark.parametrize("name", ["../x", "a/b"])
def test_a_name_that_leads_elsewhere_is_refused_before_anything_is_written(toy: Toy, name: str) -> None:
    before = sorted(toy.root.rglob("*"))
    with pytest.raises(InputError, match="parameter experiment: should be a plain name"):
        toy.run(experiment=name)
    assert [path for path in sorted(toy.root.rglob("*")) if path not in before] == []
