import pytest
from tests.pipelines.tiny_project import Project

from lfdm_pipeline.errors import InputError


def test_too_many_processes_for_a_batch_are_refused_before_anything_runs(tiny_project: Project) -> None:
    with pytest.raises(
        InputError, match=r"lfae.region_training.batch_size=2 cannot be divided evenly among 3 processes"
    ):
        tiny_project.run("ingestion", "lfae_training", training={"num_processes": 3})
    assert not (tiny_project.root / "data/02_intermediate").exists()
