from pathlib import Path

import pytest
from kedro.pipeline.node import Node
from omegaconf import OmegaConf

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.hooks.requests import check_requests, request_folder
from lfdm_pipeline.pipeline_registry import register_pipelines


def test_scored_clips_have_their_folder_whatever_is_said_of_them() -> None:
    assert request_folder(None) == request_folder({"labels": ["nod"], "sampler": {"steps": 5}}) == "test_subjects"


def test_whatever_is_asked_of_a_picture_has_a_folder_of_its_own() -> None:
    asked = [
        {"image": "a/face.png"},
        {"image": "b/face.png"},
        {"image": "a/face.png", "labels": ["nod"]},
        {"image": "a/face.png", "labels": ["turn"]},
        {"image": "a/face.png", "per_condition": 2},
        {"image": "a/face.png", "sampler": {"steps": 5}},
        {"image": "a/face.png", "sampler": {"steps": 5, "guidance_scale": 2}},
        {"image": "test_subjects.png"},
    ]
    folders = [request_folder(each) for each in asked]
    assert len({"test_subjects", *folders}) == len(asked) + 1
    assert all(folder.startswith("face-") for folder in folders[:-1])


def test_how_many_clips_are_sampled_together_changes_no_folder() -> None:
    assert request_folder({"image": "face.png"}) == request_folder({"image": "face.png", "batch_size": 1})


def test_another_picture_of_the_same_name_has_another_folder(tmp_path: Path) -> None:
    picture, folders = tmp_path / "face.png", set()
    for content in (b"somebody", b"somebody else"):
        picture.write_bytes(content)
        folders.add(request_folder({"image": str(picture)}))
    assert len(folders) == 2


def test_neither_the_order_of_options_nor_where_they_come_from_counts() -> None:
    said = {"image": "face.png", "labels": ["nod"], "sampler": {"steps": 5, "eta": 0.0}}
    turned = {"sampler": {"eta": 0.0, "steps": 5}, "labels": ["nod"], "image": "face.png"}
    assert request_folder(said) == request_folder(turned) == request_folder(OmegaConf.create(said))


PICTURE = {"generation": {"image": "face.png"}}


def nodes_of(*names: str) -> list[Node]:
    pipelines = register_pipelines()
    return [node for name in names for node in pipelines[name].nodes]


@pytest.mark.parametrize("name", ["__default__", "evaluation", "showcase", "new_domain"])
def test_scores_are_not_made_of_a_pictures_clips(name: str) -> None:
    with pytest.raises(InputError, match=r"image is face.png: scores, .* one picture's; add --pipelines generation$"):
        check_requests(nodes_of(name), PICTURE, PICTURE)
    check_requests(nodes_of(name), {"generation": {"image": None}}, {})


def test_a_picture_may_follow_the_training_of_the_model() -> None:
    check_requests(nodes_of("lfae_training", "dm_training", "generation"), PICTURE, PICTURE)
    check_requests(nodes_of("generation_shard"), PICTURE, PICTURE)


@pytest.mark.parametrize("name", ["generation", "generation_shard"])
def test_a_picture_in_the_configuration_would_take_the_test_subjects_place(name: str) -> None:
    with pytest.raises(InputError, match=r"set it to null there, and give it by --params generation.image=face.png"):
        check_requests(nodes_of(name), PICTURE, {"generation": {"labels": ["nod"]}})
    check_requests(nodes_of("lfae_training"), PICTURE, {})
