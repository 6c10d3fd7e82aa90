import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lfdm_pipeline.clips.synthetic.ellipsoids import Ellipsoid, Pose, Sphere, from_plane, to_plane

angles = st.floats(-0.8, 0.8)
poses = st.builds(Pose, yaw=angles, pitch=angles, roll=angles, joint=st.just((0.1, 0.4, -0.2)))
EGG = Ellipsoid((0.05, -0.5, 0.1), (0.4, 0.6, 0.5))
LINE = np.linspace(-1.5, 1.5, 61, dtype=np.float32)
X, Y = np.meshgrid(LINE, LINE)


@given(poses)
def test_rays_meet_the_surface_where_they_say(pose):
    met = EGG.intersect(X, Y, pose)
    assert met.hit.any()
    on_sphere = sum(s[met.hit] ** 2 for s in met.sphere)
    np.testing.assert_allclose(on_sphere, 1, atol=2e-4)
    seen = pose.to_picture(EGG.to_head(met.sphere))[met.hit]
    np.testing.assert_allclose(seen, np.stack([X, Y], axis=-1)[met.hit], atol=2e-4)


@given(poses)
def test_the_outline_is_bounded_and_the_nearer_side_is_met(pose):
    met = EGG.intersect(X, Y, pose)
    left, right, top, bottom = EGG.bounds(pose)
    rounding = 1e-6
    assert left - rounding <= X[met.hit].min()
    assert X[met.hit].max() <= right + rounding
    assert top - rounding <= Y[met.hit].min()
    assert Y[met.hit].max() <= bottom + rounding
    np.testing.assert_allclose([left, right], [X[met.hit].min(), X[met.hit].max()], atol=0.11)
    normal = np.stack([s / r for s, r in zip(met.sphere, EGG.radii, strict=True)], axis=-1)
    assert ((normal @ pose.rotation.T)[met.hit][:, 2] > -1e-3).all()


def test_angles_turn_the_way_they_are_described():
    nose = np.array([0.0, 0.0, 1.0], np.float32)
    crown = np.array([0.0, -1.0, 0.0], np.float32)
    still = {"yaw": 0.0, "pitch": 0.0, "roll": 0.0, "joint": (0.0, 0.0, 0.0)}
    assert Pose(**{**still, "yaw": 0.3}).to_picture(nose)[0] > 0.2
    assert Pose(**{**still, "pitch": 0.3}).to_picture(nose)[1] > 0.2
    assert Pose(**{**still, "roll": 0.3}).to_picture(crown)[0] > 0.2


@given(st.tuples(st.floats(-3, 3), st.floats(-3, 3)))
def test_the_plane_and_the_sphere_are_each_others_inverse(place):
    u, v = (np.array([value], np.float32) for value in place)
    sphere = from_plane(u, v)
    np.testing.assert_allclose(sum(s * s for s in sphere), 1, atol=1e-5)
    np.testing.assert_allclose(to_plane(sphere), (u, v), atol=1e-4)


def test_the_front_of_the_sphere_keeps_its_size_in_the_plane():
    front = Sphere(*(np.array([value], np.float32) for value in (0.01, -0.02, 0.99975)))
    np.testing.assert_allclose(np.ravel(to_plane(front)), [0.01, -0.02], rtol=1e-3)
