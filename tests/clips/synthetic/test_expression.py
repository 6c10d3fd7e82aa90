import numpy as np
import pytest

from lfdm_pipeline.clips.synthetic.expression import Expression, FaceShape, to_rest

FACE = FaceShape()
LINE = np.linspace(-2, 2, 401, dtype=np.float32)
U, V = np.meshgrid(LINE, LINE)


def rest_of(u, v, **amounts):
    place = to_rest(np.array([u], np.float32), np.array([v], np.float32), FACE, Expression(**amounts))
    return float(place.u[0]), float(place.v[0])


def test_a_face_at_rest_stays():
    place = to_rest(U, V, FACE, Expression())
    np.testing.assert_array_equal(place.u, U)
    np.testing.assert_array_equal(place.v, V)
    assert not (place.mouth | place.lid | place.lash).any()


@pytest.mark.parametrize("amount", [{"brows": 0.26}, {"eyes": 0.3}, {"lift": 0.36, "widen": 0.42}, {"open": 0.7}])
def test_expressions_fade_out_continuously_and_without_folds(amount):
    place = to_rest(U, V, FACE, Expression(**amount))
    far = (np.abs(U) > 1.3) | (V > 1.7) | (V < -1.2)
    np.testing.assert_array_equal(place.u[far], U[far])
    np.testing.assert_allclose(place.v[far], V[far], atol=1e-6)
    down = np.diff(place.v, axis=0)
    assert down.max() < 0.2
    # Going down the moved face goes down the face at rest.
    assert down[~(place.mouth[1:] | place.mouth[:-1])].min() > -1e-3


def test_raised_brows_come_from_below():
    assert rest_of(FACE.eye_x, FACE.brow_y - 0.2, brows=0.2)[1] == pytest.approx(FACE.brow_y, abs=1e-6)


def test_a_smile_lifts_the_corners_outward():
    u, v = rest_of(1.2 * FACE.mouth_width, FACE.mouth_y - 0.2, lift=0.36, widen=0.42)
    assert u < 1.05 * FACE.mouth_width
    assert v > FACE.mouth_y - 0.2 + 0.05


def test_the_open_mouth_is_new_and_its_lips_meet_at_rest():
    opening = 0.6
    place = to_rest(U, V, FACE, Expression(open=opening))
    middle = np.abs(U) < 0.005
    rows = V[place.mouth & middle]
    assert rows.max() - rows.min() == pytest.approx(opening, abs=0.02)
    assert place.mouth_depth[place.mouth].min() >= 0
    assert place.mouth_depth[place.mouth].max() <= 1
    np.testing.assert_allclose(place.v[place.mouth], FACE.mouth_y, atol=1e-6)
    assert not place.mouth[np.abs(U) > FACE.mouth_width].any()


def test_lids_close_from_above():
    areas = [to_rest(U, V, FACE, Expression(blink=blink)).lid.sum() for blink in (0.2, 0.5, 1.0)]
    assert areas[0] < areas[1] < areas[2]
    half = to_rest(U, V, FACE, Expression(blink=0.5))
    assert V[half.lid].max() <= FACE.eye_y + 0.01
    closed = to_rest(U, V, FACE, Expression(blink=1.0))
    inside = ((np.abs(U) - FACE.eye_x) / FACE.eye_width) ** 2 + ((V - FACE.eye_y) / FACE.eye_height) ** 2 < 0.98
    assert closed.lid[inside].all()
