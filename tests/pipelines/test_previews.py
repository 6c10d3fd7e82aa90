import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.training.stages import FRAMES, LABELS, SIZE, corpus, small_dm, small_lfae

from lfdm_pipeline.models.conditioning import ConditionVectors
from lfdm_pipeline.pipelines.decoder_finetuning.previews import FinetuningPreview
from lfdm_pipeline.pipelines.dm_training.previews import DMPreview
from lfdm_pipeline.pipelines.lfae_training.previews import LFAEPreview

CELL = 128


@pytest.fixture
def previews(tmp_path: Path):
    table, clips, _ = corpus(tmp_path)
    shown = table["clip_id"].tolist()[:2]
    lfae = small_lfae().eval()
    vectors = ConditionVectors(LABELS, torch.eye(2, 4))
    return {
        "lfae": LFAEPreview(lfae, clips, shown),
        "finetuning": FinetuningPreview(small_lfae().eval(), lfae, clips, shown),
        "dm": DMPreview(small_dm().eval(), lfae, vectors, table, clips, FRAMES, seed=0),
    }


@pytest.mark.parametrize("stage", ["lfae", "finetuning", "dm"])
def test_a_preview_is_a_short_video_and_one_of_its_frames(previews, stage: str) -> None:
    preview = previews[stage]()
    assert preview.video.dtype == np.uint8
    assert preview.video.ndim == 4
    assert 1 < len(preview.video) < 50
    assert any(np.array_equal(preview.picture, frame) for frame in preview.video)
    assert preview.video.std() > 10


def test_lfae_shows_an_example_a_row(previews) -> None:
    columns, rows, factor = 7, 2, CELL // SIZE
    height, width = previews["lfae"]().picture.shape[:2]
    assert width > columns * factor * SIZE
    assert height > rows * factor * SIZE


def test_a_preview_can_be_sent_to_another_process_and_repeats_itself(previews) -> None:
    for preview in previews.values():
        sent = pickle.loads(pickle.dumps(preview))
        assert np.array_equal(sent().video, preview().video)
