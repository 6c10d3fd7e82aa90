from lfdm_pipeline.hooks.requests import request_folder


def test_scored_clips_have_their_folder_whatever_is_said_of_them() -> None:
    assert request_folder(None) == request_folder({"labels": ["nod"], "sampler": {"steps": 5}}) == "test_subjects"


def test_every_picture_and_choice_of_labels_has_a_folder_of_its_own() -> None:
    asked = [
        {"image": "a/face.png"},
        {"image": "b/face.png"},
        {"image": "a/face.png", "labels": ["nod"]},
        {"image": "a/face.png", "labels": ["turn"]},
        {"image": "test_subjects.png"},
    ]
    folders = [request_folder(each) for each in asked]
    assert len({"test_subjects", *folders}) == len(asked) + 1
    assert all(folder.startswith("face-") for folder in folders[:4])


def test_how_many_clips_are_sampled_together_changes_no_folder() -> None:
    assert request_folder({"image": "face.png"}) == request_folder({"image": "face.png", "batch_size": 1})
