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


@pytest.mark.usefixtures("threads")
def test_more_threads_than_work() -> None:
    found = torch.zeros(1, LANES)
    mark(found, 1, LANES)
    assert found.all()


@pytest.mark.usefixtures("threads")
def test_fewer_threads_where_asked() -> None:
    found = torch.zeros(4, LANES)
    mark(found, 4, LANES, threads=1)
    assert found.eq(1).all()


@pytest.mark.parametrize("given", [torch.zeros(LANES, dtype=torch.bfloat16), torch.zeros(LANES, device="meta")])
def test_what_is_no_float_in_memory_is_refused(given: torch.Tensor) -> None:
    with pytest.raises(TypeError, match="floats on the CPU"):
        mark(given, 1, LANES)


def test_missing_arguments_are_refused() -> None:
    with pytest.raises(TypeError, match="mark takes 3 arguments, got 2"):
        mark(torch.zeros(LANES), 1)
