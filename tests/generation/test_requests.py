import cv2
import numpy as np
import pandas as pd
import pytest
from tests.clips.fabricated import draw_face

from lfdm_pipeline.clips.faces import FaceFraming, find_face_square
from lfdm_pipeline.clips.geometry import to_square
from lfdm_pipeline.clips.store import ClipStore
from lfdm_pipeline.errors import InputError
from lfdm_pipeline.generation.requests import requests_for_image, requests_for_subjects


@pytest.fixture
def corpus(tmp_path):
    store = ClipStore(tmp_path)
    rows = []
    for number, (subject, label, split) in enumerate(
        [
            ("ann", "nod", "test"),
            ("ann", "turn left", "test"),
            ("bob", "nod", "test"),
            ("cyd", "nod", "train"),
        ]
    ):
        clip_id = f"clip{number}"
        store.write(clip_id, np.full((4, 8, 8, 3), number, np.uint8))
        rows.append({"clip_id": clip_id, "label": label, "subject": subject, "split": split})
    return pd.DataFrame(rows), store


def test_every_test_subject_gets_every_label(corpus):
    table, store = corpus
    requests = requests_for_subjects(table, store, ("nod", "turn left"), per_condition=2)
    asked = {(request.subject, request.label) for request in requests}
    assert asked == {(subject, label) for subject in ("ann", "bob") for label in ("nod", "turn left")}
    assert len(requests) == 8
    assert len({request.name for request in requests}) == 8


def test_all_labels_start_from_one_first_frame_of_the_subject(corpus):
    table, store = corpus
    requests = requests_for_subjects(table, store, ("nod", "turn left"), per_condition=2)
    starts = {(each.subject, each.name[-3:], each.origin, int(each.reference[0, 0, 0])) for each in requests}
    assert starts == {
        ("ann", "000", "clip0", 0),
        ("ann", "001", "clip1", 1),
        ("bob", "000", "clip2", 2),
        ("bob", "001", "clip2", 2),
    }


def test_samples_of_one_condition_share_their_reference_frame(corpus):
    table, store = corpus
    requests = requests_for_subjects(table, store, ("nod",), per_condition=4, per_reference=2)
    origins = [(request.name[-3:], request.origin) for request in requests if request.subject == "ann"]
    assert origins == [("000", "clip0"), ("001", "clip0"), ("002", "clip1"), ("003", "clip1")]


def test_without_test_clips_there_is_nothing_to_start_from(corpus):
    table, store = corpus
    with pytest.raises(InputError, match=r"generation: no clip is in the test split, .*; or give generation.image"):
        requests_for_subjects(table[table["split"] == "train"], store, ("nod",), 1)


def test_a_picture_is_cropped_to_its_face_where_the_clips_are(tmp_path, caplog):
    caplog.set_level("INFO")
    picture = np.full((240, 320, 3), 110, np.uint8)
    draw_face(picture, (170, 120), 60)
    cv2.imwrite(str(tmp_path / "face.png"), picture[..., ::-1])
    (whole,) = requests_for_image(tmp_path / "face.png", 64, ("nod",), 1)
    (cropped,) = requests_for_image(tmp_path / "face.png", 64, ("nod",), 1, FaceFraming())
    square = find_face_square([picture], FaceFraming())
    np.testing.assert_array_equal(cropped.reference, to_square(picture, 64, square))
    assert np.abs(whole.reference.astype(int) - cropped.reference).mean() > 10
    assert f"cropped to its face, {square}" in caplog.text


def test_where_no_face_is_found_the_whole_picture_is_taken_with_a_warning(tmp_path, caplog):
    cv2.imwrite(str(tmp_path / "wall.png"), np.full((240, 320, 3), 110, np.uint8))
    (whole,) = requests_for_image(tmp_path / "wall.png", 64, ("nod",), 1)
    (request,) = requests_for_image(tmp_path / "wall.png", 64, ("nod",), 1, FaceFraming())
    np.testing.assert_array_equal(request.reference, whole.reference)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "no face was found, so the whole picture is taken" in caplog.text


def test_noise_depends_on_seed_and_name_alone(corpus):
    table, store = corpus
    first, second, *_ = requests_for_subjects(table, store, ("nod", "turn left"), per_condition=1)
    assert first.seed(0) == first.seed(0)
    assert len({first.seed(0), first.seed(1), second.seed(0)}) == 3


def test_what_punctuation_alone_tells_apart_has_names_of_its_own(corpus, tmp_path):
    table, store = corpus
    table = pd.concat([table, table[table["subject"] == "ann"].assign(subject="a b")])
    table = table.replace({"subject": {"bob": "a-b"}})
    cv2.imwrite(str(tmp_path / "face.png"), np.zeros((8, 8, 3), np.uint8))
    labels = ("arm up", "nod", "arm_up", "arm-up")
    of_subjects = requests_for_subjects(table, store, labels, per_condition=1)
    of_image = requests_for_image(tmp_path / "face.png", 8, labels, 1)
    for requests, count in ((of_subjects, 12), (of_image, 4)):
        assert len({request.name for request in requests}) == len({r.seed(0) for r in requests}) == count
    # Noise depends on the name, so all others keep theirs.
    assert {"ann_nod_000", "face_nod_000"} <= {request.name for request in of_subjects + of_image}


def test_an_image_is_scaled_and_letterboxed(tmp_path):
    picture = np.zeros((20, 40, 3), np.uint8)
    picture[..., 2] = 255
    cv2.imwrite(str(tmp_path / "my face.png"), picture)
    (request,) = requests_for_image(tmp_path / "my face.png", 16, ("nod",), 1)
    assert request.reference.shape == (16, 16, 3)
    assert request.origin == "my face.png", "clips are passed on; where somebody keeps pictures is not"
    assert (request.reference[4:12] == [255, 0, 0]).all()
    assert (request.reference[:4] == 0).all()
    assert (request.reference[12:] == 0).all()


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "there is no file"), (b"not a picture", "is no readable picture: it is damaged or of another kind")],
)
def test_what_is_no_image_is_named(tmp_path, content, message):
    path = tmp_path / "face.jpg"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=message) as caught:
        requests_for_image(path, 16, ("nod",), 1)
    assert str(path) in str(caught.value)
