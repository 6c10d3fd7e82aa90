import pytest
from tests.benchmarks.page import BEGIN, END, page

INFO = {
    "case": "dm_step",
    "device": "cpu",
    "seconds": {"ours": 4.0, "plain": 10.0, "product": 0.1},
    "ratio": 2.5,
    "products": 40.0,
    "peak": 171.8,
    "load": 1.0,
    "needs": {"ours": {"bytes": 2_650_000_000, "operations": 5e11}, "plain": {"bytes": 4e9, "operations": 7e11}},
}
MEASURED = {
    "datetime": "2026-01-02T03:04:05",
    "benchmarks": [
        {"name": "test_speed[dm_step-cpu]", "extra_info": INFO, "stats": {"median": 4.0}},
        {"name": "test_ingestion[avi-plain]", "extra_info": {}, "stats": {"median": 1.25}},
    ],
}


@pytest.mark.parametrize("before", ["", "what an earlier run wrote\n"])
def test_page_keeps_all_but_what_stands_between_the_marks(before: str) -> None:
    written = page(f"# Title\n{BEGIN}\n{before}{END}\nrest\n", MEASURED)
    assert written.startswith(f"# Title\n{BEGIN}\nMeasured 2026-01-02T03:04 UTC")
    assert written.endswith(f"{END}\nrest\n")
    assert "earlier run" not in written
    assert page(written, MEASURED) == written


def test_page_states_every_figure() -> None:
    written = page(BEGIN + END, MEASURED)
    # 29 s at 150 to 185 GFLOP/s against 40 products of 17.2 GFLOP.
    assert (
        "| DM training step from cached flows, one clip | 4 | 10 | 2.50 |  | 6.3 to 7.8 | 500 | 700 | 73% |" in written
    )
    assert "| DM training step from cached flows, one clip | 2.65 | 4.00 | 50% |" in written
    assert "| test_ingestion[avi-plain] | 1.25 |" in written
