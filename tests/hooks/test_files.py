from pathlib import Path

import pytest
import torch
from tests.test_configurations import configured

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.hooks.files import check_files
from lfdm_pipeline.hooks.parameters import check_parameters
from lfdm_pipeline.hooks.pipelines import declared_parameters
from lfdm_pipeline.pipeline_registry import register_pipelines


def check(network: Path, pipeline: str) -> None:
    pipelines = register_pipelines()
    given = configured("parameters", "local", evaluation={"fvd": {"network": str(network)}})
    check_files(pipelines[pipeline].nodes, check_parameters(given, declared_parameters(pipelines)))


def test_a_file_that_the_last_stage_needs_is_missed_before_the_first_one_runs(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^evaluation.fvd.network: there is no file .*i3d.pt"):
        check(tmp_path / "i3d.pt", "__default__")
    check(tmp_path / "i3d.pt", "lfae_training")


def test_missing_weights_of_vgg19_are_told_before_ingestion_where_they_will_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path))
    pipelines = register_pipelines()
    given = check_parameters(configured("parameters", "mug"), declared_parameters(pipelines))
    with pytest.raises(InputError, match=r"no VGG-19 weights in .*lfae.objective.perceptual=none"):
        check_files(pipelines["__default__"].nodes, given)
    check_files(pipelines["ingestion"].nodes, given)
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints/vgg19-dcbb9e9d.pth").touch()
    check_files(pipelines["__default__"].nodes, given)


def test_a_file_that_is_there_will_do(tmp_path: Path) -> None:
    (tmp_path / "i3d.pt").touch()
    check(tmp_path / "i3d.pt", "__default__")
