from pathlib import Path

import pytest
import torch
from tests.training.children import Silence, assert_same, carry_out
from tests.training.stages import small_lfae

from lfdm_pipeline.models.layers import DownBlock, SameBlock
from lfdm_pipeline.training.options import ExecutionOptions
from lfdm_pipeline.training.recomputation import recomputed

RECOMPUTED = ExecutionOptions(activation_checkpointing=True)


@pytest.mark.parametrize("stage", ["regions", "lfae", "dm", "probe", "decoder", "adapters", "motion"])
def test_a_training_that_recomputes_ends_with_the_same_weights_and_batch_statistics(stage: str, tmp_path: Path) -> None:
    _, kept = carry_out(stage, tmp_path / "kept", Silence(), steps=2)
    _, again = carry_out(stage, tmp_path / "again", Silence(), RECOMPUTED, steps=2)
    assert_same(dict(kept), dict(again))


def test_inside_of_blocks_is_not_kept() -> None:
    lfae = small_lfae().region_predictor.train()
    images = torch.rand(2, 3, 16, 16)

    def kept_bytes() -> int:
        kept = {}

        def pack(tensor: torch.Tensor) -> torch.Tensor:
            kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
            return tensor

        with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
            lfae.predictor(images)
        return sum(kept.values())

    plain = kept_bytes()
    with recomputed(lfae, (SameBlock,)):
        assert kept_bytes() < 0.5 * plain
    assert kept_bytes() == plain


def test_blocks_are_as_before_afterwards() -> None:
    block = torch.nn.Sequential(DownBlock(3, 4))
    with recomputed(block, (SameBlock,)):
        assert "forward" in vars(block[0])
    assert "forward" not in vars(block[0])
