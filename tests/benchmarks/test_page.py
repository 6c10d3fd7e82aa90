from typing import Any

import pytest
from tests.benchmarks.page import BEGIN, END, page

TIMED = {
    "title": "a step",
    "case": "dm_step",
    "device": "cpu",
    "threads": 2,
    "instructions": "AVX512",
    "seconds": {
        "ours": [4.0, 5.0],
        "plain": [10.0, 10.0],
        "bf16": [5.0, 5.0],
        "product": [0.1, 0.125],
        "convolution": [0.05, 0.125],
    },
}
NEEDS = {"case": "dm_step", "device": "cpu"}


def benchmark(name: str, median: float, info: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "extra_info": info, "stats": {"median": median}}


RUN = {
    "datetime": "2026-01-02T03:04:05",
    "benchmarks": [
        benchmark("test_speed[dm_step-cpu]", 4.0, TIMED),
        benchmark("test_needs[ours]", 1.0, {**NEEDS, "variant": "ours", "bytes": 2.65e9, "operations": 5e11}),
        benchmark("test_needs[plain]", 1.0, {**NEEDS, "variant": "plain", "bytes": 4e9, "operations": 7e11}),
        benchmark("test_denoiser_forward[fast]", 1.25, {}),
    ],
}


@pytest.mark.parametrize("before", ["", "what an earlier run wrote\n"])
def test_page_keeps_all_but_what_stands_between_the_marks(before: str) -> None:
    written = page(f"# Title\n{BEGIN}\n{before}{END}\nrest\n", [RUN])
    assert written.startswith(f"# Title\n{BEGIN}\nMeasured 2026-01-02T03:04 UTC")
    assert written.endswith(f"{END}\nrest\n")
    assert "earlier run" not in written
    assert page(written, [RUN]) == written


def test_page_states_every_figure() -> None:
    written = page(BEGIN + END, [RUN])
    assert "2 threads, AVX512: matrix product at 153 to 153 GFLOP/s, peak 196 to 196." in written
    # 29 s at 150 to 185 GFLOP/s against 40 products of 17.2 GFLOP, or 60 as fast as the machine can.
    assert "| a step | 4.5 | 10 | 2.25 (2.00 to 2.50) | 2.00 | 6.3 to 7.8 | 4.2 to 5.2 | 49% |" in written
    assert "| DM training step from cached flows, one clip | 2.65 | 4.00 | 50% | 500 | 700 |" in written
    assert "| test_denoiser_forward[fast] | 1.25 |" in written


def test_another_instruction_set_has_a_table_of_its_own() -> None:
    older = {
        **TIMED,
        "instructions": "AVX2",
        "seconds": {"ours": [8.0], "plain": [16.0], "product": [0.2], "convolution": [0.4]},
    }
    again = {"datetime": "2026-01-02T04:00:00", "benchmarks": [benchmark("test_speed[dm_step-cpu]", 8.0, older)]}
    avx2, avx512 = page(BEGIN + END, [RUN, again]).split("2 threads, AVX")[1:]
    assert "| a step | 8 | 16 | 2.00 |  | 6.3 to 7.8 | 6.3 to 7.8 | 73% |" in avx2
    assert "| a step | 4.5 | 10 | 2.25 (2.00 to 2.50) |" in avx512


def test_what_the_second_run_measures_again_is_not_listed_twice() -> None:
    assert page(BEGIN + END, [RUN, RUN]).count("| a step |") == 1
