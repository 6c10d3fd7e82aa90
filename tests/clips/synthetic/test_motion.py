import numpy as np
import pytest

from lfdm_pipeline.clips.synthetic.expression import Expression
from lfdm_pipeline.clips.synthetic.motion import MOTIONS, draw_motion

JOINT = (0.0, 0.4, 0.0)


def motion(label, seed, num_frames=24):
    return draw_motion(label, num_frames, 25.0, JOINT, np.random.default_rng(seed))


def excursion(moments, name):
    """Largest departure from frame 0 of an angle or an amount."""
    values = [getattr(m.pose, name, None) or getattr(m.expression, name, 0.0) for m in moments]
    return max(abs(value - values[0]) for value in values)


@pytest.mark.parametrize("label", MOTIONS)
@pytest.mark.parametrize("num_frames", [4, 20, 32])
def test_every_motion_begins_at_rest(label, num_frames):
    moments = motion(label, 0, num_frames)
    assert len(moments) == num_frames
    assert moments[0].expression == Expression()


@pytest.mark.parametrize(
    ("label", "name"),
    [("nod", "pitch"), ("turn", "yaw"), ("tilt", "roll"), ("smile", "lift"), ("surprise", "brows")],
)
def test_a_label_moves_what_no_other_does(label, name):
    least = min(excursion(motion(label, seed), name) for seed in range(30))
    others = [excursion(motion(other, seed), name) for other in MOTIONS if other != label for seed in range(10)]
    assert least > 2 * max(others)


def test_motions_differ_in_amplitude_and_not_in_side():
    yaws = [max((moment.pose.yaw for moment in motion("turn", seed)), key=abs) for seed in range(30)]
    assert min(yaws) > 0.2
    assert np.std(yaws) > 0.03


def test_a_motion_is_a_function_of_its_seed():
    assert motion("smile", 5) == motion("smile", 5)
    assert motion("smile", 5) != motion("smile", 6)


def test_everyone_blinks_now_and_then():
    blinks = [excursion(motion("neutral", seed), "blink") for seed in range(40)]
    assert 10 < sum(blink > 0.9 for blink in blinks) < 38
