import shutil
from typing import Any

import pytest
from kedro.io import DatasetError
from mlflow.tracking import MlflowClient
from tests.hooks.conftest import Toy

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.hooks.error_report import input_error

INGESTION = ["prepare", "list_recordings", "ingest"]
TRAINING = ["train"]
EVALUATION = ["score", "write_report"]
EVERYTHING = INGESTION + TRAINING + EVALUATION


def test_makes_everything_once(toy: Toy) -> None:
    assert toy.missing() == EVERYTHING
    assert toy.missing() == []


def test_says_where_the_report_lies(toy: Toy, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    toy.run("ingestion")
    assert "report:" not in caplog.text
    toy.missing()
    assert caplog.messages[-1] == f"report: {toy.data()}/toy.html"


@pytest.mark.parametrize(
    ("change", "reruns"),
    [
        ({"source": {"clips": 2}}, EVERYTHING),
        ({"source": {"kind": "silent"}}, EVERYTHING),
        ({"ingestion": {"size": 16}}, EVERYTHING),
        ({"model": {"options": {"width": 7}}}, TRAINING + EVALUATION),
        ({"seed": 5}, TRAINING + EVALUATION),
        ({"report": {"title": "other"}}, ["write_report"]),
        ({"training": {"log_every": 7}}, []),
        ({"model": {"options": {"depth": 2}}}, []),
    ],
)
def test_a_change_reruns_what_it_shapes_and_nothing_else(toy: Toy, change: dict[str, Any], reruns: list[str]) -> None:
    toy.missing()
    assert toy.missing(**change) == reruns
    assert toy.missing(**change) == []


def test_changed_raw_files_are_noticed(toy: Toy) -> None:
    toy.missing()
    (toy.root / "data/01_raw/synthetic/3.txt").write_text("one more")
    assert toy.missing(source={"clips": 4}) == EVERYTHING


def test_a_file_that_a_parameter_names_counts_by_what_is_in_it(toy: Toy) -> None:
    picture = toy.root / "face.png"
    picture.write_text("somebody")
    shown = {"model": {"options": {"picture": str(picture)}}}
    toy.missing(**shown)
    assert toy.missing(**shown) == []
    picture.write_text("somebody else")
    assert toy.missing(**shown) == TRAINING + EVALUATION


def test_stages_run_where_the_raw_corpus_is_not(toy: Toy) -> None:
    toy.missing()
    shutil.rmtree(toy.root / "data/01_raw")
    assert toy.missing() == []
    assert toy.missing(seed=3) == TRAINING + EVALUATION


def refusal(toy: Toy, *pipelines: str, **arguments: Any) -> str:
    with pytest.raises(DatasetError) as error:
        toy.run(*pipelines, **arguments)
    return str(input_error(error.value))


def test_artifact_of_another_configuration_is_refused(toy: Toy) -> None:
    toy.missing()
    assert refusal(toy, "evaluation", model={"options": {"width": 9}}) == (
        f"weights ({toy.data()}/weights.json) was made for another configuration: "
        "model.options.width was 4, is 9; "
        "make it again with: kedro run --params model.options.width=9 --pipelines training"
    )


def test_refusal_names_the_cause_upstream_and_all_that_must_be_made_again(toy: Toy) -> None:
    toy.missing()
    message = refusal(toy, "evaluation", ingestion={"size": 3})
    assert "weights" in message
    assert "ingestion.size was 8, is 3 (through clips)" in message
    assert message.endswith("kedro run --params ingestion.size=3 --pipelines ingestion,training")


def test_refusal_names_the_cause_though_the_input_was_made_again(toy: Toy) -> None:
    toy.missing()
    toy.run("ingestion", ingestion={"size": 3})
    message = refusal(toy, "evaluation", ingestion={"size": 3})
    assert "weights" in message
    assert "ingestion.size was 8, is 3 (through clips)" in message
    assert message.endswith("kedro run --params ingestion.size=3 --pipelines training")


def test_the_command_that_mends_is_one_that_kedro_takes(toy: Toy) -> None:
    toy.missing()
    given = {"model": {"options": {"width": 9, "picture": None}}}
    assert "--params model.options.width=9,model.options.picture=null --pip" in refusal(toy, "evaluation", **given)


def test_allow_stale_uses_what_is_there_and_says_so(
    toy: Toy, mlflow_uri: str, caplog: pytest.LogCaptureFixture
) -> None:
    toy.missing()
    wide = {"model": {"options": {"width": 9}}}
    assert toy.run("evaluation", allow_stale=True, **wide) == EVALUATION
    assert "allow_stale: weights" in caplog.text
    assert "model.options.width was 4, is 9" in caplog.text
    client = MlflowClient(mlflow_uri)
    (experiment,) = [each.experiment_id for each in client.search_experiments() if each.name == "synthetic"]
    latest = client.search_runs([experiment])[0]
    assert "model.options.width was 4, is 9" in latest.data.tags["stale.weights"]

    # What was made from the wrong weights never counts as made from the right ones.
    assert toy.missing(**wide) == TRAINING + EVALUATION
    assert toy.missing(**wide) == []


def test_what_was_made_from_what_was_there_is_right_for_that(toy: Toy) -> None:
    toy.missing()
    toy.run("evaluation", allow_stale=True, model={"options": {"width": 9}})
    assert toy.missing() == []


def test_allow_stale_does_not_make_up_what_is_missing(toy: Toy) -> None:
    toy.run("ingestion")
    assert refusal(toy, "evaluation", allow_stale=True).startswith("weights is missing (")


def test_missing_artifact_names_the_pipelines_that_make_it(toy: Toy) -> None:
    message = refusal(toy, "training", env="local")
    assert message.startswith("clips is missing (")
    assert message.endswith("make it with: kedro run --env local --pipelines ingestion")


def test_pieces_of_another_configuration_do_not_survive(toy: Toy) -> None:
    toy.missing()
    toy.run("ingestion", source={"clips": 2})
    assert sorted(path.name for path in (toy.data() / "clips").glob("*.txt")) == ["0.txt", "1.txt"]


def test_experiments_keep_apart(toy: Toy) -> None:
    toy.missing()
    toy.missing(experiment="wide", model={"options": {"width": 9}})
    assert (toy.data("wide") / "weights.json").read_text() != (toy.data() / "weights.json").read_text()
    assert toy.missing() == []


def test_environment_lays_its_values_over_the_base(toy: Toy) -> None:
    toy.missing(env="other")
    assert '"width": 5' in (toy.root / "data/other/main/weights.json").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"modle": {"options": {"width": 1}}}, "parameter modle is unknown; did you mean model?"),
        (
            {"model": {"optoins": {"width": 1}}},
            "parameter model.optoins is unknown; did you mean model.options?",
        ),
        (
            {"model": {"options": {"widht": 1}}},
            "model.options.widht is unknown; did you mean model.options.width?",
        ),
        (
            {"source": {"kind": "loud"}},
            "parameter source.kind: input should be 'talking' or 'silent', got 'loud'",
        ),
        ({"seed": "one"}, "parameter seed: input should be a valid integer, got 'one'"),
        ({"env": "nowhere"}, "configuration nowhere is unknown; there are: base, local, other"),
    ],
)
def test_wrong_input_is_refused_before_anything_is_written(toy: Toy, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as refusal:
        toy.run(**arguments)
    assert message in str(refusal.value)
    assert not (toy.root / "data").exists()


def test_unknown_pipeline_is_refused(toy: Toy) -> None:
    with pytest.raises(InputError, match="pipeline trainign is unknown; did you mean training"):
        toy.run("trainign")
