import re
from pathlib import Path
from typing import Any

import pytest
from kedro.config import OmegaConfigLoader
from kedro.pipeline import Pipeline

from lfdm_pipeline.hooks.parameters import check_parameters, path_parameters
from lfdm_pipeline.hooks.pipelines import declared_parameters
from lfdm_pipeline.pipeline_registry import ON_REQUEST, register_pipelines
from lfdm_pipeline.settings import CONFIG_LOADER_ARGS

PROJECT = Path(__file__).parents[1]
ENVIRONMENTS = sorted(path.name for path in (PROJECT / "conf").iterdir() if path.is_dir() and path.name != "base")


@pytest.fixture(scope="module")
def pipelines() -> dict[str, Pipeline]:
    return register_pipelines()


def configuration(key: str, env: str = "local", **parameters: Any) -> dict[str, Any]:
    loader = OmegaConfigLoader(PROJECT / "conf", env=env, runtime_params=parameters, **CONFIG_LOADER_ARGS)
    return dict(loader[key])


def test_every_folder_is_a_pipeline(pipelines: dict[str, Pipeline]) -> None:
    folders = (PROJECT / "src/lfdm_pipeline/pipelines").glob("*/pipeline.py")
    assert set(pipelines) == {path.parent.name for path in folders} | {"__default__", "new_domain"}


def test_default_runs_all_but_what_replaces_its_artifacts(pipelines: dict[str, Pipeline]) -> None:
    expected = {
        node.name for name, p in pipelines.items() if name not in {*ON_REQUEST, "new_domain"} for node in p.nodes
    }
    assert {node.name for node in pipelines["__default__"].nodes} == expected


def test_what_passes_between_pipelines_is_kept(pipelines: dict[str, Pipeline]) -> None:
    catalog = configuration("catalog")
    for pipeline in pipelines.values():
        ends = pipeline.inputs() | pipeline.outputs()
        assert {name for name in ends if not name.startswith("param")} <= set(catalog)


def test_every_workspace_serves_an_entry() -> None:
    catalog = configuration("catalog")
    assert {entry["serves"] for entry in catalog.values() if "serves" in entry} <= set(catalog)


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_configured_parameters_are_valid(pipelines: dict[str, Pipeline], env: str) -> None:
    check_parameters(configuration("parameters", env), declared_parameters(pipelines))


def test_files_that_parameters_name_are_known(pipelines: dict[str, Pipeline]) -> None:
    assert set(path_parameters(declared_parameters(pipelines))) == {
        "generation.image",
        "lfae.objective.vgg19_weights",
        "evaluation.fvd.network",
        "evaluation.reconstruction.lpips_weights",
    }


def test_experiments_and_images_have_paths_of_their_own() -> None:
    varied = configuration("catalog", experiment="res10", generation={"image": "some/face.jpg"})
    assert varied["dm"]["filepath"] == "data/06_models/synthetic/res10/dm"
    assert re.fullmatch(r"data/07_model_output/synthetic/res10/face-\w{8}/clips", varied["generated_clips"]["filepath"])
    assert varied["clips"]["filepath"] == configuration("catalog")["clips"]["filepath"]


def test_a_variant_with_other_clips_leaves_those_of_the_main_experiment_alone() -> None:
    def places(**parameters: Any) -> tuple[str, str]:
        catalog = configuration("catalog", **parameters)
        return catalog["raw_corpus"]["filepath"], catalog["clips"]["filepath"]

    raw, clips, own = "data/01_raw/synthetic", "data/02_intermediate/synthetic", "data/02_intermediate/experiments/v"
    size, shard = {"ingestion": {"size": 32}}, {"ingestion": {"shard": "1/3"}}
    assert places(**size) == (raw, f"{clips}/clips")
    assert places(experiment="v", **size) == (raw, f"{own}/synthetic/clips")
    assert places(experiment="v", **shard) == (raw, f"{clips}/shards/1_of_3/clips")
    assert places(experiment="v", source={"synthetic": {"size": 32}}) == (
        "data/01_raw/experiments/v/synthetic",
        f"{own}/synthetic/clips",
    )
    both = {"source": {"name": "folder"}, **shard}
    assert places(experiment="v", **both) == (raw, f"{own}/synthetic/shards/1_of_3/clips")
