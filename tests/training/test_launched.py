"""Processes that a launcher started, each of which would run the pipelines if it were alone."""

import os
import socket
from pathlib import Path

import pandas as pd
from tests.training.children import Child, Silence, StepsThrough, carry_out

from lfdm_pipeline.training.environment import Place
from lfdm_pipeline.training.launched import crew


def take_part(pipe, rank: int, port: int, folder: Path) -> None:
    # As torchrun does; more threads than one would wait for those that the fork has left behind.
    os.environ.update(Place(rank, 2, rank, "127.0.0.1", port).variables(), OMP_NUM_THREADS="1")
    met = crew("cpu")
    assert met is not None
    assert met.world.leads == (rank == 0)
    if not met.world.leads:
        met.follow()
        return
    for stage in ("dm", "probe"):
        curves, _ = carry_out(stage, folder, StepsThrough(pipe))
        curves.to_parquet(folder / f"{stage}.parquet")
    met.dismiss()


def test_the_first_trains_with_the_help_of_the_others_and_lets_them_go(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    together = tmp_path / "together"
    together.mkdir()
    children = [Child(lambda pipe, rank=rank: take_part(pipe, rank, port, together)) for rank in range(2)]
    told = children[0].steps.readall()
    assert [child.end() for child in children] == [0, 0]
    assert list(told) == [1, 2, 3, 4, 5, 6] * 2

    for stage in ("dm", "probe"):
        curves, _ = carry_out(stage, tmp_path / "alone", Silence())
        pd.testing.assert_frame_equal(pd.read_parquet(together / f"{stage}.parquet"), curves, rtol=1e-3, atol=1e-4)
