import cv2
import numpy as np
import pytest
from matplotlib.cbook import get_sample_data
from tests.clips.fabricated import draw_face

from lfdm_pipeline.clips.faces import FaceFraming, find_face_square
from lfdm_pipeline.errors import InputError

WIDTH = 60
BOX = 81
"""Side of the detector's box around such a face."""


def clip(*frames, height=240, width=320):
    """Frames with faces, each a list of (x, y, width)."""
    images = np.full((len(frames), height, width, 3), 110, np.uint8)
    for image, faces in zip(images, frames, strict=True):
        for x, y, across in faces:
            draw_face(image, (x, y), across)
    return images


def centre_and_side(square):
    return (square.left + square.right) / 2, (square.top + square.bottom) / 2, square.right - square.left


def test_the_square_is_framed_as_in_mug():
    square = find_face_square(clip(*[[(170, 120, WIDTH)]] * 3), FaceFraming())
    side = square.right - square.left
    assert side == square.bottom - square.top == pytest.approx(1.68 * BOX, abs=6)
    assert (170 - square.left) / side == pytest.approx(0.505, abs=0.02)
    assert (120 - square.top) / side == pytest.approx(0.535, abs=0.02)


def test_a_photograph_is_framed_alike():
    with get_sample_data("grace_hopper.jpg") as file:
        photograph = cv2.cvtColor(
            cv2.imdecode(np.frombuffer(file.read(), np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB
        )
    wide = np.pad(photograph, ((60, 60), (200, 200), (0, 0)), mode="edge")
    square = find_face_square([wide] * 2, FaceFraming())
    side = square.right - square.left
    # The bridge of her nose is at (266, 205) of the photograph.
    assert (466 - square.left) / side == pytest.approx(0.51, abs=0.03)
    assert (265 - square.top) / side == pytest.approx(0.51, abs=0.03)
    assert 350 < side < 410


def test_one_square_for_a_face_that_sways():
    swaying = [[(170 + dx, 120, WIDTH)] for dx in (-8, -4, 0, 0, 4, 8)]
    still = [[(170, 120, WIDTH)]] * 6
    squares = [centre_and_side(find_face_square(clip(*frames), FaceFraming())) for frames in (swaying, still)]
    np.testing.assert_allclose(*squares, atol=5)


def test_the_face_that_is_seen_most_counts():
    passing = [[(80, 110, 50)]] * 5 + [[(80, 110, 50), (230, 120, 80)]] * 2
    square = find_face_square(clip(*passing), FaceFraming())
    assert square.left < 80 < square.right < 230


def test_of_two_steady_faces_the_larger_counts():
    square = find_face_square(clip(*[[(80, 110, 45), (220, 120, 70)]] * 3), FaceFraming())
    assert square.left > 80
    assert square.left < 220 < square.right


def test_the_square_stays_within_the_frame():
    square = find_face_square(clip(*[[(60, 110, 70)]] * 2, height=200, width=160), FaceFraming())
    assert 0 <= square.left < square.right <= 160
    assert 0 <= square.top < square.bottom <= 200
    assert square.right - square.left == square.bottom - square.top


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ([[]] * 4, r"no face in any of 4 frames looked at"),
        (
            [[(170, 120, WIDTH)]] + [[]] * 9,
            r"a face in only 1 of 10 frames looked at; ingestion\.faces\.least_share asks for 0\.25 of them",
        ),
    ],
)
def test_no_face_or_hardly_any_is_an_error(frames, message):
    with pytest.raises(InputError, match=message):
        find_face_square(clip(*frames), FaceFraming())


def test_a_long_clip_is_searched_in_few_frames_all_over(monkeypatch):
    searched = []

    def detect(grey):
        searched.append(int(grey[0, 0]))
        return np.array([[10.0, 10.0, 20.0, 20.0]])

    monkeypatch.setattr("lfdm_pipeline.clips.faces._detect", detect)
    frames = (np.full((60, 60, 3), number, np.uint8) for number in range(250))
    find_face_square(frames, FaceFraming(samples=8))
    assert searched == list(range(0, 250, 16))
