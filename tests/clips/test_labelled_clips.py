import numpy as np
import pytest
import torch

from lfdm_pipeline.clips.labelled_clips import LabelledClips, LabelledClipsOptions
from lfdm_pipeline.errors import InputError

LABELS = ("nod", "turn")


def labelled(table, clips, **options):
    return LabelledClips(table, clips, LABELS, seed=0, options=LabelledClipsOptions(num_frames=5, **options))


def test_an_item_is_a_clip_evenly_sampled_and_its_label(table, clips):
    dataset = labelled(table, clips)
    for draw in range(5):
        item, clip_id = dataset[draw], dataset.clip_id(draw)
        frames = clips[clip_id][np.linspace(0, len(clips[clip_id]) - 1, 5).astype(int)]
        np.testing.assert_allclose(item["frames"].permute(1, 2, 3, 0) * 255, frames, atol=1e-4)
        assert LABELS[item["label"]] == table.set_index("clip_id").loc[clip_id, "label"]


def test_an_epoch_takes_every_clip_once(table, clips):
    dataset = labelled(table, clips)
    assert sorted(dataset.clip_id(draw) for draw in range(5, 10)) == sorted(table["clip_id"])


def test_flips_whole_clips_where_asked(table, clips):
    plain, flipped = labelled(table, clips), labelled(table, clips, flip_horizontal=True)
    same, mirrored = 0, 0
    for draw in range(40):
        a, b = plain[draw]["frames"], flipped[draw]["frames"]
        same += torch.equal(a, b)
        mirrored += torch.equal(a, b.flip(-1))
    assert same + mirrored == 40
    assert 8 < same < 32


def test_an_unknown_label_is_named(table, clips):
    table.loc[2, "label"] = "wink"
    with pytest.raises(InputError, match="wink"):
        labelled(table, clips)
