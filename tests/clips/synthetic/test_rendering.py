import cv2
import numpy as np
import pytest

from lfdm_pipeline.clips.synthetic.appearance import HAIR_STYLES, PEOPLE, draw_appearance, draw_backdrop
from lfdm_pipeline.clips.synthetic.ground_truth import identity_flow
from lfdm_pipeline.clips.synthetic.head import build_head
from lfdm_pipeline.clips.synthetic.motion import MOTIONS, draw_motion
from lfdm_pipeline.clips.synthetic.puppets import PUPPETS
from lfdm_pipeline.clips.synthetic.rendering import Scene, render_frames, render_ground_truth

SIZE = 64


def scene_and_moments(label, seed, size=SIZE, num_frames=10):
    rng = np.random.default_rng(seed)
    scene = Scene(build_head(draw_appearance(PEOPLE, rng), 5 * size), draw_backdrop(PEOPLE, rng))
    return scene, draw_motion(label, num_frames, 10.0, (0.0, 0.46, -0.1), rng)


@pytest.fixture(scope="module", params=MOTIONS)
def clip(request):
    scene, moments = scene_and_moments(request.param, seed=list(MOTIONS).index(request.param))
    return request.param, render_frames(scene, moments, SIZE), render_ground_truth(scene, moments, SIZE)


def warped(frame, flow):
    x, y = ((flow[..., axis] + 1) / 2 * (SIZE - 1) for axis in (0, 1))
    return cv2.remap(frame.astype(np.float32), x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def test_the_flow_makes_every_frame_from_the_first(clip):
    _, frames, truth = clip
    for frame, flow, visible in zip(frames, truth.flow, truth.visible, strict=True):
        error = np.abs(warped(frames[0], flow) - frame).mean(axis=-1)[visible] / 255
        assert error.mean() < 0.02
        assert np.median(error) < 0.004


def test_the_flow_explains_what_copying_does_not(clip):
    label, frames, truth = clip
    copied = np.abs(frames[0].astype(float) - frames)[truth.visible].mean()
    made = np.stack([warped(frames[0], flow) for flow in truth.flow])
    # Someone neutral hardly moves: what is left is the blur of interpolation.
    assert np.abs(made - frames)[truth.visible].mean() < (1.0 if label == "neutral" else 0.75) * copied


def test_the_first_frame_is_its_own_source(clip):
    _, _, truth = clip
    np.testing.assert_array_equal(truth.flow[0], identity_flow(SIZE, SIZE))
    assert truth.visible[0].all()


def test_the_wall_and_the_shoulders_stand_still(clip):
    _, frames, truth = clip
    corners = np.s_[:, [0, 0, -1, -1], [0, -1, 0, -1]]
    np.testing.assert_array_equal(truth.flow[corners], np.broadcast_to(truth.flow[0][corners[1:]], (10, 4, 2)))
    assert truth.visible[corners].all()
    assert np.ptp(frames[corners].astype(int), axis=0).max() == 0


@pytest.mark.parametrize(("label", "pixels"), [("nod", 4), ("turn", 6), ("tilt", 5), ("smile", 2), ("surprise", 2.5)])
def test_motions_are_large_enough_to_see(label, pixels):
    for seed in range(3):
        scene, moments = scene_and_moments(label, seed)
        truth = render_ground_truth(scene, moments, SIZE)
        moved = np.linalg.norm(truth.flow - truth.flow[0], axis=-1) * (SIZE - 1) / 2
        assert moved[truth.visible].max() > pixels


def test_what_comes_into_sight_is_not_visible_before():
    scene, moments = scene_and_moments("turn", 0)
    truth = render_ground_truth(scene, moments, SIZE)
    assert 0.8 < truth.visible[-1].mean() < 0.99
    scene, moments = scene_and_moments("surprise", 0)
    truth = render_ground_truth(scene, moments, SIZE)
    # The opened mouth.
    assert not truth.visible[7][38:50, 26:38].all()


def test_equal_seeds_give_equal_bytes():
    first, second = (render_frames(*scene_and_moments("nod", 3, num_frames=3), SIZE) for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_the_size_is_a_matter_of_resolution_only():
    small, large = (render_frames(*scene_and_moments("turn", 4, size, 4), size) for size in (64, 128))
    halved = np.stack([cv2.resize(frame, (64, 64), interpolation=cv2.INTER_AREA) for frame in large])
    assert np.abs(halved.astype(int) - small).mean() < 8


@pytest.mark.parametrize("style", HAIR_STYLES)
def test_every_hair_style_is_in_a_family_and_can_be_rendered(style):
    family = next(family for family in (PEOPLE, PUPPETS) if style in family.hair_styles)
    looks = (draw_appearance(family, np.random.default_rng(seed)) for seed in range(200))
    look = next(look for look in looks if look.hair_style == style)
    scene = Scene(build_head(look, 160), draw_backdrop(family, np.random.default_rng(0)))
    moments = draw_motion("neutral", 4, 25.0, (0.0, 0.46, -0.1), np.random.default_rng(0))
    frame = render_frames(scene, moments, 32)[0]
    assert frame.std() > 10
