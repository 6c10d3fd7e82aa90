import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.models.flow_target import MIN_STD, FlowTarget, TargetKind

Flow = tuple[np.ndarray, np.ndarray]


def flows(clips: int = 4) -> list[Flow]:
    """Clips of different length, x moving twice as far as y."""
    rng = np.random.default_rng(0)
    scale = np.array([0.2, 0.1], np.float32)[:, None, None]
    return [
        (
            (0.05 + scale * rng.standard_normal((3 + i, 2, 4, 6))).astype(np.float32),
            rng.uniform(0.8, 1, (3 + i, 1, 4, 6)).astype(np.float32),
        )
        for i in range(clips)
    ]


def channels(fields: list[Flow]) -> np.ndarray:
    return np.concatenate([np.concatenate([d, 2 * o - 1], axis=1) for d, o in fields]).astype(np.float64)


def as_batch(field: Flow) -> tuple[Tensor, Tensor]:
    displacement, occlusion = (torch.from_numpy(part).transpose(0, 1)[None] for part in field)
    return displacement, occlusion


def test_statistics_are_those_of_all_frames_of_all_clips() -> None:
    target = FlowTarget("displacement").fit(flows())
    values = channels(flows())
    np.testing.assert_allclose(target.mean, values.mean((0, 2, 3)), rtol=1e-5)
    np.testing.assert_allclose(target.std, values.std((0, 2, 3)), rtol=1e-5)


def test_fitted_flows_are_standardised_and_within_the_bound() -> None:
    target = FlowTarget("displacement").fit(flows())
    x0 = torch.cat([target.encode(*as_batch(field))[0] for field in flows()], dim=1)
    torch.testing.assert_close(x0.mean((1, 2, 3)), torch.zeros(3), atol=1e-5, rtol=0)
    torch.testing.assert_close(x0.std((1, 2, 3), correction=0), torch.ones(3), atol=1e-5, rtol=0)
    torch.testing.assert_close(target.sampling_bound, x0.abs().amax((1, 2, 3))[:, None, None, None])


@given(st.sampled_from(["absolute", "displacement"]), st.integers(0, 2**31))
def test_decoding_undoes_encoding(kind: TargetKind, seed: int) -> None:
    target = FlowTarget(kind).fit(flows())
    generator = torch.Generator().manual_seed(seed)
    displacement = torch.randn(2, 2, 3, 4, 6, generator=generator)
    occlusion = torch.rand(2, 1, 3, 4, 6, generator=generator)
    found = target.decode(target.encode(displacement, occlusion))
    torch.testing.assert_close(found, (displacement, occlusion), atol=1e-5, rtol=1e-5)


def test_absolute_target_is_the_sampling_grid() -> None:
    target = FlowTarget("absolute").fit(flows())
    x0 = target.encode(torch.zeros(1, 2, 2, 4, 6), torch.ones(1, 1, 2, 4, 6))
    torch.testing.assert_close(x0[0, 0, 1, 2], torch.linspace(-1, 1, 6))
    torch.testing.assert_close(x0[0, 1, 0, :, 3], torch.linspace(-1, 1, 4))
    assert torch.equal(x0[0, 2], torch.ones(2, 4, 6))
    assert target.sampling_bound is None


def test_decoded_occlusion_is_clamped() -> None:
    _, occlusion = FlowTarget("absolute").decode(torch.full((1, 3, 1, 2, 2), 3.0))
    assert torch.equal(occlusion, torch.ones(1, 1, 1, 2, 2))


def test_a_constant_channel_is_not_blown_up() -> None:
    still = [(displacement, np.ones_like(occlusion)) for displacement, occlusion in flows()]
    target = FlowTarget("displacement").fit(still)
    assert target.std[2] == pytest.approx(MIN_STD)
    assert torch.equal(target.encode(*as_batch(still[0]))[:, 2], torch.zeros(1, 3, 4, 6))


def test_statistics_travel_with_the_weights() -> None:
    fitted, loaded = FlowTarget("displacement").fit(flows()), FlowTarget("displacement")
    loaded.load_state_dict(fitted.state_dict())
    assert torch.equal(loaded.sampling_bound, fitted.sampling_bound)
    torch.testing.assert_close(loaded.encode(*as_batch(flows()[0])), fitted.encode(*as_batch(flows()[0])))


def test_no_clips_are_an_error() -> None:
    with pytest.raises(InputError, match="training split is empty"):
        FlowTarget("displacement").fit([])
