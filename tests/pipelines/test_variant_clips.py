"""A variant that keeps other frames, beside the main experiment."""

from typing import Any

from tests.pipelines.tiny_project import Project

from lfdm_pipeline.datasets.status import statuses
from lfdm_pipeline.hooks.project import lineage_of

SMALL = {"experiment": "small", "ingestion": {"size": 16}}


def state_of_clips(project: Project, **parameters: Any) -> str:
    found = statuses(lineage_of(project.root, "tiny", parameters))
    return next(each.state for each in found if each.entry == "clips")


def test_the_main_ones_frames_stay_and_are_read_where_they_will_do(tiny_project: Project) -> None:
    tiny_project.run("ingestion")
    assert state_of_clips(tiny_project, **SMALL) == "missing"
    tiny_project.run("ingestion", **SMALL)
    assert state_of_clips(tiny_project, **SMALL) == "present"
    assert state_of_clips(tiny_project) == "present"
    tiny_project.run("ingestion", experiment="same", ingestion={"size": 32})
    folders = (tiny_project.root / "data/02_intermediate").rglob("clips")
    assert {path.parent.parent.name for path in folders} == {"02_intermediate", "small"}
