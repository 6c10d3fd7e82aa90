import numpy as np
import pytest
import torch

from lfdm_pipeline.clips.augmentation import ColorJitterOptions
from lfdm_pipeline.clips.flow_clips import FlowClips, FlowClipsOptions
from lfdm_pipeline.clips.sampling import sample_frames
from lfdm_pipeline.errors import InputError

CONDITIONS = {"nod": np.ones(3, np.float32), "turn": np.zeros(3, np.float32)}


def flow_clips(table, clips, flows, **options):
    settings = {"num_frames": 4, "color_jitter": ColorJitterOptions(), **options}
    return FlowClips(table, clips, flows, CONDITIONS, seed=0, options=FlowClipsOptions(**settings))


def test_an_item_holds_what_belongs_together(table, clips, flows):
    dataset = flow_clips(table, clips, flows, sampling="uniform")
    for draw in range(10):
        item, clip_id = dataset[draw], dataset.clip_id(draw)
        frames = clips[clip_id]
        indices = sample_frames("uniform", len(frames), 4, np.random.default_rng(0))
        assert item["displacement"].shape == (2, 4, 4, 4)
        assert item["occlusion"].shape == (1, 4, 4, 4)
        np.testing.assert_array_equal(item["displacement"][0, :, 0, 0] * 64, indices)
        np.testing.assert_allclose(item["reference"].permute(1, 2, 0) * 255, frames[0], atol=1e-4)
        label = table.set_index("clip_id").loc[clip_id, "label"]
        np.testing.assert_array_equal(item["condition"], CONDITIONS[label])
        assert {value.dtype for value in item.values()} == {torch.float32}


@pytest.mark.parametrize("sampling", ["uniform", "random", "very_random"])
def test_every_sampling_starts_with_the_reference(table, clips, flows, sampling):
    dataset = flow_clips(table, clips, flows, sampling=sampling)
    assert all(dataset[draw]["displacement"][:, 0].abs().max() == 0 for draw in range(10))


def test_colour_jitter_varies_the_reference_alone(table, clips, flows):
    plain, jittered = (
        flow_clips(table, clips, flows, color_jitter=ColorJitterOptions(brightness=limit)) for limit in (0.0, 0.5)
    )
    assert not torch.equal(plain[0]["reference"], jittered[0]["reference"])
    assert torch.equal(plain[0]["displacement"], jittered[0]["displacement"])


def test_an_item_is_a_function_of_seed_and_number(table, clips, flows):
    first, second = (flow_clips(table, clips, flows, sampling="very_random") for _ in range(2))
    first[0]
    for name, value in first[23].items():
        assert torch.equal(value, second[23][name])


def test_a_label_without_vector_is_named(table, clips, flows):
    table.loc[0, "label"] = "wink"
    with pytest.raises(InputError, match="wink"):
        flow_clips(table, clips, flows)
