import pytest
from click.testing import CliRunner
from tests.hooks.conftest import Toy, toy, toy_root

__all__ = ["toy", "toy_root"]


def status(toy: Toy, *arguments: str) -> dict[str, str]:
    """What `kedro status` says of each artifact."""
    from kedro.framework.cli.cli import KedroCLI

    result = CliRunner().invoke(KedroCLI(toy.root), ["status", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    rows = result.output[result.output.index("artifact ") :].splitlines()[1:]
    return {row.split()[0]: row.split(maxsplit=1)[1].rstrip() for row in rows}


def test_says_what_is_missing_present_and_out_of_date_and_why(toy: Toy) -> None:
    assert set(status(toy)) == {"clips", "clip_table", "weights", "scores", "report"}
    assert status(toy)["weights"].split() == ["missing", "data/synthetic/main/weights.json"]
    toy.run("ingestion", "training")
    rows = status(toy)
    assert rows["clips"].startswith("present ")
    assert "= 3 x 1 B" in rows["clips"], "size of each clip, whatever else lies beside them"
    assert rows["scores"].startswith("missing")
    changed = status(toy, "--params", "model.options.width=9")
    assert changed["clips"].startswith("present ")
    assert changed["weights"].startswith("out of date; model.options.width was 4, is 9 ")


def test_brackets_in_paths_are_no_markup(toy: Toy) -> None:
    assert status(toy, "--params", "report.title=face[final]")["report"].endswith("/face[final].html")


def test_what_runs_by_name_only_is_not_missed(toy: Toy, monkeypatch: pytest.MonkeyPatch) -> None:
    from toy import pipeline_registry

    every = pipeline_registry.register_pipelines()
    default = every["ingestion"] + every["training"]
    monkeypatch.setattr(pipeline_registry, "register_pipelines", lambda: {**every, "__default__": default})
    rows = status(toy)
    assert rows["weights"].startswith("missing ")
    assert rows["report"].startswith("not asked for ")
    toy.run("ingestion", "training", "evaluation")
    assert status(toy)["report"].startswith("present ")


def test_names_the_run_the_age_and_the_place(toy: Toy, mlflow_uri: str) -> None:
    from mlflow.tracking import MlflowClient

    toy.run()
    client = MlflowClient(mlflow_uri)
    experiment = client.get_experiment_by_name("synthetic")
    assert experiment is not None
    (run,) = client.search_runs([experiment.experiment_id])
    state, size, unit, age, seconds, run_id, place = status(toy, "--params", "experiment=same")["weights"].split()
    assert (state, unit, seconds, run_id) == ("present", "B", "s", run.info.run_id[:8])
    assert place == "data/synthetic/main/weights.json", "a variant reads that of the main experiment"
    assert float(size) == (toy.data() / "weights.json").stat().st_size
    assert float(age) < 60


def test_leaves_nothing_behind(toy: Toy) -> None:
    status(toy)
    assert not (toy.root / "data").exists()


def test_wrong_parameters_are_refused(toy: Toy) -> None:
    from lfdm_pipeline.errors import InputError

    with pytest.raises(InputError, match="did you mean experiment"):
        status(toy, "--params", "experimnt=a")


def test_project_has_the_commands() -> None:
    from lfdm_pipeline.cli import cli

    assert {"experiment", "results", "status"} <= set(cli.commands)
