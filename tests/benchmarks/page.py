"""Writes what `make bench` measured into docs/benchmarks.md: `python -m tests.benchmarks.page FILE.json PAGE.md`."""

import json
import sys
from pathlib import Path
from typing import Any

import torch
from tests.benchmarks.cases import CASES
from tests.benchmarks.measuring import GIGA, SIDE

from lfdm_pipeline.evaluation.timing import device_name

BEGIN, END = "<!-- make bench: begin -->", "<!-- make bench: end -->"
PRODUCT = 2 * SIDE**3 / GIGA
PUBLISHED_PEAK = (150, 185)
SPEED = (
    "| | s | plain, s | ratio | bf16 ratio | published, ratio | GFLOP | plain | share of peak |",
    "|---|---|---|---|---|---|---|---|---|",
)
MEMORY = ("| | GB | plain, GB | share of published |", "|---|---|---|---|")
OTHERS = ("| | s |", "|---|---|")


def page(text: str, measured: dict[str, Any]) -> str:
    """The page with what stands between the marks replaced by what was measured."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{body(measured)}\n{END}{after}"


def body(measured: dict[str, Any]) -> str:
    found = [(each["extra_info"], each) for each in measured["benchmarks"]]
    compared = [info for info, _ in found if "case" in info]
    others = [each for info, each in found if "case" not in info]
    parts = [f"Measured {measured['datetime'][:16]} UTC, torch {torch.__version__}."]
    for device in sorted({info["device"] for info in compared}):
        ours = [info for info in compared if info["device"] == device]
        peaks, loads = [info["peak"] for info in ours], [info["load"] for info in ours]
        parts += [
            f"On {device_name(torch.device(device))}: matrix product at {min(peaks):.0f} to {max(peaks):.0f} GFLOP/s, "
            f"load average {min(loads):.1f} to {max(loads):.1f}.",
            "\n".join([*SPEED, *map(_speed, ours)]),
            "\n".join([*MEMORY, *map(_memory, ours)]),
        ]
    if others:
        rows = [f"| {each['name']} | {each['stats']['median']:.3g} |" for each in others]
        parts.append("\n".join([*OTHERS, *rows]))
    return "\n\n".join(parts)


def _speed(info: dict[str, Any]) -> str:
    seconds, published = info["seconds"], CASES[info["case"]].published
    operations = [info["needs"][variant]["operations"] / GIGA for variant in ("ours", "plain")]
    against = "" if published is None or info["device"] != "cpu" else _range(published.seconds, info["products"])
    bf16 = f"{info['bf16_ratio']:.2f}" if "bf16_ratio" in info else ""
    return _row(
        CASES[info["case"]].title,
        *(f"{seconds[variant]:.3g}" for variant in ("ours", "plain")),
        f"{info['ratio']:.2f}",
        bf16,
        against,
        *(f"{gflop:.3g}" for gflop in operations),
        f"{operations[0] / (PRODUCT * info['products']):.0%}",
    )


def _range(seconds: float, products: float) -> str:
    return " to ".join(f"{seconds * peak / (PRODUCT * products):.1f}" for peak in PUBLISHED_PEAK)


def _memory(info: dict[str, Any]) -> str:
    published = CASES[info["case"]].published
    ours, plain = (info["needs"][variant]["bytes"] / GIGA for variant in ("ours", "plain"))
    known = published is not None and published.gigabytes is not None and info["device"] == "cpu"
    share = f"{ours / published.gigabytes:.0%}" if known and published and published.gigabytes else ""
    return _row(CASES[info["case"]].title, f"{ours:.2f}", f"{plain:.2f}", share)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    results, target = map(Path, sys.argv[1:])
    target.write_text(page(target.read_text(), json.loads(results.read_text())))
