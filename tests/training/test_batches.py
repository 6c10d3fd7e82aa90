from collections.abc import Generator
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.training.stages import task

from lfdm_pipeline.training.batches import Division, batches

CPU = torch.device("cpu")


class Numbers:
    """Draws as their own examples; one of them cannot be read."""

    def __init__(self, broken: int | None = None) -> None:
        self.broken = broken

    def __getitem__(self, draw: int) -> dict[str, Any]:
        if draw == self.broken:
            raise ValueError(f"draw {draw} is broken")
        return {"draw": draw}

    def clip_id(self, draw: int) -> str:
        return str(draw)


def load(
    tmp_path: Path, examples: Numbers, rank: int = 0, size: int = 1, **options: int
) -> Generator[list[Any], None, None]:
    workers = options.pop("workers", 0)
    division = Division(task("probe", tmp_path, **options), rank, size)
    return batches(examples, range(3, 6), division, CPU, workers)


def test_parts_of_all_turns_and_processes_are_the_batch_of_the_step(tmp_path: Path) -> None:
    options = {"batch_size": 8, "accumulation": 2}
    of_ranks = [list(load(tmp_path, Numbers(), rank, 2, **options)) for rank in range(2)]
    for number, step in enumerate(range(3, 6)):
        parts = [ranks[number][turn]["draw"] for turn in range(2) for ranks in of_ranks]
        assert torch.cat(parts).tolist() == list(range(8 * step, 8 * step + 8))


def test_workers_change_nothing(tmp_path: Path) -> None:
    alone, helped = (list(load(tmp_path, Numbers(), workers=workers)) for workers in (0, 2))
    assert [[part["draw"].tolist() for part in parts] for parts in alone] == (
        [[part["draw"].tolist() for part in parts] for parts in helped]
    )


def test_workers_end_when_nothing_more_is_wanted_and_when_loading_fails(tmp_path: Path) -> None:
    loaded = load(tmp_path, Numbers(), workers=1)
    next(loaded)
    assert len(active_children()) == 1
    loaded.close()
    assert not active_children()
    with pytest.raises(ValueError, match="draw 18 is broken") as error:
        list(load(tmp_path, Numbers(18), workers=1))
    assert error.tb is not None
    assert not active_children()
