from collections.abc import Iterator

import pytest
import torch

from lfdm_pipeline.kernels.threads import in_threads
from lfdm_pipeline.kernels.vectors import LANES, number, store


@in_threads
def mark(part: int, parts: int, found: int, count: int, row: int) -> None:
    for i in range(count * part // parts, count * (part + 1) // parts):
        for j in range(0, row, LANES):
            store(found, i * row + j, number(part + 1.0))


@pytest.fixture(params=[1, 2, 5])
def threads(request: pytest.FixtureRequest) -> Iterator[int]:
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield request.param
    torch.set_num_threads(before)


def test_every_part_is_done_once_and_by_as_many_threads_as_torch_has(threads: int) -> None:
    found = torch.zeros(20, LANES)
    mark(found, len(found), LANES)
    assert found[:, 0].tolist() == [i // (20 // threads) + 1 for i in range(20)]
    assert (found == found[:, :1]).all()


def test_more_threads_than_work() -> None:
    found = torch.zeros(1, LANES)
    mark(found, 1, LANES)
    assert found.all()
