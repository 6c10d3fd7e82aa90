import cv2
import numpy as np
import pytest

from lfdm_pipeline.clips.synthetic.appearance import HAIR_STYLES, draw_appearance, draw_backdrop
from lfdm_pipeline.clips.synthetic.families import FAMILIES
from lfdm_pipeline.clips.synthetic.head import build_head
from lfdm_pipeline.clips.synthetic.light import DAYLIGHT
from lfdm_pipeline.clips.synthetic.markings import MARKINGS
from lfdm_pipeline.clips.synthetic.motion import draw_motion
from lfdm_pipeline.clips.synthetic.plate import FABRICS, WALLS
from lfdm_pipeline.clips.synthetic.puppets import PUPPETS
from lfdm_pipeline.clips.synthetic.rendering import Scene, render_frames

SIZE = 32


def portrait(family, number, size=SIZE):
    cv2.setNumThreads(1)
    rng = np.random.default_rng(number)
    look = draw_appearance(family, rng)
    scene = Scene(build_head(look, 4 * size), draw_backdrop(family, rng))
    return render_frames(scene, draw_motion("neutral", 4, 25.0, (0.0, 0.46, -0.1), rng)[:1], size)[0]


@pytest.mark.parametrize("name", FAMILIES)
def test_every_look_of_a_family_can_be_drawn(name):
    family = FAMILIES[name]
    assert set(family.hair_styles) <= set(HAIR_STYLES)
    assert set(family.fabric_patterns) <= set(FABRICS)
    assert set(family.wall_patterns) <= set(WALLS)
    assert set(family.markings) <= set(MARKINGS)
    looks = [draw_appearance(family, np.random.default_rng(number)) for number in range(60)]
    assert {look.hair_style for look in looks} == set(family.hair_styles)
    assert {look.marking for look in looks} == set(family.markings)


def test_families_differ_more_than_their_members_do():
    people, puppets = (np.stack([portrait(family, n) for n in range(12)]).astype(float) for family in FAMILIES.values())

    def spread(pictures):
        return np.abs(pictures - pictures.mean(0)).mean()

    between = np.abs(people.mean(0) - puppets.mean(0)).mean()
    assert between > 0.75 * max(spread(people), spread(puppets))
    assert puppets.mean() < 0.8 * people.mean(), "a stage at night is darker"


def test_light_comes_from_its_side():
    normals = np.array([[-1.0, 1.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    left, right, _ = DAYLIGHT.on(normals).mean(-1)
    assert left > right
    left, right, _ = PUPPETS.light.on(normals).mean(-1)
    assert right > left
    assert (DAYLIGHT.side, PUPPETS.light.side) == (-1, 1)


def test_daylight_has_no_colour_of_its_own():
    normals = np.random.default_rng(0).normal(size=(3, 50))
    factor = DAYLIGHT.on(normals / np.linalg.norm(normals, axis=0))
    np.testing.assert_array_equal(factor, np.repeat(factor[..., :1], 3, axis=-1))
    x, y = np.meshgrid(np.linspace(-1, 1, 5, dtype=np.float32), np.linspace(-1, 1, 5, dtype=np.float32))
    np.testing.assert_array_equal(DAYLIGHT.on_stage(x, y), 1)
    assert PUPPETS.light.on_stage(x, y)[0, 0] < 0.8 < 0.9 < PUPPETS.light.on_stage(x, y)[2, 2] <= 1
