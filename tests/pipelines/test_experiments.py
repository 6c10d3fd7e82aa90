"""Every named experiment, by its command, with every size tiny."""

import logging
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from kedro.config import OmegaConfigLoader
from omegaconf import OmegaConf
from tests.pipelines.tiny_project import PROJECT

from lfdm_pipeline.cli import cli, run
from lfdm_pipeline.clips.decoding import decode_video
from lfdm_pipeline.experiments.definition import Experiment, read_experiments
from lfdm_pipeline.experiments.variants import variants
from lfdm_pipeline.hooks.parameters import check_parameters
from lfdm_pipeline.hooks.pipelines import declared_parameters
from lfdm_pipeline.pipeline_registry import register_pipelines
from lfdm_pipeline.settings import CONFIG_LOADER_ARGS
from lfdm_pipeline.showcase.comparisons import Comparison

ENVIRONMENTS = sorted(path.name for path in (PROJECT / "conf").iterdir() if path.is_dir() and path.name != "base")
LABELS = ("neutral", "nod", "turn", "tilt", "smile", "surprise")
NAMES = list(yaml.safe_load((PROJECT / "conf/base/experiments.yml").read_text()))


@pytest.fixture
def inside(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The tiny project as the current directory; what Kedro sets for the process is undone."""
    import mlflow

    monkeypatch.chdir(project)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    handlers = list(logging.root.handlers)
    yield project
    logging.root.handlers[:] = handlers
    logging.captureWarnings(False)
    while mlflow.active_run():
        mlflow.end_run()
    mlflow.set_tracking_uri(None)


def kedro(*arguments: str) -> str:
    done = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def comparison_of(project: Path, name: str) -> Comparison:
    return Comparison.read(project / "data/08_reporting/synthetic/comparisons" / f"{name}.json")


@pytest.mark.parametrize("name", NAMES)
def test_one_command_runs_and_compares_every_variant(inside: Path, name: str) -> None:
    from mlflow.tracking import MlflowClient

    output = kedro("experiment", name, "--env", "tiny")
    found = comparison_of(inside, name)
    assert found.title in output
    assert len(found.runs) == output.count("kedro run --env tiny")
    for column in found.columns:
        assert column.title in output
    if found.paper:
        assert found.paper.comparable in output
        for what in found.paper.figures:
            assert f"paper: {what}" in output
    page = (inside / "data/08_reporting/synthetic/comparisons/index.html").read_text()
    assert f'id="{name}"' in page
    client = MlflowClient(f"sqlite:///{inside}/data/mlflow/mlflow.db")
    corpus = client.get_experiment_by_name("synthetic")
    assert corpus is not None
    compared = client.search_runs([corpus.experiment_id], f"tags.`comparison.{name}` LIKE '%'")
    assert {run.data.tags[f"comparison.{name}"] for run in compared} == {each.label for each in found.runs}
    (summary,) = client.search_runs([corpus.experiment_id], f"tags.comparison = '{name}'")
    assert [file.path for file in client.list_artifacts(summary.info.run_id)] == ["index.html", f"{name}.json"]
    if found.chart:
        assert (inside / "data/08_reporting/synthetic/comparisons" / found.chart).stat().st_size > 0
        assert 'alt="Quality and cost"' in page
    if found.video:
        frames = decode_video(inside / "data/08_reporting/synthetic/comparisons" / found.video).frames
        assert len(frames) >= 4
        assert (frames[0] != frames[-1]).any()


def test_the_second_time_nothing_is_made_again(inside: Path) -> None:
    kedro("experiment", "table_a3", "--env", "tiny")
    before = comparison_of(inside, "table_a3")
    kedro("experiment", "table_a3", "--env", "tiny")
    assert comparison_of(inside, "table_a3") == before


def test_a_variant_with_another_dm_reads_all_that_comes_before_it_of_the_main_one(inside: Path) -> None:
    kedro("experiment", "target_prediction", "--env", "tiny")
    made = (inside / "data").glob("0[2-6]_*/**/target_prediction-*/[!.]*")
    assert {path.name.split(".")[0] for path in made} == {"condition_vectors", "dm", "dm_checkpoints", "dm_history"}


def test_parameters_of_the_command_hold_for_every_variant(inside: Path) -> None:
    output = kedro("experiment", "table_a3", "--env", "tiny", "--params", "timing.num_frames=3,timing.batch_size=2")
    found = comparison_of(inside, "table_a3")
    assert found.command == "kedro experiment table_a3 --env tiny --params timing.num_frames=3,timing.batch_size=2"
    assert found.command in output
    assert all(str(run.scores["timing.protocol"]).startswith("batch of 2, 3 frames") for run in found.runs)


def test_results_are_written_by_command(inside: Path, tmp_path: Path) -> None:
    kedro("experiment", "mug_ddim", "--env", "tiny")
    kedro("results", "--env", "tiny", "--into", str(tmp_path))
    page = (tmp_path / "results.md").read_text()
    for words in (
        "# Results: synthetic",
        "written by `kedro results --env tiny`",
        "| prediction ",
        "`flow.epe`",
        "DDPM 2",
        "- `generation.fvd`: it needs the I3D network",
    ):
        assert words in page
    for name in NAMES:
        ran = (inside / f"data/08_reporting/synthetic/comparisons/{name}.json").exists()
        assert (f"- `kedro experiment {name} --env tiny`: was not run" in page) != ran
    pictures = {path.stem for path in (tmp_path / "images/results/synthetic").iterdir()}
    assert pictures >= {"all_labels", "mug_ddim", *(f"frames_{label}" for label in LABELS)}
    assert all(f"images/results/synthetic/{name}.jpg" in page for name in pictures)


def test_an_unknown_experiment_is_named(inside: Path) -> None:
    from lfdm_pipeline.errors import InputError

    with pytest.raises(InputError, match="did you mean sampling_steps"):
        CliRunner().invoke(cli, ["experiment", "sampling_step", "--env", "tiny"], catch_exceptions=False)


def test_without_a_name_they_are_listed(inside: Path) -> None:
    output = kedro("experiment", "--env", "tiny")
    assert all(name in output for name in NAMES)


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_every_variant_of_every_configuration_has_valid_parameters(env: str, declared: dict[str, Any]) -> None:
    loader = OmegaConfigLoader(PROJECT / "conf", env=env, **CONFIG_LOADER_ARGS)
    parameters = OmegaConf.create(loader["parameters"])
    for name, experiment in read_experiments(loader["experiments"]).items():
        for variant in variants(name, experiment):
            merged = OmegaConf.to_container(OmegaConf.merge(parameters, variant.parameters))
            assert isinstance(merged, dict)
            check_parameters({str(key): value for key, value in merged.items()}, declared)
            assert typed(variant.command(env, experiment.pipelines)) == variant.parameters


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_the_papers_figures_stand_beside_the_variants_they_belong_to(env: str) -> None:
    for name, experiment in configured(env).items():
        labels = {variant.label for variant in variants(name, experiment)}
        for figures in (experiment.paper.figures if experiment.paper else {}).values():
            assert figures.keys() <= labels, name


@pytest.mark.parametrize("env", ["mug", "mhad", "natops", "own"])
def test_corpora_that_train_in_full_do_not_say_that_they_are_shortened(env: str) -> None:
    found = configured(env)
    assert not any(experiment.shortened for experiment in found.values())
    words = " ".join(experiment.paper.comparable for experiment in found.values() if experiment.paper)
    assert "training is shortened" not in words
    assert "another corpus" not in words or env != "mug"


def configured(env: str) -> dict[str, Experiment]:
    return read_experiments(OmegaConfigLoader(PROJECT / "conf", env=env, **CONFIG_LOADER_ARGS)["experiments"])


def typed(command: str) -> dict[str, Any]:
    """The parameters of a command as the shell and Kedro read it."""
    given = run.make_context("run", shlex.split(command)[2:]).params["params"]
    return dict(given)


@pytest.fixture(scope="module")
def declared() -> dict[str, Any]:
    return declared_parameters(register_pipelines())
