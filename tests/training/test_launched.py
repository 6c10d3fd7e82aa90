"""Processes that a launcher started, each of which would run the pipelines if it were alone."""

import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pandas as pd
from tests.training.children import Child, Silence, StepsThrough, carry_out

from lfdm_pipeline.errors import InputError
from lfdm_pipeline.training import optimisation
from lfdm_pipeline.training.environment import Place
from lfdm_pipeline.training.launched import Crew, crew

TRAININGS = {"dm": {"accumulation": 2}, "probe": {}}


def meet(rank: int, port: int) -> Crew:
    # As torchrun does; more threads than one would wait for those that the fork has left behind.
    os.environ.update(Place(rank, 2, rank, "127.0.0.1", port).variables(), OMP_NUM_THREADS="1")
    met = crew("cpu")
    assert met is not None
    return met


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def take_part(pipe, rank: int, port: int, folder: Path) -> None:
    met = meet(rank, port)
    assert met.world.leads == (rank == 0)
    if not met.world.leads:
        met.follow()
        return
    for stage, options in TRAININGS.items():
        curves, _ = carry_out(stage, folder, StepsThrough(pipe), **options)
        curves.to_parquet(folder / f"{stage}.parquet")
    met.dismiss()


def test_the_first_trains_with_the_help_of_the_others_and_lets_them_go(tmp_path: Path) -> None:
    port = free_port()
    together = tmp_path / "together"
    together.mkdir()
    children = [Child(lambda pipe, rank=rank: take_part(pipe, rank, port, together)) for rank in range(2)]
    told = children[0].steps.readall()
    assert [child.end() for child in children] == [0, 0]
    assert list(told) == [1, 2, 3, 4, 5, 6] * 2

    for stage, options in TRAININGS.items():
        curves, _ = carry_out(stage, tmp_path / "alone", Silence(), **options)
        pd.testing.assert_frame_equal(pd.read_parquet(together / f"{stage}.parquet"), curves, rtol=1e-3, atol=1e-4)


def take_part_until_told(rank: int, port: int, folder: Path) -> None:
    met = meet(rank, port)
    try:
        carry_out("probe", folder, Silence()) if met.world.leads else met.follow()
    except InputError as error:
        (folder / f"{rank}.txt").write_text(str(error))
    finally:
        if met.world.leads:
            met.dismiss()


def ends_of_two(before: Callable[[int], None], folder: Path) -> list[int]:
    """Exit codes of two processes that take part until told, `before` having changed something in each."""
    port = free_port()

    def take_part(rank: int) -> None:
        before(rank)
        take_part_until_told(rank, port, folder)

    return [child.end() for child in [Child(lambda pipe, rank=rank: take_part(rank)) for rank in range(2)]]


def full_disk(*arguments: object) -> None:
    raise OSError(28, "No space left on device")


def dies_at_step_3(number: int, options: object) -> float:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return 1e-3


def test_of_a_killed_process_the_first_one_tells_and_ends(tmp_path: Path) -> None:
    def kills_the_second(rank: int) -> None:
        if rank == 1:
            optimisation.learning_rate = dies_at_step_3

    assert ends_of_two(kills_the_second, tmp_path) == [0, -signal.SIGKILL]
    assert "probe: process 0 of 2 lost another one" in (tmp_path / "0.txt").read_text()


def test_what_ends_the_first_ends_the_others(tmp_path: Path) -> None:
    def fills_the_disk_of_the_first(rank: int) -> None:
        if rank == 0:
            os.fsync = full_disk

    assert ends_of_two(fills_the_disk_of_the_first, tmp_path) == [0, 0]
    assert "No space left on device" in (tmp_path / "0.txt").read_text()
    assert "probe: process 1 of 2 lost another one" in (tmp_path / "1.txt").read_text()
